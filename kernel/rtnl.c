// SPDX-License-Identifier: GPL-2.0-only
/*
 * `ip link add type vnet`: pairs through rtnetlink, with the attribute layout of
 * veth (VNET_INFO_PEER: an ifinfomsg and link attributes), so that whatever
 * makes a veth pair can make one of ours. What stands beside the peer is link.c's.
 */
#include <linux/etherdevice.h>
#include <linux/rtnetlink.h>
#include <linux/user_namespace.h>
#include <net/net_namespace.h>
#include <net/rtnetlink.h>

#include "compat/rtnl.h"
#include "vnet.h"

/* rtnetlink's own checks would refuse without naming the attribute: vnet_validate() does. */
static const struct nla_policy vnet_policy[VNET_INFO_MAX + 1];

/* Registration would refuse most of these without a word, and make "%d" a device named 0. */
static bool vnet_valid_name(const struct nlattr *attr)
{
	char name[IFNAMSIZ];
	const char *number;

	if (nla_strscpy(name, attr, IFNAMSIZ) < 0 || !dev_valid_name(name))
		return false;
	number = strchr(name, '%');
	return !number || (number[1] == 'd' && !strchr(number + 1, '%') && strlen(name) > 2);
}

/* What rtnetlink itself checks too late, after the device was made. */
static int vnet_validate(struct nlattr *tb[], struct nlattr *data[],
			 struct netlink_ext_ack *extack)
{
	if (tb[IFLA_IFNAME] && !vnet_valid_name(tb[IFLA_IFNAME])) {
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
	return data ? vnet_link_validate(tb, data, extack) : 0;
}

/* The peer's name, namespace and so on; without a peer attribute it takes after
 * the first device.
 */
struct vnet_peer_request {
	struct nlattr *attrs[IFLA_MAX + 1];
	struct nlattr **tb;
	const struct ifinfomsg *header;
	char name[IFNAMSIZ];
	unsigned char name_type;
};

static int vnet_parse_peer(struct vnet_peer_request *peer, struct nlattr *tb[],
			   struct nlattr *data[], struct netlink_ext_ack *extack)
{
	struct nlattr *info = data ? data[VNET_INFO_PEER] : NULL;
	int err;

