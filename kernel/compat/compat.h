/* SPDX-License-Identifier: GPL-2.0-only */
/* One source for all supported kernels: probe.mk says what the headers have. */
#ifndef VNET_COMPAT_H
#define VNET_COMPAT_H

#include <linux/netdevice.h>
#include <linux/platform_device.h>
#include <linux/skbuff.h>
#ifdef VNET_HAVE_GSO_H /* skb_gso_segment(): in netdevice.h until 6.4 */
#include <net/gso.h>
#endif
#ifdef VNET_HAVE_NETDEV_LOCK /* netdev_lockdep_set_classes(): in netdevice.h until 6.14 */
#include <net/netdev_lock.h>
#endif

#ifndef VNET_HAVE_KFREE_ANY_REASON /* 6.4 */
static inline void dev_kfree_skb_any_reason(struct sk_buff *skb,
					    enum skb_drop_reason reason)
{
	if (in_hardirq() || irqs_disabled())
		dev_kfree_skb_irq(skb);
	else
		kfree_skb_reason(skb, reason);
}
#endif

/* Sizes of super-frames; IPv4's have fields of their own from 6.3 on. */
static inline void vnet_set_gso_size(struct net_device *dev, unsigned int size)
{
	WRITE_ONCE(dev->gso_max_size, size);
#ifdef VNET_HAVE_GSO_IPV4
	WRITE_ONCE(dev->gso_ipv4_max_size, size);
#endif
}

static inline void vnet_set_gro_size(struct net_device *dev, unsigned int size)
{
	WRITE_ONCE(dev->gro_max_size, size);
#ifdef VNET_HAVE_GSO_IPV4
	WRITE_ONCE(dev->gro_ipv4_max_size, size);
#endif
}

/* The device stays in its namespace: a feature until 6.11, then a bit of two names. */
static inline void vnet_netns_pin(struct net_device *dev)
{
#if defined(VNET_HAVE_NETNS_IMMUTABLE)
	dev->netns_immutable = true;
#elif defined(VNET_HAVE_NETNS_LOCAL)
	dev->netns_local = true;
#else
	dev->features |= NETIF_F_NETNS_LOCAL;
#endif
}

/* GRO holds frames back for this NAPI instance: a member of its own from 6.16 on. */
static inline bool vnet_napi_holds(const struct napi_struct *napi)
{
#ifdef VNET_HAVE_GRO_NODE
	return napi->gro.bitmask;
#else
	return napi->gro_bitmask;
#endif
}

/* A remove() that returns nothing: .remove_new from 6.3 on, .remove from 6.11. */
#ifdef VNET_HAVE_PLATFORM_REMOVE_NEW
#define VNET_PLATFORM_REMOVE remove_new
#else
#define VNET_PLATFORM_REMOVE remove
#endif

#ifndef VNET_HAVE_UNREGISTER_NET /* 7.3 */
/* For a device that is perhaps not in the namespace whose lock is held. */
static inline void unregister_netdevice_queue_net(struct net *net, struct net_device *dev,
						  struct list_head *head)
{
	unregister_netdevice_queue(dev, head);
}
#endif

#endif
