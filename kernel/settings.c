// SPDX-License-Identifier: GPL-2.0-only
/*
 * What can be set of a link and its ends, the attribute set `info`, by whatever way it
 * comes: `ip link`, device-set, link-set, link-new. Checked first, all of it; then done.
 */
#include <linux/netdevice.h>
#include <linux/random.h>
#include <linux/rtnetlink.h>

#include "compat/watchdog.h"
#include "control.h"
#include "vnet.h"

/* Both stand on a stack. */
static_assert(sizeof(struct vnet_settings) <= 256);
static_assert(sizeof(struct vnet_device_values) <= 256);

/* What is the link's: the same at both ends. */
#define LINK_ATTRIBUTES (BIT_ULL(VNET_INFO_CSUM) | BIT_ULL(VNET_INFO_BIG_TCP) | \
			 BIT_ULL(VNET_INFO_QUEUES) | BIT_ULL(VNET_INFO_SEED))

/* IFLA_INFO_DATA, or the nest `info` of a device. */
int vnet_settings_decode(struct vnet_settings *settings, const struct nlattr *nest)
{
	struct netlink_ext_ack *extack = settings->extack;
	struct vnet_control_error error = {};
	int err;

	err = vnet_core_set_decode(VNET_SET_INFO, nla_data(nest), nla_len(nest), &settings->own,
				   &error);
	settings->own_nest = nest;
	if (err && extack) {
		NL_SET_BAD_ATTR(extack, (struct nlattr *)(nla_data(nest) + error.offset));
		extack->_msg = error.text;
	}
	return err;
}

static const struct nlattr *find(const struct nlattr *nest, unsigned int attribute)
{
	return nest ? nla_find(nla_data(nest), nla_len(nest), attribute) : NULL;
}

/* An error about `attribute`, which stands in either nest. */
int vnet_settings_refuse(const struct vnet_settings *settings, unsigned int attribute,
			 const char *text)
{
	const struct nlattr *bad = find(settings->own_nest, attribute) ?:
				   find(settings->peers_nest, attribute);

	if (settings->extack) {
		if (bad)
			NL_SET_BAD_ATTR(settings->extack, bad);
		settings->extack->_msg = text;
	}
	return -EINVAL;
}

/* ---- one place for each setting */

/* What both ends say: the same, or one says nothing. */
static bool agree(const struct vnet_settings *settings, unsigned int own_attribute, u64 own,
		  unsigned int peers_attribute, u64 peers)
{
	return !vnet_has(&settings->own, own_attribute) ||
	       !vnet_has(&settings->peers, peers_attribute) || own == peers;
}

/* Which attribute contradicts what the other end's nest says; 0: none. */
static unsigned int contradiction(const struct vnet_settings *settings)
{
	const struct vnet_info_values *own = &settings->own, *peers = &settings->peers;

	if (!agree(settings, VNET_INFO_CSUM, own->csum, VNET_INFO_CSUM, peers->csum))
		return VNET_INFO_CSUM;
	if (!agree(settings, VNET_INFO_BIG_TCP, own->big_tcp, VNET_INFO_BIG_TCP, peers->big_tcp))
		return VNET_INFO_BIG_TCP;
	if (!agree(settings, VNET_INFO_QUEUES, own->queues, VNET_INFO_QUEUES, peers->queues))
		return VNET_INFO_QUEUES;
	if (!agree(settings, VNET_INFO_SEED, own->seed, VNET_INFO_SEED, peers->seed))
		return VNET_INFO_SEED;
	if (!agree(settings, VNET_INFO_RX_RING, own->rx_ring, VNET_INFO_TX_RING, peers->tx_ring))
		return VNET_INFO_RX_RING;
	if (!agree(settings, VNET_INFO_TX_RING, own->tx_ring, VNET_INFO_RX_RING, peers->rx_ring))
		return VNET_INFO_TX_RING;
	return 0;
}

