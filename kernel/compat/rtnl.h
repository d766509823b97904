/* SPDX-License-Identifier: GPL-2.0-only */
/* newlink() and its peer's namespace, in the form of 6.15; for rtnl.c alone. */
#ifndef VNET_COMPAT_RTNL_H
#define VNET_COMPAT_RTNL_H

#include <linux/netdevice.h>
#include <net/net_namespace.h>
#include <net/rtnetlink.h>

#ifdef VNET_HAVE_NEWLINK_PARAMS

/* rtnetlink has looked the peer's namespace up, by the attribute in .peer_type. */
static inline struct net *vnet_get_peer_net(struct rtnl_newlink_params *params,
					    struct nlattr *tb[])
{
	return get_net(rtnl_newlink_peer_net(params));
}

#define VNET_NEWLINK_OPS .newlink = vnet_newlink, .peer_type = VNET_INFO_PEER

#else

struct rtnl_newlink_params {
	struct net *src_net;
	struct nlattr **tb;
	struct nlattr **data;
};

static inline struct net *vnet_get_peer_net(struct rtnl_newlink_params *params,
					    struct nlattr *tb[])
{
	return rtnl_link_get_net(params->src_net, tb);
}

static int vnet_newlink(struct net_device *dev, struct rtnl_newlink_params *params,
			struct netlink_ext_ack *extack);

static int vnet_newlink_of_old(struct net *src_net, struct net_device *dev, struct nlattr *tb[],
			       struct nlattr *data[], struct netlink_ext_ack *extack)
{
	struct rtnl_newlink_params params = {
		.src_net = src_net,
		.tb = tb,
		.data = data,
	};

	return vnet_newlink(dev, &params, extack);
}

#define VNET_NEWLINK_OPS .newlink = vnet_newlink_of_old

#endif

#endif
