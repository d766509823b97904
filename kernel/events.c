// SPDX-License-Identifier: GPL-2.0-only
/*
 * What happens to devices, on the multicast group `events` of the device's own network
 * namespace. Who does not listen costs one look; nothing of it is on a frame's path.
 */
#include <linux/ktime.h>
#include <linux/netdevice.h>

#include "control.h"
#include "netlink.h"
#include "vnet.h"

static void send_event(struct net_device *dev, struct vnet_event_values *values, gfp_t gfp)
{
	struct net *net = dev_net(dev);
	struct sk_buff *skb;

	values->time = ktime_get_real_ns();
	values->ifindex = dev->ifindex;
	values->ifname = (struct vnet_bytes) { dev->name, strnlen(dev->name, IFNAMSIZ) };
	values->has |= BIT_ULL(VNET_A_EVENT_TYPE) | BIT_ULL(VNET_A_EVENT_TIME) |
		       BIT_ULL(VNET_A_EVENT_IFINDEX) | BIT_ULL(VNET_A_EVENT_IFNAME);
	/* An event that finds no memory is not told, as a listener without room misses it. */
	skb = vnet_memory(genlmsg_new(NLMSG_DEFAULT_SIZE / 4, gfp));
	if (!skb)
		return;
	if (vnet_nl_put(skb, 0, 0, 0, VNET_CMD_EVENT, VNET_SET_EVENT, values)) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_multicast_netns(&vnet_nl_family, net, skb, 0, VNET_NLGRP_EVENTS, gfp);
}

static bool is_heard(const struct net_device *dev)
{
	return genl_has_listeners(&vnet_nl_family, dev_net(dev), VNET_NLGRP_EVENTS);
}

void vnet_event(struct net_device *dev, enum vnet_event_type type, gfp_t gfp)
{
	struct vnet_event_values values = { .type = type };

	if (is_heard(dev))
		send_event(dev, &values, gfp);
}

/* A device came, or a parameter has another value: with the seed that it has now. */
void vnet_params_event(struct net_device *dev, enum vnet_event_type type)
{
	const struct vnet_priv *priv = netdev_priv(dev);
	struct vnet_event_values values = {
		.has = BIT_ULL(VNET_A_EVENT_SEED),
		.type = type,
	};
	struct vnet_params params;

	if (!is_heard(dev))
		return;
	vnet_core_params_get(priv->core, &params);
	values.seed = params.seed;
	send_event(dev, &values, GFP_KERNEL);
}

/* From transmit, poll or the watchdog: never sleeps. With interrupts off (netpoll) nobody
 * is told.
 */
void vnet_queue_event(const struct vnet_host_queue *queue, enum vnet_event_type type, u64 value)
{
	struct vnet_event_values values = {
		.has = BIT_ULL(VNET_A_EVENT_QUEUE) | BIT_ULL(VNET_A_EVENT_VALUE),
		.type = type,
		.queue = queue->index,
		.value = value,
	};

	if (!irqs_disabled() && is_heard(queue->dev))
		send_event(queue->dev, &values, GFP_ATOMIC);
}

/* From any context; with interrupts off nobody is told. */
void vnet_fault_event(struct net_device *dev, const struct vnet_fault_event *event)
{
	static const enum vnet_event_type types[] = {
		[VNET_FAULT_NEWS_ARMED] = VNET_EVENT_TYPE_FAULT_ARMED,
		[VNET_FAULT_NEWS_FIRED] = VNET_EVENT_TYPE_FAULT_FIRED,
		[VNET_FAULT_NEWS_ENDED] = VNET_EVENT_TYPE_FAULT_ENDED,
		[VNET_FAULT_NEWS_FORCED] = VNET_EVENT_TYPE_FAULT_FORCED,
	};
	struct vnet_event_values values = {
		.has = BIT_ULL(VNET_A_EVENT_VALUE) | BIT_ULL(VNET_A_EVENT_FAULT) |
		       BIT_ULL(VNET_A_EVENT_FAULT_WHAT),
		.type = types[event->news],
		.queue = event->queue,
		.value = event->value,
		.fault = event->id,
		.fault_what = event->what,
		.frame = event->frame,
	};

	if (event->frame)
		values.has |= BIT_ULL(VNET_A_EVENT_FRAME);
	if (event->queue != VNET_FAULT_ALL_QUEUES)
		values.has |= BIT_ULL(VNET_A_EVENT_QUEUE);
	if (!irqs_disabled() && is_heard(dev))
		send_event(dev, &values, GFP_ATOMIC);
}

/* Under RTNL: rtnetlink tells of it, and so does our own notifier (netdev.c). */
void vnet_device_changed(struct net_device *dev)
{
	call_netdevice_notifiers(NETDEV_CHANGEINFODATA, dev);
}

void vnet_link_changed(struct net_device *dev)
{
	struct net_device *peer = vnet_peer(dev);

	vnet_device_changed(dev);
	if (peer)
		vnet_device_changed(peer);
}
