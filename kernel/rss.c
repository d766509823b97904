// SPDX-License-Identifier: GPL-2.0-only
/*
 * Receive-side scaling: `ethtool -x -X -n -N`, and where a sender asks for it.
 *
 * A frame arrives on the queue it was sent on, so it is the sender who picks
 * the receiver's queue: ndo_select_queue asks the rules of the other end.
 */
#include <linux/ethtool.h>
#include <linux/if_ether.h>
#include <linux/netdevice.h>
#include <net/flow_dissector.h>

#include "rss.h"
#include "vnet.h"

/* ---- the rules of a device */

static_assert(VNET_RSS_KEY <= NETDEV_RSS_KEY_LEN);
static_assert(VNET_QUEUES_MAX <= U8_MAX);

/* Those in force, or what the first change would begin with. */
static void rss_get(struct net_device *dev, struct vnet_rss *rss)
{
	struct vnet_priv *priv = netdev_priv(dev);

	if (vnet_core_rss_get(priv->core, rss))
		return;
	vnet_core_rss_default(rss, dev->real_num_rx_queues);
	netdev_rss_key_fill(rss->key, sizeof(rss->key));
}

/* The other end looks here only once there is something to see. */
static void rss_announce(struct net_device *dev)
{
	struct net_device *peer = vnet_peer(dev);
	struct vnet_priv *priv = netdev_priv(dev);

	if (peer && vnet_core_rss_get(priv->core, NULL))
		WRITE_ONCE(((struct vnet_priv *)netdev_priv(peer))->rss_receiver, dev);
}

static int rss_set(struct net_device *dev, const struct vnet_rss *rss)
{
	struct vnet_priv *priv = netdev_priv(dev);
	const char *why;	/* ethtool has checked the table by itself */
	int err;

	err = vnet_core_rss_set(priv->core, rss, &why);
	if (!err)
		rss_announce(dev);
	return err;
}

void vnet_rss_attached(struct net_device *a, struct net_device *b)
{
	rss_announce(a);
	rss_announce(b);
}

/* Senders may go on reading until RCU's grace is over, and so long the device stays. */
void vnet_rss_detach(struct net_device *a, struct net_device *b)
{
	WRITE_ONCE(((struct vnet_priv *)netdev_priv(a))->rss_receiver, NULL);
	WRITE_ONCE(((struct vnet_priv *)netdev_priv(b))->rss_receiver, NULL);
}

/* Does the user want them? `-X default` is a table like others when it comes here,
 * but ethtool clears the device's flag afterwards (net/ethtool/ioctl.c,
 * ethtool_set_rxfh()); for a key or a hash function alone it sets none.
 */
static bool rss_wanted(const struct net_device *dev)
{
	const struct vnet_priv *priv = netdev_priv(dev);

	return netif_is_rxfh_configured(dev) || READ_ONCE(priv->rss_by_key);
}

/* ---- another number of queues */

bool vnet_rss_allows(struct net_device *dev, unsigned int queues)
{
	struct vnet_rss rss;
	unsigned int i;

	if (!netif_is_rxfh_configured(dev))
		return true;
	rss_get(dev, &rss);
	for (i = 0; i < VNET_RSS_ENTRIES; i++)
		if (rss.table[i] >= queues)
			return false;
	return true;
}

/* The table that nobody asked for is over all queues. */
void vnet_rss_spread(struct net_device *dev, unsigned int queues)
{
	struct vnet_priv *priv = netdev_priv(dev);
	struct vnet_rss rss;
	unsigned int i;

	if (netif_is_rxfh_configured(dev) || !vnet_core_rss_get(priv->core, &rss))
		return;
	for (i = 0; i < VNET_RSS_ENTRIES; i++)
		rss.table[i] = ethtool_rxfh_indir_default(i, queues);
	rss_set(dev, &rss); /* cannot fail: has memory, names queues */
}

/* ---- ethtool -x -X */

u32 vnet_get_rxfh_key_size(struct net_device *dev)
{
	return VNET_RSS_KEY;
}

u32 vnet_get_rxfh_indir_size(struct net_device *dev)
{
	return VNET_RSS_ENTRIES;
}

