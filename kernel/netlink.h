/* SPDX-License-Identifier: GPL-2.0-only */
/* Generic netlink: what the files netlink*.c, events.c and drops.c share. */
#ifndef VNET_KERNEL_NETLINK_H
#define VNET_KERNEL_NETLINK_H

#include <net/genetlink.h>
#include <vnet/control.h>

#include "netlink_gen.h"

extern struct genl_family vnet_nl_family;

/* Which device a request is about: by index, by name, or by both, which must agree. */
struct vnet_which {
	u32 ifindex;		/* 0: not given */
	const char *ifname;	/* empty: not given */
	/* Where they stand, for an error. Their numbers are the same in all sets. */
	const struct nlattr *attributes;
	int length;
};

static_assert((int)VNET_A_DEVICE_IFINDEX == (int)VNET_A_STATS_IFINDEX &&
	      (int)VNET_A_DEVICE_IFINDEX == (int)VNET_A_REGS_IFINDEX &&
	      (int)VNET_A_DEVICE_IFINDEX == (int)VNET_A_SEED_IFINDEX &&
	      (int)VNET_A_DEVICE_IFINDEX == (int)VNET_A_IMPAIR_IFINDEX &&
	      (int)VNET_A_DEVICE_IFINDEX == (int)VNET_A_WIRE_IFINDEX &&
	      (int)VNET_A_DEVICE_IFINDEX == (int)VNET_A_GOLDEN_IFINDEX);
static_assert((int)VNET_A_DEVICE_IFNAME == (int)VNET_A_STATS_IFNAME &&
	      (int)VNET_A_DEVICE_IFNAME == (int)VNET_A_REGS_IFNAME &&
	      (int)VNET_A_DEVICE_IFNAME == (int)VNET_A_SEED_IFNAME &&
	      (int)VNET_A_DEVICE_IFNAME == (int)VNET_A_IMPAIR_IFNAME &&
	      (int)VNET_A_DEVICE_IFNAME == (int)VNET_A_WIRE_IFNAME &&
	      (int)VNET_A_DEVICE_IFNAME == (int)VNET_A_GOLDEN_IFNAME);

/* A request's struct of `size` bytes, decoded; to be freed by kfree(). Or an ERR_PTR(). */
void *vnet_nl_request(struct genl_info *info, size_t size);
int vnet_nl_decode(const struct nlmsghdr *nlh, bool dump, void *values,
		   struct netlink_ext_ack *extack);
const struct nlattr *vnet_nl_attribute(const struct nlmsghdr *nlh, int type);

/* Under RTNL. Or an ERR_PTR(). */
struct net_device *vnet_nl_device(struct net *net, const struct vnet_which *which,
				  struct netlink_ext_ack *extack);

/* What stands outermost in a request; `values` is any struct with both. */
#define vnet_nl_which(nlh, values) ((struct vnet_which) {		\
		.ifindex = (values)->ifindex,				\
		.ifname = (values)->ifname,				\
		.attributes = genlmsg_data(nlmsg_data(nlh)),		\
		.length = genlmsg_len(nlmsg_data(nlh)),			\
	})

/* The same of the nest `device` of a request about a link. What the nest may have beside
 * index and name is in `also`, as bits.
 */
struct net_device *vnet_nl_link_device(struct genl_info *info,
				       const struct vnet_device_values *device, u64 also);

/* The nest `info` in the nest of a device; NULL if either is not there. */
static inline const struct nlattr *vnet_nl_info_in(const struct nlattr *nest)
{
	return nest ? nla_find(nla_data(nest), nla_len(nest), VNET_A_DEVICE_INFO) : NULL;
}

/* Only the attributes of `mask` may stand in `nest`, which may be NULL. */
int vnet_nl_only(const struct nlattr *nest, u64 mask, struct netlink_ext_ack *extack);

/* Whether a reader may be shown what is at `peer`, which may be `dev` itself. */
bool vnet_nl_may_see(const struct sk_buff *request, const struct net_device *dev,
		     const struct net_device *peer);

/* The core's words, and the place of the attribute, if the request has it. */
void vnet_nl_refused(struct genl_info *info, const struct vnet_refusal *refusal);
/* netlink_impair.c: the end at which the wire of a device's direction is; or NULL. */
struct net_device *vnet_nl_receiver(struct net_device *dev, u8 direction);

/* One message with `values` of `set`: into `skb`, or as the reply. */
int vnet_nl_put(struct sk_buff *skb, u32 portid, u32 seq, int flags, u8 command,
		enum vnet_set set, const void *values);
int vnet_nl_reply(struct genl_info *info, enum vnet_set set, const void *values);

#endif
