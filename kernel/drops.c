// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each dropped frame with its first bytes, on the multicast group `drops` of the device's
 * network namespace, while somebody listens. They are other people's bytes: joining needs
 * CAP_NET_ADMIN there.
 */
#include <linux/if_ether.h>
#include <linux/if_vlan.h>
#include <linux/ktime.h>
#include <linux/netdevice.h>

#include "control.h"
#include "netlink.h"
#include "vnet.h"

/* Bytes of a frame that are told: a jumbo frame of 9,000 with its headers and tags. The rest
 * of a super-frame is more of the same.
 */
#define VNET_DROP_SNAP 9216u
/* What stands before them: eight attributes. */
#define VNET_DROP_HEADERS 256u

/* With interrupts off (netpoll) nobody is told. */
bool vnet_drops_heard(const struct vnet_host_queue *queue)
{
	return genl_has_listeners(&vnet_nl_family, dev_net(queue->dev), VNET_NLGRP_DROPS) &&
	       !irqs_disabled();
}

/* From the Ethernet header on, as on the wire: a tag that stands beside the frame goes in. */
static void copy_skb(const struct sk_buff *skb, u8 *to, unsigned int len)
{
	unsigned int macs = min_t(unsigned int, len, 2 * ETH_ALEN);
	__be16 tag[2] = { skb->vlan_proto, htons(skb_vlan_tag_get(skb)) };

	if (!skb_vlan_tag_present(skb)) {
		skb_copy_bits(skb, 0, to, len);
		return;
	}
	skb_copy_bits(skb, 0, to, macs);
	if (len < 2 * ETH_ALEN + VLAN_HLEN)
		return;
	memcpy(to + macs, tag, VLAN_HLEN);
	skb_copy_bits(skb, macs, to + macs + VLAN_HLEN, len - macs - VLAN_HLEN);
}

static unsigned int length_of(struct vnet_frame *frame)
{
	const struct sk_buff *skb = skb_of(frame);

	if (frame->host_tag == VNET_HOST_XDP)
		return xdp_get_frame_len(vnet_xdp_of(frame));
	return skb->len + (skb_vlan_tag_present(skb) && skb->len >= 2 * ETH_ALEN ? VLAN_HLEN : 0);
}

/* Of an xdp_frame in several buffers the first one's. */
static unsigned int snapped(struct vnet_frame *frame, unsigned int len)
{
	if (frame->host_tag == VNET_HOST_XDP)
		len = min_t(unsigned int, len, vnet_xdp_of(frame)->len);
	return min(len, VNET_DROP_SNAP);
}

static int put_data(struct sk_buff *message, struct vnet_frame *frame, unsigned int len)
{
	struct nlattr *attr = nla_reserve(message, VNET_A_DROPPED_DATA, len);

	if (!attr)
		return -EMSGSIZE;
	if (frame->host_tag == VNET_HOST_XDP)
		memcpy(nla_data(attr), vnet_xdp_of(frame)->data, len);
	else
		copy_skb(skb_of(frame), nla_data(attr), len);
	return 0;
}

static struct sk_buff *make_message(const struct vnet_dropped_values *values,
				    struct vnet_frame *frame)
{
	unsigned int len = snapped(frame, values->length);
	struct sk_buff *skb;
	void *header;
	int encoded;

	skb = genlmsg_new(len + VNET_DROP_HEADERS, GFP_ATOMIC | __GFP_NOWARN);
	if (!skb)
		return NULL;
	header = genlmsg_put(skb, 0, 0, &vnet_nl_family, 0, VNET_CMD_DROPPED);
	encoded = vnet_core_encode(VNET_SET_DROPPED, values, skb_tail_pointer(skb),
				   skb_tailroom(skb));
	if (encoded >= 0) {
		skb_put(skb, encoded);
		if (!put_data(skb, frame, len)) {
			genlmsg_end(skb, header);
			return skb;
		}
	}
	nlmsg_free(skb);
	return NULL;
}

/* The frame is still whole, and ours. Without memory for the message it is lost untold. */
void vnet_tell_drop(const struct vnet_host_queue *queue, struct vnet_frame *frame, bool received,
		    enum vnet_drop reason)
{
	struct net_device *dev = queue->dev;
	struct vnet_dropped_values values = {
		.has = BIT_ULL(VNET_A_DROPPED_TIME) | BIT_ULL(VNET_A_DROPPED_IFINDEX) |
		       BIT_ULL(VNET_A_DROPPED_IFNAME) | BIT_ULL(VNET_A_DROPPED_QUEUE) |
		       BIT_ULL(VNET_A_DROPPED_DIRECTION) | BIT_ULL(VNET_A_DROPPED_REASON) |
		       BIT_ULL(VNET_A_DROPPED_LENGTH),
		.time = ktime_get_real_ns(),
		.ifindex = dev->ifindex,
		.ifname = { dev->name, strnlen(dev->name, IFNAMSIZ) },
		.queue = queue->index,
		.direction = received ? VNET_DIRECTION_RX : VNET_DIRECTION_TX,
		.reason = (u32)reason,
		.length = length_of(frame),
	};
	struct sk_buff *skb = make_message(&values, frame);

	if (skb)
		genlmsg_multicast_netns(&vnet_nl_family, dev_net(dev), skb, 0, VNET_NLGRP_DROPS,
					GFP_ATOMIC);
}