void vnet_rss_show(struct net_device *dev, u32 *table, u8 *key, u8 *hfunc)
{
	struct vnet_rss rss;
	unsigned int i;

	rss_get(dev, &rss);
	for (i = 0; table && i < VNET_RSS_ENTRIES; i++)
		table[i] = rss.table[i];
	if (key)
		memcpy(key, rss.key, sizeof(rss.key));
	if (hfunc)
		*hfunc = ETH_RSS_HASH_TOP;
}

/* What is not to change is NULL, or ETH_RSS_HASH_NO_CHANGE. */
int vnet_rss_change(struct net_device *dev, const u32 *table, const u8 *key, u8 hfunc,
		    struct netlink_ext_ack *extack)
{
	struct vnet_priv *priv = netdev_priv(dev);
	struct vnet_rss rss;
	unsigned int i;
	int err;

	if (hfunc != ETH_RSS_HASH_NO_CHANGE && hfunc != ETH_RSS_HASH_TOP) {
		NL_SET_ERR_MSG(extack, "hfunc: only toeplitz is supported");
		return -EOPNOTSUPP;
	}
	rss_get(dev, &rss);
	for (i = 0; table && i < VNET_RSS_ENTRIES; i++)
		rss.table[i] = table[i];
	if (key)
		memcpy(rss.key, key, sizeof(rss.key));
	err = rss_set(dev, &rss);
	if (err)
		return err;
	netdev_dbg(dev, "rss:%s%s\n", table ? " table" : "", key ? " key" : "");
	if (table || key || hfunc != ETH_RSS_HASH_NO_CHANGE)
		WRITE_ONCE(priv->rss_by_key, key || hfunc != ETH_RSS_HASH_NO_CHANGE);
	return 0;
}

/* ---- ethtool -n -N rx-flow-hash */

#define RXH_ADDRESSES (RXH_IP_SRC | RXH_IP_DST)
#define RXH_PORTS (RXH_L4_B_0_1 | RXH_L4_B_2_3)

/* What ethtool calls a flow is hashed as. VNET_RSS_OTHER: not at all. */
static enum vnet_rss_flow flow_of(u32 flow_type)
{
	switch (flow_type) {
	case TCP_V4_FLOW:
		return VNET_RSS_TCP4;
	case UDP_V4_FLOW:
		return VNET_RSS_UDP4;
	case TCP_V6_FLOW:
		return VNET_RSS_TCP6;
	case UDP_V6_FLOW:
		return VNET_RSS_UDP6;
	case SCTP_V4_FLOW:
	case AH_ESP_V4_FLOW:
	case AH_V4_FLOW:
	case ESP_V4_FLOW:
	case IPV4_FLOW:
		return VNET_RSS_IP4;
	case SCTP_V6_FLOW:
	case AH_ESP_V6_FLOW:
	case AH_V6_FLOW:
	case ESP_V6_FLOW:
	case IPV6_FLOW:
		return VNET_RSS_IP6;
	default:
		return VNET_RSS_OTHER;
	}
}

int vnet_rss_fields(struct net_device *dev, u32 flow_type, u64 *fields)
{
	enum vnet_rss_flow flow = flow_of(flow_type);
	struct vnet_rss rss;

	if (flow == VNET_RSS_OTHER)
		return -EINVAL;
	rss_get(dev, &rss);
	*fields = RXH_ADDRESSES;
	if (flow < VNET_RSS_PORT_FLOWS && rss.ports[flow])
		*fields |= RXH_PORTS;
	return 0;
}

int vnet_rss_set_fields(struct net_device *dev, u32 flow_type, u64 fields,
			struct netlink_ext_ack *extack)
{
	enum vnet_rss_flow flow = flow_of(flow_type);
	bool ports = fields == (RXH_ADDRESSES | RXH_PORTS);
	struct vnet_rss rss;

