// SPDX-License-Identifier: GPL-2.0-only
/*
 * impair-get, impair-set, impair-del: what the wire does. It stands at the end that
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

/* The end at which the wire of a direction is; or NULL. */
static struct net_device *receiver_of(struct net_device *dev, u8 direction)
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

/* The device that a request names, and of its direction the receiver. */
static struct net_device *find(struct genl_info *info, const struct vnet_impair_values *values,
			       struct net_device **receiver)
{
	struct vnet_which which = vnet_nl_which(info->nlhdr, values);
	struct net_device *dev = vnet_nl_device(genl_info_net(info), &which, info->extack);

	if (IS_ERR(dev))
		return dev;
	if (!vnet_has(values, VNET_A_IMPAIR_DIRECTION)) {
		NL_SET_ERR_MSG(info->extack, "direction: is needed");
		return ERR_PTR(-EINVAL);
	}
	*receiver = receiver_of(dev, values->direction);
	if (*receiver)
		return dev;
	NL_SET_ERR_MSG(info->extack, "device: has no link");
	return ERR_PTR(-ENOTCONN);
}

/* ---- impair-get */

/* Under RTNL to the end: the message points into the core. */
static int get_impair(struct genl_info *info, struct impair_view *view)
{
	struct net_device *receiver, *dev = find(info, &view->values, &receiver);
	bool of_queue = vnet_has(&view->values, VNET_A_IMPAIR_QUEUE);
	u32 queue = view->values.queue;
	const char *why = NULL;
	struct vnet_priv *priv;
	int err;

	if (IS_ERR(dev))
		return PTR_ERR(dev);
	priv = netdev_priv(receiver);
	fill(view, dev, view->values.direction, receiver);
	err = of_queue ? vnet_core_wire_values(priv->core, queue, &view->values, &why) : 0;
	if (err) {
		NL_SET_ERR_MSG_ATTR(info->extack,
				    vnet_nl_attribute(info->nlhdr, VNET_A_IMPAIR_QUEUE),
				    "queue: the device has no such queue");
		return err;
	}
	return vnet_nl_reply(info, VNET_SET_IMPAIR, &view->values);
}

int vnet_nl_impair_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct impair_view *view = vnet_nl_request(info, sizeof(*view));
	int err;

	if (IS_ERR(view))
		return PTR_ERR(view);
	rtnl_lock();
	err = get_impair(info, view);
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

/* Both directions: args[1] is how many of them are sent. */
static int dump_impair(struct vnet_nl_dump *dump, struct net_device *dev)
{
	long *sent = &dump->cb->args[1];
	struct net_device *receiver;
	int err;

	for (; *sent <= VNET_DIRECTION_MAX; ++*sent) {
		receiver = receiver_of(dev, *sent);
		if (!receiver)
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

/* ---- impair-set, impair-del */

static int set_knobs(struct vnet_device *core, const struct vnet_impair_values *values,
		     const char **why)
{
	return vnet_core_impair_change(core, values, why);
}

static int del_knobs(struct vnet_device *core, const struct vnet_impair_values *values,
		     const char **why)
{
	bool some = vnet_has(values, VNET_A_IMPAIR_KNOBS);

	return vnet_core_impair_remove(core, some ? values->knobs : ~0u, why);
}

typedef int change_fn(struct vnet_device *core, const struct vnet_impair_values *values,
		      const char **why);

static int change_impair(struct genl_info *info, const struct vnet_impair_values *values,
			 change_fn *change)
{
	struct net_device *receiver, *dev = find(info, values, &receiver);
	const char *why = NULL;
	struct vnet_priv *priv;
	int err;

	if (IS_ERR(dev))
		return PTR_ERR(dev);
	if (!vnet_may_change_peer(dev)) {
		NL_SET_ERR_MSG(info->extack,
			       "link: needs CAP_NET_ADMIN in the peer's network namespace");
		return -EPERM;
	}
	priv = netdev_priv(receiver);
	vnet_polls_pause(receiver);
	err = change(priv->core, values, &why);
	vnet_polls_resume(receiver);
	if (!err)
		vnet_link_changed(dev);
	else if (why && info->extack)
		info->extack->_msg = why;
	return err;
}

static int change_by(struct genl_info *info, change_fn *change)
{
	struct vnet_impair_values *values = vnet_nl_request(info, sizeof(*values));
	int err;

	if (IS_ERR(values))
		return PTR_ERR(values);
	rtnl_lock();
	err = change_impair(info, values, change);
	rtnl_unlock();
	kfree(values);
	return err;
}

int vnet_nl_impair_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	return change_by(info, set_knobs);
}

int vnet_nl_impair_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	return change_by(info, del_knobs);
}
