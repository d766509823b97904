// SPDX-License-Identifier: GPL-2.0-only
/* <vnet/host.h>, what the core asks of a frame: an sk_buff with a vnet_frame in its
 * cb, or an xdp_frame.
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <vnet/host.h>

#include "control.h"
#include "vnet.h"

static const enum skb_drop_reason skb_reasons[VNET_DROP_COUNT] = {
	[VNET_DROP_LINK_DOWN] = SKB_DROP_REASON_DEV_READY,
	[VNET_DROP_RUNT] = SKB_DROP_REASON_PKT_TOO_SMALL,
	[VNET_DROP_TOO_LONG] = SKB_DROP_REASON_PKT_TOO_BIG,
	[VNET_DROP_BAD_HEADER] = SKB_DROP_REASON_HDR_TRUNC,
	[VNET_DROP_NO_MEMORY] = SKB_DROP_REASON_NOMEM,
	[VNET_DROP_UNICAST_FILTER] = SKB_DROP_REASON_OTHERHOST,
	[VNET_DROP_MULTICAST_FILTER] = SKB_DROP_REASON_OTHERHOST,
	[VNET_DROP_RING_FULL] = SKB_DROP_REASON_FULL_RING,
	[VNET_DROP_VLAN_FILTER] = SKB_DROP_REASON_OTHERHOST,
	[VNET_DROP_STOPPED] = SKB_DROP_REASON_DEV_READY,
	[VNET_DROP_IMPAIR_LOSS] = SKB_DROP_REASON_QDISC_DROP,
	[VNET_DROP_IMPAIR_QUEUE] = SKB_DROP_REASON_QDISC_DROP,
	[VNET_DROP_LINK_FLAP] = SKB_DROP_REASON_DEV_READY,
	[VNET_DROP_DMA_ERROR] = SKB_DROP_REASON_DEV_HDR,
	[VNET_DROP_RX_MISSED] = SKB_DROP_REASON_FULL_RING,
	[VNET_DROP_RX_OVERRUN] = SKB_DROP_REASON_FULL_RING,
	[VNET_DROP_BAD_LENGTH] = SKB_DROP_REASON_PKT_TOO_BIG,
	[VNET_DROP_BAD_DESCRIPTOR] = SKB_DROP_REASON_DEV_HDR,
};

static const char *const drop_names[VNET_DROP_COUNT] = {
#define VNET_DROP_NAME(id, name, meaning) [VNET_DROP_##id] = name,
	VNET_DROP_REASONS(VNET_DROP_NAME)
#undef VNET_DROP_NAME
};

void vnet_host_frames_drop(void *host_queue, struct vnet_frame *list, int received,
			   enum vnet_drop reason)
{
	const struct vnet_host_queue *queue = host_queue;
	bool heard = vnet_drops_heard(queue);
	struct vnet_frame *next;

	for (; list; list = next) {
		struct sk_buff *skb = skb_of(list);

		next = list->next;
		if (unlikely(heard))
			vnet_tell_drop(queue, list, received, reason);
		if (unlikely(list->host_tag == VNET_HOST_XDP)) {
			xdp_return_frame(vnet_xdp_of(list));
			continue;
		}
		if (unlikely(list->host_tag == VNET_HOST_CHARGED))
			vnet_discharge(skb->dev, skb_get_queue_mapping(skb), 1, list->len);
		netdev_dbg(skb->dev, "drop: %u bytes, %s\n", skb->len, drop_names[reason]);
		dev_kfree_skb_any_reason(skb, skb_reasons[reason]);
	}
}

static void frame_fill_csum(struct vnet_frame *frame, struct sk_buff *skb)
{
	frame->csum = VNET_CSUM_NONE;
	if (skb->ip_summed == CHECKSUM_PARTIAL) {
		frame->csum = VNET_CSUM_PARTIAL;
		frame->csum_start = skb_checksum_start_offset(skb);
		frame->csum_offset = skb->csum_offset;
	} else if (skb->ip_summed == CHECKSUM_UNNECESSARY) {
		frame->csum = VNET_CSUM_VERIFIED;
	} else {
		/* A sum over the whole frame does not survive a change of its header. */
		skb->ip_summed = CHECKSUM_NONE;
	}
}

vnet_u8 *vnet_host_frame_header(struct vnet_frame *frame, vnet_u32 len)
{
	struct sk_buff *skb = skb_of(frame);

	if (unlikely(frame->host_tag)) {
		frame->csum = VNET_CSUM_NONE;
		return vnet_xdp_frame_header(vnet_xdp_of(frame), len);
	}
	if (skb_ensure_writable(skb, len))
		return NULL;
	frame_fill_csum(frame, skb);
	return skb->data;
}

/* What the stack regards as good without being told stays as it is. */
int vnet_host_frame_report(struct vnet_frame *frame, int good)
{
	struct sk_buff *skb = skb_of(frame);

	if (frame->host_tag == VNET_HOST_XDP)
		return 0; /* has no such thing */
	if (good) {
		/* `ethtool -K DEV rx off`: nobody asks the engine, broken or not. */
		if (skb->ip_summed == CHECKSUM_PARTIAL || !(skb->dev->features & NETIF_F_RXCSUM))
			return 0;
		skb->ip_summed = CHECKSUM_UNNECESSARY;
		skb->csum_level = 0;
		return 0;
	}
	if (skb->ip_summed == CHECKSUM_PARTIAL && skb_csum_hwoffload_help(skb, 0))
		return -ENOMEM;
	skb->ip_summed = CHECKSUM_NONE;
	return 0;
}

int vnet_host_frame_pad(struct vnet_frame *frame, vnet_u32 len)
{
	if (unlikely(frame->host_tag) ? vnet_xdp_frame_pad(vnet_xdp_of(frame), len) :
					__skb_put_padto(skb_of(frame), len, false))
		return -ENOMEM;
	frame->len = len;
	frame->wire_len = len;
	return 0;
}

vnet_u32 vnet_host_frame_tag(const struct vnet_frame *frame)
{
	struct sk_buff *skb = skb_of((struct vnet_frame *)frame);
	__be32 tag;

	if (frame->host_tag == VNET_HOST_XDP)
		return vnet_xdp_frame_tag(vnet_xdp_of((struct vnet_frame *)frame));
	if (skb_vlan_tag_present(skb))
		return ntohs(skb->vlan_proto) << 16 | skb_vlan_tag_get(skb);
	return skb_copy_bits(skb, 2 * ETH_ALEN, &tag, sizeof(tag)) ? 0 : ntohl(tag);
}
