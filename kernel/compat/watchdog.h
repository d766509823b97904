/* SPDX-License-Identifier: GPL-2.0-only */
/* The watchdog's patience with a stopped queue, from now on: its timer is armed anew. */
#ifndef VNET_COMPAT_WATCHDOG_H
#define VNET_COMPAT_WATCHDOG_H

#include <linux/jiffies.h>
#include <linux/netdevice.h>

static inline void vnet_set_watchdog(struct net_device *dev, unsigned int ms)
{
	WRITE_ONCE(dev->watchdog_timeo, msecs_to_jiffies(ms));
	if (!netif_running(dev) || !netif_carrier_ok(dev))
		return;
#ifdef VNET_HAVE_WATCHDOG_UP /* another name: 7.x */
	netdev_watchdog_up(dev);
#else
	__netdev_watchdog_up(dev);
#endif
}

#endif
