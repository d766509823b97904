// SPDX-License-Identifier: GPL-2.0-only
/* A pair of devices made and deleted, for rtnetlink and generic netlink alike. */
#include <linux/etherdevice.h>
#include <linux/rtnetlink.h>
#include <net/net_namespace.h>

#include "control.h"
#include "vnet.h"

/* Registration would refuse most of these without a word, and make "%d" a device named 0. */
bool vnet_valid_name(const char *name)
{
	const char *number;

	if (!dev_valid_name(name))
		return false;
	number = strchr(name, '%');
	return !number || (number[1] == 'd' && !strchr(number + 1, '%') && strlen(name) > 2);
}

static int check_queues(const struct net_device *dev, struct netlink_ext_ack *extack)
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

static int check_pair(const struct net_device *dev, const struct net_device *peer,
		      struct netlink_ext_ack *extack)
{
	int err;

	/* One pattern for both is well: registration numbers them. */
	if (net_eq(dev_net(peer), dev_net(dev)) && !strchr(peer->name, '%') &&
	    !strcmp(dev->name, peer->name)) {
		NL_SET_ERR_MSG(extack, "peer name: must differ from the device's own name");
		return -EEXIST;
	}
	err = check_queues(peer, extack) ?: check_queues(dev, extack);
	if (err || dev->num_tx_queues == peer->num_tx_queues)
		return err;
	NL_SET_ERR_MSG(extack, "both ends must have the same number of queues");
	return -EINVAL;
}

/* Takes `peer` over, also when it fails. */
static int register_peer(struct net_device *peer, const struct ifinfomsg *header,
			 struct netlink_ext_ack *extack)
{
	int err;

	err = vnet_step(register_netdevice(peer));
	if (err < 0) {
		if (err == -EEXIST)
			NL_SET_ERR_MSG(extack, "peer name: a device with this name exists");
		else
			NL_SET_ERR_MSG(extack, "peer: cannot be registered");
		free_netdev(peer);
		return err;
	}
	err = vnet_step(rtnl_configure_link(peer, header, 0, NULL));
	if (err < 0)
		unregister_netdevice(peer);
	return err;
}

static int register_first(struct net_device *dev, struct netlink_ext_ack *extack)
{
	int err = vnet_step(register_netdevice(dev));

	if (err == -EEXIST)
		NL_SET_ERR_MSG(extack, "name: a device with this name exists");
	else if (err < 0)
		NL_SET_ERR_MSG(extack, "cannot be registered");
	return err;
}

/*
 * Registers and links two devices that are as rtnl_create_link() leaves them, under RTNL;
 * those without an address get one. On an error `peer` is gone, and `dev` is as rtnetlink
 * wants it: not registered, or not any more, and the caller's to free before it lets go of RTNL.
 * `peer_header` has the flags that the peer is to have at once, or is NULL.
 */
int vnet_pair_create(struct net_device *dev, struct net_device *peer,
		     const struct ifinfomsg *peer_header, const struct vnet_settings *settings)
{
	struct netlink_ext_ack *extack = settings->extack;
	const char *why;
	int err;

	err = check_pair(dev, peer, extack);
	if (err) {
		free_netdev(peer);
		return err;
	}
	if (is_zero_ether_addr(dev->dev_addr))
		eth_hw_addr_random(dev);
	if (is_zero_ether_addr(peer->dev_addr))
		eth_hw_addr_random(peer);
	vnet_settings_prepare(settings, dev, peer);
	err = register_peer(peer, peer_header, extack);
	if (err < 0)
		return err;
	err = register_first(dev, extack);
	if (err < 0)
		goto err_peer;
	err = vnet_attach(dev, peer, &why);
	if (err)
		goto err_dev;
	return 0;

err_dev:
	unregister_netdevice(dev);
err_peer:
	unregister_netdevice(peer);
	return err;
}

/* Either end takes the other with it. May be called for both in one batch. */
void vnet_pair_delete(struct net_device *dev, struct list_head *head)
{
	struct net_device *peer = vnet_peer(dev);

	vnet_detach(dev);
	unregister_netdevice_queue(dev, head);
	if (peer)
		unregister_netdevice_queue_net(dev_net(dev), peer, head);
}

void vnet_pair_delete_now(struct net_device *dev)
{
	LIST_HEAD(list);

	vnet_pair_delete(dev, &list);
	unregister_netdevice_many(&list);
}
