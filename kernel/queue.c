// SPDX-License-Identifier: GPL-2.0-only
/* Transmit and poll. */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/dsa.h>
#include <net/sch_generic.h>
#include <vnet/host.h>

#include "vnet.h"

static_assert(sizeof(struct vnet_frame) <= sizeof_field(struct sk_buff, cb));

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

static noinline void frame_fill_gso(struct vnet_frame *frame, const struct sk_buff *skb)
{
	unsigned int header_len = gso_header_len(skb);
	unsigned int segments = skb_shinfo(skb)->gso_segs;

	if (header_len >= frame->len)
		return;
	if (unlikely(!segments)) { /* from a guest, who is not believed */
		segments = DIV_ROUND_UP(frame->len - header_len, skb_shinfo(skb)->gso_size);
		segments = min_t(unsigned int, segments, U16_MAX);
	}
	frame->wire_frames = segments;
	frame->wire_len += (segments - 1) * header_len;
}

/* The qdisc's account of the frame shares cb with ours: should the core not take
 * the frame, the qdisc wants its pkt_len back. It stands where our list link does.
 */
static_assert(offsetof(struct qdisc_skb_cb, pkt_len) == offsetof(struct vnet_frame, next));

static __always_inline void frame_fill(struct vnet_frame *frame, const struct sk_buff *skb)
{
	frame->len = skb->len;
	frame->wire_len = skb->len;
	frame->wire_frames = 1;
	frame->host_tag = VNET_HOST_SKB;
	frame->to_own = 0;
	if (skb_is_gso(skb))
		frame_fill_gso(frame, skb);
}

/* For a frame that is sent by another way than vnet_start_xmit(). */
struct vnet_frame *vnet_frame_fill(struct sk_buff *skb)
{
	frame_fill(frame_of(skb), skb);
	return frame_of(skb);
}

/* A tag beside the frame crosses as it is, to a receiver that strips tags. */
static bool strips_tag(const struct net_device *dev, __be16 protocol)
{
	return dev->features & (protocol == htons(ETH_P_8021AD) ? NETIF_F_HW_VLAN_STAG_RX :
								  NETIF_F_HW_VLAN_CTAG_RX);
}

static noinline int commit_tag(struct vnet_frame *frame, struct sk_buff *skb,
			       const struct net_device *receiver)
{
	frame->wire_len += frame->wire_frames * VLAN_HLEN;
	if (strips_tag(receiver, skb->vlan_proto))
		return 0;
	if (skb_cow_head(skb, VLAN_HLEN))
		return -ENOMEM;
	__vlan_hwaccel_push_inside(skb); /* cannot fail: there is room */
	frame->len += VLAN_HLEN;
	return 0;
}

/* The pages belong to a sender who may wait for them. */
static noinline int commit_zerocopy(struct sk_buff *skb)
{
	return skb_orphan_frags(skb, GFP_ATOMIC);
}

/* The frame leaves the sender's stack for `receiver`. */
static __always_inline int commit_skb(struct vnet_frame *frame, struct net_device *receiver)
{
	struct sk_buff *skb = skb_of(frame);

	if (!pskb_may_pull(skb, ETH_HLEN))
		return -ENOMEM;
	if (unlikely(skb_vlan_tag_present(skb)) && commit_tag(frame, skb, receiver))
		return -ENOMEM;
	if (unlikely(skb_shinfo(skb)->flags & SKBFL_ZEROCOPY_ENABLE) && commit_zerocopy(skb))
		return -ENOMEM;
	/* skb_tx_timestamp() without the look for a PHY that takes time stamps. */
	if (unlikely(skb_shinfo(skb)->tx_flags & SKBTX_SW_TSTAMP))
		skb_tstamp_tx(skb, NULL);
	skb_scrub_packet(skb, !net_eq(dev_net(skb->dev), dev_net(receiver)));
	skb->priority = 0;
	skb->dev = receiver;
	memcpy(frame->dst, skb->data, sizeof(frame->dst));
	return 0;
}

/* Byte queue limits: only where a queue above the device could hold frames back. Who discharges a
 * frame alone finds the queue in it, also if XDP has sent it on another than it says.
 */
