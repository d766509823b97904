/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * The private ioctls of a vnet device, SIOCDEVPRIVATE to +15, through
 * ifreq.ifr_data. Registers are also in `ethtool -d`.
 */
#ifndef _UAPI_LINUX_VNET_H
#define _UAPI_LINUX_VNET_H

#include <linux/sockios.h>
#include <linux/types.h>
#include <linux/vnet_netlink.h> /* attributes of `ip link ... type vnet`: VNET_INFO_* */

/* Reads `count` registers into `values`; sets `count` to how many there are. */
#define VNET_SIOC_REGISTERS	(SIOCDEVPRIVATE + 0)
/* Raises interrupt causes of a queue; CAP_NET_ADMIN. */
#define VNET_SIOC_IRQ_RAISE	(SIOCDEVPRIVATE + 1)
/* Sets `lockup`; CAP_NET_ADMIN. */
#define VNET_SIOC_LOCKUP	(SIOCDEVPRIVATE + 2)

struct vnet_sioc_registers {
	__u32 count;
	__u32 reserved;	/* 0 */
	__u32 values[];
};

struct vnet_sioc_irq {
	__u32 queue;
	__u32 causes;	/* 0x1 receive, 0x2 transmit done */
};

struct vnet_sioc_lockup {
	__u32 every;	/* every N-th transmit interrupt is lost; 0: never */
};

#endif /* _UAPI_LINUX_VNET_H */
