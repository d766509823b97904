/* SPDX-License-Identifier: GPL-2.0-only */
/* Receive-side scaling: what ethtool's and the net_device's operations call. */
#ifndef VNET_KERNEL_RSS_H
#define VNET_KERNEL_RSS_H

#include <linux/netdevice.h>

void vnet_rss_setup(struct net_device *dev);

/* Under RTNL: a link came; before one goes. */
void vnet_rss_attached(struct net_device *a, struct net_device *b);
void vnet_rss_detach(struct net_device *a, struct net_device *b);

/* `ethtool -L`, under RTNL: may there be so few queues; there will be so many. */
bool vnet_rss_allows(struct net_device *dev, unsigned int queues);
void vnet_rss_spread(struct net_device *dev, unsigned int queues);

/* ethtool, by compat/rxfh.h */
u32 vnet_get_rxfh_key_size(struct net_device *dev);
u32 vnet_get_rxfh_indir_size(struct net_device *dev);
void vnet_rss_show(struct net_device *dev, u32 *table, u8 *key, u8 *hfunc);
int vnet_rss_change(struct net_device *dev, const u32 *table, const u8 *key, u8 hfunc,
		    struct netlink_ext_ack *extack);
int vnet_rss_fields(struct net_device *dev, u32 flow_type, u64 *fields);
int vnet_rss_set_fields(struct net_device *dev, u32 flow_type, u64 fields,
			struct netlink_ext_ack *extack);

u16 vnet_select_queue(struct net_device *dev, struct sk_buff *skb, struct net_device *sb_dev);

#endif
