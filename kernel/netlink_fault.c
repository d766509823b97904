// SPDX-License-Identifier: GPL-2.0-only
/* fault-get, fault-add, fault-del, fault-fire. */
#include <linux/rtnetlink.h>
#include <vnet/fault.h>

#include "control.h"
#include "netlink.h"
#include "netlink_dump.h"
#include "vnet.h"

struct fault_request {
	struct vnet_fault_values values;
	struct vnet_fault fault;
	struct vnet_fault_info info;
};

static void fault_values(struct net_device *dev, const struct vnet_fault_info *info,
			 struct vnet_fault_values *values)
{
	vnet_core_fault_values(info, values);
	values->ifindex = dev->ifindex;
	strscpy(values->ifname, dev->name, sizeof(values->ifname));
	values->has |= BIT_ULL(VNET_A_FAULT_IFINDEX) | BIT_ULL(VNET_A_FAULT_IFNAME);
}

static int no_fault(struct genl_info *info)
{
	NL_SET_ERR_MSG_ATTR(info->extack, vnet_nl_attribute(info->nlhdr, VNET_A_FAULT_ID),
			    "id: the device has no such fault");
	return -ENOENT;
}

static int needs_id(struct genl_info *info, const struct fault_request *request)
{
	if (vnet_has(&request->values, VNET_A_FAULT_ID))
		return 0;
	NL_SET_ERR_MSG(info->extack, "id: is needed");
	return -EINVAL;
}

static int get_fault(struct genl_info *info, struct net_device *dev, struct fault_request *request)
{
	struct vnet_priv *priv = netdev_priv(dev);
	u32 id = request->values.id;
	int err = needs_id(info, request);

	if (err)
		return err;
	if (!vnet_core_fault_list(priv->core, id, &request->info) || request->info.id != id)
		return no_fault(info);
	fault_values(dev, &request->info, &request->values);
	return 0;
}

static int add_fault(struct genl_info *info, struct net_device *dev, struct fault_request *request)
{
	struct vnet_priv *priv = netdev_priv(dev);
	struct vnet_refusal refusal = {};
	u32 id;
	int err;

	err = vnet_core_fault_from_values(&request->values, &request->fault, &refusal);
	if (!err) {
		vnet_polls_pause(dev);
		err = vnet_core_fault_add(priv->core, &request->fault, &id, &refusal);
		vnet_polls_resume(dev);
	}
	if (err) {
		vnet_nl_refused(info, &refusal);
		return err;
	}
	vnet_core_fault_list(priv->core, id, &request->info);
	fault_values(dev, &request->info, &request->values);
	return 0;
}

static int del_fault(struct genl_info *info, struct net_device *dev, struct fault_request *request)
{
	struct vnet_priv *priv = netdev_priv(dev);
	int err;

	vnet_polls_pause(dev);
	err = vnet_core_fault_del(priv->core, vnet_has(&request->values, VNET_A_FAULT_ID) ?
						      request->values.id : 0);
	vnet_polls_resume(dev);
	return err ? no_fault(info) : 0;
}

static int fire_fault(struct genl_info *info, struct net_device *dev, struct fault_request *request)
{
	struct vnet_priv *priv = netdev_priv(dev);
	int err = needs_id(info, request);

	if (err)
		return err;
	err = vnet_core_fault_fire(priv->core, request->values.id);
	if (err == -ENOENT)
		return no_fault(info);
	if (err)
		NL_SET_ERR_MSG(info->extack, "id: the fault is over");
	return err;
}

/* A fault may take the carrier of both ends, or the pair. */
static int serve(const struct sk_buff *skb, struct genl_info *info, bool replies,
		 int (*command)(struct genl_info *info, struct net_device *dev,
				struct fault_request *request))
{
	struct fault_request *request = vnet_nl_request(info, sizeof(*request));
	struct vnet_which which;
	struct net_device *dev;
	int err;

	if (IS_ERR(request))
		return PTR_ERR(request);
	which = vnet_nl_which(info->nlhdr, &request->values);
	rtnl_lock();
	dev = vnet_nl_device(genl_info_net(info), &which, info->extack);
	err = PTR_ERR_OR_ZERO(dev);
	if (!err && command != get_fault)
		err = vnet_check_link_change(dev, skb, info->extack);
	if (!err)
		err = command(info, dev, request);
	rtnl_unlock();
	if (!err && replies)
		err = vnet_nl_reply(info, VNET_SET_FAULT, &request->values);
	kfree(request);
	return err;
}

int vnet_nl_fault_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return serve(skb, info, true, get_fault);
}

int vnet_nl_fault_add_doit(struct sk_buff *skb, struct genl_info *info)
{
	return serve(skb, info, true, add_fault);
}

int vnet_nl_fault_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	return serve(skb, info, false, del_fault);
}

int vnet_nl_fault_fire_doit(struct sk_buff *skb, struct genl_info *info)
{
	return serve(skb, info, false, fire_fault);
}

static int dump_request(struct vnet_nl_dump *dump, struct net *net)
{
	const struct fault_request *request = dump->values;
	struct vnet_which which = vnet_nl_which(dump->cb->nlh, &request->values);

	if (!which.ifindex && !which.ifname[0])
		return 0;
	dump->only = vnet_nl_device(net, &which, dump->cb->extack);
	return PTR_ERR_OR_ZERO(dump->only);
}

/* args[1] is the id of the last that was sent. */
static int dump_faults(struct vnet_nl_dump *dump, struct net_device *dev)
{
	struct fault_request *request = dump->values;
	struct vnet_priv *priv = netdev_priv(dev);
	long *sent = &dump->cb->args[1];
	int err;

	while (vnet_core_fault_list(priv->core, *sent + 1, &request->info)) {
		fault_values(dev, &request->info, &request->values);
		err = vnet_nl_dump_put(dump, VNET_SET_FAULT);
		if (err)
			return err;
		*sent = request->info.id;
	}
	return 0;
}

int vnet_nl_fault_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	static const struct vnet_nl_dump_ops ops = {
		.size = sizeof(struct fault_request),
		.request = dump_request,
		.one = dump_faults,
	};

	return vnet_nl_dump(skb, cb, &ops);
}
