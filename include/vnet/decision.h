/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Decisions: what befalls frames on an impaired wire, told one by one while somebody listens.
 * docs/log.md says what of it a log has.
 */
#ifndef VNET_DECISION_H
#define VNET_DECISION_H

#include <vnet/core.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Numbers are those of the schema: append. */
enum vnet_decision_kind {
	VNET_DECISION_LOST,
	VNET_DECISION_DUPLICATED,
	VNET_DECISION_CORRUPTED,  /* value: how many bits */
	VNET_DECISION_BIT_TURNED, /* value: which bit */
	VNET_DECISION_TRUNCATED,  /* value: the bytes that stayed */
	VNET_DECISION_REORDERED,
	VNET_DECISION_DELAYED,    /* by chance; value: ns */
	VNET_DECISION_OVERFLOW,   /* depends on time; value: frames that were on the wire */
	VNET_DECISION_NO_MEMORY,  /* depends on time; value: frames of the wire */
};

#define VNET_DECISION_NO_STREAM 0xff

struct vnet_decision {
	vnet_u64 frame; /* its number in the run, from 1 */
	vnet_u64 draw;
	vnet_u64 value;
	vnet_u8 what;   /* enum vnet_decision_kind */
	vnet_u8 stream; /* of core/impair/draw.h, or VNET_DECISION_NO_STREAM: it depends on time */
	vnet_u8 drawn;  /* 1: `draw` is what the stream gave; 0: it needed none */
	vnet_u32 length; /* of a frame that is altered, in bytes on the wire, as it came; or 0 */
};

/* Decisions of one queue's wire, in order. */
struct vnet_decisions {
	const struct vnet_decision *list;
	vnet_u32 count;
	vnet_u32 run;      /* another seed begins another one */
	vnet_u64 seed;
	vnet_u64 sequence; /* how many this wire has told before */
};

/* Of a queue's wire: what, with seed and settings, decides of each frame. */
struct vnet_wire_state {
	vnet_u64 frames;      /* the number of the last frame that has come in this run */
	vnet_u64 after;       /* the same when what is in force was set, or the run began */
	vnet_u32 loss_state;  /* the loss model's state then */
	vnet_u32 since_early; /* frames since the last that was sent ahead, then */
	vnet_u32 run;
	vnet_u32 place;       /* the direction of the determinism contract */
};

/* (C) -ENOENT: no such queue. */
int vnet_core_wire_state(const struct vnet_device *device, vnet_u32 queue,
			 struct vnet_wire_state *state);

#ifdef __cplusplus
}
#endif

#endif
