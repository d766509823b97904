// SPDX-License-Identifier: GPL-2.0-only
/* `ethtool -i -d -g -l -S`, `--show-priv-flags`, and the link's settings. */
#include <linux/ethtool.h>
#include <linux/netdevice.h>

#include "vnet.h"

static void vnet_get_drvinfo(struct net_device *dev, struct ethtool_drvinfo *info)
{
	strscpy(info->driver, VNET_DRIVER, sizeof(info->driver));
	strscpy(info->version, VNET_VERSION, sizeof(info->version));
	/* Newer kernels than 6.1 do this by themselves. */
	if (dev->dev.parent)
		strscpy(info->bus_info, dev_name(dev->dev.parent), sizeof(info->bus_info));
}

/* As veth: a link without a medium says 10 Gbit/s. */
static int vnet_get_link_ksettings(struct net_device *dev, struct ethtool_link_ksettings *cmd)
{
	cmd->base.speed = SPEED_10000;
	cmd->base.duplex = DUPLEX_FULL;
	cmd->base.port = PORT_OTHER;
	cmd->base.autoneg = AUTONEG_DISABLE;
	return 0;
}

/* ---- registers */

static int vnet_get_regs_len(struct net_device *dev)
{
	struct vnet_priv *priv = netdev_priv(dev);

	return vnet_core_registers(priv->core, NULL, 0) * sizeof(u32);
}

static void vnet_get_regs(struct net_device *dev, struct ethtool_regs *regs, void *data)
{
	struct vnet_priv *priv = netdev_priv(dev);

	regs->version = VNET_ABI;
	vnet_core_registers(priv->core, data, regs->len / sizeof(u32));
}

/* ---- rings and channels */

static void vnet_get_ringparam(struct net_device *dev, struct ethtool_ringparam *ring,
			       struct kernel_ethtool_ringparam *kernel_ring,
			       struct netlink_ext_ack *extack)
{
	struct vnet_priv *priv = netdev_priv(dev);
	struct vnet_params params;

	vnet_core_params_get(priv->core, &params);
	ring->rx_max_pending = VNET_RING_MAX;
	ring->tx_max_pending = VNET_RING_MAX;
	ring->rx_pending = params.ring_size;
	ring->tx_pending = params.ring_size;
}

static void vnet_get_channels(struct net_device *dev, struct ethtool_channels *channels)
{
	channels->max_combined = dev->num_tx_queues;
	channels->combined_count = dev->real_num_tx_queues;
}

/* ---- private flags */

static const char vnet_priv_flags[][ETH_GSTRING_LEN] = {
	"pad",
};

static u32 vnet_get_priv_flags(struct net_device *dev)
{
	struct vnet_priv *priv = netdev_priv(dev);
	struct vnet_params params;

	vnet_core_params_get(priv->core, &params);
	return params.pad;
}

static void change_pad(struct vnet_params *params, u32 flags)
{
	params->pad = flags & 1;
}

static int vnet_set_priv_flags(struct net_device *dev, u32 flags)
{
	const char *why;

	return vnet_set_param(dev, change_pad, flags, &why);
}

/* ---- statistics */

