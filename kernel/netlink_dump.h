/* SPDX-License-Identifier: GPL-2.0-only */
/* All devices of a network namespace, over as many messages as it takes. */
#ifndef VNET_KERNEL_NETLINK_DUMP_H
#define VNET_KERNEL_NETLINK_DUMP_H

#include <linux/netdevice.h>
#include <vnet/control.h>

struct vnet_nl_dump {
	struct sk_buff *skb;		/* what is being filled */
	struct netlink_callback *cb;	/* args[0] is the place of the walk, args[1] one()'s own */
	void *values;			/* the request's struct, then what one() makes of it */
	struct net_device *only;	/* NULL: all */
	bool per_queue;
};

struct vnet_nl_dump_ops {
	size_t size;	/* of the struct */
	/* Optional: what the request says. It is read anew for each message of the dump. */
	int (*request)(struct vnet_nl_dump *dump, struct net *net);
	/* 0, or -EMSGSIZE: to be asked for the same device again, with a new skb. */
	int (*one)(struct vnet_nl_dump *dump, struct net_device *dev);
};

int vnet_nl_dump(struct sk_buff *skb, struct netlink_callback *cb,
		 const struct vnet_nl_dump_ops *ops);
int vnet_nl_dump_put(struct vnet_nl_dump *dump, enum vnet_set set);

#endif
