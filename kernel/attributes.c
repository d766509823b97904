// SPDX-License-Identifier: GPL-2.0-only
/* What both ends of a link have alike in the stack's eyes: csum and bigtcp. */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "compat/compat.h"
#include "control.h"
#include "vnet.h"

/* ---- csum: wire */

/* vnet_netdev_ops with another way to send: a link in offload mode pays nothing for this one. */
static struct net_device_ops wire_ops __ro_after_init;

/* So validate_xmit_skb() segments and completes just before ndo_start_xmit(). */
static netdev_features_t wire_features_check(struct sk_buff *skb, struct net_device *dev,
					     netdev_features_t features)
{
	return features & ~(NETIF_F_CSUM_MASK | NETIF_F_SCTP_CRC | NETIF_F_GSO_MASK);
}

/* No room, and it cannot be handed back. */
static void drop_completed(struct sk_buff *skb, struct net_device *dev)
{
	struct vnet_priv *priv = netdev_priv(dev);
	struct vnet_host_queue *queue = &priv->queues[skb_get_queue_mapping(skb)];

	if (vnet_drops_heard(queue))
		vnet_tell_drop(queue, frame_of(skb), false, VNET_DROP_RING_FULL);
	dev_core_stats_tx_dropped_inc(dev);
	kfree_skb_reason(skb, SKB_DROP_REASON_FULL_RING);
}

/* The frame has become several, so none of them can be handed back. */
static void send_completed(struct sk_buff *skb, struct net_device *dev)
{
	struct sk_buff *next;
	bool again = false;

	skb = validate_xmit_skb_list(skb, dev, &again);
	for (; skb; skb = next) {
		next = skb->next;
		skb_mark_not_on_list(skb);
		if (likely(vnet_start_xmit(skb, dev) == NETDEV_TX_OK))
			continue;
		drop_completed(skb, dev);
	}
}

/* Frames that were validated before the link was in wire mode and had to wait for the
 * ring, and those of pktgen and generic XDP, which nobody validates.
 */
static netdev_tx_t wire_start_xmit(struct sk_buff *skb, struct net_device *dev)
{
	if (likely(skb->ip_summed != CHECKSUM_PARTIAL && !skb_is_gso(skb)))
		return vnet_start_xmit(skb, dev);
	send_completed(skb, dev);
	return NETDEV_TX_OK;
}

void __init vnet_link_init(void)
{
	wire_ops = vnet_netdev_ops;
	wire_ops.ndo_features_check = wire_features_check;
	wire_ops.ndo_start_xmit = wire_start_xmit;
}

static void set_csum(struct net_device *dev, u8 csum)
{
	struct vnet_priv *priv = netdev_priv(dev);

	WRITE_ONCE(priv->csum, csum);
	WRITE_ONCE(dev->netdev_ops, csum == VNET_CSUM_MODE_WIRE ? &wire_ops : &vnet_netdev_ops);
}

/* ---- bigtcp */

static bool has_program(const struct net_device *dev)
{
	const struct vnet_priv *priv = dev ? netdev_priv(dev) : NULL;

	return priv && priv->xdp_prog;
}

/* In wire mode super-frames are cut up, and large ones would only overrun the ring. */
static bool sends_big(const struct vnet_priv *priv)
{
	return priv->big_tcp && priv->csum != VNET_CSUM_MODE_WIRE;
}

/* How long the super-frames are that `dev` may send, once the other end's program has
 * come or gone. What the user has set below the limit stays.
 */
void vnet_link_update_gso(struct net_device *dev)
{
	struct vnet_priv *priv = netdev_priv(dev);
	unsigned int before = dev->tso_max_size;
	bool follows = sends_big(priv) && dev->gso_max_size == before;

	/* A copy for a program has place for 64 KiB and its headers. */
	netif_set_tso_max_size(dev, has_program(vnet_peer(dev)) ? GSO_LEGACY_MAX_SIZE :
								  GSO_MAX_SIZE);
	if (follows)
		vnet_set_gso_size(dev, dev->tso_max_size);
}

static void set_sizes(struct net_device *dev, bool big)
{
	vnet_set_gso_size(dev, big ? dev->tso_max_size : GSO_LEGACY_MAX_SIZE);
	vnet_set_gro_size(dev, big ? GRO_MAX_SIZE : GRO_LEGACY_MAX_SIZE);
}

static void set_attributes(struct net_device *dev, u8 csum, u8 big_tcp)
{
	struct vnet_priv *priv = netdev_priv(dev);
	bool before = sends_big(priv);

	set_csum(dev, csum);
	priv->big_tcp = big_tcp;
	if (sends_big(priv) != before)
		set_sizes(dev, !before);
}

/* ---- both ends */

/* One end of a pair that is being made. */
void vnet_link_prepare(struct net_device *dev, u8 csum, u8 big_tcp)
{
	set_attributes(dev, csum, big_tcp);
}

/* Under RTNL. */
void vnet_link_change(struct net_device *dev, u8 csum, u8 big_tcp)
{
	struct net_device *ends[] = { dev, vnet_peer(dev) };
	struct vnet_priv *priv = netdev_priv(dev);
	unsigned int i;

	if (csum == priv->csum && big_tcp == priv->big_tcp)
		return;
	for (i = 0; i < ARRAY_SIZE(ends); i++)
		if (ends[i])
			set_attributes(ends[i], csum, big_tcp);
	/* Who is still sending by the former way has ended before we say that it is done. */
	synchronize_net();
	netdev_dbg(dev, "csum %u, bigtcp %u\n", csum, big_tcp);
}
