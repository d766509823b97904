// SPDX-License-Identifier: GPL-2.0-only
/* The core's deadlines: one high-resolution timer per queue. */
#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <vnet/host.h>

#include "compat/hrtimer.h"
#include "vnet.h"

/* Where it was armed: there the interrupt would have been raised without the wait. It only raises
 * one, which may be done in the timer's interrupt: the timers of softirq would come a softirq
 * before that of the poll, and a frame of an impaired wire late by it.
 */
#define VNET_DEADLINE_MODE HRTIMER_MODE_ABS_PINNED

static enum hrtimer_restart vnet_deadline(struct hrtimer *timer)
{
	struct vnet_host_queue *queue = container_of(timer, struct vnet_host_queue, deadline);

	vnet_core_deadline(queue->core);
	return HRTIMER_NORESTART;
}

void vnet_deadline_init(struct vnet_host_queue *queue)
{
	hrtimer_setup(&queue->deadline, vnet_deadline, CLOCK_MONOTONIC, VNET_DEADLINE_MODE);
}

/*
 * Before the device is freed, when the grace period of its unregistration is over. Not when it
 * stops: a poll calls the core once more after napi_complete_done(), for which napi_disable() does
 * not wait, and may arm a deadline then. On a stopped device one means nothing.
 */
void vnet_deadlines_cancel(struct net_device *dev)
{
	struct vnet_priv *priv = netdev_priv(dev);
	unsigned int i;

	for (i = 0; i < dev->num_tx_queues; i++)
		hrtimer_cancel(&priv->queues[i].deadline);
}

void vnet_host_deadline_arm(void *host_queue, vnet_u64 at)
{
	struct vnet_host_queue *queue = host_queue;

	hrtimer_start(&queue->deadline, ns_to_ktime(min_t(u64, at, KTIME_MAX)), VNET_DEADLINE_MODE);
}

vnet_u64 vnet_host_clock_ns(void)
{
	return ktime_get_ns();
}
