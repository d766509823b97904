// SPDX-License-Identifier: GPL-2.0-only
/* Transmit, poll, and what the core asks of a frame: an sk_buff with a vnet_frame in its cb. */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/sch_generic.h>
#include <vnet/host.h>

#include "compat/compat.h"
#include "vnet.h"

static_assert(sizeof(struct vnet_frame) <= sizeof_field(struct sk_buff, cb));

static struct sk_buff *skb_of(struct vnet_frame *frame)
{
	return container_of((void *)frame, struct sk_buff, cb);
}

static struct vnet_frame *frame_of(struct sk_buff *skb)
{
	return (struct vnet_frame *)skb->cb;
}

/* ---- transmit */

/* The headers that each segment repeats, from the Ethernet header on. */
static unsigned int gso_header_len(const struct sk_buff *skb)
{
	bool tcp = skb_is_gso_tcp(skb);
	unsigned int transport;

	if (skb->encapsulation) {
		transport = skb_inner_transport_offset(skb);
		return transport + (tcp ? inner_tcp_hdrlen(skb) : sizeof(struct udphdr));
	}
	transport = skb_transport_offset(skb);
	return transport + (tcp ? tcp_hdrlen(skb) : sizeof(struct udphdr));
}

static void frame_fill_gso(struct vnet_frame *frame, const struct sk_buff *skb)
{
	unsigned int header_len = gso_header_len(skb);
	unsigned int gso_size = skb_shinfo(skb)->gso_size;
	unsigned int segments;

	if (header_len >= skb->len)
		return;
	segments = DIV_ROUND_UP(skb->len - header_len, gso_size);
	frame->wire_frames = min_t(unsigned int, segments, U16_MAX);
	frame->wire_len = skb->len + (frame->wire_frames - 1) * header_len;
}

static void frame_fill(struct vnet_frame *frame, const struct sk_buff *skb)
{
	frame->next = NULL;
	frame->len = skb->len;
	frame->wire_len = skb->len;
	frame->wire_frames = 1;
	frame->csum = VNET_CSUM_NONE;
	frame->host_tag = VNET_HOST_SKB;
	if (skb->ip_summed == CHECKSUM_PARTIAL) {
		frame->csum = VNET_CSUM_PARTIAL;
		frame->csum_start = skb_checksum_start_offset(skb);
		frame->csum_offset = skb->csum_offset;
	} else if (skb->ip_summed == CHECKSUM_UNNECESSARY) {
		frame->csum = VNET_CSUM_VERIFIED;
	}
	*(u16 *)frame->reserved2 = 0;
	if (likely(skb_headlen(skb) >= ETH_ALEN))
		ether_addr_copy(frame->dst, skb->data);
	else if (skb->len >= ETH_ALEN)
		skb_copy_bits(skb, 0, frame->dst, ETH_ALEN);
	if (skb_is_gso(skb))
		frame_fill_gso(frame, skb);
	if (unlikely(skb_vlan_tag_present(skb)))
		frame->wire_len += frame->wire_frames * VLAN_HLEN;
}

/* For a frame that is sent by another way than vnet_start_xmit(). */
struct vnet_frame *vnet_frame_fill(struct sk_buff *skb)
{
	frame_fill(frame_of(skb), skb);
	return frame_of(skb);
}

netdev_tx_t vnet_start_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct vnet_priv *priv = netdev_priv(dev);
	struct vnet_host_queue *queue = &priv->queues[skb_get_queue_mapping(skb)];
	/* The qdisc's account of the frame shares cb with ours: should the core
	 * not take the frame, the qdisc wants its own back.
	 */
	unsigned int pkt_len = qdisc_skb_cb(skb)->pkt_len;
	netdev_tx_t ret = NETDEV_TX_OK;

	netdev_dbg(dev, "tx: %u bytes, protocol %04x\n", skb->len, ntohs(skb->protocol));
	frame_fill(frame_of(skb), skb);
	if (unlikely(vnet_core_tx(queue->core, frame_of(skb)) == VNET_TX_BUSY)) {
		qdisc_skb_cb(skb)->pkt_len = pkt_len;
		ret = NETDEV_TX_BUSY;
	}
	if (!netdev_xmit_more() || netif_xmit_stopped(queue->txq))
		vnet_core_tx_doorbell(queue->core);
	return ret;
}

/* ---- poll */

static void deliver(struct vnet_host_queue *queue, struct sk_buff *skb, bool alone)
{
	struct net_device *dev = queue->dev;

	skb->protocol = eth_type_trans(skb, dev);
	skb_postpull_rcsum(skb, eth_hdr(skb), ETH_HLEN);
	skb_record_rx_queue(skb, queue->index);
	netdev_dbg(dev, "rx: %u bytes, protocol %04x\n", skb->len + ETH_HLEN,
		   ntohs(skb->protocol));
	/* A frame alone has nothing to be merged with. And GRO writes into the
	 * shared info, which a clone shares with the sender's retransmit queue.
	 */
	if (alone || unlikely(skb_unclone(skb, GFP_ATOMIC)))
		netif_receive_skb(skb);
	else
		napi_gro_receive(&queue->napi, skb);
}

