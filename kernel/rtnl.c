// SPDX-License-Identifier: GPL-2.0-only
/*
 * `ip link add type vnet`: pairs through rtnetlink, with the attribute layout of
 * veth (VNET_INFO_PEER: an ifinfomsg and link attributes), so that whatever
 * makes a veth pair can make one of ours. What stands beside the peer is the attribute
 * set `info` of generic netlink, by the same decoder (settings.c).
 */
#include <linux/etherdevice.h>
#include <linux/rtnetlink.h>
#include <net/net_namespace.h>
#include <net/rtnetlink.h>

#include "compat/rtnl.h"
#include "control.h"
#include "vnet.h"

/* rtnetlink's own checks would refuse without naming the attribute: the core's decoder does. */
static const struct nla_policy vnet_policy[VNET_INFO_MAX + 1];

/* ---- what is asked */

/* IFLA_INFO_DATA of a request: its nest, which rtnetlink does not hand on. Of several the
 * last, as for nla_parse().
 */
static struct nlattr *info_data(struct nlattr *tb[])
{
	struct nlattr *attr, *found = NULL;
	int left;

	if (!tb[IFLA_LINKINFO])
		return NULL;
	nla_for_each_nested(attr, tb[IFLA_LINKINFO], left)
		if (nla_type(attr) == IFLA_INFO_DATA)
			found = attr;
	return found;
}

/* What rtnetlink itself checks too late, after the device was made. */
static int check_end(struct nlattr *tb[], struct netlink_ext_ack *extack)
{
	char name[IFNAMSIZ];

	if (tb[IFLA_IFNAME] &&
	    (nla_strscpy(name, tb[IFLA_IFNAME], IFNAMSIZ) < 0 || !vnet_valid_name(name))) {
		NL_SET_ERR_MSG_ATTR(extack, tb[IFLA_IFNAME],
				    "name: 1 to 15 characters, no '/', ':' or space, no more than one %d and not that alone");
		return -EINVAL;
	}
	if (tb[IFLA_ADDRESS]) {
		if (nla_len(tb[IFLA_ADDRESS]) != ETH_ALEN) {
			NL_SET_ERR_MSG_ATTR(extack, tb[IFLA_ADDRESS],
					    "address: must be 6 bytes");
			return -EINVAL;
		}
		if (!is_valid_ether_addr(nla_data(tb[IFLA_ADDRESS]))) {
			NL_SET_ERR_MSG_ATTR(extack, tb[IFLA_ADDRESS],
					    "address: must be unicast and not zero");
			return -EADDRNOTAVAIL;
		}
	}
	if (tb[IFLA_MTU] && (nla_get_u32(tb[IFLA_MTU]) < VNET_MTU_MIN ||
			     nla_get_u32(tb[IFLA_MTU]) > VNET_MTU_MAX)) {
		NL_SET_ERR_MSG_ATTR(extack, tb[IFLA_MTU], "mtu: must be 68 to 65535");
		return -EINVAL;
	}
	return 0;
}

/* `queues` is how many there are, as numtxqueues and numrxqueues say for any kind of device. */
static int check_queues(struct vnet_settings *settings, struct nlattr *tb[])
{
	u32 queues = settings->own.queues;

	if (!vnet_has(&settings->own, VNET_INFO_QUEUES) ||
	    ((!tb[IFLA_NUM_TX_QUEUES] || nla_get_u32(tb[IFLA_NUM_TX_QUEUES]) == queues) &&
	     (!tb[IFLA_NUM_RX_QUEUES] || nla_get_u32(tb[IFLA_NUM_RX_QUEUES]) == queues)))
		return 0;
	return vnet_settings_refuse(settings, VNET_INFO_QUEUES,
				    "queues: must be what numtxqueues and numrxqueues say, or stand alone");
}

/* Of each request, also of those that do not reach newlink or changelink. */
static int vnet_validate(struct nlattr *tb[], struct nlattr *data[],
			 struct netlink_ext_ack *extack)
{
	struct vnet_settings settings = { .extack = extack };
	const struct nlattr *nest = info_data(tb);
	int err;

