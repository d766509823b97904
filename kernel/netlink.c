// SPDX-License-Identifier: GPL-2.0-only
/*
 * The generic netlink family `vnet` (spec/vnet.yaml): requests in, replies out.
 *
 * Attributes are the core's to decode and encode, so that both hosts agree to the
 * byte. What is read or changed of a device is under RTNL, the core's context (C);
 * nothing else is shared, so requests run beside each other (parallel_ops).
 */
#include <linux/module.h>
#include <linux/rtnetlink.h>

#include "control.h"
#include "netlink.h"
#include "vnet.h"

struct genl_family vnet_nl_family __ro_after_init = {
	.name = VNET_FAMILY_NAME,
	.version = VNET_FAMILY_VERSION,
	.netnsok = true,
	.parallel_ops = true,
	.module = THIS_MODULE,
	/* No policy: the core's decoder looks at attributes. From here on the kernel would take
	 * that for "no attributes at all" (net/netlink/genetlink.c).
	 */
	.resv_start_op = __VNET_CMD_MAX,
	.small_ops = vnet_nl_ops,
	.n_small_ops = ARRAY_SIZE(vnet_nl_ops),
	.mcgrps = vnet_nl_mcgrps,
	.n_mcgrps = ARRAY_SIZE(vnet_nl_mcgrps),
};

int __init vnet_netlink_register(void)
{
	return genl_register_family(&vnet_nl_family);
}

void vnet_netlink_unregister(void)
{
	genl_unregister_family(&vnet_nl_family);
}

/* ---- requests */

int vnet_nl_decode(const struct nlmsghdr *nlh, bool dump, void *values,
		   struct netlink_ext_ack *extack)
{
	const struct genlmsghdr *header = nlmsg_data(nlh);
	const u8 *attributes = genlmsg_data(header);
	struct vnet_control_error error = {};
	int err;

	if (header->reserved) {
		NL_SET_ERR_MSG(extack, "genlmsghdr: reserved must be 0");
		return -EINVAL;
	}
	err = vnet_core_request_decode(header->cmd, dump, attributes, genlmsg_len(header), values,
				       &error);
	if (err && extack) {
		NL_SET_BAD_ATTR(extack, (const struct nlattr *)(attributes + error.offset));
		extack->_msg = error.text;
	}
	return err;
}

void *vnet_nl_request(struct genl_info *info, size_t size)
{
	void *values = vnet_memory(kmalloc(size, GFP_KERNEL));
	int err;

	if (!values)
		return ERR_PTR(-ENOMEM);
	err = vnet_nl_decode(info->nlhdr, false, values, info->extack);
	if (!err)
		return values;
	kfree(values);
	return ERR_PTR(err);
}

const struct nlattr *vnet_nl_attribute(const struct nlmsghdr *nlh, int type)
{
	const struct genlmsghdr *header = nlmsg_data(nlh);

	return nla_find(genlmsg_data(header), genlmsg_len(header), type);
}

void vnet_nl_refused(struct genl_info *info, const struct vnet_refusal *refusal)
{
	const struct nlattr *attr = NULL;

	if (!info->extack || !refusal->text)
		return;
	if (refusal->attribute)
		attr = vnet_nl_attribute(info->nlhdr, refusal->attribute);
	if (!attr && refusal->other)
		attr = vnet_nl_attribute(info->nlhdr, refusal->other);
	NL_SET_BAD_ATTR(info->extack, attr);
	info->extack->_msg = refusal->text;
}

int vnet_nl_only(const struct nlattr *nest, u64 mask, struct netlink_ext_ack *extack)
{
	const struct nlattr *attr;
	int left;

	if (!nest)
		return 0;
	nla_for_each_nested(attr, nest, left) {
		if (mask & BIT_ULL(nla_type(attr)))
			continue;
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "device, peer: this command takes no such attribute there");
		return -EINVAL;
	}
	return 0;
}

static void no_device(const struct vnet_which *which, int type, const char *text,
		      struct netlink_ext_ack *extack)
{
	if (!extack)
		return;
	NL_SET_BAD_ATTR(extack, nla_find(which->attributes, which->length, type));
	extack->_msg = text;
}

struct net_device *vnet_nl_device(struct net *net, const struct vnet_which *which,
				  struct netlink_ext_ack *extack)
{
	struct net_device *dev;

	ASSERT_RTNL();
	if (!which->ifindex && !which->ifname[0]) {
		NL_SET_ERR_MSG(extack, "ifindex or ifname must say which device");
		return ERR_PTR(-EINVAL);
	}
	if (which->ifname[0]) {
		dev = __dev_get_by_name(net, which->ifname);
		if (!dev || !vnet_is_ours(dev)) {
			no_device(which, VNET_A_DEVICE_IFNAME, "ifname: no such vnet device",
				  extack);
			return ERR_PTR(-ENODEV);
		}
		if (!which->ifindex || which->ifindex == dev->ifindex)
			return dev;
		no_device(which, VNET_A_DEVICE_IFINDEX,
			  "ifindex: is another device's than ifname", extack);
		return ERR_PTR(-ENODEV);
	}
	dev = __dev_get_by_index(net, which->ifindex);
	if (dev && vnet_is_ours(dev))
		return dev;
	no_device(which, VNET_A_DEVICE_IFINDEX, "ifindex: no such vnet device", extack);
	return ERR_PTR(-ENODEV);
}

struct net_device *vnet_nl_link_device(struct genl_info *info,
				       const struct vnet_device_values *device, u64 also)
{
	const struct nlattr *nest = vnet_nl_attribute(info->nlhdr, VNET_A_LINK_DEVICE);
	struct vnet_which which = {
		.ifindex = device->ifindex,
		.ifname = device->ifname,
		.attributes = nest ? nla_data(nest) : NULL,
		.length = nest ? nla_len(nest) : 0,
	};
	int err;

	err = vnet_nl_only(nest, also | BIT_ULL(VNET_A_DEVICE_IFINDEX) |
				 BIT_ULL(VNET_A_DEVICE_IFNAME), info->extack);
	return err ? ERR_PTR(err) : vnet_nl_device(genl_info_net(info), &which, info->extack);
}

/* ---- replies */

int vnet_nl_put(struct sk_buff *skb, u32 portid, u32 seq, int flags, u8 command,
		enum vnet_set set, const void *values)
{
	void *header = genlmsg_put(skb, portid, seq, &vnet_nl_family, flags, command);
	int len;

	if (!header)
		return -EMSGSIZE;
	len = vnet_core_encode(set, values, skb_tail_pointer(skb), skb_tailroom(skb));
	if (len < 0) {
		genlmsg_cancel(skb, header);
		return -EMSGSIZE;
	}
	skb_put(skb, len);
	genlmsg_end(skb, header);
	return 0;
}

int vnet_nl_reply(struct genl_info *info, enum vnet_set set, const void *values)
{
	struct sk_buff *skb = vnet_memory(genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL));
	int err;

	if (!skb)
		return -ENOMEM;
	err = vnet_nl_put(skb, info->snd_portid, info->snd_seq, 0, info->genlhdr->cmd, set, values);
	if (!err)
		return genlmsg_reply(skb, info);
	nlmsg_free(skb);
	return err;
}