#define VNET_COUNTER(name) { #name, offsetof(struct vnet_queue_stats, name) }
#define VNET_TX_DROP(id, name, meaning) \
	{ "tx_drop_" name, offsetof(struct vnet_queue_stats, tx_drops[VNET_DROP_##id]) },
#define VNET_RX_DROP(id, name, meaning) \
	{ "rx_drop_" name, offsetof(struct vnet_queue_stats, rx_drops[VNET_DROP_##id]) },

/* A drop can happen to either side only for some reasons; all are shown, so
 * that the names do not depend on which.
 */
static const struct {
	const char *name;
	size_t offset;
} vnet_counters[] = {
	VNET_COUNTER(tx_frames),
	VNET_COUNTER(tx_bytes),
	VNET_COUNTER(rx_frames),
	VNET_COUNTER(rx_bytes),
	VNET_COUNTER(rx_multicast),
	VNET_COUNTER(tx_timeouts),
	VNET_COUNTER(rx_irqs),
	VNET_COUNTER(tx_irqs),
	VNET_COUNTER(polls),
	VNET_COUNTER(in_flight),
	VNET_DROP_REASONS(VNET_TX_DROP)
	VNET_DROP_REASONS(VNET_RX_DROP)
};

#define VNET_XDP_COUNTER(name) { "xdp_" #name, offsetof(struct vnet_xdp_stats, name) }

static const struct {
	const char *name;
	size_t offset;
} vnet_xdp_counters[] = {
	VNET_XDP_COUNTER(pass),
	VNET_XDP_COUNTER(drop),
	VNET_XDP_COUNTER(tx),
	VNET_XDP_COUNTER(redirect),
	VNET_XDP_COUNTER(errors),
	VNET_XDP_COUNTER(xmit),
	VNET_XDP_COUNTER(xmit_errors),
};

static int vnet_get_sset_count(struct net_device *dev, int sset)
{
	switch (sset) {
	case ETH_SS_STATS:
		return (ARRAY_SIZE(vnet_counters) + ARRAY_SIZE(vnet_xdp_counters)) *
		       (1 + dev->num_tx_queues);
	case ETH_SS_PRIV_FLAGS:
		return ARRAY_SIZE(vnet_priv_flags);
	default:
		return -EOPNOTSUPP;
	}
}

static void vnet_get_strings(struct net_device *dev, u32 sset, u8 *data)
{
	unsigned int queue, i;

	if (sset == ETH_SS_PRIV_FLAGS)
		memcpy(data, vnet_priv_flags, sizeof(vnet_priv_flags));
	if (sset != ETH_SS_STATS)
		return;
	for (i = 0; i < ARRAY_SIZE(vnet_counters); i++)
		ethtool_sprintf(&data, "%s", vnet_counters[i].name);
	for (i = 0; i < ARRAY_SIZE(vnet_xdp_counters); i++)
		ethtool_sprintf(&data, "%s", vnet_xdp_counters[i].name);
	for (queue = 0; queue < dev->num_tx_queues; queue++) {
		for (i = 0; i < ARRAY_SIZE(vnet_counters); i++)
			ethtool_sprintf(&data, "q%u_%s", queue, vnet_counters[i].name);
		for (i = 0; i < ARRAY_SIZE(vnet_xdp_counters); i++)
			ethtool_sprintf(&data, "q%u_%s", queue, vnet_xdp_counters[i].name);
	}
}

static u64 *vnet_put_stats(u64 *data, const struct vnet_queue_stats *stats)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vnet_counters); i++)
		*data++ = *(const u64 *)((const u8 *)stats + vnet_counters[i].offset);
	return data;
}

static u64 vnet_xdp_counter(const struct vnet_host_queue *queue, unsigned int i)
{
	return READ_ONCE(*(const u64 *)((const u8 *)&queue->xdp_stats +
					vnet_xdp_counters[i].offset));
}

static u64 *vnet_put_xdp_sums(u64 *data, struct net_device *dev)
{
	struct vnet_priv *priv = netdev_priv(dev);
	unsigned int queue, i;

	for (i = 0; i < ARRAY_SIZE(vnet_xdp_counters); i++, data++)
		for (queue = 0, *data = 0; queue < dev->num_tx_queues; queue++)
			*data += vnet_xdp_counter(&priv->queues[queue], i);
	return data;
}

static void vnet_get_ethtool_stats(struct net_device *dev, struct ethtool_stats *request,
				   u64 *data)
{
	struct vnet_priv *priv = netdev_priv(dev);
	struct vnet_queue_stats stats;
	unsigned int queue, i;

	vnet_core_device_stats(priv->core, &stats);
	data = vnet_put_stats(data, &stats);
	data = vnet_put_xdp_sums(data, dev);
	for (queue = 0; queue < dev->num_tx_queues; queue++) {
		vnet_core_queue_stats(priv->queues[queue].core, &stats);
		data = vnet_put_stats(data, &stats);
		for (i = 0; i < ARRAY_SIZE(vnet_xdp_counters); i++)
			*data++ = vnet_xdp_counter(&priv->queues[queue], i);
	}
}

const struct ethtool_ops vnet_ethtool_ops = {
	.get_drvinfo = vnet_get_drvinfo,
	.get_link = ethtool_op_get_link,
	.get_link_ksettings = vnet_get_link_ksettings,
	.get_ts_info = ethtool_op_get_ts_info,
	.get_regs_len = vnet_get_regs_len,
	.get_regs = vnet_get_regs,
	.get_ringparam = vnet_get_ringparam,
	.get_channels = vnet_get_channels,
	.get_priv_flags = vnet_get_priv_flags,
	.set_priv_flags = vnet_set_priv_flags,
	.get_sset_count = vnet_get_sset_count,
	.get_strings = vnet_get_strings,
	.get_ethtool_stats = vnet_get_ethtool_stats,
};
