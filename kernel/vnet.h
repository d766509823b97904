/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel host's own declarations: what a net_device of ours carries, and
 * which file offers what. The core's view is in <vnet/core.h>.
 */
#ifndef VNET_KERNEL_H
#define VNET_KERNEL_H

#include <linux/ethtool.h>
#include <linux/hrtimer.h>
#include <linux/netdevice.h>
#include <linux/vnet.h>
#include <linux/workqueue.h>
#include <net/rtnetlink.h>
#include <net/sch_generic.h>
#include <vnet/core.h>
#include <vnet/version.h>

#include "compat/compat.h"
#include "fail.h"
#include "rss.h"
#include "xdp.h"

#define VNET_DRIVER "vnet"

/* A queue as the kernel sees it: one NAPI instance, one transmit queue. */
struct vnet_host_queue {
	struct napi_struct napi;	/* first: the poll has one pointer for both */
	struct vnet_queue *core;
	struct netdev_queue *txq;
	struct net_device *dev;
	struct hrtimer deadline;
	u16 index;
	bool timed_out;			/* and has not transmitted since */
	u16 rx_mapping;		/* what its frames say: index + 1; 0 while it is not in use */
	struct bpf_prog __rcu *xdp_prog;
	struct vnet_xdp_queue *xdp;	/* while there is a program */
	struct vnet_xdp_stats xdp_stats;
	/* The poll's own: on its stack the kernel would guard it each time. */
	u32 work;
	unsigned int charged_frames;	/* by byte queue limits, in this poll */
	unsigned int charged_bytes;
} ____cacheline_aligned;

/* netdev_priv() of our devices. */
struct vnet_priv {
	struct vnet_device *core;	/* between ndo_init and the destructor */
	struct vnet_host_queue *queues;	/* from vnet_make_queues() on */
	struct net_device **owner;	/* cleared when the device goes; may be NULL */
	struct vnet_params params;	/* what ndo_init asks of the core */
	struct bpf_prog *xdp_prog;	/* under RTNL; the polls read their queue's */
	u8 csum;			/* VNET_CSUM_MODE_*; the same at both ends */
	u8 big_tcp;			/* as csum, under RTNL */
	struct net_device *rss_receiver;	/* the other end, once it has rules */
	bool rss_by_key;		/* the user set a key or a hash function */
	struct net_device *dev;
	struct work_struct fault_work;	/* the core's timer, under RTNL */
	struct hrtimer fault_timer;
	struct work_struct removal_work;	/* the device was pulled out */
};

/* Something above the device that waits while it has no room. */
static inline bool vnet_has_qdisc(const struct vnet_host_queue *queue)
{
	return rcu_access_pointer(queue->txq->qdisc)->enqueue;
}

/* netdev.c */
extern const struct net_device_ops vnet_netdev_ops;
void vnet_setup(struct net_device *dev);
bool vnet_is_ours(const struct net_device *dev);
int vnet_set_param(struct net_device *dev,
		   void (*change)(struct vnet_params *params, u32 value),
		   u32 value, const char **why);
u32 vnet_ring_size(const struct net_device *dev);
int vnet_set_ring_size(struct net_device *dev, u32 frames, const char **why);
void vnet_polls_pause(struct net_device *dev);
void vnet_polls_resume(struct net_device *dev);
int vnet_notifier_register(void);
void vnet_notifier_unregister(void);

/* link.c */
int vnet_attach(struct net_device *a, struct net_device *b, const char **why);
void vnet_detach(struct net_device *dev);
struct net_device *vnet_peer(const struct net_device *dev);
bool vnet_may_change_net(const struct net *net, const struct sk_buff *request);
bool vnet_may_change_peer(const struct net_device *dev, const struct sk_buff *request);
int vnet_check_link_change(const struct net_device *dev, const struct sk_buff *request,
			   struct netlink_ext_ack *extack);
int vnet_ndo_get_iflink(const struct net_device *dev);
struct net_device *vnet_ndo_get_peer_dev(struct net_device *dev);
/* filter.c */
#define VNET_FILTER_FEATURES (NETIF_F_HW_VLAN_CTAG_FILTER | NETIF_F_HW_VLAN_STAG_FILTER)
void vnet_set_rx_mode(struct net_device *dev);
int vnet_add_vid(struct net_device *dev, __be16 protocol, u16 vid);
int vnet_kill_vid(struct net_device *dev, __be16 protocol, u16 vid);
int vnet_set_features(struct net_device *dev, netdev_features_t features);

/* A frame in an sk_buff. */
static inline struct sk_buff *skb_of(struct vnet_frame *frame)
{
	return container_of((void *)frame, struct sk_buff, cb);
}

static inline struct vnet_frame *frame_of(struct sk_buff *skb)
{
	return (struct vnet_frame *)skb->cb;
}

/* queues.c */
int vnet_make_queues(struct net_device *dev);
void vnet_map_queues(struct net_device *dev, unsigned int count);
void vnet_free_queues(struct net_device *dev);

/* queue.c */
netdev_tx_t vnet_start_xmit(struct sk_buff *skb, struct net_device *dev);
int vnet_napi_poll(struct napi_struct *napi, int budget);
struct vnet_frame *vnet_frame_fill(struct sk_buff *skb);
void vnet_discharge(struct net_device *receiver, unsigned int index, unsigned int frames,
		    unsigned int bytes);
enum vnet_verdict vnet_send(struct vnet_host_queue *queue, struct vnet_frame *frame);

/* deadline.c */
void vnet_deadline_init(struct vnet_host_queue *queue);
void vnet_deadlines_cancel(struct net_device *dev);

/* fault.c */
int vnet_faults_init(void);
void vnet_faults_exit(void);
void vnet_fault_init(struct net_device *dev);
void vnet_fault_cancel(struct net_device *dev);

/* coalesce.c: for ethtool.c */
#define VNET_COALESCE_PARAMS (ETHTOOL_COALESCE_RX_USECS | ETHTOOL_COALESCE_RX_MAX_FRAMES | \
			      ETHTOOL_COALESCE_USE_ADAPTIVE_RX)
int vnet_get_coalesce(struct net_device *dev, struct ethtool_coalesce *coalesce,
		      struct kernel_ethtool_coalesce *kernel_coalesce,
		      struct netlink_ext_ack *extack);
int vnet_set_coalesce(struct net_device *dev, struct ethtool_coalesce *coalesce,
		      struct kernel_ethtool_coalesce *kernel_coalesce,
		      struct netlink_ext_ack *extack);
int vnet_get_queue_coalesce(struct net_device *dev, u32 index,
			    struct ethtool_coalesce *coalesce);

/* ethtool.c, ioctl.c, rtnl.c */
extern const struct ethtool_ops vnet_ethtool_ops;
int vnet_siocdevprivate(struct net_device *dev, struct ifreq *ifr,
			void __user *data, int cmd);
extern struct rtnl_link_ops vnet_link_ops;
void vnet_pair_setup(struct net_device *dev);

/* attributes.c */
void vnet_link_init(void);
void vnet_link_prepare(struct net_device *dev, u8 csum, u8 big_tcp);
void vnet_link_change(struct net_device *dev, u8 csum, u8 big_tcp);
void vnet_link_update_gso(struct net_device *dev);

static inline bool vnet_link_is_wire(const struct net_device *dev)
{
	const struct vnet_priv *priv = netdev_priv(dev);

	return READ_ONCE(priv->csum) == VNET_CSUM_MODE_WIRE;
}

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
