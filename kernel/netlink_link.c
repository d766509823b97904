// SPDX-License-Identifier: GPL-2.0-only
/* link-new, link-del: as `ip link add type vnet` and `ip link del`, by the same functions. */
#include <linux/etherdevice.h>
#include <linux/module.h>
#include <linux/rtnetlink.h>
#include <net/net_namespace.h>

#include "control.h"
#include "netlink.h"
#include "vnet.h"

/* ---- link-new */

/* What can be said of an end that is to be made. */
#define NEW_ATTRIBUTES (BIT_ULL(VNET_A_DEVICE_IFNAME) | BIT_ULL(VNET_A_DEVICE_MAC) | \
			BIT_ULL(VNET_A_DEVICE_MTU) | BIT_ULL(VNET_A_DEVICE_INFO))

struct new_link {
	struct vnet_settings settings;
	const struct nlattr *device, *peer;	/* the nests; may be NULL */
	struct net *peer_net;
};

static int refuse(struct genl_info *info, const struct nlattr *nest, int type, const char *text)
{
	if (nest)
		NL_SET_BAD_ATTR(info->extack, nla_find(nla_data(nest), nla_len(nest), type));
	info->extack->_msg = text;
	return -EINVAL;
}

static int check_end(struct genl_info *info, const struct nlattr *nest,
		     const struct vnet_device_values *values)
{
	int err = vnet_nl_only(nest, NEW_ATTRIBUTES, info->extack);

	if (err)
		return err;
	if (vnet_has(values, VNET_A_DEVICE_IFNAME) && !vnet_valid_name(values->ifname))
		return refuse(info, nest, VNET_A_DEVICE_IFNAME,
			      "ifname: no '/', ':' or space, no more than one %d and not that alone");
	if (vnet_has(values, VNET_A_DEVICE_MAC) && !is_valid_ether_addr(values->mac))
		return refuse(info, nest, VNET_A_DEVICE_MAC,
			      "mac: must be unicast and not zero");
	return 0;
}

static int parse_new(struct genl_info *info, const struct vnet_link_values *values,
		     struct new_link *link)
{
	struct vnet_settings *settings = &link->settings;
	int err;

	link->device = vnet_nl_attribute(info->nlhdr, VNET_A_LINK_DEVICE);
	link->peer = vnet_nl_attribute(info->nlhdr, VNET_A_LINK_PEER);
	err = check_end(info, link->device, &values->device) ?:
	      check_end(info, link->peer, &values->peer);
	if (err)
		return err;
	settings->extack = info->extack;
	settings->own = values->device.info;
	settings->peers = values->peer.info;
	settings->own_nest = vnet_nl_info_in(link->device);
	settings->peers_nest = vnet_nl_info_in(link->peer);
	return vnet_settings_sort(settings);
}

/* The peer's network namespace, held. */
static struct net *peer_net(const struct sk_buff *skb, struct genl_info *info,
			    const struct vnet_link_values *values)
{
	const struct nlattr *fd = vnet_nl_attribute(info->nlhdr, VNET_A_LINK_PEER_NETNS_FD);
	struct net *net;

	if (!fd)
		return get_net(genl_info_net(info));
	net = get_net_ns_by_fd(values->peer_netns_fd);
	if (IS_ERR(net)) {
		NL_SET_ERR_MSG_ATTR(info->extack, fd,
				    "peer-netns-fd: must be an open file of a network namespace");
		return net;
	}
	if (vnet_may_change_net(net, skb))
		return net;
	put_net(net);
	NL_SET_ERR_MSG_ATTR(info->extack, fd,
			    "peer-netns-fd: needs CAP_NET_ADMIN in that network namespace");
	return ERR_PTR(-EPERM);
}

