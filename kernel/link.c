// SPDX-License-Identifier: GPL-2.0-only
/* The link between two of our net_devices, and who asks what is at its other end. */
#include <linux/netdevice.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/user_namespace.h>
#include <net/net_namespace.h>

#include "control.h"
#include "vnet.h"

/* `bind` makes one end anew: what the other asks of its sender holds for it, too. */
int vnet_attach(struct net_device *a, struct net_device *b, const char **why)
{
	struct vnet_priv *a_priv = netdev_priv(a), *b_priv = netdev_priv(b);
	int err;

	ASSERT_RTNL();
	err = vnet_core_link_attach(a_priv->core, b_priv->core, why);
	if (err)
		return err;
	vnet_rss_attached(a, b);
	vnet_xdp_attached(a);
	vnet_xdp_attached(b);
	return 0;
}

void vnet_detach(struct net_device *dev)
{
	struct vnet_priv *priv = netdev_priv(dev);
	struct net_device *peer = vnet_peer(dev);

	if (!peer)
		return;
	vnet_rss_detach(dev, peer);
	vnet_core_link_detach(priv->core);
}

struct net_device *vnet_peer(const struct net_device *dev)
{
	struct vnet_priv *priv = netdev_priv(dev);

	return priv->core ? vnet_core_link_peer(priv->core) : NULL;
}

/* Of a netlink request, whoever opened the socket is asked, too: he may have handed it to a program
 * with more rights, which just writes. NULL: there is no request, or rtnetlink does not show it.
 */
bool vnet_may_change_net(const struct net *net, const struct sk_buff *request)
{
	return request ? netlink_ns_capable(request, net->user_ns, CAP_NET_ADMIN) :
			 ns_capable(net->user_ns, CAP_NET_ADMIN);
}

/* What a change at `dev` changes at its other end is for those who may change that, too. */
bool vnet_may_change_peer(const struct net_device *dev, const struct sk_buff *request)
{
	const struct net_device *peer = vnet_peer(dev);

	return !peer || vnet_may_change_net(dev_net(peer), request);
}

int vnet_check_link_change(const struct net_device *dev, const struct sk_buff *request,
			   struct netlink_ext_ack *extack)
{
	if (vnet_may_change_peer(dev, request))
		return 0;
	NL_SET_ERR_MSG(extack, "link: needs CAP_NET_ADMIN in the peer's network namespace");
	return -EPERM;
}

/* sysfs asks without RTNL; a peer that is removed meanwhile stays until RCU's grace is over. */
int vnet_ndo_get_iflink(const struct net_device *dev)
{
	const struct net_device *peer;
	int iflink;

	rcu_read_lock();
	peer = vnet_peer(dev);
	iflink = peer ? READ_ONCE(peer->ifindex) : 0;
	rcu_read_unlock();
	return iflink;
}

/* bpf_redirect_peer(), under RCU: the frame is received at the peer without having been sent. */
struct net_device *vnet_ndo_get_peer_dev(struct net_device *dev)
{
	return vnet_peer(dev);
}
