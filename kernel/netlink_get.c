// SPDX-License-Identifier: GPL-2.0-only
/* device-get, link-get: one, or each of this network namespace. */
#include <linux/rtnetlink.h>

#include "control.h"
#include "netlink.h"
#include "netlink_dump.h"
#include "vnet.h"

/* ---- device-get */

int vnet_nl_device_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct vnet_device_values *values = vnet_nl_request(info, sizeof(*values));
	struct vnet_which which;
	struct net_device *dev;
	int err = 0;

	if (IS_ERR(values))
		return PTR_ERR(values);
	which = vnet_nl_which(info->nlhdr, values);
	rtnl_lock();
	dev = vnet_nl_device(genl_info_net(info), &which, info->extack);
	if (IS_ERR(dev))
		err = PTR_ERR(dev);
	else
		vnet_device_values(dev, values);
	rtnl_unlock();
	if (!err)
		err = vnet_nl_reply(info, VNET_SET_DEVICE, values);
	kfree(values);
	return err;
}

static int dump_device(struct vnet_nl_dump *dump, struct net_device *dev)
{
	vnet_device_values(dev, dump->values);
	return vnet_nl_dump_put(dump, VNET_SET_DEVICE);
}

int vnet_nl_device_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	static const struct vnet_nl_dump_ops ops = {
		.size = sizeof(struct vnet_device_values),
		.one = dump_device,
	};

	return vnet_nl_dump(skb, cb, &ops);
}

/* ---- link-get */

/* Of an end in another network namespace who may not change it sees the index only,
 * which rtnetlink tells, too.
 */
static void link_values(struct net_device *dev, struct net_device *peer, bool whole,
			struct vnet_link_values *values)
{
	memset(values, 0, sizeof(*values));
	values->has = BIT_ULL(VNET_A_LINK_DEVICE) | BIT_ULL(VNET_A_LINK_PEER);
	vnet_device_values(dev, &values->device);
	if (whole) {
		vnet_device_values(peer, &values->peer);
		return;
	}
	values->peer.ifindex = peer->ifindex;
	values->peer.has = BIT_ULL(VNET_A_DEVICE_IFINDEX);
}

bool vnet_nl_may_see(const struct sk_buff *request, const struct net_device *dev,
		     const struct net_device *peer)
{
	return net_eq(dev_net(dev), dev_net(peer)) ||
	       vnet_may_change_net(dev_net(peer), request);
}

static int get_link(struct sk_buff *skb, struct genl_info *info, struct vnet_link_values *values)
{
	struct net_device *dev = vnet_nl_link_device(info, &values->device, 0);
	struct net_device *peer;

	if (IS_ERR(dev))
		return PTR_ERR(dev);
	peer = vnet_peer(dev);
	if (!peer) {
		NL_SET_ERR_MSG(info->extack, "device: has no link");
		return -ENOTCONN;
	}
	link_values(dev, peer, vnet_nl_may_see(skb, dev, peer), values);
	return 0;
}

int vnet_nl_link_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct vnet_link_values *values = vnet_nl_request(info, sizeof(*values));
	int err;

	if (IS_ERR(values))
		return PTR_ERR(values);
	rtnl_lock();
	err = get_link(skb, info, values);
	rtnl_unlock();
	if (!err)
		err = vnet_nl_reply(info, VNET_SET_LINK, values);
	kfree(values);
	return err;
}

/* With both ends here a link is shown at the one with the lower index. */
static int dump_link(struct vnet_nl_dump *dump, struct net_device *dev)
{
	struct net_device *peer = vnet_peer(dev);

	if (!peer || (net_eq(dev_net(dev), dev_net(peer)) && peer->ifindex < dev->ifindex))
		return 0;
	link_values(dev, peer, vnet_nl_may_see(dump->cb->skb, dev, peer), dump->values);
	return vnet_nl_dump_put(dump, VNET_SET_LINK);
}

int vnet_nl_link_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	static const struct vnet_nl_dump_ops ops = {
		.size = sizeof(struct vnet_link_values),
		.one = dump_link,
	};

	return vnet_nl_dump(skb, cb, &ops);
}
