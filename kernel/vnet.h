/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel host's own declarations: what a net_device of ours carries, and
 * which file offers what. The core's view is in <vnet/core.h>.
 */
#ifndef VNET_KERNEL_H
#define VNET_KERNEL_H

#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <net/rtnetlink.h>
#include <vnet/core.h>

#include "xdp.h"

#define VNET_DRIVER "vnet"
#define VNET_VERSION "0.1.0"

/* A queue as the kernel sees it: one NAPI instance, one transmit queue. */
struct vnet_host_queue {
	struct vnet_queue *core;
	struct netdev_queue *txq;
	struct napi_struct napi;
	struct net_device *dev;
	u16 index;
	struct bpf_prog __rcu *xdp_prog;
	struct vnet_xdp_queue *xdp;	/* while there is a program */
	struct vnet_xdp_stats xdp_stats;
};

/* netdev_priv() of our devices. */
struct vnet_priv {
	struct vnet_device *core;	/* between ndo_init and the destructor */
	struct vnet_host_queue *queues;
	struct net_device **owner;	/* cleared when the device goes; may be NULL */
	struct vnet_params params;	/* what ndo_init asks of the core */
	struct bpf_prog *xdp_prog;	/* under RTNL; the polls read their queue's */
};

/* netdev.c */
extern const struct net_device_ops vnet_netdev_ops;
void vnet_setup(struct net_device *dev);
int vnet_attach(struct net_device *a, struct net_device *b, const char **why);
struct net_device *vnet_peer(const struct net_device *dev);
int vnet_set_param(struct net_device *dev,
		   void (*change)(struct vnet_params *params, u32 value),
		   u32 value, const char **why);
int vnet_set_ring_size(struct net_device *dev, u32 frames, const char **why);
int vnet_notifier_register(void);
void vnet_notifier_unregister(void);

/* filter.c */
#define VNET_FILTER_FEATURES (NETIF_F_HW_VLAN_CTAG_FILTER | NETIF_F_HW_VLAN_STAG_FILTER)
void vnet_set_rx_mode(struct net_device *dev);
int vnet_add_vid(struct net_device *dev, __be16 protocol, u16 vid);
int vnet_kill_vid(struct net_device *dev, __be16 protocol, u16 vid);
int vnet_set_features(struct net_device *dev, netdev_features_t features);

/* queue.c */
netdev_tx_t vnet_start_xmit(struct sk_buff *skb, struct net_device *dev);
int vnet_napi_poll(struct napi_struct *napi, int budget);
struct vnet_frame *vnet_frame_fill(struct sk_buff *skb);

/* ethtool.c, ioctl.c, rtnl.c */
extern const struct ethtool_ops vnet_ethtool_ops;
int vnet_siocdevprivate(struct net_device *dev, struct ifreq *ifr,
			void __user *data, int cmd);
extern struct rtnl_link_ops vnet_link_ops;

/* platform.c */
struct vnet_module_params {
	bool snull;
	unsigned int pairs;
	unsigned int lockup;
	unsigned int timeout;	/* ms */
};

int vnet_platform_init(const struct vnet_module_params *module_params);
void vnet_platform_exit(void);

#endif
