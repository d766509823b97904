// SPDX-License-Identifier: GPL-2.0-only
/*
 * Faults: the core's timer, which is control and so runs under RTNL, what is told of faults, and
 * a device that is pulled out.
 */
#include <linux/device.h>
#include <linux/hrtimer.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/workqueue.h>
#include <vnet/fault.h>
#include <vnet/host.h>

#include "compat/hrtimer.h"
#include "control.h"
#include "vnet.h"

static struct workqueue_struct *vnet_fault_workqueue;

int __init vnet_faults_init(void)
{
	vnet_fault_workqueue = alloc_workqueue("vnet", WQ_UNBOUND, 0);
	return vnet_fault_workqueue ? 0 : -ENOMEM;
}

/* All devices are gone, and with them all work but its last instructions. */
void vnet_faults_exit(void)
{
	destroy_workqueue(vnet_fault_workqueue);
}

/* What is queued holds the device. */
static void queue_for(struct vnet_priv *priv, struct work_struct *work)
{
	dev_hold(priv->dev);
	if (!queue_work(vnet_fault_workqueue, work))
		dev_put(priv->dev);
}

static void vnet_fault_work(struct work_struct *work)
{
	struct vnet_priv *priv = container_of(work, struct vnet_priv, fault_work);
	struct net_device *dev = priv->dev;

	rtnl_lock();
	if (dev->reg_state == NETREG_REGISTERED)
		vnet_core_timer(priv->core);
	rtnl_unlock();
	dev_put(dev);
}

/*
 * A pair goes as with `ip link del`; of devices made at load this end, as with `unbind`. Work of
 * its own: the end of unregistering waits for all who hold the device, vnet_fault_work() too.
 */
static void vnet_removal_work(struct work_struct *work)
{
	struct vnet_priv *priv = container_of(work, struct vnet_priv, removal_work);
	struct net_device *dev = priv->dev;
	struct device *bus_device = NULL;

	rtnl_lock();
	if (dev->reg_state == NETREG_REGISTERED) {
		bus_device = get_device(dev->dev.parent);
		if (!bus_device)
			vnet_pair_delete_now(dev);
	}
	dev_put(dev);
	rtnl_unlock();
	if (bus_device)
		device_release_driver(bus_device);
	put_device(bus_device);
}

static enum hrtimer_restart vnet_fault_timer(struct hrtimer *timer)
{
	struct vnet_priv *priv = container_of(timer, struct vnet_priv, fault_timer);

	queue_for(priv, &priv->fault_work);
	return HRTIMER_NORESTART;
}

void vnet_fault_init(struct net_device *dev)
{
	struct vnet_priv *priv = netdev_priv(dev);

	priv->dev = dev;
	INIT_WORK(&priv->fault_work, vnet_fault_work);
	INIT_WORK(&priv->removal_work, vnet_removal_work);
	hrtimer_setup(&priv->fault_timer, vnet_fault_timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_SOFT);
}

/* The device is stopped and about to go: nothing arms the timer any more. */
void vnet_fault_cancel(struct net_device *dev)
{
	struct vnet_priv *priv = netdev_priv(dev);

	hrtimer_cancel(&priv->fault_timer);
}

void vnet_host_timer_arm(void *host_device, vnet_u64 delay_ns)
{
	struct vnet_priv *priv = netdev_priv(host_device);

	if (delay_ns)
		hrtimer_start(&priv->fault_timer, ns_to_ktime(delay_ns), HRTIMER_MODE_REL_SOFT);
	else
		queue_for(priv, &priv->fault_work);
}

/* Once for a device. The caller is at work on it: others take it away. */
void vnet_host_device_remove(void *host_device)
{
	struct vnet_priv *priv = netdev_priv(host_device);

	queue_for(priv, &priv->removal_work);
}

static const char *const fault_names[VNET_FAULT_WHAT_COUNT] = {
#define VNET_FAULT_NAME(id, name, meaning) [VNET_FAULT_##id] = name,
	VNET_FAULTS(VNET_FAULT_NAME)
#undef VNET_FAULT_NAME
};

/* The log may leave out some of many firings, but not the first, for another one's would hide it;
 * it then says so, and the end has their number.
 */
void vnet_host_fault(void *host_device, const struct vnet_fault_event *event)
{
	struct net_device *dev = host_device;
	const char *name = fault_names[event->what];

	vnet_fault_event(dev, event);
	switch (event->news) {
	case VNET_FAULT_NEWS_ARMED:
		netdev_notice(dev, "fault %u: %s armed\n", event->id, name);
		break;
	case VNET_FAULT_NEWS_FIRED:
		if (event->fired == 1 || net_ratelimit())
			netdev_notice(dev, "fault %u: %s at %llu of queue %u\n", event->id, name,
				      event->value, event->queue);
		break;
	case VNET_FAULT_NEWS_ENDED:
		netdev_notice(dev, "fault %u: %s over, fired %llu times\n", event->id, name,
			      event->value);
		break;
	case VNET_FAULT_NEWS_FORCED:
		netdev_notice(dev, "fault %u: %s told to fire\n", event->id, name);
		break;
	}
}
