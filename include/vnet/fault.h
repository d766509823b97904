/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Faults: what the device does wrong, when, and for how long. docs/faults.md says what each of
 * them looks like.
 *
 * Contexts are those of core.h.
 */
#ifndef VNET_FAULT_H
#define VNET_FAULT_H

#include <vnet/core.h>
#include <vnet/fault_kinds_gen.h> /* VNET_FAULTS(X): what a device does wrong */
#include <vnet/impair.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Limits; a refusal names them. */
#define VNET_FAULTS_MAX 32u              /* of a device, at a time */
#define VNET_FAULT_PERIOD_MIN 100000ull  /* ns, of `every TIME` */
#define VNET_FAULT_SLOW_MAX 10000000000ull /* ns, of dma-slow */
#define VNET_FAULT_EXPIRE_DEFAULT 60000000000ull /* ns */
#define VNET_FAULT_NEVER (~0ull)
#define VNET_FAULT_ALL_QUEUES 0xffffffffu
#define VNET_FAULT_TEXT_MAX 255u
#define VNET_FAULT_ID_MAX 0x7fffffffu /* of one that is asked for */

/* The numbers choose the chance that `prob` draws from. */
enum vnet_fault_kind {
#define VNET_FAULT_ENUM(id, name, meaning) VNET_FAULT_##id,
	VNET_FAULTS(VNET_FAULT_ENUM)
#undef VNET_FAULT_ENUM
	VNET_FAULT_WHAT_COUNT
};

enum vnet_fault_start {
	VNET_FAULT_NOW,
	VNET_FAULT_AT,           /* value: ns from now */
	VNET_FAULT_AFTER,        /* value: so many frames pass first */
	VNET_FAULT_NTH,          /* value: the frame's number, from 1 */
	VNET_FAULT_EVERY_FRAMES, /* value: frames */
	VNET_FAULT_EVERY_TIME,   /* value: ns */
	VNET_FAULT_PROB,         /* value: a probability, VNET_ALWAYS is 100 % */
	VNET_FAULT_MATCH,        /* the frames that the program takes */
	VNET_FAULT_WHEN_COUNT
};

enum vnet_fault_for {
	VNET_FAULT_FOR_DEFAULT, /* once; with every, prob and match: each time */
	VNET_FAULT_FOR_ONCE,
	VNET_FAULT_FOR_COUNT, /* value: how often */
	VNET_FAULT_FOR_TIME,  /* value: ns, from each beginning on */
	VNET_FAULT_FOR_RESET, /* until the queue is reset, or the device stopped */
	VNET_FAULT_FOR_MAX
};

struct vnet_fault {
	vnet_u32 what;       /* enum vnet_fault_kind */
	vnet_u32 queue;      /* or VNET_FAULT_ALL_QUEUES: each of them by itself */
	vnet_u64 value;      /* bytes (truncate, bad-length) or ns (dma-slow); 0: the default */
	vnet_u32 when;       /* enum vnet_fault_start */
	vnet_u32 duration;   /* enum vnet_fault_for */
	vnet_u64 when_value;
	vnet_u64 for_value;
	vnet_u64 expire;     /* ns from now, or VNET_FAULT_NEVER; 0: the default */
	const struct vnet_bpf_insn *match; /* with VNET_FAULT_MATCH */
	vnet_u32 match_count;
	vnet_u32 id;         /* its number, to VNET_FAULT_ID_MAX; 0: the next one */
	vnet_u8 text_len;
	char text[VNET_FAULT_TEXT_MAX + 1]; /* what match was compiled from, for who lists it */
};

enum vnet_fault_progress {
	VNET_FAULT_ARMED,
	VNET_FAULT_ACTIVE,  /* armed, and what it does lasts */
	VNET_FAULT_DONE,    /* as often as asked for */
	VNET_FAULT_EXPIRED,
	VNET_FAULT_STATE_COUNT
};

struct vnet_fault_info {
	vnet_u32 id;
	vnet_u32 state;      /* enum vnet_fault_progress */
	struct vnet_fault fault; /* its program is the core's, until it is deleted */
	vnet_u64 fired;      /* how often it began: as many events */
	vnet_u64 hits;       /* frames, interrupts or resets that met it */
	vnet_u64 remaining;  /* how often it will begin; ~0: no end */
	vnet_u64 expires_in; /* ns, or VNET_FAULT_NEVER */
};

/* What is told of a fault (vnet_host_fault). */
enum vnet_fault_news {
	VNET_FAULT_NEWS_ARMED,
	VNET_FAULT_NEWS_FIRED,
	VNET_FAULT_NEWS_ENDED,
	VNET_FAULT_NEWS_FORCED, /* vnet_core_fault_fire(): FIRED follows, at each of its queues */
};

struct vnet_fault_event {
	vnet_u32 news;  /* enum vnet_fault_news */
	vnet_u32 id;
	vnet_u32 what;
	vnet_u32 queue; /* where; but for FIRED that of the fault */
	/* FIRED: the number of the frame, interrupt or reset; ENDED, FORCED: how often it fired */
	vnet_u64 value;
	vnet_u64 frame; /* FIRED: the received frame's number in its run (decision.h); or 0 */
	vnet_u64 fired; /* FIRED: how often at this queue, with this time */
};

/* (C) Arms a fault, under *id. The host lets no poll of this device run during the call, and
 * polls each queue after it. -EINVAL with *refusal, -EBUSY with *refusal for one that excludes
 * another or one too many, or -ENOMEM. One that has ended makes room.
 */
int vnet_core_fault_add(struct vnet_device *device, const struct vnet_fault *fault, vnet_u32 *id,
			struct vnet_refusal *refusal);

/* (C) Ends and forgets a fault; 0: all. No poll and after it one, as with _add(). -ENOENT. */
int vnet_core_fault_del(struct vnet_device *device, vnet_u32 id);

/* (C) It begins now, or with the next frame that it can hit, whatever its `when`. -ENOENT;
 * -EINVAL for one that has ended.
 */
int vnet_core_fault_fire(struct vnet_device *device, vnet_u32 id);

/* (C) The fault with the least id that is `from` or more: 1; 0: there is none. */
int vnet_core_fault_list(const struct vnet_device *device, vnet_u32 from,
			 struct vnet_fault_info *info);

/* (C) The device's timer (vnet_host_timer_arm) came. */
void vnet_core_timer(struct vnet_device *device);

#ifdef __cplusplus
}
#endif

#endif
