// SPDX-License-Identifier: GPL-2.0-only
/* `ethtool -i -d -g -l -S`, `--show-priv-flags`, and the link's settings; rss.c has -x and -n. */
#include <linux/ethtool.h>
#include <linux/netdevice.h>

#include "compat/rxfh.h"
#include "control.h"
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

/* ---- rings */

/* The tx ring of one end is the rx ring of the other. */
static struct net_device *vnet_tx_ring_owner(struct net_device *dev)
{
	struct net_device *peer = vnet_peer(dev);

	return peer ?: dev;
}

static void vnet_get_ringparam(struct net_device *dev, struct ethtool_ringparam *ring,
			       struct kernel_ethtool_ringparam *kernel_ring,
			       struct netlink_ext_ack *extack)
{
	ring->rx_max_pending = VNET_RING_MAX;
	ring->tx_max_pending = VNET_RING_MAX;
	ring->rx_pending = vnet_ring_size(dev);
	ring->tx_pending = vnet_ring_size(vnet_tx_ring_owner(dev));
}

/* One size of one end; the core rounds it up to a power of two. */
static int vnet_change_ring(struct net_device *dev, u32 frames, struct netlink_ext_ack *extack)
{
	const char *why;
	int err;

	if (frames == vnet_ring_size(dev))
		return 0;
	err = vnet_set_ring_size(dev, frames, &why);
	if (err == -EINVAL)
		NL_SET_ERR_MSG(extack, "rx, tx: must be 64 to 32768 frames");
	return err;
}

static int vnet_set_ringparam(struct net_device *dev, struct ethtool_ringparam *ring,
			      struct kernel_ethtool_ringparam *kernel_ring,
			      struct netlink_ext_ack *extack)
{
	struct net_device *owner = vnet_tx_ring_owner(dev);
	u32 before = vnet_ring_size(dev);
	int err;

	if (owner == dev && ring->tx_pending != ring->rx_pending &&
	    ring->tx_pending != before) {
		NL_SET_ERR_MSG(extack, "tx: is the rx ring of the peer, and there is none");
		return -EINVAL;
	}
	if (ring->tx_pending != vnet_ring_size(owner) && !vnet_may_change_peer(dev, NULL)) {
		NL_SET_ERR_MSG(extack,
			       "tx: is the rx ring of the peer: needs CAP_NET_ADMIN in its network namespace");
		return -EPERM;
	}
	err = vnet_change_ring(dev, ring->rx_pending, extack);
	if (err)
		return err;
	if (owner != dev)
		err = vnet_change_ring(owner, ring->tx_pending, extack);
	if (err) /* Nothing half-changed, as far as there is memory. */
		vnet_change_ring(dev, before, NULL);
	else
		vnet_link_changed(dev);
	return err;
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
	int err = vnet_set_param(dev, change_pad, flags, &why);

	if (!err)
		vnet_device_changed(dev);
	return err;
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

static u64 vnet_xdp_counter(const struct vnet_priv *priv, unsigned int queue, unsigned int i)
{
	if (!priv->queues)
		return 0;
	return u64_stats_read((const u64_stats_t *)((const u8 *)&priv->queues[queue].xdp_stats +
						    vnet_xdp_counters[i].offset));
}

static u64 *vnet_put_xdp_sums(u64 *data, struct net_device *dev)
{
	struct vnet_priv *priv = netdev_priv(dev);
	unsigned int queue, i;

	for (i = 0; i < ARRAY_SIZE(vnet_xdp_counters); i++, data++)
		for (queue = 0, *data = 0; queue < dev->num_tx_queues; queue++)
			*data += vnet_xdp_counter(priv, queue, i);
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
		vnet_core_queue_stats(priv->core, queue, &stats);
		data = vnet_put_stats(data, &stats);
		for (i = 0; i < ARRAY_SIZE(vnet_xdp_counters); i++)
			*data++ = vnet_xdp_counter(priv, queue, i);
	}
}

const struct ethtool_ops vnet_ethtool_ops = {
	.supported_coalesce_params = VNET_COALESCE_PARAMS,
	.get_drvinfo = vnet_get_drvinfo,
	.get_link = ethtool_op_get_link,
	.get_link_ksettings = vnet_get_link_ksettings,
	.get_ts_info = ethtool_op_get_ts_info,
	.get_regs_len = vnet_get_regs_len,
	.get_regs = vnet_get_regs,
	.get_ringparam = vnet_get_ringparam,
	.set_ringparam = vnet_set_ringparam,
	.get_coalesce = vnet_get_coalesce,
	.set_coalesce = vnet_set_coalesce,
	.get_per_queue_coalesce = vnet_get_queue_coalesce,
	.get_channels = vnet_get_channels,
	.set_channels = vnet_set_channels,
	.get_rxfh_key_size = vnet_get_rxfh_key_size,
	.get_rxfh_indir_size = vnet_get_rxfh_indir_size,
	.get_rxfh = vnet_get_rxfh,
	.set_rxfh = vnet_set_rxfh,
	VNET_RXNFC_OPS,
	.get_priv_flags = vnet_get_priv_flags,
	.set_priv_flags = vnet_set_priv_flags,
	.get_sset_count = vnet_get_sset_count,
	.get_strings = vnet_get_strings,
	.get_ethtool_stats = vnet_get_ethtool_stats,
};
