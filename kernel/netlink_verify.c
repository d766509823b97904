// SPDX-License-Identifier: GPL-2.0-only
/* wire-get, golden-get: what `vnet verify` wants to know. */
#include <linux/rtnetlink.h>
#include <vnet/impair.h>

#include "control.h"
#include "netlink.h"
#include "vnet.h"

/* A message, and what the core needs room for: it is large. */
struct wire_request {
	struct vnet_wire_values values;	/* first: it is the request, too */
	struct vnet_wire_view view;
};

/* ---- wire-get */

static struct net_device *find(const struct sk_buff *skb, struct genl_info *info,
			       const struct vnet_wire_values *values, struct net_device **receiver)
{
	struct vnet_which which = vnet_nl_which(info->nlhdr, values);
	struct net_device *dev = vnet_nl_device(genl_info_net(info), &which, info->extack);
	int err;

	if (IS_ERR(dev))
		return dev;
	if (!vnet_has(values, VNET_A_WIRE_DIRECTION) || !vnet_has(values, VNET_A_WIRE_QUEUE)) {
		NL_SET_ERR_MSG(info->extack, "direction, queue: are needed");
		return ERR_PTR(-EINVAL);
	}
	if (!vnet_peer(dev)) {
		NL_SET_ERR_MSG(info->extack, "device: has no link");
		return ERR_PTR(-ENOTCONN);
	}
	err = vnet_check_link_change(dev, skb, info->extack);
	if (err)
		return ERR_PTR(err);
	*receiver = vnet_nl_receiver(dev, values->direction);
	return dev;
}

static int get_wire(const struct sk_buff *skb, struct genl_info *info,
		    struct wire_request *request)
{
	struct vnet_wire_values *values = &request->values;
	struct net_device *receiver, *dev = find(skb, info, values, &receiver);
	struct vnet_priv *priv, *sender;
	int err;

	if (IS_ERR(dev))
		return PTR_ERR(dev);
	priv = netdev_priv(receiver);
	sender = netdev_priv(vnet_peer(receiver));
	vnet_polls_pause(receiver);
	err = vnet_core_wire_moment(priv->core, values->queue, &request->view, values);
	if (!err) {
		vnet_core_queue_stats(sender->core, values->queue, &request->view.queue);
		values->sent = request->view.queue.tx_frames;
	}
	vnet_polls_resume(receiver);
	if (err) {
		NL_SET_ERR_MSG_ATTR(info->extack, vnet_nl_attribute(info->nlhdr, VNET_A_WIRE_QUEUE),
				    "queue: the receiver has no such queue");
		return err;
	}
	values->ifindex = dev->ifindex;
	strscpy(values->ifname, dev->name, sizeof(values->ifname));
	values->has |= BIT_ULL(VNET_A_WIRE_IFINDEX) | BIT_ULL(VNET_A_WIRE_IFNAME) |
		       BIT_ULL(VNET_A_WIRE_SENT);
	return 0;
}

int vnet_nl_wire_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct wire_request *request = vnet_nl_request(info, sizeof(*request));
	int err;

	if (IS_ERR(request))
		return PTR_ERR(request);
	rtnl_lock();
	err = get_wire(skb, info, request);
	rtnl_unlock();
	if (!err)
		err = vnet_nl_reply(info, VNET_SET_WIRE, &request->values);
	kfree(request);
	return err;
}

/* ---- golden-get */

static int check_golden(struct genl_info *info, struct vnet_golden_values *values)
{
	struct vnet_which which = vnet_nl_which(info->nlhdr, values);
	struct net_device *dev;

	dev = vnet_nl_device(genl_info_net(info), &which, info->extack);
	if (IS_ERR(dev))
		return PTR_ERR(dev);
	values->ifindex = dev->ifindex;
	strscpy(values->ifname, dev->name, sizeof(values->ifname));
	values->has |= BIT_ULL(VNET_A_GOLDEN_IFINDEX) | BIT_ULL(VNET_A_GOLDEN_IFNAME);
	return 0;
}

/* It has nothing to do with the device, and takes long: not under RTNL. */
int vnet_nl_golden_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct vnet_golden_values *values = vnet_nl_request(info, sizeof(*values));
	int err;

	if (IS_ERR(values))
		return PTR_ERR(values);
	rtnl_lock();
	err = check_golden(info, values);
	rtnl_unlock();
	if (!err) {
		vnet_core_golden_values(values);
		err = vnet_nl_reply(info, VNET_SET_GOLDEN, values);
	}
	kfree(values);
	return err;
}