	err = check_end(tb, extack);
	if (err || !nest)
		return err;
	return vnet_settings_decode(&settings, nest) ?: check_queues(&settings, tb);
}

/* rtnetlink asks how many queues there are to be before it looks at the kind's own
 * attributes. vnet_validate() has seen them.
 */
static struct net_device *vnet_alloc(struct nlattr *tb[], const char *name,
				     unsigned char name_type, unsigned int tx_queues,
				     unsigned int rx_queues)
{
	const struct nlattr *nest = info_data(tb), *queues = NULL;

	if (nest)
		queues = nla_find(nla_data(nest), nla_len(nest), VNET_INFO_QUEUES);
	if (queues && !tb[IFLA_NUM_TX_QUEUES])
		tx_queues = nla_get_u32(queues);
	if (queues && !tb[IFLA_NUM_RX_QUEUES])
		rx_queues = nla_get_u32(queues);
	return vnet_memory(alloc_netdev_mqs(sizeof(struct vnet_priv), name, name_type,
					    vnet_pair_setup, tx_queues, rx_queues));
}

/* ---- a new pair */

/* The peer's name, namespace and so on; without a peer attribute it takes after
 * the first device.
 */
struct vnet_peer_request {
	struct vnet_settings settings;
	struct nlattr *attrs[IFLA_MAX + 1];
	struct nlattr **tb;
	const struct ifinfomsg *header;
	char name[IFNAMSIZ];
	unsigned char name_type;
};

static int vnet_parse_peer(struct vnet_peer_request *peer, struct nlattr *tb[],
			   struct nlattr *info, struct netlink_ext_ack *extack)
{
	int err;

	peer->tb = tb;
	if (info) {
		peer->header = nla_data(info);
		err = rtnl_nla_parse_ifinfomsg(peer->attrs, info, extack);
		if (err < 0)
			return err;
		err = check_end(peer->attrs, extack);
		if (err < 0)
			return err;
		if (peer->attrs[IFLA_LINKINFO]) {
			NL_SET_ERR_MSG_ATTR(extack, peer->attrs[IFLA_LINKINFO],
					    "peer: kind and link attributes stand beside it, not in it");
			return -EINVAL;
		}
		peer->tb = peer->attrs;
		/* A queue of one end is a queue of the other. */
		peer->tb[IFLA_LINKINFO] = tb[IFLA_LINKINFO];
		if (!peer->tb[IFLA_NUM_TX_QUEUES])
			peer->tb[IFLA_NUM_TX_QUEUES] = tb[IFLA_NUM_TX_QUEUES];
		if (!peer->tb[IFLA_NUM_RX_QUEUES])
			peer->tb[IFLA_NUM_RX_QUEUES] = tb[IFLA_NUM_RX_QUEUES];
	}
	if (info && peer->tb[IFLA_IFNAME]) {
		nla_strscpy(peer->name, peer->tb[IFLA_IFNAME], IFNAMSIZ);
		peer->name_type = NET_NAME_USER;
	} else {
		strscpy(peer->name, VNET_DRIVER "%d", IFNAMSIZ);
		peer->name_type = NET_NAME_ENUM;
	}
	return 0;
}

/* Both ends, the peer in `net`; nothing is left of either on an error. */
static int vnet_create_pair(struct net *net, struct net_device *dev,
			    struct vnet_peer_request *request)
{
	struct net_device *peer;

	peer = vnet_object(rtnl_create_link(net, request->name, request->name_type,
					    &vnet_link_ops, request->tb,
					    request->settings.extack));
	if (IS_ERR(peer))
		return PTR_ERR(peer);
	/* Without a peer attribute the address in tb is the first device's. */
	if (!request->header)
		eth_hw_addr_random(peer);
	else if (request->header->ifi_index)
		peer->ifindex = request->header->ifi_index;
	return vnet_pair_create(dev, peer, request->header, &request->settings);
}

