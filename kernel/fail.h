/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Steps that need memory, and fail without it. A test build (VNET_TEST_FAIL=1
 * tools/build-module ...) can make them fail, because Debian's kernels have no
 * CONFIG_FAULT_INJECTION: after
 *   echo N >/sys/module/vnet/parameters/fail_alloc
 * the N-th step from now on fails, once. Otherwise nothing of this is compiled.
 *
 * For what runs when something is made or changed, not for a frame's path.
 */
#ifndef VNET_KERNEL_FAIL_H
#define VNET_KERNEL_FAIL_H

#include <linux/err.h>
#include <linux/types.h>

struct net_device;

#ifdef VNET_TEST_FAIL
bool vnet_fails(void);
int vnet_register_step(const struct net_device *dev, unsigned long event);
#else
static inline bool vnet_fails(void)
{
	return false;
}

static inline int vnet_register_step(const struct net_device *dev, unsigned long event)
{
	return 0;
}
#endif

/* What `call` returns: memory or NULL, an object or an ERR_PTR(), 0 or an error. */
#define vnet_memory(call) (vnet_fails() ? NULL : (call))
#define vnet_object(call) (vnet_fails() ? ERR_PTR(-ENOMEM) : (call))
#define vnet_step(call) (vnet_fails() ? -ENOMEM : (call))

#endif
