/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * XDP: programs on the receiving end, and frames that other devices' programs
 * redirect into ours. A frame of the latter kind is an xdp_frame with our
 * descriptor behind it, in the headroom; vnet_frame's host_tag tells it from an
 * sk_buff's.
 */
#ifndef VNET_KERNEL_XDP_H
#define VNET_KERNEL_XDP_H

#include <linux/bpf.h>
#include <linux/netdevice.h>
#include <linux/u64_stats_sync.h>
#include <net/xdp.h>
#include <vnet/core.h>

enum {
	VNET_HOST_SKB,		/* in skb->cb */
	VNET_HOST_CHARGED,	/* the same, and the sender's byte queue limits know of it */
	VNET_HOST_XDP,		/* behind struct xdp_frame */
};

struct vnet_host_queue;

/* In descriptors; each counter has one writer at a time, and machines are of 64 bits. Each
 * frame that a program sees is in one of the first five.
 */
struct vnet_xdp_stats {
	u64_stats_t pass;
	u64_stats_t drop;
	u64_stats_t tx;
	u64_stats_t redirect;	/* received, and sent on by another device */
	u64_stats_t errors;	/* aborted, unknown verdicts, no memory, no room at the target */
	u64_stats_t xmit;	/* sent for another device's program */
	u64_stats_t xmit_errors;
};

/* What a program gets, and behind it what the metadata functions ask. */
struct vnet_xdp_buff {
	struct xdp_buff xdp;
	struct sk_buff *skb;	/* NULL: came as an xdp_frame */
};

/* A queue's part while a program is attached; the poll's own. Not on the poll's
 * stack, where Debian's kernels would zero it for each frame.
 */
struct vnet_xdp_queue {
	struct vnet_xdp_buff buff;
	struct vnet_frame *tx;		/* sent back, until the end of the poll */
	struct vnet_frame **tx_end;
	bool redirected;
	struct page_pool *pool;
	struct xdp_rxq_info rxq;
};

#define vnet_xdp_count(queue, name) u64_stats_inc(&(queue)->xdp_stats.name)

/* xdp_rx.c: the poll. What the stack gets, from the Ethernet header on, or NULL. */
struct sk_buff *vnet_xdp_run(struct vnet_host_queue *queue, struct bpf_prog *prog,
			     struct sk_buff *skb);
struct sk_buff *vnet_xdp_receive(struct vnet_host_queue *queue, struct bpf_prog *prog,
				 struct xdp_frame *xdpf);	/* prog may be NULL */

/* xdp_tx.c: to the other end */
int vnet_xdp_xmit(struct net_device *dev, int count, struct xdp_frame **frames, u32 flags);
struct vnet_frame *vnet_frame_fill_xdp(struct xdp_frame *xdpf);
void vnet_xdp_send_back(struct vnet_xdp_queue *xdp, struct vnet_frame *frame);
void vnet_xdp_flush(struct vnet_host_queue *queue);

/* An xdp_frame and its descriptor. */
static inline struct vnet_frame *vnet_frame_of_xdp(struct xdp_frame *xdpf)
{
	return (struct vnet_frame *)(xdpf + 1);
}

static inline struct xdp_frame *vnet_xdp_of(struct vnet_frame *frame)
{
	return (struct xdp_frame *)frame - 1;
}

u32 vnet_xdp_frame_tag(const struct xdp_frame *xdpf);
u8 *vnet_xdp_frame_header(struct xdp_frame *xdpf, unsigned int len);
int vnet_xdp_frame_pad(struct xdp_frame *xdpf, unsigned int len);

/* xdp.c: the net_device's operations */
void vnet_xdp_setup(struct net_device *dev);
void vnet_xdp_attached(struct net_device *dev);
int vnet_xdp_bpf(struct net_device *dev, struct netdev_bpf *bpf);
netdev_features_t vnet_xdp_fix_features(struct net_device *dev, netdev_features_t features);

#endif