static int vnet_parse_request(struct vnet_peer_request *request,
			      struct rtnl_newlink_params *params, struct netlink_ext_ack *extack)
{
	struct nlattr **tb = params->tb, *peer = NULL;
	const struct nlattr *nest = info_data(tb);
	int err;

	request->settings.extack = extack;
	if (nest) {
		err = vnet_settings_decode(&request->settings, nest);
		if (err)
			return err;
		peer = nla_find(nla_data(nest), nla_len(nest), VNET_INFO_PEER);
	}
	err = vnet_settings_sort(&request->settings);
	return err ?: vnet_parse_peer(request, tb, peer, extack);
}

static int vnet_newlink(struct net_device *dev, struct rtnl_newlink_params *params,
			struct netlink_ext_ack *extack)
{
	struct vnet_peer_request *request;
	struct net *net;
	int err;

	request = vnet_memory(kzalloc(sizeof(*request), GFP_KERNEL));
	if (!request)
		return -ENOMEM;
	err = vnet_parse_request(request, params, extack);
	if (err)
		goto out_free;
	net = vnet_get_peer_net(params, request->tb);
	if (IS_ERR(net)) {
		err = PTR_ERR(net);
		NL_SET_ERR_MSG(extack, "peer: no such network namespace");
		goto out_free;
	}
	/* rtnetlink has checked the caller's namespace, not the peer's. */
	if (vnet_may_change_net(net, NULL)) {
		err = vnet_create_pair(net, dev, request);
	} else {
		NL_SET_ERR_MSG(extack, "peer: needs CAP_NET_ADMIN in its network namespace");
		err = -EPERM;
	}
	put_net(net);
out_free:
	kfree(request);
	return err;
}

/* ---- of a pair that exists */

static int vnet_changelink(struct net_device *dev, struct nlattr *tb[], struct nlattr *data[],
			   struct netlink_ext_ack *extack)
{
	struct vnet_settings settings = { .extack = extack };
	const struct nlattr *nest = info_data(tb);

	if (!nest)
		return 0;
	return vnet_settings_decode(&settings, nest) ?: vnet_settings_sort(&settings) ?:
	       vnet_settings_check(&settings, dev) ?: vnet_settings_apply(&settings, dev);
}

static struct net *vnet_get_link_net(const struct net_device *dev)
{
	const struct net_device *peer = vnet_peer(dev);

	return peer ? dev_net(peer) : dev_net(dev);
}

/* `info` without the peer. */
static size_t vnet_get_size(const struct net_device *dev)
{
	return 4 * nla_total_size(sizeof(u8)) + 7 * nla_total_size(sizeof(u32)) +
	       nla_total_size(sizeof(u64));
}

static int vnet_fill_info(struct sk_buff *skb, const struct net_device *dev)
{
	struct vnet_device_values values;
	int len;

	vnet_info_values(dev, &values);
	len = vnet_core_encode(VNET_SET_INFO, &values.info, skb_tail_pointer(skb),
			       skb_tailroom(skb));
	if (len < 0)
		return -EMSGSIZE;
	skb_put(skb, len);
	return 0;
}

/* As veth: no queue above the device unless the user attaches one, by `tc`. With
 * one, a full ring holds back the sender instead of dropping.
 */
void vnet_pair_setup(struct net_device *dev)
{
	vnet_setup(dev);
	dev->priv_flags |= IFF_NO_QUEUE;
}

struct rtnl_link_ops vnet_link_ops = {
	.kind = VNET_DRIVER,
	.priv_size = sizeof(struct vnet_priv),
	.alloc = vnet_alloc,
	.validate = vnet_validate,
	VNET_NEWLINK_OPS,
	.changelink = vnet_changelink,
	.dellink = vnet_pair_delete,
	.get_size = vnet_get_size,
	.fill_info = vnet_fill_info,
	.policy = vnet_policy,
	.maxtype = VNET_INFO_MAX,
	.get_link_net = vnet_get_link_net,
};
