// SPDX-License-Identifier: GPL-2.0-only
/* A device's queues: made when they are first needed, freed with the device. */
#include <linux/netdevice.h>

#include "vnet.h"

/* As skb_record_rx_queue() would; the stack warns of a queue that it does not have, to
 * which pktgen may go on sending after `ethtool -L`.
 */
void vnet_map_queues(struct net_device *dev, unsigned int count)
{
	struct vnet_priv *priv = netdev_priv(dev);
	unsigned int i;

	for (i = 0; priv->queues && i < dev->num_tx_queues; i++)
		WRITE_ONCE(priv->queues[i].rx_mapping, i < count ? i + 1 : 0);
}

/* With the first opening or program: thousands of devices that nobody opened cost
 * little. They stay until the device goes, and so do their counters. Under RTNL.
 */
int vnet_make_queues(struct net_device *dev)
{
	struct vnet_priv *priv = netdev_priv(dev);
	unsigned int i, count = dev->num_tx_queues;
	struct vnet_host_queue *queues;

	if (priv->queues)
		return 0;
	queues = vnet_memory(kvcalloc(count, sizeof(*queues), GFP_KERNEL_ACCOUNT));
	if (!queues)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		struct vnet_host_queue *queue = &queues[i];

		queue->dev = dev;
		queue->index = i;
		queue->txq = netdev_get_tx_queue(dev, i);
		queue->core = vnet_core_device_queue(priv->core, i, queue);
		if (!queue->core) /* the first: then there is none */
			goto free;
	}
	for (i = 0; i < count; i++) {
		netif_napi_add(dev, &queues[i].napi, vnet_napi_poll);
		vnet_deadline_init(&queues[i]);
	}
	/* Who reads statistics holds no lock. */
	smp_store_release(&priv->queues, queues);
	vnet_map_queues(dev, dev->real_num_rx_queues);
	return 0;
free:
	kvfree(queues);
	return -ENOMEM;
}

/* No reader is left, nor a poll or transmission. */
void vnet_free_queues(struct net_device *dev)
{
	struct vnet_priv *priv = netdev_priv(dev);

	if (!priv->queues)
		return;
	vnet_deadlines_cancel(dev);
	kvfree(priv->queues);
	priv->queues = NULL;
}
