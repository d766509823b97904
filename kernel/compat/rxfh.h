/* SPDX-License-Identifier: GPL-2.0-only */
/* Receive-side scaling in ethtool's operations, on all supported kernels. */
#ifndef VNET_COMPAT_RXFH_H
#define VNET_COMPAT_RXFH_H

#include <linux/ethtool.h>
#include <linux/netdevice.h>

#include "../rss.h"

#ifdef VNET_HAVE_RXFH_PARAM /* 6.8 */

static inline int vnet_get_rxfh(struct net_device *dev, struct ethtool_rxfh_param *rxfh)
{
	vnet_rss_show(dev, rxfh->indir, rxfh->key, &rxfh->hfunc);
	return 0;
}

static inline int vnet_set_rxfh(struct net_device *dev, struct ethtool_rxfh_param *rxfh,
				struct netlink_ext_ack *extack)
{
	return vnet_rss_change(dev, rxfh->indir, rxfh->key, rxfh->hfunc, extack);
}

#else

static inline int vnet_get_rxfh(struct net_device *dev, u32 *indir, u8 *key, u8 *hfunc)
{
	vnet_rss_show(dev, indir, key, hfunc);
	return 0;
}

static inline int vnet_set_rxfh(struct net_device *dev, const u32 *indir, const u8 *key,
				const u8 hfunc)
{
	return vnet_rss_change(dev, indir, key, hfunc, NULL);
}
#endif

/* `ethtool -n DEV rx-flow-hash`: operations of its own, or commands of rxnfc. */
#ifdef VNET_HAVE_RXFH_FIELDS /* 6.17 */

static inline int vnet_get_rxfh_fields(struct net_device *dev, struct ethtool_rxfh_fields *fields)
{
	u64 data;
	int err;

	err = vnet_rss_fields(dev, fields->flow_type, &data);
	if (!err)
		fields->data = data;
	return err;
}

static inline int vnet_set_rxfh_fields(struct net_device *dev,
				       const struct ethtool_rxfh_fields *fields,
				       struct netlink_ext_ack *extack)
{
	return vnet_rss_set_fields(dev, fields->flow_type, fields->data, extack);
}

static inline int vnet_get_rxnfc(struct net_device *dev, struct ethtool_rxnfc *info, u32 *rules)
{
	if (info->cmd != ETHTOOL_GRXRINGS)
		return -EOPNOTSUPP;
	info->data = dev->real_num_rx_queues;
	return 0;
}

#define VNET_RXNFC_OPS \
	.get_rxnfc = vnet_get_rxnfc, \
	.get_rxfh_fields = vnet_get_rxfh_fields, \
	.set_rxfh_fields = vnet_set_rxfh_fields

#else

static inline int vnet_get_rxnfc(struct net_device *dev, struct ethtool_rxnfc *info, u32 *rules)
{
	switch (info->cmd) {
	case ETHTOOL_GRXRINGS:
		info->data = dev->real_num_rx_queues;
		return 0;
	case ETHTOOL_GRXFH:
		return vnet_rss_fields(dev, info->flow_type, &info->data);
	default:
		return -EOPNOTSUPP;
	}
}

static inline int vnet_set_rxnfc(struct net_device *dev, struct ethtool_rxnfc *info)
{
	if (info->cmd != ETHTOOL_SRXFH)
		return -EOPNOTSUPP;
	return vnet_rss_set_fields(dev, info->flow_type, info->data, NULL);
}

#define VNET_RXNFC_OPS \
	.get_rxnfc = vnet_get_rxnfc, \
	.set_rxnfc = vnet_set_rxnfc
#endif

#endif