static void move_link_attributes(struct vnet_info_values *own, struct vnet_info_values *peers)
{
	if (vnet_has(peers, VNET_INFO_CSUM))
		own->csum = peers->csum;
	if (vnet_has(peers, VNET_INFO_BIG_TCP))
		own->big_tcp = peers->big_tcp;
	if (vnet_has(peers, VNET_INFO_QUEUES))
		own->queues = peers->queues;
	if (vnet_has(peers, VNET_INFO_SEED))
		own->seed = peers->seed;
	own->has |= peers->has & LINK_ATTRIBUTES;
	peers->has &= ~LINK_ATTRIBUTES;
}

/* The tx ring of one end is the rx ring of the other. */
static void move_tx_ring(struct vnet_info_values *from, struct vnet_info_values *to)
{
	if (!vnet_has(from, VNET_INFO_TX_RING))
		return;
	to->rx_ring = from->tx_ring;
	to->has |= BIT_ULL(VNET_INFO_RX_RING);
	from->has &= ~BIT_ULL(VNET_INFO_TX_RING);
}

/* From here on what is the link's stands in `own`, and each ring with its owner. */
int vnet_settings_sort(struct vnet_settings *settings)
{
	unsigned int bad = contradiction(settings);

	if (bad)
		return vnet_settings_refuse(settings, bad,
					    "device and peer: two values for what both ends share");
	move_link_attributes(&settings->own, &settings->peers);
	move_tx_ring(&settings->peers, &settings->own);
	move_tx_ring(&settings->own, &settings->peers);
	return 0;
}

/* ---- of a link that exists */

/* Sorted settings, under RTNL: may they be, here and now. */
int vnet_settings_check(const struct vnet_settings *settings, struct net_device *dev)
{
	const struct vnet_info_values *own = &settings->own;
	int err;

	if (vnet_has(own, VNET_INFO_PEER)) /* rtnetlink alone can say it */
		return vnet_settings_refuse(settings, VNET_INFO_PEER,
					    "peer: is fixed when the pair is made");
	if (settings->peers.has && !vnet_peer(dev))
		return vnet_settings_refuse(settings, VNET_INFO_TX_RING,
					    "tx (tx-ring): is the rx ring of the peer, and there is none");
	if (own->has & LINK_ATTRIBUTES || settings->peers.has) {
		err = vnet_check_link_change(dev, settings->request, settings->extack);
		if (err)
			return err;
	}
	if (!vnet_has(own, VNET_INFO_QUEUES))
		return 0;
	if (own->queues > dev->num_tx_queues)
		return vnet_settings_refuse(settings, VNET_INFO_QUEUES,
					    "queues: must be at most as many as the device was made with (queues-max)");
	if (!vnet_queues_allowed(dev, own->queues))
		return vnet_settings_refuse(settings, VNET_INFO_QUEUES,
					    "queues: too few for the RSS table of one end (ethtool -x)");
	return 0;
}

static int set_ring(struct net_device *dev, const struct vnet_info_values *info)
{
	const char *why;

	if (!dev || !vnet_has(info, VNET_INFO_RX_RING) || info->rx_ring == vnet_ring_size(dev))
		return 0;
	return vnet_set_ring_size(dev, info->rx_ring, &why);
}

/* Both rings, or none: what cannot be given back lacks memory, as with `ethtool -G`. */
static int set_rings(const struct vnet_settings *settings, struct net_device *dev)
{
	u32 before = vnet_ring_size(dev);
	const char *why;
	int err;

	err = set_ring(dev, &settings->own);
	if (err)
		return err;
	err = set_ring(vnet_peer(dev), &settings->peers);
	if (err)
		vnet_set_ring_size(dev, before, &why);
	return err;
}

/* All of an end but the ring. Cannot fail: the decoder has seen the ranges. */
static void set_params(struct net_device *dev, const struct vnet_info_values *info)
{
	struct vnet_priv *priv = netdev_priv(dev);
	struct vnet_params params;
	const char *why;
	u32 ring_size;

	vnet_core_params_get(priv->core, &params);
	ring_size = params.ring_size;
	vnet_core_info_params(info, &params);
	params.ring_size = ring_size;
	if (WARN_ON_ONCE(vnet_core_params_set(priv->core, &params, &why)))
		return;
	if (vnet_has(info, VNET_INFO_TIMEOUT))
		vnet_set_watchdog(dev, params.timeout_ms);
}

