/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Impairments: what the wire does to the frames that a device receives. Of the other
 * direction it is the other end's receiving. docs/impairments.md has the models.
 *
 * Contexts are those of core.h.
 */
#ifndef VNET_IMPAIR_H
#define VNET_IMPAIR_H

#include <vnet/core.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A probability is parts of 2^32: 0 never, VNET_ALWAYS always. */
#define VNET_ALWAYS 0x100000000ull

/* Limits; a refusal names them. */
#define VNET_CORRUPT_BITS_MAX 32u
#define VNET_TRUNCATE_MIN 14u /* an Ethernet header */
#define VNET_TRUNCATE_MAX 65535u
#define VNET_RATE_MAX 4000000000000ull /* bits per second */
#define VNET_OVERHEAD_MAX 1024u
#define VNET_REORDER_GAP_MAX 1000000u
#define VNET_PATTERN_MAX 65536u
#define VNET_TABLE_MIN 2u
#define VNET_TABLE_MAX 16384u
#define VNET_HELD_MAX 16777216u /* frames on a wire that reorders */
#define VNET_MATCH_MAX 4096u /* instructions, BPF_MAXINSNS */
#define VNET_TRACE_MAX 1048576u
#define VNET_IMPAIR_TEXT_MAX 255u

enum vnet_loss {
	VNET_LOSS_NONE,
	VNET_LOSS_RANDOM,  /* [0]: P */
	VNET_LOSS_GEMODEL, /* p, r, 1-h, 1-k */
	VNET_LOSS_STATE,   /* p13, p31, p32, p23, p14 */
	VNET_LOSS_BURST,   /* [0]: P; loss_mean: N */
	VNET_LOSS_PATTERN, /* the frames listed */
};

enum vnet_distribution {
	VNET_DISTRIBUTION_UNIFORM, /* delay - jitter to delay + jitter */
	VNET_DISTRIBUTION_NORMAL,  /* jitter is the standard deviation, here and below */
	VNET_DISTRIBUTION_PARETO,
	VNET_DISTRIBUTION_PARETONORMAL,
	VNET_DISTRIBUTION_TABLE
};

/* One instruction of classic BPF (struct sock_filter, struct bpf_insn of libpcap). */
struct vnet_bpf_insn {
	vnet_u16 code;
	vnet_u8 jt;
	vnet_u8 jf;
	vnet_u32 k;
};

#define VNET_TRACE_KEEP (~0ull) /* as the knob beside the trace says */

/* From `time` on, until the next row. */
struct vnet_trace_row {
	vnet_u64 time;  /* ns from the beginning; the first row's is 0, and they ascend */
	vnet_u64 rate;  /* bits per second, as vnet_impairment.rate, or VNET_TRACE_KEEP */
	vnet_u64 delay; /* ns, or VNET_TRACE_KEEP */
	vnet_u64 loss;  /* a probability, or VNET_TRACE_KEEP */
};

/* All knobs of a direction; 0 is off. A text is for who shows it, ends with a NUL, or is NULL. */
struct vnet_impairment {
	vnet_u32 loss_model; /* enum vnet_loss */
	vnet_u32 loss_mean;  /* with VNET_LOSS_BURST: frames in a burst, in 1/1000; 1000 and up */
	vnet_u64 loss[5];    /* probabilities, see enum vnet_loss */
	const vnet_u64 *pattern; /* with VNET_LOSS_PATTERN: ordinals, ascending */
	vnet_u32 pattern_count;

	vnet_u32 corrupt_bits; /* how many, 1 to VNET_CORRUPT_BITS_MAX; 0: 1 */
	vnet_u64 duplicate;    /* a probability, as the following */
	vnet_u64 corrupt;
	vnet_u64 truncate;
	vnet_u64 reorder;      /* that a frame is not delayed */
	vnet_u32 truncate_len; /* bytes that stay, VNET_TRUNCATE_MIN to _MAX */
	vnet_u32 reorder_gap;  /* at most one of so many frames; 0: 1 */

	vnet_u64 delay;        /* ns */
	vnet_u64 jitter;       /* ns, at most the delay */
	vnet_u32 distribution; /* enum vnet_distribution */
	vnet_u32 table_count;
	/* With VNET_DISTRIBUTION_TABLE: the inverse of the distribution function at even
	 * steps, ascending, in 1/8192 of the jitter (netem's form).
	 */
	const short *table;
	const char *table_text; /* where it is from */

