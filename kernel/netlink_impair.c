// SPDX-License-Identifier: GPL-2.0-only
/*
 * impair-get, impair-set, impair-del, impair-trace: what the wire does. It stands at the end that
 * receives: of what a device sends, at its peer.
 */
#include <linux/rtnetlink.h>
#include <vnet/impair.h>

#include "control.h"
#include "netlink.h"
#include "netlink_dump.h"
#include "vnet.h"

/* A message with what it points to. */
struct impair_view {
	struct vnet_impair_values values;	/* first: it is the request, too */
	struct vnet_impair_stats stats;
};

static struct vnet_device *core_of(struct net_device *dev)
{
	struct vnet_priv *priv = netdev_priv(dev);

	return priv->core;
}

struct net_device *vnet_nl_receiver(struct net_device *dev, u8 direction)
{
	return direction == VNET_DIRECTION_TX ? vnet_peer(dev) : dev;
}

static void fill(struct impair_view *view, struct net_device *dev, u8 direction,
		 const struct net_device *receiver)
{
	struct vnet_impair_values *values = &view->values;
	const struct vnet_priv *priv = netdev_priv(receiver);

	vnet_core_impair_values(priv->core, &view->stats, values);
	values->ifindex = dev->ifindex;
	strscpy(values->ifname, dev->name, sizeof(values->ifname));
	values->direction = direction;
	values->has |= BIT_ULL(VNET_A_IMPAIR_IFINDEX) | BIT_ULL(VNET_A_IMPAIR_IFNAME) |
		       BIT_ULL(VNET_A_IMPAIR_DIRECTION);
}

static struct net_device *find(struct genl_info *info, const struct vnet_impair_values *values)
{
	struct vnet_which which = vnet_nl_which(info->nlhdr, values);

	return vnet_nl_device(genl_info_net(info), &which, info->extack);
}

static int no_link(struct genl_info *info)
{
	NL_SET_ERR_MSG(info->extack, "device: has no link");
	return -ENOTCONN;
}

/* ---- impair-get */

/* Under RTNL to the end: the message points into the core. */
static int get_impair(struct sk_buff *skb, struct genl_info *info, struct impair_view *view)
{
	const struct vnet_impair_values *values = &view->values;
	bool of_queue = vnet_has(values, VNET_A_IMPAIR_QUEUE);
	struct net_device *receiver, *dev = find(info, values);
	u32 queue = values->queue;
	const char *why = NULL;
	int err;

	if (IS_ERR(dev))
		return PTR_ERR(dev);
	if (!vnet_has(values, VNET_A_IMPAIR_DIRECTION)) {
		NL_SET_ERR_MSG(info->extack, "direction: is needed");
		return -EINVAL;
	}
	receiver = vnet_nl_receiver(dev, values->direction);
	if (!receiver)
		return no_link(info);
	if (!vnet_nl_may_see(skb, dev, receiver)) {
		NL_SET_ERR_MSG_ATTR(info->extack,
				    vnet_nl_attribute(info->nlhdr, VNET_A_IMPAIR_DIRECTION),
				    "direction: tx needs CAP_NET_ADMIN in the peer's network namespace");
		return -EPERM;
	}
	fill(view, dev, values->direction, receiver);
	err = of_queue ? vnet_core_wire_values(core_of(receiver), queue, &view->values, &why) : 0;
	if (err) {
		NL_SET_ERR_MSG_ATTR(info->extack,
				    vnet_nl_attribute(info->nlhdr, VNET_A_IMPAIR_QUEUE),
				    "queue: the device has no such queue");
		return err;
	}
	return vnet_nl_reply(info, VNET_SET_IMPAIR, values);
}

int vnet_nl_impair_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct impair_view *view = vnet_nl_request(info, sizeof(*view));
	int err;

	if (IS_ERR(view))
		return PTR_ERR(view);
	rtnl_lock();
	err = get_impair(skb, info, view);
	rtnl_unlock();
	kfree(view);
	return err;
}

static int impair_request(struct vnet_nl_dump *dump, struct net *net)
{
	const struct vnet_impair_values *values = dump->values;
	struct vnet_which which = vnet_nl_which(dump->cb->nlh, values);

	if (!which.ifindex && !which.ifname[0])
		return 0;
	dump->only = vnet_nl_device(net, &which, dump->cb->extack);
	return PTR_ERR_OR_ZERO(dump->only);
}

