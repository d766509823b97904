// SPDX-License-Identifier: GPL-2.0-only
/* `ethtool -c`, `ethtool -C`: interrupt moderation. The transmit interrupt is not moderated. */
#include <linux/ethtool.h>
#include <linux/netdevice.h>

#include "control.h"
#include "vnet.h"

int vnet_get_queue_coalesce(struct net_device *dev, u32 index, struct ethtool_coalesce *coalesce)
{
	struct vnet_priv *priv = netdev_priv(dev);
	struct vnet_params params;

	if (index >= dev->num_tx_queues)
		return -EINVAL;
	vnet_core_params_get(priv->core, &params);
	coalesce->use_adaptive_rx_coalesce = params.adaptive_rx;
	vnet_core_queue_moderation(priv->core, index, &coalesce->rx_coalesce_usecs,
				   &coalesce->rx_max_coalesced_frames);
	return 0;
}

/* One setting for all queues; what an adaptive device shows is its first queue's choice. */
int vnet_get_coalesce(struct net_device *dev, struct ethtool_coalesce *coalesce,
		      struct kernel_ethtool_coalesce *kernel_coalesce,
		      struct netlink_ext_ack *extack)
{
	return vnet_get_queue_coalesce(dev, 0, coalesce);
}

int vnet_set_coalesce(struct net_device *dev, struct ethtool_coalesce *coalesce,
		      struct kernel_ethtool_coalesce *kernel_coalesce,
		      struct netlink_ext_ack *extack)
{
	struct vnet_priv *priv = netdev_priv(dev);
	struct vnet_params params;
	const char *why;
	int err;

	vnet_core_params_get(priv->core, &params);
	params.rx_usecs = coalesce->rx_coalesce_usecs;
	params.rx_frames = coalesce->rx_max_coalesced_frames;
	params.adaptive_rx = !!coalesce->use_adaptive_rx_coalesce;
	err = vnet_core_params_set(priv->core, &params, &why);
	if (err)
		NL_SET_ERR_MSG(extack,
			       "rx-usecs: must be 0 to 100000; rx-frames: must be 0 to 32768");
	else
		vnet_device_changed(dev);
	return err;
}
