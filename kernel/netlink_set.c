// SPDX-License-Identifier: GPL-2.0-only
/* device-set, link-set, seed-get, seed-set: what info names, and the link's seed. */
#include <linux/random.h>
#include <linux/rtnetlink.h>

#include "control.h"
#include "netlink.h"
#include "vnet.h"

/* ---- device-set, link-set */

static int apply(struct vnet_settings *settings, struct net_device *dev)
{
	return vnet_settings_sort(settings) ?: vnet_settings_check(settings, dev) ?:
	       vnet_settings_apply(settings, dev);
}

int vnet_nl_device_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct vnet_device_values *values = vnet_nl_request(info, sizeof(*values));
	struct vnet_settings settings = { .request = skb, .extack = info->extack };
	struct vnet_which which;
	struct net_device *dev;
	int err;

	if (IS_ERR(values))
		return PTR_ERR(values);
	settings.own = values->info;
	settings.own_nest = vnet_nl_attribute(info->nlhdr, VNET_A_DEVICE_INFO);
	which = vnet_nl_which(info->nlhdr, values);
	rtnl_lock();
	dev = vnet_nl_device(genl_info_net(info), &which, info->extack);
	err = IS_ERR(dev) ? PTR_ERR(dev) : apply(&settings, dev);
	rtnl_unlock();
	kfree(values);
	return err;
}

static int set_link(const struct sk_buff *skb, struct genl_info *info,
		    const struct vnet_link_values *values)
{
	const struct nlattr *peer = vnet_nl_attribute(info->nlhdr, VNET_A_LINK_PEER);
	struct vnet_settings settings = {
		.own = values->device.info,
		.peers = values->peer.info,
		.own_nest = vnet_nl_info_in(vnet_nl_attribute(info->nlhdr,
							      VNET_A_LINK_DEVICE)),
		.peers_nest = vnet_nl_info_in(peer),
		.request = skb,
		.extack = info->extack,
	};
	struct net_device *dev;
	int err;

	err = vnet_nl_only(peer, BIT_ULL(VNET_A_DEVICE_INFO), info->extack);
	if (err)
		return err;
	dev = vnet_nl_link_device(info, &values->device, BIT_ULL(VNET_A_DEVICE_INFO));
	if (IS_ERR(dev))
		return PTR_ERR(dev);
	if (!vnet_peer(dev)) {
		NL_SET_ERR_MSG(info->extack, "device: has no link");
		return -ENOTCONN;
	}
	return apply(&settings, dev);
}

int vnet_nl_link_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct vnet_link_values *values = vnet_nl_request(info, sizeof(*values));
	int err;

	if (IS_ERR(values))
		return PTR_ERR(values);
	rtnl_lock();
	err = set_link(skb, info, values);
	rtnl_unlock();
	kfree(values);
	return err;
}

/* ---- seed-get, seed-set */

static void seed_values(const struct net_device *dev, struct vnet_seed_values *values)
{
	const struct vnet_priv *priv = netdev_priv(dev);
	struct vnet_params params;

	vnet_core_params_get(priv->core, &params);
	values->ifindex = dev->ifindex;
	strscpy(values->ifname, dev->name, sizeof(values->ifname));
	values->seed = params.seed;
	values->has = BIT_ULL(VNET_A_SEED_IFINDEX) | BIT_ULL(VNET_A_SEED_IFNAME) |
		      BIT_ULL(VNET_A_SEED_SEED);
}

/* Also the same seed: who asks for it wants the run from its beginning. */
static int set_seed(const struct sk_buff *skb, struct genl_info *info, struct net_device *dev,
		    const struct vnet_seed_values *values)
{
	int err = vnet_check_link_change(dev, skb, info->extack);

	if (err)
		return err;
	vnet_seed_set(dev, vnet_has(values, VNET_A_SEED_SEED) ? values->seed : get_random_u64(),
		      true);
	vnet_link_changed(dev);
	return 0;
}

static int seed(const struct sk_buff *skb, struct genl_info *info, bool set)
{
	struct vnet_seed_values *values = vnet_nl_request(info, sizeof(*values));
	struct vnet_which which;
	struct net_device *dev;
	int err;

	if (IS_ERR(values))
		return PTR_ERR(values);
	which = vnet_nl_which(info->nlhdr, values);
	rtnl_lock();
	dev = vnet_nl_device(genl_info_net(info), &which, info->extack);
	err = PTR_ERR_OR_ZERO(dev);
	if (!err && set)
		err = set_seed(skb, info, dev, values);
	if (!err)
		seed_values(dev, values);
	rtnl_unlock();
	if (!err)
		err = vnet_nl_reply(info, VNET_SET_SEED, values);
	kfree(values);
	return err;
}

int vnet_nl_seed_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	return seed(skb, info, false);
}

/* Should the reply find no memory, the seed is another all the same: seed-get tells it. */
int vnet_nl_seed_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	return seed(skb, info, true);
}