/* As rtnl_create_link() leaves it. */
static struct net_device *alloc_end(struct net *net, const struct vnet_device_values *values,
				    const struct vnet_settings *settings)
{
	bool named = vnet_has(values, VNET_A_DEVICE_IFNAME);
	unsigned int queues = vnet_has(&settings->own, VNET_INFO_QUEUES) ? settings->own.queues : 1;
	struct net_device *dev;

	dev = vnet_memory(alloc_netdev_mqs(sizeof(struct vnet_priv),
					   named ? values->ifname : VNET_DRIVER "%d",
					   named ? NET_NAME_USER : NET_NAME_ENUM,
					   vnet_pair_setup, queues, queues));
	if (!dev)
		return NULL;
	dev_net_set(dev, net);
	dev->rtnl_link_ops = &vnet_link_ops;
	if (vnet_has(values, VNET_A_DEVICE_MTU))
		dev->mtu = values->mtu;
	if (vnet_has(values, VNET_A_DEVICE_MAC)) {
		eth_hw_addr_set(dev, values->mac);
		dev->addr_assign_type = NET_ADDR_SET;
	}
	return dev;
}

static int make_link(struct genl_info *info, const struct vnet_link_values *values,
		     const struct new_link *link)
{
	struct net_device *dev, *peer;
	int err;

	dev = alloc_end(genl_info_net(info), &values->device, &link->settings);
	if (!dev)
		return -ENOMEM;
	peer = alloc_end(link->peer_net, &values->peer, &link->settings);
	if (!peer) {
		free_netdev(dev);
		return -ENOMEM;
	}
	err = vnet_pair_create(dev, peer, NULL, &link->settings);
	if (err) {
		free_netdev(dev);
		return err;
	}
	/* rtnetlink announces a device when it is configured; for its own it does so itself. */
	err = vnet_step(rtnl_configure_link(dev, NULL, 0, NULL));
	if (err < 0)
		vnet_pair_delete_now(dev);
	return err;
}

static int new_link(const struct sk_buff *skb, struct genl_info *info,
		    const struct vnet_link_values *values)
{
	struct new_link link = {};
	int err;

	err = parse_new(info, values, &link);
	if (err)
		return err;
	link.peer_net = peer_net(skb, info, values);
	if (IS_ERR(link.peer_net))
		return PTR_ERR(link.peer_net);
	rtnl_lock();
	/* Under RTNL: while the module goes, rtnl_link_unregister() takes all pairs, once; while it
	 * comes, that kind of device may not be there yet.
	 */
	if (THIS_MODULE->state == MODULE_STATE_LIVE) {
		err = make_link(info, values, &link);
	} else {
		NL_SET_ERR_MSG(info->extack, "the module is being loaded or unloaded");
		err = -EAGAIN;
	}
	rtnl_unlock();
	put_net(link.peer_net);
	return err;
}

int vnet_nl_link_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct vnet_link_values *values = vnet_nl_request(info, sizeof(*values));
	int err;

	if (IS_ERR(values))
		return PTR_ERR(values);
	err = new_link(skb, info, values);
	kfree(values);
	return err;
}

/* ---- link-del */

static int delete_link(const struct sk_buff *skb, struct genl_info *info,
		       const struct vnet_link_values *values)
{
	struct net_device *dev = vnet_nl_link_device(info, &values->device, 0);
	int err;

	if (IS_ERR(dev))
		return PTR_ERR(dev);
	if (dev->rtnl_link_ops != &vnet_link_ops) {
		NL_SET_ERR_MSG(info->extack,
			       "device: was made when the module was loaded, and goes with it");
		return -EOPNOTSUPP;
	}
	err = vnet_check_link_change(dev, skb, info->extack);
	if (err)
		return err;
	vnet_pair_delete_now(dev);
	return 0;
}

int vnet_nl_link_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct vnet_link_values *values = vnet_nl_request(info, sizeof(*values));
	int err;

	if (IS_ERR(values))
		return PTR_ERR(values);
	rtnl_lock();
	err = delete_link(skb, info, values);
	rtnl_unlock();
	kfree(values);
	return err;
}
