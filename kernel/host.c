// SPDX-License-Identifier: GPL-2.0-only
/* <vnet/host.h>, all but the frames: memory, interrupts, queues, carrier, log. */
#include <linux/netdevice.h>
#include <linux/slab.h>
#include <vnet/host.h>

#include "control.h"
#include "vnet.h"

void *vnet_host_alloc(unsigned long size)
{
	/* kmalloc's caches of 256 bytes and more are aligned to their size. */
	return vnet_memory(kvzalloc(max(size, 256UL), GFP_KERNEL_ACCOUNT));
}

void vnet_host_free(void *memory)
{
	kvfree(memory);
}

void vnet_host_yield(void)
{
	cond_resched();
}

void vnet_host_irq_raise(void *host_queue)
{
	struct vnet_host_queue *queue = host_queue;

	if (in_softirq() || irqs_disabled()) {
		napi_schedule(&queue->napi);
		return;
	}
	/* From process context nothing else would run the softirq soon. */
	local_bh_disable();
	napi_schedule(&queue->napi);
	local_bh_enable();
}

void vnet_host_queue_stop(void *host_queue)
{
	struct vnet_host_queue *queue = host_queue;

	/* With nothing above that waits, the stack would drop and complain for us. */
	if (vnet_has_qdisc(queue))
		netif_tx_stop_queue(queue->txq);
}

void vnet_host_queue_wake(void *host_queue)
{
	struct vnet_host_queue *queue = host_queue;

	netif_tx_wake_queue(queue->txq);
	if (unlikely(READ_ONCE(queue->timed_out))) {
		WRITE_ONCE(queue->timed_out, false);
		vnet_queue_event(queue, VNET_EVENT_TYPE_TX_RECOVERED, 0);
	}
}

void vnet_host_tx_quiesce(void *host_device)
{
	struct net_device *dev = host_device;
	unsigned int i;

	/* Each transmit runs under its queue's lock. */
	for (i = 0; i < dev->num_tx_queues; i++) {
		struct netdev_queue *txq = netdev_get_tx_queue(dev, i);

		__netif_tx_lock_bh(txq);
		__netif_tx_unlock_bh(txq);
	}
}

/* All of them run with bottom halves or interrupts off: as RCU's readers. */
void vnet_host_quiesce(void)
{
	synchronize_net();
}

void vnet_host_carrier_set(void *host_device, int up)
{
	struct net_device *dev = host_device;

	netdev_dbg(dev, "link %s\n", up ? "up" : "down");
	if (up)
		netif_carrier_on(dev);
	else
		netif_carrier_off(dev);
	vnet_event(dev, up ? VNET_EVENT_TYPE_LINK_UP : VNET_EVENT_TYPE_LINK_DOWN, GFP_KERNEL);
}

static void notify_lockup(struct vnet_host_queue *queue, u64 ordinal)
{
	vnet_queue_event(queue, VNET_EVENT_TYPE_LOCKUP, ordinal);
	if (net_ratelimit())
		netdev_notice(queue->dev, "queue %u: transmit interrupt of frame %llu lost, queue stopped\n",
			      queue->index, ordinal);
}

static void notify_timeout(struct vnet_host_queue *queue, u64 count)
{
	WRITE_ONCE(queue->timed_out, true);
	vnet_queue_event(queue, VNET_EVENT_TYPE_TX_TIMEOUT, count);
	if (net_ratelimit())
		netdev_notice(queue->dev, "queue %u: transmit timeout %llu, recovering\n",
			      queue->index, count);
}

void vnet_host_notify(void *host_queue, enum vnet_event event, vnet_u64 value)
{
	switch (event) {
	case VNET_EVENT_LOCKUP:
		notify_lockup(host_queue, value);
		break;
	case VNET_EVENT_TX_TIMEOUT:
		notify_timeout(host_queue, value);
		break;
	case VNET_EVENT_RESET:
		vnet_queue_event(host_queue, VNET_EVENT_TYPE_RING_RESET, value);
		break;
	case VNET_EVENT_RESET_FAILED:
		vnet_queue_event(host_queue, VNET_EVENT_TYPE_RESET_FAILED, value);
		break;
	}
}

void vnet_host_panic(const char *what)
{
	WARN(1, "vnet: %s\n", what);
}