static noinline void charge(struct vnet_host_queue *queue, struct vnet_frame *frame)
{
	frame->host_tag = VNET_HOST_CHARGED;
	skb_set_queue_mapping(skb_of(frame), queue->index);
	netdev_tx_sent_queue(queue->txq, frame->len);
}

/* What was charged has left the ring: the receiver's poll, or control while there
 * is none. Frames of a sender that is gone may be in the ring when another takes
 * its place: no more than what that one has been charged with.
 */
void vnet_discharge(struct net_device *receiver, unsigned int index, unsigned int frames,
		    unsigned int bytes)
{
	struct net_device *sender = vnet_peer(receiver);
	struct netdev_queue *txq;

	if (!sender)
		return;
	txq = netdev_get_tx_queue(sender, index);
	bytes = min(bytes, READ_ONCE(txq->dql.num_queued) - txq->dql.num_completed);
	netdev_tx_completed_queue(txq, frames, bytes);
}

static __always_inline enum vnet_verdict send(struct vnet_host_queue *queue,
					      struct vnet_frame *frame, bool batch)
{
	enum vnet_verdict verdict = vnet_core_tx_admit(queue->core, frame);
	const struct vnet_host_queue *receiver;

	if (unlikely(verdict != VNET_TX_ADMITTED))
		return verdict;
	receiver = frame->receiver;
	if (unlikely(commit_skb(frame, receiver->dev))) {
		vnet_core_tx_drop(queue->core, frame, VNET_DROP_NO_MEMORY);
		return VNET_TX_DROPPED;
	}
	if (unlikely(vnet_has_qdisc(queue)))
		charge(queue, frame);
	vnet_core_tx_put(queue->core, frame, batch || netdev_xmit_more());
	return VNET_TX_ADMITTED;
}

/* By another way than vnet_start_xmit(); the doorbell is the caller's. */
enum vnet_verdict vnet_send(struct vnet_host_queue *queue, struct vnet_frame *frame)
{
	return send(queue, frame, true);
}

/* Not admitted. Pairs have `noqueue` unless the user says otherwise, as veth: then
 * nobody would keep the frame until there is room.
 */
static noinline netdev_tx_t not_sent(struct vnet_host_queue *queue, struct vnet_frame *frame,
				     enum vnet_verdict verdict)
{
	vnet_core_tx_doorbell(queue->core);
	if (verdict != VNET_TX_BUSY)
		return NETDEV_TX_OK;
	if (vnet_has_qdisc(queue))
		return NETDEV_TX_BUSY;
	vnet_core_tx_drop(queue->core, frame, VNET_DROP_RING_FULL);
	return NETDEV_TX_OK;
}

netdev_tx_t vnet_start_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct vnet_priv *priv = netdev_priv(dev);
	struct vnet_host_queue *queue = &priv->queues[skb_get_queue_mapping(skb)];
	struct vnet_frame *frame = frame_of(skb);
	enum vnet_verdict verdict;

	netdev_dbg(dev, "tx: %u bytes, protocol %04x\n", skb->len, ntohs(skb->protocol));
	frame_fill(frame, skb);
	verdict = send(queue, frame, false);
	if (unlikely(verdict != VNET_TX_ADMITTED))
		return not_sent(queue, frame, verdict);
	return NETDEV_TX_OK;
}

/* ---- poll */

static noinline void take_header_any(struct vnet_host_queue *queue, struct sk_buff *skb)
{
	skb->protocol = eth_type_trans(skb, queue->dev);
}

/* As eth_type_trans(), which would find again what the port's filter has found. */
static __always_inline void take_header(struct vnet_host_queue *queue, struct sk_buff *skb)
{
	const struct ethhdr *eth = (const struct ethhdr *)skb->data;

	if (unlikely(!frame_of(skb)->to_own || !eth_proto_is_802_3(eth->h_proto) ||
		     netdev_uses_dsa(queue->dev))) {
		take_header_any(queue, skb);
		return;
	}
	skb_reset_mac_header(skb);
	skb->len -= ETH_HLEN; /* all of it in the linear part, see commit_skb() */
	skb->data += ETH_HLEN;
	skb->protocol = eth->h_proto; /* to this host, as skb_scrub_packet() says */
}

