// SPDX-License-Identifier: GPL-2.0-only
/* SIOCDEVPRIVATE to +15; see <linux/vnet.h>. Called under RTNL. */
#include <linux/capability.h>
#include <linux/netdevice.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vnet.h>
#include <net/net_namespace.h>

#include "control.h"
#include "vnet.h"

static int vnet_sioc_registers(struct net_device *dev, struct vnet_sioc_registers __user *user)
{
	struct vnet_priv *priv = netdev_priv(dev);
	u32 count, have, *values;
	int err = 0;

	if (get_user(count, &user->count))
		return -EFAULT;
	have = vnet_core_registers(priv->core, NULL, 0);
	values = vnet_memory(kcalloc(have, sizeof(*values), GFP_KERNEL));
	if (!values)
		return -ENOMEM;
	vnet_core_registers(priv->core, values, have);
	if (put_user(have, &user->count) ||
	    copy_to_user(user->values, values, min(count, have) * sizeof(*values)))
		err = -EFAULT;
	kfree(values);
	return err;
}

static int vnet_sioc_irq_raise(struct net_device *dev, const void __user *user)
{
	struct vnet_priv *priv = netdev_priv(dev);
	struct vnet_sioc_irq request;

	if (copy_from_user(&request, user, sizeof(request)))
		return -EFAULT;
	if (request.queue >= dev->num_tx_queues)
		return -EINVAL;
	netdev_dbg(dev, "queue %u: interrupt %#x raised by hand\n", request.queue,
		   request.causes);
	return vnet_core_irq_raise(priv->core, request.queue, request.causes);
}

static void change_lockup(struct vnet_params *params, u32 every)
{
	params->lockup = every;
}

static int vnet_sioc_lockup(struct net_device *dev, const void __user *user)
{
	struct vnet_sioc_lockup request;
	const char *why;
	int err;

	if (copy_from_user(&request, user, sizeof(request)))
		return -EFAULT;
	netdev_dbg(dev, "lockup %u\n", request.every);
	err = vnet_set_param(dev, change_lockup, request.every, &why);
	if (!err)
		vnet_device_changed(dev);
	return err;
}

int vnet_siocdevprivate(struct net_device *dev, struct ifreq *ifr, void __user *data, int cmd)
{
	if (cmd == VNET_SIOC_REGISTERS)
		return vnet_sioc_registers(dev, data);
	if (cmd != VNET_SIOC_IRQ_RAISE && cmd != VNET_SIOC_LOCKUP)
		return -EOPNOTSUPP;
	if (!ns_capable(dev_net(dev)->user_ns, CAP_NET_ADMIN))
		return -EPERM;
	return cmd == VNET_SIOC_LOCKUP ? vnet_sioc_lockup(dev, data) :
					 vnet_sioc_irq_raise(dev, data);
}
