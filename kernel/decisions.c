// SPDX-License-Identifier: GPL-2.0-only
/*
 * What befalls frames on impaired wires, on the multicast group `decisions`, while somebody
 * listens: a message for each batch of the core's. The receiver's network namespace is told, and
 * the sender's if that is another one: whoever may impair a wire from either end can hear of it.
 */
#include <linux/ktime.h>
#include <linux/netdevice.h>
#include <linux/slab.h>
#include <vnet/decision.h>
#include <vnet/host.h>

#include "control.h"
#include "netlink.h"
#include "vnet.h"

static bool is_heard_in(struct net *net)
{
	return genl_has_listeners(&vnet_nl_family, net, VNET_NLGRP_DECISIONS);
}

/* Under RCU. The sender, if it is where the receiver's listeners do not hear of it. */
static struct net_device *sender_elsewhere(const struct net_device *dev)
{
	struct net_device *peer = vnet_peer(dev);

	return peer && !net_eq(dev_net(peer), dev_net(dev)) ? peer : NULL;
}

/* With interrupts off (netpoll) nobody is told. */
int vnet_host_decisions_heard(void *host_queue)
{
	const struct vnet_host_queue *queue = host_queue;
	struct net_device *sender;
	bool heard;

	if (irqs_disabled())
		return 0;
	if (is_heard_in(dev_net(queue->dev)))
		return 1;
	rcu_read_lock();
	sender = sender_elsewhere(queue->dev);
	heard = sender && is_heard_in(dev_net(sender));
	rcu_read_unlock();
	return heard;
}

static void fill(struct vnet_decided_values *values, const struct vnet_host_queue *queue,
		 const struct vnet_decisions *decisions)
{
	u32 i;

	memset(values, 0, offsetof(struct vnet_decided_values, decision));
	values->queue = queue->index;
	values->time = ktime_get_real_ns();
	values->seed = decisions->seed;
	values->run = decisions->run;
	values->sequence = decisions->sequence;
	values->has = BIT_ULL(VNET_A_DECIDED_DECISION + 1) - BIT_ULL(VNET_A_DECIDED_IFINDEX);
	values->decision_count = decisions->count;
	for (i = 0; i < decisions->count; i++)
		vnet_core_decision_values(&decisions->list[i], &values->decision[i]);
}

/* Without memory the listeners are told that something is missing, as when they have no room. */
static void send_to(struct net_device *dev, enum vnet_direction direction,
		    struct vnet_decided_values *values)
{
	struct net *net = dev_net(dev);
	struct sk_buff *skb;

	if (!is_heard_in(net))
		return;
	values->ifindex = dev->ifindex;
	values->ifname = (struct vnet_bytes) { dev->name, strnlen(dev->name, IFNAMSIZ) };
	values->direction = direction;
	skb = vnet_memory(genlmsg_new(NLMSG_DEFAULT_SIZE, GFP_ATOMIC | __GFP_NOWARN));
	if (!skb) {
		genl_set_err(&vnet_nl_family, net, 0, VNET_NLGRP_DECISIONS, -ENOBUFS);
		return;
	}
	if (vnet_nl_put(skb, 0, 0, 0, VNET_CMD_DECIDED, VNET_SET_DECIDED, values)) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_multicast_netns(&vnet_nl_family, net, skb, 0, VNET_NLGRP_DECISIONS, GFP_ATOMIC);
}

void vnet_host_decisions(void *host_queue, const struct vnet_decisions *decisions)
{
	const struct vnet_host_queue *queue = host_queue;
	struct vnet_decided_values *values;
	struct net_device *sender;

	/* With its decisions it is too large for a stack. */
	values = vnet_memory(kmalloc(sizeof(*values), GFP_ATOMIC | __GFP_NOWARN));
	rcu_read_lock();
	sender = sender_elsewhere(queue->dev);
	if (values) {
		fill(values, queue, decisions);
		send_to(queue->dev, VNET_DIRECTION_RX, values);
		if (sender)
			send_to(sender, VNET_DIRECTION_TX, values);
	} else {
		genl_set_err(&vnet_nl_family, dev_net(queue->dev), 0, VNET_NLGRP_DECISIONS,
			     -ENOBUFS);
	}
	rcu_read_unlock();
	kfree(values);
}