	peer->tb = tb;
	if (info) {
		peer->header = nla_data(info);
		err = rtnl_nla_parse_ifinfomsg(peer->attrs, info, extack);
		if (err < 0)
			return err;
		err = vnet_validate(peer->attrs, NULL, extack);
		if (err < 0)
			return err;
		if (peer->attrs[IFLA_LINKINFO]) {
			NL_SET_ERR_MSG_ATTR(extack, peer->attrs[IFLA_LINKINFO],
					    "peer: kind and link attributes stand beside it, not in it");
			return -EINVAL;
		}
		peer->tb = peer->attrs;
		/* A queue of one end is a queue of the other. */
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

static int vnet_check_queues(const struct net_device *dev, struct netlink_ext_ack *extack)
{
	if (dev->num_tx_queues > VNET_QUEUES_MAX) {
		NL_SET_ERR_MSG(extack, "numtxqueues: must be 1 to 64");
		return -EINVAL;
	}
	if (dev->num_tx_queues == dev->num_rx_queues)
		return 0;
	NL_SET_ERR_MSG(extack, "numtxqueues and numrxqueues must be equal: a queue has both rings");
	return -EINVAL;
}

/* Makes and registers the peer, in `net`. */
static struct net_device *vnet_create_peer(struct net *net, struct vnet_peer_request *request,
					   struct netlink_ext_ack *extack)
{
	struct net_device *peer;
	int err;

	peer = vnet_object(rtnl_create_link(net, request->name, request->name_type,
					    &vnet_link_ops, request->tb, extack));
	if (IS_ERR(peer))
		return peer;
	err = vnet_check_queues(peer, extack);
	if (err)
		goto err_free;
	/* Without a peer attribute the address in tb is the first device's. */
	if (!request->header || !request->tb[IFLA_ADDRESS])
		eth_hw_addr_random(peer);
	if (request->header && request->header->ifi_index)
		peer->ifindex = request->header->ifi_index;
	err = vnet_step(register_netdevice(peer));
	if (err < 0) {
		if (err == -EEXIST)
			NL_SET_ERR_MSG(extack, "peer name: a device with this name exists");
		else
			NL_SET_ERR_MSG(extack, "peer: cannot be registered");
		goto err_free;
	}
	err = vnet_step(rtnl_configure_link(peer, request->header, 0, NULL));
	if (err < 0) {
		unregister_netdevice(peer);
		return ERR_PTR(err);
	}
	return peer;

err_free:
	free_netdev(peer);
	return ERR_PTR(err);
}

static int vnet_register_first(struct net_device *dev, struct nlattr *tb[],
			       struct netlink_ext_ack *extack)
{
	int err;

	err = vnet_check_queues(dev, extack);
	if (err)
		return err;
	if (!tb[IFLA_ADDRESS])
		eth_hw_addr_random(dev);
	if (tb[IFLA_IFNAME])
		nla_strscpy(dev->name, tb[IFLA_IFNAME], IFNAMSIZ);
	else
		strscpy(dev->name, VNET_DRIVER "%d", IFNAMSIZ);
	err = vnet_step(register_netdevice(dev));
	if (err == -EEXIST)
		NL_SET_ERR_MSG(extack, "name: a device with this name exists");
	else if (err < 0)
		NL_SET_ERR_MSG(extack, "cannot be registered");
	return err;
}

/* Both ends, in the peer's namespace `net`; nothing is left of either on an error. */
static int vnet_create_pair(struct net *net, struct net_device *dev, struct nlattr *tb[],
			    struct vnet_peer_request *request, struct netlink_ext_ack *extack)
{
	struct net_device *peer;
	const char *why;
	int err;

	/* One pattern for both is well: registration numbers them. */
	if (tb[IFLA_IFNAME] && net_eq(net, dev_net(dev)) && !strchr(request->name, '%') &&
	    !nla_strcmp(tb[IFLA_IFNAME], request->name)) {
		NL_SET_ERR_MSG_ATTR(extack, tb[IFLA_IFNAME],
				    "peer name: must differ from the device's own name");
		return -EEXIST;
	}
	peer = vnet_create_peer(net, request, extack);
	if (IS_ERR(peer))
		return PTR_ERR(peer);
	err = vnet_register_first(dev, tb, extack);
	if (err < 0)
		goto err_peer;
	err = vnet_attach(dev, peer, &why);
	if (err) {
		NL_SET_ERR_MSG(extack, "both ends must have the same number of queues");
		goto err_dev;
	}
	return 0;

err_dev:
	unregister_netdevice(dev);
err_peer:
	unregister_netdevice(peer);
	return err;
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
	err = vnet_parse_peer(request, params->tb, params->data, extack);
	if (err)
		goto out_free;
	net = vnet_get_peer_net(params, request->tb);
	if (IS_ERR(net)) {
		err = PTR_ERR(net);
		NL_SET_ERR_MSG(extack, "peer: no such network namespace");
		goto out_free;
	}
	/* rtnetlink has checked the caller's namespace, not the peer's. */
	if (ns_capable(net->user_ns, CAP_NET_ADMIN)) {
		err = vnet_create_pair(net, dev, params->tb, request, extack);
		if (!err && params->data)
			vnet_link_change(dev, params->data);
	} else {
		NL_SET_ERR_MSG(extack, "peer: needs CAP_NET_ADMIN in its network namespace");
		err = -EPERM;
	}
	put_net(net);
out_free:
	kfree(request);
	return err;
}

static int vnet_changelink(struct net_device *dev, struct nlattr *tb[], struct nlattr *data[],
			   struct netlink_ext_ack *extack)
{
	if (!data)
		return 0;
	if (data[VNET_INFO_PEER]) {
		NL_SET_ERR_MSG_ATTR(extack, data[VNET_INFO_PEER],
				    "peer: is fixed when the pair is made");
		return -EINVAL;
	}
	if (!vnet_link_asked(data))
		return 0;
	/* As in newlink: what is asked for holds at the other end, too. */
	if (!vnet_may_change_peer(dev)) {
		NL_SET_ERR_MSG(extack, "link: needs CAP_NET_ADMIN in the peer's network namespace");
		return -EPERM;
	}
	vnet_link_change(dev, data);
	return 0;
}

/* Either end takes the other with it. May be called for both in one batch. */
static void vnet_dellink(struct net_device *dev, struct list_head *head)
{
	struct net_device *peer = vnet_peer(dev);

	vnet_detach(dev);
	unregister_netdevice_queue(dev, head);
	if (peer)
		unregister_netdevice_queue_net(dev_net(dev), peer, head);
}

static struct net *vnet_get_link_net(const struct net_device *dev)
{
	const struct net_device *peer = vnet_peer(dev);

	return peer ? dev_net(peer) : dev_net(dev);
}

/* As veth: no queue above the device unless the user attaches one, by `tc`. With
 * one, a full ring holds back the sender instead of dropping.
 */
static void vnet_link_setup(struct net_device *dev)
{
	vnet_setup(dev);
	dev->priv_flags |= IFF_NO_QUEUE;
}

struct rtnl_link_ops vnet_link_ops = {
	.kind = VNET_DRIVER,
	.priv_size = sizeof(struct vnet_priv),
	.setup = vnet_link_setup,
	.validate = vnet_validate,
	VNET_NEWLINK_OPS,
	.changelink = vnet_changelink,
	.dellink = vnet_dellink,
	.get_size = vnet_link_get_size,
	.fill_info = vnet_link_fill_info,
	.policy = vnet_policy,
	.maxtype = VNET_INFO_MAX,
	.get_link_net = vnet_get_link_net,
};
