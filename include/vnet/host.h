/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The boundary, core -> host: what each host implements. The linker binds it:
 * plain functions, no table (a direct call costs 3 to 6 ns, an ops table 16 ns
 * with retpolines). Contexts are those of core.h; the core holds no lock when
 * it calls.
 */
#ifndef VNET_HOST_H
#define VNET_HOST_H

#include <vnet/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* (C) Zeroed memory, aligned to 64 bytes; NULL if there is none. */
void *vnet_host_alloc(unsigned long size);
void vnet_host_free(void *memory);

/* (T, P, C) Releases a list of frames, linked by next and ended by NULL. The core
 * has counted them, at this queue: as received ones, or else as sent ones.
 */
void vnet_host_frames_drop(void *host_queue, struct vnet_frame *list, int received,
			   enum vnet_drop reason);

/* (T) The first `len` bytes, linear and writable; len <= frame->len. Sets the
 * frame's csum fields. NULL: no memory, the frame is unchanged. An earlier pointer
 * is invalid after the call.
 */
vnet_u8 *vnet_host_frame_header(struct vnet_frame *frame, vnet_u32 len);

/* (T) Appends zero bytes up to `len`; sets frame->len and wire_len. 0 or -ENOMEM (unchanged). */
int vnet_host_frame_pad(struct vnet_frame *frame, vnet_u32 len);

/* (P) What follows the frame's two MACs: the type, and in the lower half the two bytes
 * behind it, as they would stand on the wire. A VLAN tag that the host keeps beside
 * the frame comes first. 0 for a frame of less than 16 bytes. Called only while
 * VLANs are filtered.
 */
vnet_u32 vnet_host_frame_tag(const struct vnet_frame *frame);

/* The following are for a frame on its way through an impaired wire, inside
 * vnet_core_poll().
 */

/* (P) The frame has left the ring and may stay with the core for long: what ties it to the
 * sender ends, as when hardware has sent it. Returns the frame, perhaps at another place,
 * or NULL: no memory, and it is unchanged. A frame may be held more than once; the first time
 * frame->receiver is the queue that it came to.
 */
struct vnet_frame *vnet_host_frame_hold(struct vnet_frame *frame);

/* (P) A held super-frame becomes the frames of the wire that it stands for: a list, linked by
 * next and ended by NULL. NULL: no memory, or it is none that can be cut; it is unchanged.
 * What is decided for frames of the wire never meets a whole one.
 */
struct vnet_frame *vnet_host_frame_segment(struct vnet_frame *frame);

/* (P) Another frame with the same bytes and descriptor; of a held one. NULL: no memory. */
struct vnet_frame *vnet_host_frame_copy(const struct vnet_frame *frame);

/* (P) Turns one bit of a held frame as it stands on the wire, a VLAN tag included: bit 0 is
 * the highest of the first byte. A partial checksum is completed before, and the
 * frame's is not verified any more. Sets len. 0 or -ENOMEM.
 */
int vnet_host_frame_flip(struct vnet_frame *frame, vnet_u32 bit);

/* (P) Cuts a held frame off behind `len` bytes of the wire, fewer than it has; checksums as
 * with _flip(). Sets len and wire_len. 0 or -ENOMEM.
 */
int vnet_host_frame_truncate(struct vnet_frame *frame, vnet_u32 len);

/* (P, T while it is admitted) Copies bytes of the frame as it stands on the wire, all within
 * wire_len (of a super-frame: within len). 0, or -ENOMEM.
 */
int vnet_host_frame_read(const struct vnet_frame *frame, vnet_u32 offset, void *to,
			 vnet_u32 len);

/* (C) What control does takes long: others may run now. */
void vnet_host_yield(void);

/* (any) The interrupt: a poll of this queue has to run soon. Never while one is
 * under way or masked: at most one until vnet_core_poll_done() returned 0. One that
 * the other end's poll began before this device was stopped may arrive after the
 * stop, and means nothing then.
 */
void vnet_host_irq_raise(void *host_queue);

/* (T of the other end, P) A deadline: vnet_core_deadline() of this queue when
 * vnet_host_clock_ns() is `at`, or at once if that is over. Another one replaces it,
 * also when both are asked for at the same time. It may come after the device was
 * stopped, and means nothing then; the host sees to it that none comes once
 * vnet_core_device_destroy() is called.
 */
void vnet_host_deadline_arm(void *host_queue, vnet_u64 at);

/* (any) A monotonic clock, that of the deadlines; only queues with rx_usecs or adaptive_rx, an
 * impaired wire or a fault ask.
 */
vnet_u64 vnet_host_clock_ns(void);

/* (T) No more vnet_core_tx_admit() on this queue until the wake. */
void vnet_host_queue_stop(void *host_queue);
/* (T, P, C) */
void vnet_host_queue_wake(void *host_queue);

/* (C) Returns when every transmission of this device, from vnet_core_tx_admit() to
 * the doorbell, that began before the call has ended.
 */
void vnet_host_tx_quiesce(void *host_device);

/* (C) Returns when every call into the core that began before has ended: of any device, in any
 * context but C. Takes long.
 */
void vnet_host_quiesce(void);

/* (C) The link came up or went down. */
void vnet_host_carrier_set(void *host_device, int up);

/* (any) The device's timer: vnet_core_timer() after `delay_ns`, 0 soon. Another one replaces it.
 * It may come after the device was stopped; the host sees to it that none comes once
 * vnet_core_device_destroy() is called.
 */
void vnet_host_timer_arm(void *host_device, vnet_u64 delay_ns);

/* (any) A fault was armed, has fired, or ended: for events and a log. */
struct vnet_fault_event;
void vnet_host_fault(void *host_device, const struct vnet_fault_event *event);

/* (P) Whether anybody listens to decisions about frames that this queue receives: asked once a poll
 * of an impaired wire.
 */
int vnet_host_decisions_heard(void *host_queue);

/* (P) What befell frames on the wire to this queue. The list is the core's, until the call
 * returns. What the host cannot tell is seen by the gap in the sequence.
 */
struct vnet_decisions;
void vnet_host_decisions(void *host_queue, const struct vnet_decisions *decisions);

/* (P) What the device says of a held frame's checksum: 1: good, 0: nothing. A partial one is
 * completed in the latter case; in the former it stays, for it is regarded as good. 0 or -ENOMEM.
 */
int vnet_host_frame_report(struct vnet_frame *frame, int good);

/* (C) The device is gone, as if it had been pulled out: the host takes it away, not before this
 * call into the core has returned.
 */
void vnet_host_device_remove(void *host_device);

/* (T, P or C, see enum vnet_event) Something happened that a log should show. */
void vnet_host_notify(void *host_queue, enum vnet_event event, vnet_u64 value);

/* (any) A bug of ours: an invariant does not hold. May return; the core then
 * leaves things as they are, which leaks rather than corrupts.
 */
void vnet_host_panic(const char *what);

#ifdef __cplusplus
}
#endif

#endif
