// SPDX-License-Identifier: GPL-2.0-only
/*
 * Dumps. Each message's devices are those of one hold of RTNL; the next goes on where
 * it ended, by the device's index, so that the whole is linear. What comes, goes or moves
 * in between makes the kernel mark the rest (NLM_F_DUMP_INTR).
 */
#include <linux/rtnetlink.h>
#include <net/sock.h>

#include "compat/walk.h"
#include "control.h"
#include "netlink.h"
#include "netlink_dump.h"
#include "vnet.h"

int vnet_nl_dump_put(struct vnet_nl_dump *dump, enum vnet_set set)
{
	const struct genlmsghdr *request = nlmsg_data(dump->cb->nlh);
	unsigned int before = dump->skb->len;
	int err;

	err = vnet_nl_put(dump->skb, NETLINK_CB(dump->cb->skb).portid, dump->cb->nlh->nlmsg_seq,
			  NLM_F_MULTI, request->cmd, set, dump->values);
	if (!err)
		nl_dump_check_consistent(dump->cb, (struct nlmsghdr *)(dump->skb->data + before));
	return err;
}

static int walk_all(struct vnet_nl_dump *dump, struct net *net, const struct vnet_nl_dump_ops *ops)
{
	unsigned long *place = (unsigned long *)&dump->cb->args[0];
	struct net_device *dev;
	int err;

	for (dev = vnet_walk_at(net, place); dev; dev = vnet_walk_next(net, place, dev)) {
		if (!vnet_is_ours(dev))
			continue;
		err = ops->one(dump, dev);
		if (err)
			return err;
		dump->cb->args[1] = 0;
	}
	return 0;
}

static int walk(struct vnet_nl_dump *dump, struct net *net, const struct vnet_nl_dump_ops *ops)
{
	int err = ops->request ? ops->request(dump, net) : 0;

	if (err)
		return err;
	dump->cb->seq = net->dev_base_seq;
	if (!dump->only)
		return walk_all(dump, net, ops);
	if (dump->cb->args[0])
		return 0;
	err = ops->one(dump, dump->only);
	dump->cb->args[0] = !err;
	return err;
}

int vnet_nl_dump(struct sk_buff *skb, struct netlink_callback *cb,
		 const struct vnet_nl_dump_ops *ops)
{
	struct vnet_nl_dump dump = { .skb = skb, .cb = cb };
	int err;

	dump.values = vnet_memory(kmalloc(ops->size, GFP_KERNEL));
	if (!dump.values)
		return -ENOMEM;
	err = vnet_nl_decode(cb->nlh, true, dump.values, cb->extack);
	if (!err) {
		rtnl_lock();
		err = walk(&dump, sock_net(skb->sk), ops);
		rtnl_unlock();
	}
	kfree(dump.values);
	/* Something is in this message: the rest comes in the next. */
	return err == -EMSGSIZE && skb->len ? skb->len : err;
}
