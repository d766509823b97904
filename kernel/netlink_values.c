// SPDX-License-Identifier: GPL-2.0-only
/* What a device looks like: the core's part, and what only the kernel knows of it. */
#include <linux/netdevice.h>
#include <net/net_namespace.h>

#include "control.h"
#include "vnet.h"

/* `info` and what the core knows beside it. */
void vnet_info_values(const struct net_device *dev, struct vnet_device_values *values)
{
	const struct vnet_priv *priv = netdev_priv(dev);
	struct vnet_info_values *info = &values->info;

	vnet_core_device_values(priv->core, values);
	info->csum = priv->csum;
	info->big_tcp = priv->big_tcp;
	info->queues = dev->real_num_tx_queues;
	info->has |= BIT_ULL(VNET_INFO_CSUM) | BIT_ULL(VNET_INFO_BIG_TCP) |
		     BIT_ULL(VNET_INFO_QUEUES);
}

static void add_peer(struct net_device *dev, struct vnet_device_values *values)
{
	struct net_device *peer = vnet_peer(dev);
	struct net *net = dev_net(dev);

	if (!peer)
		return;
	values->peer_ifindex = peer->ifindex;
	values->has |= BIT_ULL(VNET_A_DEVICE_PEER_IFINDEX);
	if (net_eq(net, dev_net(peer))) {
		strscpy(values->peer_ifname, peer->name, sizeof(values->peer_ifname));
		values->has |= BIT_ULL(VNET_A_DEVICE_PEER_IFNAME);
		return;
	}
	/* As rtnetlink (IFLA_LINK_NETNSID): who asks gives the namespace its id. */
	values->peer_netnsid = peernet2id_alloc(net, dev_net(peer), GFP_KERNEL);
	if (values->peer_netnsid >= 0)
		values->has |= BIT_ULL(VNET_A_DEVICE_PEER_NETNSID);
}

void vnet_device_values(struct net_device *dev, struct vnet_device_values *values)
{
	vnet_info_values(dev, values);
	values->ifindex = dev->ifindex;
	strscpy(values->ifname, dev->name, sizeof(values->ifname));
	values->has |= BIT_ULL(VNET_A_DEVICE_IFINDEX) | BIT_ULL(VNET_A_DEVICE_IFNAME);
	add_peer(dev, values);
}
