// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices made at load sit on the platform bus: each end of a pair is a platform
 * device that the driver probes and removes, so it has a bus-info and a parent
 * in sysfs, and `unbind` is a hot removal of that end. A snull device cannot
 * leave its network namespace and ends with it; its platform device stays.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/etherdevice.h>
#include <linux/nsproxy.h>
#include <linux/platform_device.h>
#include <linux/random.h>
#include <linux/rtnetlink.h>

#include "vnet.h"

struct vnet_end {
	struct platform_device *pdev;
	struct net_device *dev;	/* while registered; under RTNL */
	struct vnet_end *other;
	char name[IFNAMSIZ];
	int error;		/* of registering it */
	bool snull;
	u8 index;		/* 0 or 1: which end of the pair */
};

static struct vnet_end *ends;
static unsigned int end_count;
static struct vnet_module_params settings;

/* ---- probe and remove */

static void vnet_configure_end(const struct vnet_end *end, struct net_device *dev)
{
	/* LDD3 chapter 17: "\0SNUL0" and "\0SNUL1". The first byte's lowest bit
	 * is clear: not a multicast address.
	 */
	static const u8 snull_mac[ETH_ALEN] = { 0, 'S', 'N', 'U', 'L', '0' };
	struct vnet_priv *priv = netdev_priv(dev);
	u8 mac[ETH_ALEN];

	priv->params.timeout_ms = settings.timeout;
	priv->params.seed = get_random_u64();
	dev->watchdog_timeo = msecs_to_jiffies(settings.timeout);
	if (!end->snull) {
		eth_hw_addr_random(dev);
		return;
	}
	/* Its networks are those of one routing table: one end elsewhere makes no sense. */
	vnet_netns_pin(dev);
	ether_addr_copy(mac, snull_mac);
	mac[ETH_ALEN - 1] += end->index;
	eth_hw_addr_set(dev, mac);
	/* The translation looks for a checksum where the outermost header says. */
	dev->features &= ~NETIF_F_GSO_ENCAP_ALL;
	dev->hw_features &= ~NETIF_F_GSO_ENCAP_ALL;
	dev->hw_enc_features = 0;
	dev->mpls_features = 0;
	priv->params.snull = 1;
	priv->params.tx_irq = 1;
	priv->params.pad = 1;
	priv->params.lockup = settings.lockup;
}

/* A link has one seed: `dev`, not registered yet, begins with that of the end that is there. */
static void take_seed(struct net_device *dev, const struct net_device *other)
{
	const struct vnet_priv *others = netdev_priv(other);
	struct vnet_params params;

	vnet_core_params_get(others->core, &params);
	((struct vnet_priv *)netdev_priv(dev))->params.seed = params.seed;
}

/* Takes `dev` over, also when it fails. */
static int vnet_register_end(struct vnet_end *end, struct net_device *dev)
{
	const char *why;
	int err;

	if (end->other->dev)
		take_seed(dev, end->other->dev);
	err = vnet_step(register_netdevice(dev));
	if (err) {
		free_netdev(dev);
		return err;
	}
	if (end->other->dev) {
		/* The first end stays the first, whichever is bound anew. */
		err = end < end->other ? vnet_attach(dev, end->other->dev, &why) :
					 vnet_attach(end->other->dev, dev, &why);
		if (err) {
			unregister_netdevice(dev);
			return err;
		}
	}
	end->dev = dev;
	((struct vnet_priv *)netdev_priv(dev))->owner = &end->dev;
	return 0;
}

static int vnet_probe(struct platform_device *pdev)
{
	struct vnet_end *end;
	struct net_device *dev;
	int err;

	/* `driver_override` offers us devices that are none of ours. */
	if (strcmp(pdev->name, VNET_DRIVER) != 0)
		return -ENODEV;
	end = *(struct vnet_end **)dev_get_platdata(&pdev->dev);
	dev = vnet_memory(alloc_netdev(sizeof(struct vnet_priv), end->name,
				       end->snull ? NET_NAME_PREDICTABLE : NET_NAME_ENUM,
				       vnet_setup));
	if (!dev)
		return -ENOMEM;
	SET_NETDEV_DEV(dev, &pdev->dev);
	/* Where the one is who loads the module or binds the device. */
	dev_net_set(dev, current->nsproxy->net_ns);
	vnet_configure_end(end, dev);
	platform_set_drvdata(pdev, end);

	rtnl_lock();
	err = vnet_register_end(end, dev);
	rtnl_unlock();
	end->error = err;
	if (err)
		dev_err(&pdev->dev, "cannot register %s: %pe\n", end->name, ERR_PTR(err));
	else
		dev_dbg(&pdev->dev, "probed %s\n", end->name);
	return err;
}

static void vnet_remove(struct platform_device *pdev)
{
	struct vnet_end *end = platform_get_drvdata(pdev);
	struct net_device *dev;

	rtnl_lock();
	dev = end->dev;
	end->dev = NULL;
	if (dev) {
		dev_dbg(&pdev->dev, "removing %s\n", dev->name);
		unregister_netdevice(dev);
	}
	rtnl_unlock();
}

static struct platform_driver vnet_driver = {
	.driver = { .name = VNET_DRIVER },
	.probe = vnet_probe,
	.VNET_PLATFORM_REMOVE = vnet_remove,
};

/* ---- load and unload */

static void vnet_name_ends(unsigned int pair, bool snull)
{
	struct vnet_end *end = &ends[2 * pair];
	u8 i;

	for (i = 0; i < 2; i++) {
		end[i].snull = snull;
		end[i].index = i;
		end[i].other = &end[1 - i];
		if (snull)
			snprintf(end[i].name, IFNAMSIZ, "snull%u", i);
		else
			strscpy(end[i].name, VNET_DRIVER "%d", IFNAMSIZ);
	}
}

static int vnet_add_end(unsigned int id)
{
	struct vnet_end *end = &ends[id];
	struct platform_device *pdev;

	pdev = vnet_object(platform_device_register_data(NULL, VNET_DRIVER, id, &end,
							 sizeof(end)));
	if (IS_ERR(pdev))
		return PTR_ERR(pdev);
	end->pdev = pdev;
	end_count = id + 1;
	/* The bus swallows a probe's error; a load that left devices out would
	 * look like a success. Before registering only memory can be missing.
	 */
	if (!platform_get_drvdata(pdev)) {
		pr_err("cannot make %s: see the message above\n", end->name);
		return end->error ?: -ENOMEM;
	}
	return 0;
}

static void vnet_remove_ends(void)
{
	while (end_count)
		platform_device_unregister(ends[--end_count].pdev);
	kvfree(ends);
	ends = NULL;
}

int vnet_platform_init(const struct vnet_module_params *module_params)
{
	unsigned int pairs = module_params->pairs + module_params->snull;
	unsigned int i;
	int err;

	settings = *module_params;
	err = vnet_step(platform_driver_register(&vnet_driver));
	if (err || !pairs)
		return err;
	ends = vnet_memory(kvcalloc(2 * pairs, sizeof(*ends), GFP_KERNEL));
	if (!ends) {
		err = -ENOMEM;
		goto err_driver;
	}
	for (i = 0; i < pairs; i++)
		vnet_name_ends(i, module_params->snull && i == 0);
	for (i = 0; i < 2 * pairs; i++) {
		err = vnet_add_end(i);
		if (err)
			goto err_ends;
	}
	return 0;

err_ends:
	vnet_remove_ends();
err_driver:
	platform_driver_unregister(&vnet_driver);
	return err;
}

void vnet_platform_exit(void)
{
	vnet_remove_ends();
	platform_driver_unregister(&vnet_driver);
}
