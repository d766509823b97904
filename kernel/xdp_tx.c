// SPDX-License-Identifier: GPL-2.0-only
/* Frames that XDP sends: redirected here by another device's program, or sent back by our own. */
#include <linux/etherdevice.h>
#include <linux/filter.h>
#include <vnet/host.h>

#include "vnet.h"

static enum vnet_verdict send_xdp(struct vnet_host_queue *queue, struct vnet_frame *frame)
{
	enum vnet_verdict verdict = vnet_core_tx_admit(queue->core, frame);

	if (unlikely(verdict != VNET_TX_ADMITTED))
		return verdict;
	memcpy(frame->dst, vnet_xdp_of(frame)->data, sizeof(frame->dst));
	vnet_core_tx_put(queue->core, frame, true);
	return verdict;
}

/* Under the transmit lock. False: the frame is still the caller's. */
static bool queue_send(struct vnet_host_queue *queue, struct vnet_frame *frame)
{
	if (netif_xmit_frozen_or_drv_stopped(queue->txq))
		return false;
	if ((frame->host_tag ? send_xdp : vnet_send)(queue, frame) == VNET_TX_BUSY)
		return false;
	txq_trans_cond_update(queue->txq);
	return true;
}

/* NULL: the headroom has no place for our descriptor. */
struct vnet_frame *vnet_frame_fill_xdp(struct xdp_frame *xdpf)
{
	struct vnet_frame *frame = vnet_frame_of_xdp(xdpf);

	if (unlikely(xdpf->headroom < xdpf->metasize + sizeof(*frame)))
		return NULL;
	*frame = (struct vnet_frame) {
		.len = xdp_get_frame_len(xdpf),
		.wire_len = xdp_get_frame_len(xdpf),
		.wire_frames = 1,
		.host_tag = VNET_HOST_XDP,
	};
	return frame;
}

/* NAPI of whichever device redirects: softirq. What is not taken is the caller's. */
int vnet_xdp_xmit(struct net_device *dev, int count, struct xdp_frame **frames, u32 flags)
{
	struct vnet_priv *priv = netdev_priv(dev);
	int cpu = smp_processor_id(), taken;
	struct vnet_host_queue *queue;

	if (unlikely(flags & ~XDP_XMIT_FLAGS_MASK))
		return -EINVAL;
	queue = &priv->queues[cpu % dev->real_num_tx_queues];
	__netif_tx_lock(queue->txq, cpu);
	for (taken = 0; taken < count; taken++) {
		struct vnet_frame *frame = vnet_frame_fill_xdp(frames[taken]);

		if (unlikely(!frame)) {
			xdp_return_frame(frames[taken]);
			vnet_xdp_count(queue, xmit_errors);
			continue;
		}
		if (!queue_send(queue, frame))
			break;
		vnet_xdp_count(queue, xmit);
	}
	/* Also without XDP_XMIT_FLUSH: nobody would come back to ring. */
	vnet_core_tx_doorbell(queue->core);
	u64_stats_add(&queue->xdp_stats.xmit_errors, count - taken);
	__netif_tx_unlock(queue->txq);
	return taken;
}

void vnet_xdp_send_back(struct vnet_xdp_queue *xdp, struct vnet_frame *frame)
{
	frame->next = NULL;
	*xdp->tx_end = frame;
	xdp->tx_end = &frame->next;
}

/* On a link in wire mode a frame that must still be completed is one from before it was. */
static bool may_cross(const struct vnet_host_queue *queue, struct vnet_frame *frame)
{
	const struct sk_buff *skb = skb_of(frame);

	return !vnet_link_is_wire(queue->dev) || frame->host_tag == VNET_HOST_XDP ||
	       (skb->ip_summed != CHECKSUM_PARTIAL && !skb_is_gso(skb));
}

static void flush_sent_back(struct vnet_host_queue *queue)
{
	struct vnet_xdp_queue *xdp = queue->xdp;
	struct vnet_frame *frame = xdp->tx, *next;

	__netif_tx_lock(queue->txq, smp_processor_id());
	for (; frame; frame = next) {
		next = frame->next;
		if (likely(may_cross(queue, frame) && queue_send(queue, frame))) {
			vnet_xdp_count(queue, tx);
			continue;
		}
		vnet_xdp_count(queue, errors);
		frame->next = NULL;
		vnet_host_frames_drop(queue, frame, false, VNET_DROP_NO_MEMORY);
	}
	vnet_core_tx_doorbell(queue->core);
	__netif_tx_unlock(queue->txq);
	xdp->tx = NULL;
	xdp->tx_end = &xdp->tx;
}

/* The end of a poll under a program. */
void vnet_xdp_flush(struct vnet_host_queue *queue)
{
	struct vnet_xdp_queue *xdp = queue->xdp;

	if (xdp->tx)
		flush_sent_back(queue);
	if (xdp->redirected)
		xdp_do_flush();
	xdp->redirected = false;
}

/* ---- what the core asks of such a frame */

u32 vnet_xdp_frame_tag(const struct xdp_frame *xdpf)
{
	__be32 tag;

	if (xdpf->len < 2 * ETH_ALEN + sizeof(tag))
		return 0;
	memcpy(&tag, xdpf->data + 2 * ETH_ALEN, sizeof(tag));
	return ntohl(tag);
}

u8 *vnet_xdp_frame_header(struct xdp_frame *xdpf, unsigned int len)
{
	return len <= xdpf->len ? xdpf->data : NULL;
}

int vnet_xdp_frame_pad(struct xdp_frame *xdpf, unsigned int len)
{
	unsigned int tailroom = xdpf->frame_sz - sizeof(*xdpf) - xdpf->headroom - xdpf->len -
				SKB_DATA_ALIGN(sizeof(struct skb_shared_info));
	unsigned int more = len - xdp_get_frame_len(xdpf);

	if (xdp_frame_has_frags(xdpf) || tailroom < more)
		return -ENOMEM;
	memset(xdpf->data + xdpf->len, 0, more);
	xdpf->len += more;
	return 0;
}
