// SPDX-License-Identifier: GPL-2.0-only
/* What `ip link ... type vnet` says of a link, the same at both ends: csum and bigtcp. */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "compat/compat.h"
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
		dev_core_stats_tx_dropped_inc(dev);
		kfree_skb_reason(skb, SKB_DROP_REASON_FULL_RING);
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

/* ---- asked and shown */

static int check_u8(const struct nlattr *attr, u8 max, const char *range,
		    struct netlink_ext_ack *extack)
{
	if (!attr || (nla_len(attr) == sizeof(u8) && nla_get_u8(attr) <= max))
		return 0;
	NL_SET_BAD_ATTR(extack, attr);
	if (extack)
		extack->_msg = range;
	return -EINVAL;
}

/* rtnetlink ignores what it does not know, and of two it takes the last. */
static int check_list(const struct nlattr *list, unsigned long *seen,
		      struct netlink_ext_ack *extack)
{
	const struct nlattr *attr;
	int left;

	nla_for_each_nested(attr, list, left) {
		if (!nla_type(attr) || nla_type(attr) > VNET_INFO_MAX) {
			NL_SET_ERR_MSG_ATTR(extack, attr,
					    "unknown attribute: there are peer (1), csum (2) and bigtcp (3)");
			return -EINVAL;
		}
		if (__test_and_set_bit(nla_type(attr), seen)) {
			NL_SET_ERR_MSG_ATTR(extack, attr,
					    "attribute given twice: peer, csum and bigtcp stand once each");
			return -EINVAL;
		}
	}
	if (left <= 0)
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, list, "attributes: their lengths do not add up");
	return -EINVAL;
}

int vnet_link_validate(struct nlattr *tb[], struct nlattr *data[],
		       struct netlink_ext_ack *extack)
{
	const struct nlattr *info, *peer = data[VNET_INFO_PEER];
	unsigned long seen = 0;
	int left, err;

	nla_for_each_nested(info, tb[IFLA_LINKINFO], left) {
		if (nla_type(info) != IFLA_INFO_DATA)
			continue;
		err = check_list(info, &seen, extack);
		if (err)
			return err;
	}
	if (peer && nla_len(peer) < sizeof(struct ifinfomsg)) {
		NL_SET_ERR_MSG_ATTR(extack, peer,
				    "peer: must begin with an ifinfomsg, 16 bytes or more");
		return -EINVAL;
	}
	err = check_u8(data[VNET_INFO_CSUM], VNET_CSUM_MODE_MAX,
		       "csum: must be 0 (offload) or 1 (wire), in one byte", extack);
	if (err)
		return err;
	return check_u8(data[VNET_INFO_BIG_TCP], 1,
			"bigtcp: must be 0 (off) or 1 (on), in one byte", extack);
}

bool vnet_link_asked(struct nlattr *data[])
{
	return data[VNET_INFO_CSUM] || data[VNET_INFO_BIG_TCP];
}

/* Under RTNL, of what vnet_link_validate() has let pass. */
void vnet_link_change(struct net_device *dev, struct nlattr *data[])
{
	struct net_device *ends[] = { dev, vnet_peer(dev) };
	struct vnet_priv *priv = netdev_priv(dev);
	u8 csum = priv->csum, big_tcp = priv->big_tcp;
	unsigned int i;

	if (data[VNET_INFO_CSUM])
		csum = nla_get_u8(data[VNET_INFO_CSUM]);
	if (data[VNET_INFO_BIG_TCP])
		big_tcp = nla_get_u8(data[VNET_INFO_BIG_TCP]);
	if (csum == priv->csum && big_tcp == priv->big_tcp)
		return;
	for (i = 0; i < ARRAY_SIZE(ends); i++)
		if (ends[i])
			set_attributes(ends[i], csum, big_tcp);
	/* Who is still sending by the former way has ended before we say that it is done. */
	synchronize_net();
	netdev_dbg(dev, "csum %u, bigtcp %u\n", csum, big_tcp);
	/* rtnetlink tells of `dev` by itself. */
	if (ends[1])
		call_netdevice_notifiers(NETDEV_CHANGEINFODATA, ends[1]);
}

size_t vnet_link_get_size(const struct net_device *dev)
{
	return 2 * nla_total_size(sizeof(u8));
}

int vnet_link_fill_info(struct sk_buff *skb, const struct net_device *dev)
{
	const struct vnet_priv *priv = netdev_priv(dev);

	if (nla_put_u8(skb, VNET_INFO_CSUM, priv->csum) ||
	    nla_put_u8(skb, VNET_INFO_BIG_TCP, priv->big_tcp))
		return -EMSGSIZE;
	return 0;
}