int vnet_napi_poll(struct napi_struct *napi, int budget)
{
	struct vnet_host_queue *queue = container_of(napi, struct vnet_host_queue, napi);
	struct vnet_frame *frame, *next;
	struct vnet_poll result;
	struct bpf_prog *prog;
	bool alone;

	/* netpoll asks for transmit completions only, and without owning the
	 * interrupt: an acknowledgement here would lose it.
	 */
	if (unlikely(!budget))
		return 0;
	vnet_core_poll(queue->core, budget, &result);
	alone = result.work == 1 && !napi->gro_bitmask;
	prog = rcu_dereference_bh(queue->xdp_prog);
	for (frame = result.rx; frame; frame = next) {
		struct sk_buff *skb = skb_of(frame);

		next = frame->next;
		if (unlikely(prog || frame->host_tag)) {
			skb = vnet_xdp_receive(queue, prog, frame);
			if (!skb)
				continue;
		}
		deliver(queue, skb, alone);
	}
	if (unlikely(prog))
		vnet_xdp_flush(queue);
	if (result.work < budget && napi_complete_done(napi, result.work) &&
	    vnet_core_poll_done(queue->core))
		napi_schedule(napi);
	return result.work;
}

/* ---- <vnet/host.h>: frames */

static const enum skb_drop_reason skb_reasons[VNET_DROP_COUNT] = {
	[VNET_DROP_LINK_DOWN] = SKB_DROP_REASON_DEV_READY,
	[VNET_DROP_RUNT] = SKB_DROP_REASON_PKT_TOO_SMALL,
	[VNET_DROP_TOO_LONG] = SKB_DROP_REASON_PKT_TOO_BIG,
	[VNET_DROP_BAD_HEADER] = SKB_DROP_REASON_HDR_TRUNC,
	[VNET_DROP_NO_MEMORY] = SKB_DROP_REASON_NOMEM,
	[VNET_DROP_UNICAST_FILTER] = SKB_DROP_REASON_OTHERHOST,
	[VNET_DROP_MULTICAST_FILTER] = SKB_DROP_REASON_OTHERHOST,
	[VNET_DROP_VLAN_FILTER] = SKB_DROP_REASON_OTHERHOST,
	[VNET_DROP_STOPPED] = SKB_DROP_REASON_DEV_READY,
};

static const char *const drop_names[VNET_DROP_COUNT] = {
#define VNET_DROP_NAME(id, name, meaning) [VNET_DROP_##id] = name,
	VNET_DROP_REASONS(VNET_DROP_NAME)
#undef VNET_DROP_NAME
};

void vnet_host_frames_drop(struct vnet_frame *list, enum vnet_drop reason)
{
	struct vnet_frame *next;

	for (; list; list = next) {
		struct sk_buff *skb = skb_of(list);

		next = list->next;
		if (unlikely(list->host_tag)) {
			xdp_return_frame(vnet_xdp_of(list));
			continue;
		}
		netdev_dbg(skb->dev, "drop: %u bytes, %s\n", skb->len, drop_names[reason]);
		dev_kfree_skb_any_reason(skb, skb_reasons[reason]);
	}
}

vnet_u8 *vnet_host_frame_header(struct vnet_frame *frame, vnet_u32 len)
{
	struct sk_buff *skb = skb_of(frame);

	if (unlikely(frame->host_tag))
		return vnet_xdp_frame_header(vnet_xdp_of(frame), len);
	if (skb_ensure_writable(skb, len))
		return NULL;
	/* A sum over the whole frame does not survive a change of its header. */
	if (skb->ip_summed == CHECKSUM_COMPLETE)
		skb->ip_summed = CHECKSUM_NONE;
	return skb->data;
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

	if (frame->host_tag)
		return vnet_xdp_frame_tag(vnet_xdp_of((struct vnet_frame *)frame));
	if (skb_vlan_tag_present(skb))
		return ntohs(skb->vlan_proto) << 16 | skb_vlan_tag_get(skb);
	return skb_copy_bits(skb, 2 * ETH_ALEN, &tag, sizeof(tag)) ? 0 : ntohl(tag);
}

/* A tag beside the frame crosses as it is, to a receiver that strips tags. */
static bool strips_tag(const struct net_device *dev, __be16 protocol)
{
	return dev->features & (protocol == htons(ETH_P_8021AD) ? NETIF_F_HW_VLAN_STAG_RX :
								  NETIF_F_HW_VLAN_CTAG_RX);
}

int vnet_host_frame_commit(struct vnet_frame *frame, void *receiver)
{
	struct sk_buff *skb = skb_of(frame);
	struct net_device *dev = receiver;

	if (unlikely(frame->host_tag))
		return 0;
	/* Zero-copy pages belong to a sender who may wait for them. */
	if (!pskb_may_pull(skb, ETH_HLEN) || skb_orphan_frags(skb, GFP_ATOMIC))
		return -ENOMEM;
	if (unlikely(skb_vlan_tag_present(skb)) && !strips_tag(dev, skb->vlan_proto)) {
		if (skb_cow_head(skb, VLAN_HLEN))
			return -ENOMEM;
		__vlan_hwaccel_push_inside(skb); /* cannot fail: there is room */
		frame->len += VLAN_HLEN;
	}
	skb_tx_timestamp(skb);
	skb_scrub_packet(skb, !net_eq(dev_net(skb->dev), dev_net(dev)));
	skb->priority = 0;
	skb->dev = dev;
	return 0;
}
