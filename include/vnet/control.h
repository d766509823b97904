/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The boundary for control: netlink attributes to C structs and back, by the
 * tables that are generated from spec/vnet.yaml, and what of a device they show
 * or change. Used by both hosts and by the command, so there is one codec.
 *
 * Contexts are those of core.h. Attributes are netlink's (struct nlattr: 16 bits of
 * length, 16 of type, padded to 4 bytes), in the machine's byte order.
 */
#ifndef VNET_CONTROL_H
#define VNET_CONTROL_H

#include <vnet/control_gen.h>
#include <vnet/core.h>
#include <vnet/decision.h>
#include <vnet/fault.h>
#include <vnet/impair.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What was wrong with a request, for extack. */
struct vnet_control_error {
	const char *text;   /* static; names the attribute and what is allowed */
	vnet_u32 offset;    /* of the attribute's header, from the first attribute on */
};

/* (any) The attributes of a request for `command` (VNET_CMD_*), strictly: what is
 * unknown, not of this request, twice, of a wrong length, out of range or nested
 * where it may not is refused. `values` is the struct of the command's attribute set
 * (struct vnet_device_values for device-get, ...), overwritten; it points
 * into `attributes`. 0; -EOPNOTSUPP for no such command, or no such dump; -EINVAL.
 */
int vnet_core_request_decode(vnet_u32 command, int dump, const void *attributes,
			     vnet_u32 length, void *values,
			     struct vnet_control_error *error);

/* (any) The same for an attribute set by itself, all its attributes allowed: IFLA_INFO_DATA. */
int vnet_core_set_decode(enum vnet_set set, const void *attributes, vnet_u32 length, void *values,
			 struct vnet_control_error *error);

/* (any) A reply or event: what is unknown is left out, as netlink's clients do. -EINVAL if
 * malformed.
 */
int vnet_core_reply_decode(enum vnet_set set, const void *attributes, vnet_u32 length,
			   void *values);

/* (any) Writes all that values->has says; returns the bytes, or -EMSGSIZE: then
 * nothing of `out` matters. `out` is aligned to 4 bytes.
 */
int vnet_core_encode(enum vnet_set set, const void *values, void *out, vnet_u32 size);

/* (C, does not sleep) What the core knows of a device: all but ifindex, ifname, the peer's names,
 * csum, big_tcp and queues, which the host adds.
 */
void vnet_core_device_values(const struct vnet_device *device, struct vnet_device_values *values);

/* (any) Into `params` goes what `info` has of: rx_ring, rx_usecs, rx_frames, adaptive_rx, pad,
 * lockup, timeout, seed. The rest is the host's: tx_ring is the other end's rx_ring.
 */
void vnet_core_info_params(const struct vnet_info_values *info, struct vnet_params *params);

/* (any) A fault as asked for; its program points into what `values` points to. 0, or -EINVAL with
 * *refusal: a `what` is missing, or the program is no whole number of instructions.
 */
int vnet_core_fault_from_values(const struct vnet_fault_values *values, struct vnet_fault *fault,
				struct vnet_refusal *refusal);

/* (any) All but ifindex and ifname. */
void vnet_core_fault_values(const struct vnet_fault_info *info, struct vnet_fault_values *values);

#define VNET_ALL_QUEUES 0xffffffffu

/* (any) The counters of a queue, or the sum over all; drops that are 0 are left out. */
void vnet_core_stats_values(const struct vnet_device *device, vnet_u32 queue,
			    struct vnet_stats_values *values);

/* What a request is to change: the wires to these receivers, one or both ends of a link. */
struct vnet_impair_target {
	struct vnet_device *device; /* that the request names: it has what impair-trace brought */
	struct vnet_device *receivers[2]; /* the second may be NULL */
};

/* (C) Merges the knobs that `values` has into what the wire does to frames for each receiver. A
 * knob that is named (loss-model, corrupt, delay, rate, match, ...) replaces all of that knob; what
 * only details one (jitter, burst, ...) changes it. All of it, or nothing. Otherwise as
 * vnet_core_impair_set(): the host lets no poll of the receivers run, and polls each queue after.
 */
int vnet_core_impair_change(const struct vnet_impair_target *target,
			    const struct vnet_impair_values *values, struct vnet_refusal *refusal);

/* (C) The same, taking away the knobs that `values` has; without any, all. */
int vnet_core_impair_remove(const struct vnet_impair_target *target,
			    const struct vnet_impair_values *values, struct vnet_refusal *refusal);

/* (C) Rows of a trace, for a change to come that names it. Polls may run. */
int vnet_core_impair_trace(struct vnet_device *device, const struct vnet_impair_values *values,
			   struct vnet_refusal *refusal);

/* (C) What the wire does to frames for this device, and has done: all but ifindex, ifname and
 * direction, which the host adds. It points into the core, until the next change, and into
 * `stats`.
 */
void vnet_core_impair_values(const struct vnet_device *device, struct vnet_impair_stats *stats,
			     struct vnet_impair_values *values);

/* (C) Adds what of one queue's wire decides of each frame (queue, queues, place, run, frames,
 * after, loss_state, since_early). -ENOENT with *why: no such queue.
 */
int vnet_core_wire_values(const struct vnet_device *device, vnet_u32 queue,
			  struct vnet_impair_values *values, const char **why);

/* (any) The knobs that `values` has, by themselves: what vnet_core_impair_change() makes of them
 * for a device that has none. The pattern points to where `values` has it. -EINVAL with *why.
 */
int vnet_core_impair_from_values(const struct vnet_impair_values *values,
				 struct vnet_impairment *impairment, const char **why);

/* (any) One decision, as it is told. */
void vnet_core_decision_values(const struct vnet_decision *decision,
			       struct vnet_decision_values *values);

/* (C) What one queue's wire shows, while none of its polls runs: all but ifindex, ifname,
 * direction and sent, which the host adds. `view` is room for the work. -ENOENT: the device has
 * no such queue, or it is not made.
 */
int vnet_core_wire_moment(const struct vnet_device *device, vnet_u32 queue,
			  struct vnet_wire_view *view, struct vnet_wire_values *values);

/* (C) The hash that is asked for, into the same. */
void vnet_core_golden_values(struct vnet_golden_values *values);

#ifdef __cplusplus
}
#endif

#endif
