/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The boundary, host -> core: what a host calls. host.h is the other direction.
 *
 * Each function says its context:
 *   (C) control: may sleep unless it says otherwise; one caller at a time over
 *       all devices (the kernel's RTNL).
 *   (T) transmit: never sleeps; one caller per queue (HARD_TX_LOCK).
 *   (P) poll: never sleeps; one caller per queue (NAPI). T and P of a queue may
 *       run at the same time, and beside C.
 *   (timer) a deadline of vnet_host_deadline_arm(): never sleeps; beside T, P and
 *   C of the queue, on any CPU.
 *   (any) any context, at any time between creation and destruction.
 * A violation is the host's bug; the fake host checks for it.
 *
 * Errors are negative errno values. Where a function takes `why`, it is set to a
 * static text that names the parameter and the allowed range.
 */
#ifndef VNET_CORE_H
#define VNET_CORE_H

#include <vnet/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vnet_device;
struct vnet_queue;

/* Why control was refused. */
struct vnet_refusal {
	const char *text;   /* static; NULL: no memory */
	/* At fault, by the schema's numbers (VNET_A_IMPAIR_*, ...); of two that contradict each
	 * other both, and the host shows the first that the request has. 0: none.
	 */
	vnet_u32 attribute, other;
};

/* (C) Refuses to start (-EINVAL) if shim and core were not built together. */
int vnet_core_init(vnet_u32 abi, vnet_u32 frame_size);

/* (any) Sensible parameters: one queue, defaults of types.h, all options off, MAC zero. */
void vnet_core_params_default(struct vnet_params *params);

/* (C) Creates a stopped device with no link, and without queues: thousands of
 * devices that nobody opened cost little. -EINVAL with *why, or -ENOMEM.
 * `host_device` is passed back in calls to the host.
 */
int vnet_core_device_create(const struct vnet_params *params, void *host_device,
			    struct vnet_device **device, const char **why);

/* (C) The device is stopped and has no link; every tx and poll that began
 * before the link went has returned (RCU in the kernel).
 */
void vnet_core_device_destroy(struct vnet_device *device);

/* (C) Binds `host_queue` (a NAPI instance, a thread) to queue `index`, each before
 * the first open. The first call makes all queues of the device. NULL: no such
 * queue, or no memory for them.
 */
struct vnet_queue *vnet_core_device_queue(struct vnet_device *device, vnet_u32 index,
					  void *host_queue);

/* (C) Opens: allocates the receive rings, all that the data path needs beyond
 * what was created; interrupts are unmasked; if the other end is open the link comes
 * up and both hosts' vnet_host_carrier_set(1) is called. The host is ready for
 * vnet_host_irq_raise() before it calls. 0, or -ENOMEM: the device is as it was.
 */
int vnet_core_device_open(struct vnet_device *device);

/* (C) Stops: the link goes down, the receive rings are emptied (reason stopped)
 * and freed.
 * The host lets neither tx nor poll of this device run during the call; after
 * it the core holds no frame that this device would receive, and what it had
 * sent belongs to the receiver.
 */
void vnet_core_device_stop(struct vnet_device *device);

/* (C, does not sleep) The parameters in force. */
void vnet_core_params_get(const struct vnet_device *device, struct vnet_params *params);

/* (C, sleeps only for another ring size) Another number of queues is refused.
 * Another ring size of an open device: -ENOMEM and nothing has changed, or the
 * receive rings are new, and what was in the old ones is dropped (reason
 * stopped); what the other end sends meanwhile has no link. The host lets no
 * poll of this device run during such a call, and polls each queue after it.
 */
int vnet_core_params_set(struct vnet_device *device, const struct vnet_params *params,
			 const char **why);

/* (C, does not sleep) Replaces the filter (ndo_set_rx_mode). More addresses than
 * the table holds make it all-multicast or promiscuous, as hardware does; a device
 * that was never opened has no table, so the host sets it again after an open.
 * The arrays are read during the call only.
 */
void vnet_core_filter_set(struct vnet_device *device, const struct vnet_filter *filter);

/* (C) The port is a member of VLAN `vid` (0 to 4095), or no longer: -EINVAL for
 * another VID or protocol, -ENOMEM. It matters while that protocol is filtered.
 */
int vnet_core_vlan_set(struct vnet_device *device, enum vnet_vlan protocol, vnet_u32 vid,
		       int member);

/* (C, does not sleep) From now on the port lets in what is tagged with this protocol
 * only for the VLANs it is a member of: off until then. Turning it off ends the
 * memberships, without refusing a frame. -EINVAL for another protocol.
 * Untagged and priority-tagged frames (VID 0) always pass, and all frames do
 * while the port is promiscuous (vnet_core_filter_set).
 */
int vnet_core_vlan_filter_set(struct vnet_device *device, enum vnet_vlan protocol, int on);

/* (C) Connects two devices with the same number of queues; -EINVAL with *why
 * otherwise, -EBUSY if either has a link.
 */
int vnet_core_link_attach(struct vnet_device *a, struct vnet_device *b, const char **why);
/* (C) Takes the link away from both ends; frames on it stay with the receiver. */
void vnet_core_link_detach(struct vnet_device *device);
/* (any) The host_device of the other end, or NULL. */
void *vnet_core_link_peer(const struct vnet_device *device);

/* (T) The first of a transmission's two steps: all checks, and what the link does
 * to the frame; the verdict says who owns it. After BUSY the queue may have been
 * woken already: a host tries again at once unless it is still stopped.
 */
enum vnet_verdict vnet_core_tx_admit(struct vnet_queue *queue, struct vnet_frame *frame);

/* (T) The second step, at once after an admission. In between the host makes the
 * frame the receiver's: it takes the transmit time stamp, lets go of what ties
 * the frame to the sender's stack, sets frame->dst. The core owns the frame until
 * a poll returns it or drops it. Interrupts the receiver, unless `more`: then
 * another transmission or a doorbell follows at once.
 */
void vnet_core_tx_put(struct vnet_queue *queue, struct vnet_frame *frame, int more);

/* (T) Instead of _put(), or of trying again after BUSY: the frame is counted and
 * given to vnet_host_frames_drop().
 */
void vnet_core_tx_drop(struct vnet_queue *queue, struct vnet_frame *frame,
		       enum vnet_drop reason);

/* (T) A batch ends otherwise than by a put without `more`: interrupts the receiver
 * if it does not know yet of all that was put.
 */
void vnet_core_tx_doorbell(struct vnet_queue *queue);

/* (P) Acknowledges the interrupt, serves it, takes up to `budget` descriptors, and says
 * in *work how many. Returns the list of the frames that were let in, in order; the
 * host owns them. With the budget used up the host polls again, without poll_done.
 */
struct vnet_frame *vnet_core_poll(struct vnet_queue *queue, vnet_u32 budget, vnet_u32 *work);

/* (P) The poll is over: unmasks. Returns 1 if an interrupt came in meanwhile:
 * it stays masked then and the host polls again.
 */
int vnet_core_poll_done(struct vnet_queue *queue);

/* (timer) What vnet_host_deadline_arm() asked for. Too early it ends a wait early;
 * without a wait, or after the device was stopped, it means nothing.
 */
void vnet_core_deadline(struct vnet_queue *queue);

/* (C or a timer, does not sleep; one caller per queue) The watchdog fired for this
 * queue: count, raise what may have been lost, recover.
 */
void vnet_core_tx_timeout(struct vnet_queue *queue);

/* (C) The watchdog of hosts whose stack has none. To be called after each
 * stop of a queue and then at each deadline; calls vnet_core_tx_timeout() for queues
 * stopped for params.timeout_ms. Returns nanoseconds to the next deadline, 0 if
 * no queue is stopped. `now` is any monotonic clock.
 */
vnet_u64 vnet_core_watchdog(struct vnet_device *device, vnet_u64 now);

/* (any) What a port does that was told nothing: queues 0 to `queues` - 1 in turn,
 * TCP hashed over the ports and UDP over the addresses only. The key is zero.
 */
void vnet_core_rss_default(struct vnet_rss *rss, vnet_u32 queues);

/* (C) Replaces the receiver's rules, at once for all who ask. -EINVAL with *why, or
 * -ENOMEM the first time: nothing has changed.
 */
int vnet_core_rss_set(struct vnet_device *device, const struct vnet_rss *rss, const char **why);

/* (C, does not sleep) The rules in force, unless rss is NULL. 0: none were set, *rss is
 * untouched.
 */
int vnet_core_rss_get(const struct vnet_device *device, struct vnet_rss *rss);

/* (any) The receive queue for a frame to `device`, which is the transmit queue at
 * the other end. 1, or 0: no rules were set, *result is untouched.
 */
int vnet_core_rss_queue(const struct vnet_device *device, const struct vnet_rss_tuple *tuple,
			struct vnet_rss_result *result);

/* What follows asks for a queue by its number: there is an answer before it is made, too. */

/* (any) Raises interrupt causes by hand. -EINVAL for unknown bits, -ENETDOWN if stopped. */
int vnet_core_irq_raise(struct vnet_device *device, vnet_u32 index, vnet_u32 causes);

/* (C, does not sleep) For how long and how many frames a receive interrupt waits now: the
 * parameters, or, with adaptive_rx, what the queue has chosen.
 */
void vnet_core_queue_moderation(const struct vnet_device *device, vnet_u32 index,
				vnet_u32 *rx_usecs, vnet_u32 *rx_frames);

/* (any) Lock-free snapshots. device: the sum over its queues. */
void vnet_core_queue_stats(const struct vnet_device *device, vnet_u32 index,
			   struct vnet_queue_stats *stats);
void vnet_core_device_stats(const struct vnet_device *device, struct vnet_queue_stats *stats);

/* (C) Copies up to `count` registers, without side effects; returns how many there are. */
vnet_u32 vnet_core_registers(const struct vnet_device *device, vnet_u32 *out, vnet_u32 count);

#ifdef __cplusplus
}
#endif

#endif
