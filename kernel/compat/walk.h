/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A walk over a network namespace's devices that can be interrupted, under RTNL: *place is
 * where to go on. By index where the kernel has a tree of them (6.6), else as its
 * own rtnl_dump_ifinfo() did: by bucket of the hash of indices, and the place in it.
 */
#ifndef VNET_COMPAT_WALK_H
#define VNET_COMPAT_WALK_H

#include <linux/netdevice.h>
#include <net/net_namespace.h>

#ifdef VNET_HAVE_DEV_BY_INDEX

static inline struct net_device *vnet_walk_at(struct net *net, unsigned long *place)
{
	return xa_find(&net->dev_by_index, place, ULONG_MAX, XA_PRESENT);
}

static inline struct net_device *vnet_walk_next(struct net *net, unsigned long *place,
						struct net_device *dev)
{
	++*place;
	return vnet_walk_at(net, place);
}

#else

#define VNET_WALK_BITS 32 /* of the place in the bucket */

/* The device at *place, or the first of the next bucket that has any. */
static inline struct net_device *vnet_walk_at(struct net *net, unsigned long *place)
{
	struct net_device *dev;
	unsigned long at;

	for (at = *place >> VNET_WALK_BITS; at < NETDEV_HASHENTRIES; at++) {
		unsigned long left = *place & GENMASK(VNET_WALK_BITS - 1, 0);

		hlist_for_each_entry(dev, &net->dev_index_head[at], index_hlist)
			if (!left--)
				return dev;
		*place = (at + 1) << VNET_WALK_BITS;
	}
	return NULL;
}

static inline struct net_device *vnet_walk_next(struct net *net, unsigned long *place,
						struct net_device *dev)
{
	++*place;
	dev = hlist_entry_safe(dev->index_hlist.next, struct net_device, index_hlist);
	return dev ?: vnet_walk_at(net, place);
}
#endif

#endif