/* Between two polls: a frame is of the run in which its poll began. */
void vnet_seed_set(struct net_device *dev, u64 seed, bool new_run)
{
	struct vnet_info_values info = {
		.has = BIT_ULL(VNET_INFO_SEED),
		.seed = seed,
	};
	struct net_device *ends[] = { dev, vnet_peer(dev) };
	unsigned int i, count = ends[1] ? 2 : 1;

	for (i = 0; i < count; i++)
		vnet_polls_pause(ends[i]);
	for (i = 0; i < count; i++) {
		set_params(ends[i], &info);
		if (new_run)
			vnet_core_run_begin(((const struct vnet_priv *)netdev_priv(ends[i]))->core);
	}
	for (i = 0; i < count; i++)
		vnet_polls_resume(ends[i]);
}

/* All but the seed, which is the link's: set_link() changes it at both ends, between two polls. */
static void set_own_params(struct net_device *dev, const struct vnet_info_values *own)
{
	struct vnet_info_values params = *own;

	params.has &= ~BIT_ULL(VNET_INFO_SEED);
	set_params(dev, &params);
}

static void set_link(const struct vnet_info_values *own, struct net_device *dev)
{
	const struct vnet_priv *priv = netdev_priv(dev);

	vnet_link_change(dev, vnet_has(own, VNET_INFO_CSUM) ? own->csum : priv->csum,
			 vnet_has(own, VNET_INFO_BIG_TCP) ? own->big_tcp : priv->big_tcp);
	if (vnet_has(own, VNET_INFO_SEED))
		vnet_seed_set(dev, own->seed, false);
}

/* A ring shows at both ends: as rx ring, and as tx ring. */
static void tell_changed(const struct vnet_settings *settings, struct net_device *dev,
			 struct net_device *peer)
{
	const u64 ring = BIT_ULL(VNET_INFO_RX_RING);

	if (settings->own.has || settings->peers.has & ring)
		vnet_device_changed(dev);
	if (peer && (settings->peers.has || settings->own.has & (LINK_ATTRIBUTES | ring)))
		vnet_device_changed(peer);
}

/*
 * What vnet_settings_check() has let pass, under RTNL. What needs memory comes first, and what
 * was done of it is taken back when the next lacks some: more queues, which can
 * always be taken back; this end's ring, for which there was memory before; the peer's.
 * The rest cannot fail. So on -ENOMEM nothing has changed, unless memory for a ring of
 * the former size is gone, too: that ring keeps the new size.
 */
int vnet_settings_apply(const struct vnet_settings *settings, struct net_device *dev)
{
	const struct vnet_info_values *own = &settings->own;
	unsigned int before = dev->real_num_tx_queues;
	unsigned int queues = vnet_has(own, VNET_INFO_QUEUES) ? own->queues : before;
	struct net_device *peer = vnet_peer(dev);
	int err = 0;

	if (queues > before)
		err = vnet_set_queues(dev, queues);
	if (err)
		return err;
	err = set_rings(settings, dev);
	if (err) {
		if (queues > before)
			vnet_set_queues(dev, before);
		return err;
	}
	if (own->has)
		set_own_params(dev, own);
	if (peer && settings->peers.has)
		set_params(peer, &settings->peers);
	set_link(own, dev);
	if (queues < before)
		vnet_set_queues(dev, queues);
	tell_changed(settings, dev, peer);
	return 0;
}

/* ---- of a pair that is being made: neither end is registered yet */

static void prepare(struct net_device *dev, const struct vnet_info_values *info, u64 seed)
{
	struct vnet_priv *priv = netdev_priv(dev);

	vnet_core_info_params(info, &priv->params);
	priv->params.seed = seed;
	dev->watchdog_timeo = msecs_to_jiffies(priv->params.timeout_ms);
}

void vnet_settings_prepare(const struct vnet_settings *settings, struct net_device *dev,
			   struct net_device *peer)
{
	const struct vnet_info_values *own = &settings->own;
	u64 seed = vnet_has(own, VNET_INFO_SEED) ? own->seed : get_random_u64();

	prepare(dev, own, seed);
	prepare(peer, &settings->peers, seed);
	vnet_link_prepare(dev, own->csum, own->big_tcp);
	vnet_link_prepare(peer, own->csum, own->big_tcp);
}
