// SPDX-License-Identifier: GPL-2.0-only
/* <vnet/host.h>, what an impaired wire asks of a frame, in the receiver's poll. */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <vnet/host.h>

#include "compat/compat.h"
#include "vnet.h"

/* Of an xdp_frame, whose memory is another driver's, an sk_buff. NULL: it is unchanged. */
static struct vnet_frame *hold_xdp(struct vnet_frame *frame)
{
	const struct vnet_host_queue *receiver = frame->receiver;
	struct sk_buff *skb;

	skb = xdp_build_skb_from_frame(vnet_xdp_of(frame), receiver->dev);
	if (unlikely(!skb))
		return NULL;
	__skb_push(skb, ETH_HLEN);	/* as every frame that comes from the ring */
	frame = vnet_frame_fill(skb);
	memcpy(frame->dst, skb->data, sizeof(frame->dst));
	return frame;
}

/* As hardware that has sent it: neither the sender's byte queue limits nor its socket
 * wait for the way that the frame has before it.
 */
struct vnet_frame *vnet_host_frame_hold(struct vnet_frame *frame)
{
	struct sk_buff *skb = skb_of(frame);

	if (unlikely(frame->host_tag == VNET_HOST_XDP))
		return hold_xdp(frame);
	/* At once: this poll may hand out nothing, and the next is the sender's to bring about. */
	if (frame->host_tag == VNET_HOST_CHARGED) {
		vnet_discharge(skb->dev, skb_get_queue_mapping(skb), 1, frame->len);
		frame->host_tag = VNET_HOST_SKB;
	}
	skb_orphan(skb);
	return frame;
}

/* What a segment has still to be done to is what a receiver of ours takes as it is. */
#define VNET_SEGMENT_FEATURES (NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_HIGHDMA | \
			       NETIF_F_HW_CSUM | NETIF_F_SCTP_CRC)

struct vnet_frame *vnet_host_frame_segment(struct vnet_frame *frame)
{
	struct vnet_frame saved = *frame, *list = NULL, **last = &list;
	struct sk_buff *skb = skb_of(frame), *segment, *next;

	frame->next = NULL;
	if (!skb_is_gso(skb))
		return frame;
	/* It has its own use for cb. */
	segment = skb_gso_segment(skb, VNET_SEGMENT_FEATURES);
	if (IS_ERR_OR_NULL(segment)) {
		*frame = saved;
		return NULL;
	}
	consume_skb(skb);
	skb_list_walk_safe(segment, segment, next) {
		skb_mark_not_on_list(segment);
		frame = vnet_frame_fill(segment);
		if (skb_vlan_tag_present(segment))
			frame->wire_len += VLAN_HLEN;
		memcpy(frame->dst, saved.dst, sizeof(frame->dst));
		frame->next = NULL;
		*last = frame;
		last = &frame->next;
	}
	return list;
}

/* A clone: nobody writes into it but who makes it his own first. */
struct vnet_frame *vnet_host_frame_copy(const struct vnet_frame *frame)
{
	struct sk_buff *skb = skb_clone(skb_of((struct vnet_frame *)frame), GFP_ATOMIC);

	return skb ? frame_of(skb) : NULL;
}

/* The frame as it stands on the wire: checksum complete, tag in its place. */
static int to_wire(struct vnet_frame *frame, struct sk_buff *skb)
{
	if (skb->ip_summed == CHECKSUM_PARTIAL && skb_csum_hwoffload_help(skb, 0))
		return -ENOMEM;
	skb->ip_summed = CHECKSUM_NONE;
	if (!skb_vlan_tag_present(skb))
		return 0;
	if (skb_cow_head(skb, VLAN_HLEN))
		return -ENOMEM;
	__vlan_hwaccel_push_inside(skb); /* cannot fail: there is room */
	frame->len += VLAN_HLEN;
	return 0;
}

/* Paged data, too: what is not in the linear part is fetched there. */
int vnet_host_frame_flip(struct vnet_frame *frame, vnet_u32 bit)
{
	struct sk_buff *skb = skb_of(frame);
	unsigned int byte = bit / BITS_PER_BYTE;

	if (to_wire(frame, skb) || skb_ensure_writable(skb, byte + 1))
		return -ENOMEM;
	skb->data[byte] ^= 0x80 >> bit % BITS_PER_BYTE;
	return 0;
}

int vnet_host_frame_truncate(struct vnet_frame *frame, vnet_u32 len)
{
	struct sk_buff *skb = skb_of(frame);

	if (to_wire(frame, skb) || pskb_trim(skb, len))
		return -ENOMEM;
	frame->len = len;
	frame->wire_len = len;
	return 0;
}

static int read_xdp(const struct xdp_frame *xdpf, unsigned int offset, void *to, unsigned int len)
{
	if (offset + len > xdpf->len)
		return -ENOMEM;
	memcpy(to, xdpf->data + offset, len);
	return 0;
}

/* A tag beside the frame stands behind the two MACs. */
static int read_tagged(const struct sk_buff *skb, unsigned int offset, u8 *to, unsigned int len)
{
	__be16 tag[] = { skb->vlan_proto, htons(skb_vlan_tag_get(skb)) };
	u8 *end = to + len;

	for (; to < end; to++, offset++) {
		if (offset >= 2 * ETH_ALEN && offset < 2 * ETH_ALEN + VLAN_HLEN)
			*to = ((u8 *)tag)[offset - 2 * ETH_ALEN];
		else if (skb_copy_bits(skb, offset - (offset < 2 * ETH_ALEN ? 0 : VLAN_HLEN), to,
				       1))
			return -ENOMEM;
	}
	return 0;
}

int vnet_host_frame_read(const struct vnet_frame *frame, vnet_u32 offset, void *to, vnet_u32 len)
{
	const struct sk_buff *skb = skb_of((struct vnet_frame *)frame);

	if (frame->host_tag == VNET_HOST_XDP)
		return read_xdp(vnet_xdp_of((struct vnet_frame *)frame), offset, to, len);
	if (skb_vlan_tag_present(skb))
		return read_tagged(skb, offset, to, len);
	return skb_copy_bits(skb, offset, to, len) ? -ENOMEM : 0;
}
