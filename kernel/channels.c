// SPDX-License-Identifier: GPL-2.0-only
/* How many queues both ends of a link use: `ethtool -l`, `-L`, and `queues` of netlink. */
#include <linux/delay.h>
#include <linux/ethtool.h>
#include <linux/netdevice.h>

#include "control.h"
#include "vnet.h"

/* How long polls may be kept from rings that nobody fills any more: all of them, for a wire may
 * hold its frames for longer than anybody waits, under RTNL.
 */
#define VNET_DRAIN_MS 1000

/* The stack may hear of a frame from queue N only while it has an rx queue N. */
static void drain_queues(struct net_device *dev, unsigned int first)
{
	struct vnet_priv *priv = netdev_priv(dev);
	struct vnet_queue_stats stats;
	unsigned int i, ms = 0;

	for (i = first; i < dev->real_num_rx_queues && netif_running(dev); i++) {
		for (; ms < VNET_DRAIN_MS; ms++) {
			vnet_core_queue_stats(priv->core, i, &stats);
			if (!stats.in_flight)
				break;
			usleep_range(1000, 1100);
		}
		napi_synchronize(&priv->queues[i].napi);
	}
}

/* A queue of one end faces the same queue of the other: both ends have as many. */
static void shrink_queues(struct net_device *dev, struct net_device *peer, unsigned int count)
{
	vnet_rss_spread(dev, count);
	vnet_rss_spread(peer, count);
	netif_set_real_num_tx_queues(dev, count);
	netif_set_real_num_tx_queues(peer, count);
	drain_queues(dev, count);
	drain_queues(peer, count);
	vnet_map_queues(dev, count);
	vnet_map_queues(peer, count);
	netif_set_real_num_rx_queues(dev, count);
	netif_set_real_num_rx_queues(peer, count);
}

static int grow_queues(struct net_device *dev, struct net_device *peer, unsigned int count)
{
	return vnet_step(netif_set_real_num_rx_queues(dev, count)) ?:
	       vnet_step(netif_set_real_num_rx_queues(peer, count)) ?:
	       vnet_step(netif_set_real_num_tx_queues(dev, count)) ?:
	       vnet_step(netif_set_real_num_tx_queues(peer, count));
}

/* Is there a table, at either end, that names a queue beyond `count`? */
bool vnet_queues_allowed(struct net_device *dev, unsigned int count)
{
	struct net_device *peer = vnet_peer(dev);

	return vnet_rss_allows(dev, count) && (!peer || vnet_rss_allows(peer, count));
}

/* Under RTNL, of what is allowed and exists. Fewer never fail; more lack memory, and then
 * nothing has changed. Idle queues keep their rings and their counters.
 */
int vnet_set_queues(struct net_device *dev, unsigned int count)
{
	struct net_device *peer = vnet_peer(dev) ?: dev;
	unsigned int before = dev->real_num_tx_queues;
	int err;

	if (count <= before) {
		shrink_queues(dev, peer, count);
		return 0;
	}
	err = grow_queues(dev, peer, count);
	if (err) {
		shrink_queues(dev, peer, before);
		return err;
	}
	vnet_map_queues(dev, count);
	vnet_map_queues(peer, count);
	vnet_rss_spread(dev, count);
	vnet_rss_spread(peer, count);
	return 0;
}

void vnet_get_channels(struct net_device *dev, struct ethtool_channels *channels)
{
	channels->max_combined = dev->num_tx_queues;
	channels->combined_count = dev->real_num_tx_queues;
}

int vnet_set_channels(struct net_device *dev, struct ethtool_channels *channels)
{
	int err;

	if (!channels->combined_count)
		return -EINVAL;
	if (!vnet_may_change_peer(dev, NULL))
		return -EPERM;
	/* ethtool itself has looked at this end's table. */
	if (!vnet_queues_allowed(dev, channels->combined_count)) {
		netdev_err(dev, "combined: %u queues are too few for the RSS table of the peer, %s\n",
			   channels->combined_count, netdev_name(vnet_peer(dev) ?: dev));
		return -EINVAL;
	}
	err = vnet_set_queues(dev, channels->combined_count);
	if (!err)
		vnet_link_changed(dev);
	return err;
}
