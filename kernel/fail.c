// SPDX-License-Identifier: GPL-2.0-only
/* In test builds only: the N-th step that needs memory fails. */
#include <linux/atomic.h>
#include <linux/module.h>
#include <linux/netdevice.h>

#include "vnet.h"

static atomic_t steps_left;

/* Reads back 0 once the step has failed. */
module_param_named(fail_alloc, steps_left.counter, int, 0644);
MODULE_PARM_DESC(fail_alloc, "Fail the N-th step that needs memory (0 = none; test builds only)");

bool vnet_fails(void)
{
	return atomic_dec_if_positive(&steps_left) == 0;
}

/* The kernel's own steps of register_netdevice(), which ask notifiers of our devices: after
 * ndo_init, and when all is done.
 */
int vnet_register_step(const struct net_device *dev, unsigned long event)
{
	return event == NETDEV_POST_INIT || event == NETDEV_REGISTER ? vnet_step(0) : 0;
}