/* Both directions that the reader may see: args[1] is with how many of them we are done. */
static int dump_impair(struct vnet_nl_dump *dump, struct net_device *dev)
{
	long *sent = &dump->cb->args[1];
	struct net_device *receiver;
	int err;

	for (; *sent <= VNET_DIRECTION_MAX; ++*sent) {
		receiver = vnet_nl_receiver(dev, *sent);
		if (!receiver || !vnet_nl_may_see(dump->cb->skb, dev, receiver))
			continue;
		fill(dump->values, dev, *sent, receiver);
		err = vnet_nl_dump_put(dump, VNET_SET_IMPAIR);
		if (err)
			return err;
	}
	return 0;
}

int vnet_nl_impair_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	static const struct vnet_nl_dump_ops ops = {
		.size = sizeof(struct impair_view),
		.request = impair_request,
		.one = dump_impair,
	};

	return vnet_nl_dump(skb, cb, &ops);
}

/* ---- impair-set, impair-del, impair-trace */

typedef int change_fn(const struct vnet_impair_target *target,
		      const struct vnet_impair_values *values, struct vnet_refusal *refusal);

/* Without a direction, both. */
static int change_wires(struct genl_info *info, const struct vnet_impair_values *values,
			struct net_device *dev, struct net_device *peer, change_fn *change)
{
	bool one = vnet_has(values, VNET_A_IMPAIR_DIRECTION);
	struct net_device *first = one ? vnet_nl_receiver(dev, values->direction) : peer;
	struct net_device *second = one ? NULL : dev;
	struct vnet_impair_target target = { .device = core_of(dev) };
	struct vnet_refusal refusal = {};
	int err;

	target.receivers[0] = core_of(first);
	vnet_polls_pause(first);
	if (second) {
		target.receivers[1] = core_of(second);
		vnet_polls_pause(second);
	}
	err = change(&target, values, &refusal);
	if (second)
		vnet_polls_resume(second);
	vnet_polls_resume(first);
	if (err)
		vnet_nl_refused(info, &refusal);
	else
		vnet_link_changed(dev);
	return err;
}

static int change_impair(const struct sk_buff *skb, struct genl_info *info,
			 const struct vnet_impair_values *values, change_fn *change)
{
	struct net_device *peer, *dev = find(info, values);
	int err;

	if (IS_ERR(dev))
		return PTR_ERR(dev);
	err = vnet_check_link_change(dev, skb, info->extack);
	if (err)
		return err;
	peer = vnet_peer(dev);
	if (!peer)
		return no_link(info);
	return change_wires(info, values, dev, peer, change);
}

/* No frame is met by a trace that is only handed over. */
static int take_trace(const struct sk_buff *skb, struct genl_info *info,
		      const struct vnet_impair_values *values, change_fn *unused)
{
	struct net_device *dev = find(info, values);
	struct vnet_refusal refusal = {};
	int err;

	if (IS_ERR(dev))
		return PTR_ERR(dev);
	err = vnet_core_impair_trace(core_of(dev), values, &refusal);
	if (err)
		vnet_nl_refused(info, &refusal);
	return err;
}

static int serve(const struct sk_buff *skb, struct genl_info *info,
		 int (*command)(const struct sk_buff *skb, struct genl_info *info,
				const struct vnet_impair_values *values, change_fn *change),
		 change_fn *change)
{
	struct vnet_impair_values *values = vnet_nl_request(info, sizeof(*values));
	int err;

	if (IS_ERR(values))
		return PTR_ERR(values);
	rtnl_lock();
	err = command(skb, info, values, change);
	rtnl_unlock();
	kfree(values);
	return err;
}

int vnet_nl_impair_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	return serve(skb, info, change_impair, vnet_core_impair_change);
}

int vnet_nl_impair_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	return serve(skb, info, change_impair, vnet_core_impair_remove);
}

int vnet_nl_impair_trace_doit(struct sk_buff *skb, struct genl_info *info)
{
	return serve(skb, info, take_trace, NULL);
}