	vnet_u64 rate;         /* bits per second, to VNET_RATE_MAX */
	vnet_u32 burst;        /* bytes that may follow at once after a rest */
	vnet_u32 overhead;     /* bytes that each frame takes on the wire besides its own */
	vnet_u64 limit_bytes;  /* on the wire and before it; 0: no such limit */
	vnet_u32 limit_frames; /* 0: enough for rate and delay */

	vnet_u32 match_count;
	const struct vnet_bpf_insn *match; /* only the frames that it takes are impaired */
	const char *match_text; /* what it was made from */
	const struct vnet_trace_row *trace;
	const char *trace_text; /* where it is from */
	const char *trace_sync; /* a name for the clock that it follows */
	vnet_u64 trace_start;   /* when it began, by vnet_host_clock_ns(); 0: when it is set */
	vnet_u32 trace_count;
	vnet_u8 trace_loop;     /* 1: begins anew at the last row's time */
	vnet_u8 jitter_reorder; /* 1: a frame with less jitter may overtake */
	vnet_u8 gso_keep;       /* 1: a super-frame is one frame */
};

/* Of a histogram of lateness, core/impair/lateness.h: up to 2^32 ns, and beyond. */
#define VNET_LATE_BUCKETS 124u

/* What an impaired direction has done since creation, in frames of the wire. What was lost is in
 * rx_drops: impair_loss, impair_queue.
 */
struct vnet_impair_stats {
	vnet_u64 held;  /* on the wire now */
	vnet_u64 held_bytes;
	vnet_u64 duplicated;
	vnet_u64 copies_failed; /* duplicates that there was no memory for */
	vnet_u64 corrupted;
	vnet_u64 truncated;
	vnet_u64 reordered; /* sent ahead of others */
	/* Descriptors that crossed, by how late they left the wire. */
	vnet_u64 late[VNET_LATE_BUCKETS];
	vnet_u64 late_max; /* ns */
	vnet_u64 late_sum; /* ns */
	/* Descriptors that were delayed while there was jitter, and how much longer than the
	 * delay they took: the sum of that in ns (signed), and of its squares in units of
	 * 2^delay_shift ns, which the jitter decides. True for less than 2 s.
	 */
	vnet_u64 delays;
	vnet_u64 delay_sum;
	vnet_u64 delay_squares;
	vnet_u32 delay_shift; /* of the jitter in force */
};

/* One queue's wire between two polls. */
struct vnet_wire_view {
	vnet_u64 seed;
	vnet_u32 place; /* direction << 15 | queue */
	vnet_u32 loss_state;
	vnet_u32 since_early;
	vnet_u64 ordinal; /* of the last frame that was decided */
	struct vnet_queue_stats queue;
	struct vnet_impair_stats wire;
};

/* (C) Replaces what the wire does to frames for this device; all knobs off ends it. What is
 * on the wire arrives when it is due. The host lets no poll of this device run
 * during the call, and polls each queue after it. -EINVAL with *why, or -ENOMEM:
 * nothing has changed. The arrays are read during the call only.
 */
int vnet_core_impair_set(struct vnet_device *device, const struct vnet_impairment *impairment,
			 const char **why);

/* (C) What is in force; its arrays are the core's, until the next change. 0: nothing. */
int vnet_core_impair_get(const struct vnet_device *device, struct vnet_impairment *impairment);

/* (C, does not sleep) */
void vnet_core_impair_stats(const struct vnet_device *device, struct vnet_impair_stats *stats);

/* (C) A new run: ordinals count from 1 again, and models begin anew. Another seed does
 * so, too. Frames that come meanwhile are of either run.
 */
void vnet_core_run_begin(struct vnet_device *device);

/* (C) Of a queue of the receiver, while none of its polls runs. 0: no such queue, or it is not
 * made.
 */
int vnet_core_wire_view(const struct vnet_device *device, vnet_u32 queue,
			struct vnet_wire_view *view);

/* (C) A hash over the first `count` decisions of each stream, with this seed and some
 * knobs: what the golden vectors are compared with, on every host. 0 for no such stream.
 */
vnet_u64 vnet_core_impair_golden(vnet_u64 seed, vnet_u32 stream, vnet_u32 count);

#ifdef __cplusplus
}
#endif

#endif
