// SPDX-License-Identifier: GPL-2.0-only
/* What a port lets in: MAC addresses and VLANs, as the stack asks for them. */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>

#include "vnet.h"

/* ---- MAC addresses */

/* What ndo_set_rx_mode gives to the core. One for all devices: with it in each, a
 * net_device would fill two pages.
 */
static struct {
	spinlock_t lock;	/* the address lists' locks are each device's own */
	u8 unicast[VNET_FILTER_MAX][ETH_ALEN];
	u8 multicast[VNET_FILTER_MAX][ETH_ALEN];
} vnet_addresses = {
	.lock = __SPIN_LOCK_UNLOCKED(vnet_addresses.lock),
};

/* Under the address lock, with BH disabled. */
void vnet_set_rx_mode(struct net_device *dev)
{
	struct vnet_priv *priv = netdev_priv(dev);
	struct vnet_filter filter = {
		.unicast = vnet_addresses.unicast,
		.multicast = vnet_addresses.multicast,
		.promiscuous = !!(dev->flags & IFF_PROMISC),
		.all_multicast = !!(dev->flags & IFF_ALLMULTI),
	};
	struct netdev_hw_addr *address;

	spin_lock(&vnet_addresses.lock);
	/* Beyond its capacity the core looks at the counts only. */
	netdev_for_each_uc_addr(address, dev)
		if (filter.unicast_count++ < VNET_FILTER_MAX)
			ether_addr_copy(vnet_addresses.unicast[filter.unicast_count - 1],
					address->addr);
	netdev_for_each_mc_addr(address, dev)
		if (filter.multicast_count++ < VNET_FILTER_MAX)
			ether_addr_copy(vnet_addresses.multicast[filter.multicast_count - 1],
					address->addr);
	netdev_dbg(dev, "filter: %u unicast, %u multicast%s%s\n", filter.unicast_count,
		   filter.multicast_count, filter.promiscuous ? ", promiscuous" : "",
		   filter.all_multicast ? ", all multicast" : "");
	vnet_core_filter_set(priv->core, &filter);
	spin_unlock(&vnet_addresses.lock);
}

/* ---- VLANs */

static enum vnet_vlan vlan_protocol(__be16 protocol)
{
	return protocol == htons(ETH_P_8021AD) ? VNET_VLAN_STAG : VNET_VLAN_CTAG;
}

static int set_vid(struct net_device *dev, __be16 protocol, u16 vid, bool member)
{
	struct vnet_priv *priv = netdev_priv(dev);

	netdev_dbg(dev, "filter: VLAN %u of protocol %04x %s\n", vid, ntohs(protocol),
		   member ? "added" : "removed");
	return vnet_core_vlan_set(priv->core, vlan_protocol(protocol), vid, member);
}

int vnet_add_vid(struct net_device *dev, __be16 protocol, u16 vid)
{
	return set_vid(dev, protocol, vid, true);
}

int vnet_kill_vid(struct net_device *dev, __be16 protocol, u16 vid)
{
	return set_vid(dev, protocol, vid, false);
}

static const struct {
	netdev_features_t feature;
	__be16 protocol;
} vlan_filters[VNET_VLAN_COUNT] = {
	[VNET_VLAN_CTAG] = { NETIF_F_HW_VLAN_CTAG_FILTER, htons(ETH_P_8021Q) },
	[VNET_VLAN_STAG] = { NETIF_F_HW_VLAN_STAG_FILTER, htons(ETH_P_8021AD) },
};

struct vlan_seed {
	struct net_device *dev;
	__be16 protocol;
};

/* A VID that has no device (a bridge's) does not say its protocol: let in, for both. */
static int seed_vid(struct net_device *vlan, int vid, void *arg)
{
	struct vlan_seed *seed = arg;

	if (vlan && vlan_dev_vlan_proto(vlan) != seed->protocol)
		return 0;
	return vnet_add_vid(seed->dev, seed->protocol, vid);
}

/* The stack tells the VIDs after it has turned a filter on (__netdev_update_features()):
 * they are asked for before, so that no frame of theirs is refused meanwhile.
 */
int vnet_set_features(struct net_device *dev, netdev_features_t features)
{
	netdev_features_t changed = dev->features ^ features;
	struct vnet_priv *priv = netdev_priv(dev);
	struct vlan_seed seed = { .dev = dev };
	int i, err = 0;

	for (i = 0; i < VNET_VLAN_COUNT && !err; i++) {
		seed.protocol = vlan_filters[i].protocol;
		if (changed & features & vlan_filters[i].feature)
			err = vlan_for_each(dev, seed_vid, &seed);
	}
	for (i = 0; i < VNET_VLAN_COUNT; i++) {
		bool on = features & vlan_filters[i].feature;

		if (!(changed & vlan_filters[i].feature) || (!on && err))
			continue;
		/* Not beside ndo_set_rx_mode, which this lock is held for. */
		netif_addr_lock_bh(dev);
		vnet_core_vlan_filter_set(priv->core, i, on && !err);
		netif_addr_unlock_bh(dev);
	}
	return err;
}