	if (flow >= VNET_RSS_PORT_FLOWS) {
		NL_SET_ERR_MSG(extack, "rx-flow-hash: only tcp4, udp4, tcp6, udp6 can be set");
		return -EINVAL;
	}
	if (!ports && fields != RXH_ADDRESSES) {
		NL_SET_ERR_MSG(extack, "rx-flow-hash: must be sd or sdfn");
		return -EINVAL;
	}
	rss_get(dev, &rss);
	rss.ports[flow] = ports;
	return rss_set(dev, &rss);
}

/* ---- ndo_select_queue */

static u8 tuple_flow(const struct flow_keys *keys, u8 tcp, u8 udp, u8 ip)
{
	/* Only the first fragment of a datagram has ports; all take one way. */
	if (keys->control.flags & FLOW_DIS_IS_FRAGMENT)
		return ip;
	if (keys->basic.ip_proto == IPPROTO_TCP)
		return tcp;
	return keys->basic.ip_proto == IPPROTO_UDP ? udp : ip;
}

/* From the Ethernet header on: what a packet socket says of a frame with tags in it
 * (network header behind the tags, protocol in front of them) misleads the dissector.
 */
static bool dissect(const struct sk_buff *skb, struct flow_keys *keys)
{
	if (unlikely(skb_headlen(skb) < ETH_HLEN))
		return false;
	memset(keys, 0, sizeof(*keys));
	return __skb_flow_dissect(NULL, skb, &flow_keys_dissector, keys, skb->data,
				  ((const struct ethhdr *)skb->data)->h_proto, ETH_HLEN,
				  skb_headlen(skb), FLOW_DISSECTOR_F_STOP_AT_ENCAP);
}

/* As hardware: the outermost addresses, behind VLAN tags. A super-frame's are its segments'. */
static void tuple_of(struct vnet_rss_tuple *tuple, const struct sk_buff *skb)
{
	struct flow_keys keys;
	unsigned int len;

	tuple->flow = VNET_RSS_OTHER;
	if (!dissect(skb, &keys))
		return;
	switch (keys.control.addr_type) {
	case FLOW_DISSECTOR_KEY_IPV4_ADDRS:
		tuple->flow = tuple_flow(&keys, VNET_RSS_TCP4, VNET_RSS_UDP4, VNET_RSS_IP4);
		len = sizeof(keys.addrs.v4addrs);
		memcpy(tuple->bytes, &keys.addrs.v4addrs, len);
		break;
	case FLOW_DISSECTOR_KEY_IPV6_ADDRS:
		tuple->flow = tuple_flow(&keys, VNET_RSS_TCP6, VNET_RSS_UDP6, VNET_RSS_IP6);
		len = sizeof(keys.addrs.v6addrs);
		memcpy(tuple->bytes, &keys.addrs.v6addrs, len);
		break;
	default:
		return;
	}
	memcpy(tuple->bytes + len, &keys.ports.ports, sizeof(keys.ports.ports));
}

/* Apart, so that a pair without rules does not pay for this one's frame. */
static noinline u16 rss_queue(struct net_device *receiver, struct sk_buff *skb)
{
	struct vnet_priv *priv = netdev_priv(receiver);
	struct vnet_rss_result result;
	struct vnet_rss_tuple tuple;

	tuple_of(&tuple, skb);
	if (unlikely(!vnet_core_rss_queue(priv->core, &tuple, &result)))
		return 0;
	if (result.hashed && receiver->features & NETIF_F_RXHASH)
		skb_set_hash(skb, result.hash, result.hashed == VNET_RSS_HASHED_PORTS ?
			     PKT_HASH_TYPE_L4 : PKT_HASH_TYPE_L3);
	return result.queue;
}

/* Only called with more than one queue in use; under RCU. */
u16 vnet_select_queue(struct net_device *dev, struct sk_buff *skb, struct net_device *sb_dev)
{
	struct vnet_priv *priv = netdev_priv(dev);
	struct net_device *receiver = READ_ONCE(priv->rss_receiver);

	if (unlikely(receiver) && rss_wanted(receiver))
		return rss_queue(receiver, skb);
	return netdev_pick_tx(dev, skb, sb_dev);
}

void vnet_rss_setup(struct net_device *dev)
{
	dev->features |= NETIF_F_RXHASH;
	dev->hw_features |= NETIF_F_RXHASH;
}