static noinline void postpull_header(struct sk_buff *skb)
{
	skb_postpull_rcsum(skb, eth_hdr(skb), ETH_HLEN);
}

static __always_inline void deliver(struct vnet_host_queue *queue, struct sk_buff *skb, bool alone)
{
	skb_set_queue_mapping(skb, READ_ONCE(queue->rx_mapping));
	take_header(queue, skb);
	if (unlikely(skb->ip_summed == CHECKSUM_COMPLETE))
		postpull_header(skb);
	netdev_dbg(queue->dev, "rx: %u bytes, protocol %04x\n", skb->len + ETH_HLEN,
		   ntohs(skb->protocol));
	/* A frame alone has nothing to be merged with. And GRO writes into the
	 * shared info, which a clone shares with the sender's retransmit queue.
	 */
	if (alone || unlikely(skb_unclone(skb, GFP_ATOMIC)))
		netif_receive_skb(skb);
	else
		napi_gro_receive(&queue->napi, skb);
}

/* A frame from the ring that is not at once for the stack. NULL: it has gone elsewhere. */
static noinline struct sk_buff *take_unusual(struct vnet_host_queue *queue, struct bpf_prog *prog,
					     struct vnet_frame *frame)
{
	if (frame->host_tag == VNET_HOST_XDP)
		return vnet_xdp_receive(queue, prog, vnet_xdp_of(frame));
	if (frame->host_tag == VNET_HOST_CHARGED) {
		queue->charged_frames++;
		queue->charged_bytes += frame->len;
	}
	return prog ? vnet_xdp_run(queue, prog, skb_of(frame)) : skb_of(frame);
}

static noinline void discharge_poll(struct vnet_host_queue *queue)
{
	vnet_discharge(queue->dev, queue->index, queue->charged_frames, queue->charged_bytes);
	queue->charged_frames = 0;
	queue->charged_bytes = 0;
}

/* What a wake-up brought, if it is one sk_buff that nothing is to be merged with: by itself it
 * has few registers to save.
 */
static __always_inline void receive_alone(struct vnet_host_queue *queue, struct sk_buff *skb,
					  struct bpf_prog *prog)
{
	if (prog) {
		skb = vnet_xdp_run(queue, prog, skb);
		if (unlikely(!skb)) {
			vnet_xdp_flush(queue);
			return;
		}
	}
	deliver(queue, skb, true);
}

static noinline void receive(struct vnet_host_queue *queue, struct vnet_frame *frame,
			     struct bpf_prog *prog, bool alone)
{
	struct vnet_frame *next;

	/* A link in wire mode merges nothing: merged frames have partial checksums, too. */
	alone = alone || vnet_link_is_wire(queue->dev);
	for (; frame; frame = next) {
		struct sk_buff *skb = skb_of(frame);

		next = frame->next;
		if (unlikely(prog || frame->host_tag)) {
			skb = take_unusual(queue, prog, frame);
			if (!skb)
				continue;
		}
		deliver(queue, skb, alone);
	}
	if (unlikely(prog && (queue->xdp->tx || queue->xdp->redirected)))
		vnet_xdp_flush(queue);
	if (unlikely(queue->charged_frames))
		discharge_poll(queue);
}

int vnet_napi_poll(struct napi_struct *napi, int budget)
{
	struct vnet_host_queue *queue = container_of(napi, struct vnet_host_queue, napi);
	struct vnet_frame *frame;
	struct bpf_prog *prog;
	bool alone;
	int work;

	/* netpoll asks for transmit completions only, and without owning the
	 * interrupt: an acknowledgement here would lose it.
	 */
	if (unlikely(!budget))
		return 0;
	frame = vnet_core_poll(queue->core, budget, &queue->work);
	work = queue->work;
	alone = frame && !frame->next && !vnet_napi_holds(napi);
	prog = rcu_dereference_bh(queue->xdp_prog);
	if (alone && !frame->host_tag)
		receive_alone(queue, skb_of(frame), prog);
	else if (frame)
		receive(queue, frame, prog, alone);
	if (work < budget && napi_complete_done(napi, work) && vnet_core_poll_done(queue->core))
		napi_schedule(napi);
	return work;
}
