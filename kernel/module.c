// SPDX-License-Identifier: GPL-2.0-only
/* Load and unload: parameters, registration, and the same backwards. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <net/genetlink.h>

#include "control.h"
#include "vnet.h"

/* Devices made at load; 1024 pairs is beyond what a lab needs and within what sysfs bears. */
#define VNET_PAIRS_MAX 1024u

static struct vnet_module_params params = {
	.timeout = VNET_TIMEOUT_DEFAULT_MS,
};

module_param_named(snull, params.snull, bool, 0444);
MODULE_PARM_DESC(snull, "Make the pair snull0, snull1 that toggles the third IPv4 octet (default: no)");
module_param_named(pairs, params.pairs, uint, 0444);
MODULE_PARM_DESC(pairs, "Make this many plain pairs vnet0-vnet1, vnet2-vnet3, ... (0 to 1024, default 0)");
module_param_named(lockup, params.lockup, uint, 0444);
MODULE_PARM_DESC(lockup, "Lose every N-th transmit interrupt of the snull pair (0 = never, default 0)");
module_param_named(timeout, params.timeout, uint, 0444);
MODULE_PARM_DESC(timeout, "Transmit timeout of the devices made at load, in ms (10 to 600000, default 1000)");

static int __init vnet_check_params(void)
{
	if (params.pairs > VNET_PAIRS_MAX) {
		pr_err("pairs=%u: must be 0 to %u\n", params.pairs, VNET_PAIRS_MAX);
		return -EINVAL;
	}
	if (params.timeout < VNET_TIMEOUT_MIN_MS || params.timeout > VNET_TIMEOUT_MAX_MS) {
		pr_err("timeout=%u: must be %u to %u ms\n", params.timeout,
		       VNET_TIMEOUT_MIN_MS, VNET_TIMEOUT_MAX_MS);
		return -EINVAL;
	}
	if (params.lockup && !params.snull) {
		pr_err("lockup=%u: needs snull=1\n", params.lockup);
		return -EINVAL;
	}
	return 0;
}

static int __init vnet_init(void)
{
	int err;

	err = vnet_check_params();
	if (err)
		return err;
	err = vnet_core_init(VNET_ABI, sizeof(struct vnet_frame));
	if (err) {
		pr_err("shim and core were not built together\n");
		return err;
	}
	vnet_link_init();
	err = vnet_step(vnet_faults_init());
	if (err)
		return err;
	err = vnet_step(vnet_notifier_register());
	if (err)
		goto err_faults;
	/* Before anything makes a device, and until the last is gone: they tell of themselves. */
	err = vnet_step(vnet_netlink_register());
	if (err)
		goto err_notifier;
	err = vnet_step(rtnl_link_register(&vnet_link_ops));
	if (err)
		goto err_netlink;
	err = vnet_platform_init(&params);
	if (err)
		goto err_link_ops;
	pr_info("version %s\n", VNET_VERSION);
	return 0;

err_link_ops:
	rtnl_link_unregister(&vnet_link_ops);
err_netlink:
	vnet_netlink_unregister();
err_notifier:
	vnet_notifier_unregister();
err_faults:
	vnet_faults_exit();
	return err;
}

static void __exit vnet_exit(void)
{
	vnet_platform_exit();
	rtnl_link_unregister(&vnet_link_ops);
	vnet_netlink_unregister();
	vnet_notifier_unregister();
	/* Nothing of ours runs in an RCU callback, but what calls into us may. */
	rcu_barrier();
	vnet_faults_exit();
	pr_info("unloaded\n");
}

module_init(vnet_init);
module_exit(vnet_exit);

MODULE_DESCRIPTION("Virtual network device that behaves like hardware");
MODULE_AUTHOR("The vnet authors");
MODULE_LICENSE("GPL");
MODULE_VERSION(VNET_VERSION);
MODULE_ALIAS_RTNL_LINK(VNET_DRIVER);
MODULE_ALIAS_GENL_FAMILY(VNET_FAMILY_NAME);
