// SPDX-License-Identifier: GPL-2.0-only
/* The net_device: its life cycle and its operations. */
#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "control.h"
#include "vnet.h"

/* ---- life cycle */

static void vnet_release(struct net_device *dev)
{
	struct vnet_priv *priv = netdev_priv(dev);

	vnet_free_queues(dev);
	if (priv->core)
		vnet_core_device_destroy(priv->core);
	priv->core = NULL;
}

static int vnet_ndo_init(struct net_device *dev)
{
	struct vnet_priv *priv = netdev_priv(dev);
	const char *why = NULL;
	int err;

	priv->params.queues = dev->num_tx_queues;
	priv->params.mtu = dev->mtu;
	ether_addr_copy(priv->params.mac, dev->dev_addr);
	err = vnet_core_device_create(&priv->params, dev, &priv->core, &why);
	if (err) {
		if (why)
			netdev_err(dev, "%s\n", why);
		return err;
	}
	vnet_fault_init(dev);
	netdev_lockdep_set_classes(dev);
	return 0;
}

static void vnet_ndo_uninit(struct net_device *dev)
{
	struct vnet_priv *priv = netdev_priv(dev);
	unsigned int i;

	if (priv->owner)
		*priv->owner = NULL;
	vnet_fault_cancel(dev);
	vnet_detach(dev);
	for (i = 0; priv->queues && i < dev->num_tx_queues; i++)
		__netif_napi_del(&priv->queues[i].napi);
	/* Unregistering waits for readers once for all its devices. */
	if (dev->reg_state != NETREG_UNREGISTERING)
		synchronize_net();
}

static void vnet_napi_enable(struct net_device *dev)
{
	struct vnet_priv *priv = netdev_priv(dev);
	unsigned int i;

	for (i = 0; i < dev->num_tx_queues; i++)
		napi_enable(&priv->queues[i].napi);
}

static void vnet_napi_disable(struct net_device *dev)
{
	struct vnet_priv *priv = netdev_priv(dev);
	unsigned int i;

	for (i = 0; i < dev->num_tx_queues; i++)
		napi_disable(&priv->queues[i].napi);
}

static void change_noarp(struct vnet_params *params, u32 noarp)
{
	params->noarp = noarp;
}

static void vnet_update_noarp(struct net_device *dev)
{
	const char *why;

	vnet_set_param(dev, change_noarp, !!(dev->flags & IFF_NOARP), &why);
}

static int vnet_ndo_open(struct net_device *dev)
{
	struct vnet_priv *priv = netdev_priv(dev);
	int err;

	err = vnet_make_queues(dev);
	if (err)
		return err;
	vnet_napi_enable(dev);
	vnet_update_noarp(dev);
	netif_tx_start_all_queues(dev);
	err = vnet_core_device_open(priv->core);
	if (err) {
		netif_tx_disable(dev);
		vnet_napi_disable(dev);
		return err;
	}
	netdev_dbg(dev, "opened\n");
	return 0;
}

static int vnet_ndo_stop(struct net_device *dev)
{
	struct vnet_priv *priv = netdev_priv(dev);

	netif_tx_disable(dev);
	vnet_napi_disable(dev);
	vnet_core_device_stop(priv->core);
	netdev_dbg(dev, "stopped\n");
	return 0;
}

/* ---- parameters */

int vnet_set_param(struct net_device *dev,
		   void (*change)(struct vnet_params *params, u32 value),
		   u32 value, const char **why)
{
	struct vnet_priv *priv = netdev_priv(dev);
	struct vnet_params params;

	ASSERT_RTNL();
	vnet_core_params_get(priv->core, &params);
	change(&params, value);
	return vnet_core_params_set(priv->core, &params, why);
}

u32 vnet_ring_size(const struct net_device *dev)
{
	const struct vnet_priv *priv = netdev_priv(dev);
	struct vnet_params params;

	vnet_core_params_get(priv->core, &params);
	return params.ring_size;
}

static void change_ring_size(struct vnet_params *params, u32 frames)
{
	params->ring_size = frames;
}

/* Between these two no poll of `dev` runs; then each of its queues is polled. Under RTNL. */
void vnet_polls_pause(struct net_device *dev)
{
	if (netif_running(dev))
		vnet_napi_disable(dev);
}

void vnet_polls_resume(struct net_device *dev)
{
	struct vnet_priv *priv = netdev_priv(dev);
	unsigned int i;

	if (!netif_running(dev))
		return;
	vnet_napi_enable(dev);
	/* What was raised meanwhile found NAPI disabled. */
	local_bh_disable();
	for (i = 0; i < dev->num_tx_queues; i++)
		napi_schedule(&priv->queues[i].napi);
	local_bh_enable();
}

int vnet_set_ring_size(struct net_device *dev, u32 frames, const char **why)
{
	int err;

	vnet_polls_pause(dev);
	err = vnet_set_param(dev, change_ring_size, frames, why);
	vnet_polls_resume(dev);
	return err;
}

static void change_mtu(struct vnet_params *params, u32 mtu)
{
	params->mtu = mtu;
}

static int vnet_ndo_change_mtu(struct net_device *dev, int mtu)
{
	const char *why;
	int err;

	err = vnet_set_param(dev, change_mtu, mtu, &why);
	if (!err)
		WRITE_ONCE(dev->mtu, mtu);
	return err;
}

static int vnet_ndo_set_mac_address(struct net_device *dev, void *address)
{
	struct vnet_priv *priv = netdev_priv(dev);
	struct sockaddr *sockaddr = address;
	struct vnet_params params;
	const char *why;
	int err;

	err = eth_prepare_mac_addr_change(dev, address);
	if (err)
		return err;
	vnet_core_params_get(priv->core, &params);
	ether_addr_copy(params.mac, sockaddr->sa_data);
	err = vnet_core_params_set(priv->core, &params, &why);
	if (!err)
		eth_commit_mac_addr_change(dev, address);
	return err;
}

bool vnet_is_ours(const struct net_device *dev)
{
	return dev->netdev_ops->ndo_open == vnet_ndo_open;
}

static void vnet_tell(struct net_device *dev, unsigned long event)
{
	switch (event) {
	case NETDEV_REGISTER: /* also in another namespace */
		vnet_params_event(dev, VNET_EVENT_TYPE_DEVICE_NEW);
		break;
	case NETDEV_UNREGISTER:
		vnet_event(dev, VNET_EVENT_TYPE_DEVICE_DEL, GFP_KERNEL);
		break;
	case NETDEV_CHANGEMTU:
	case NETDEV_CHANGEADDR:
	case NETDEV_CHANGENAME:
	case NETDEV_CHANGEINFODATA: /* vnet_device_changed() */
		vnet_params_event(dev, VNET_EVENT_TYPE_CONFIG_CHANGED);
		break;
	}
}

/* `ip link set DEV arp off` changes a flag that no operation of a driver hears of. */
static int vnet_netdev_event(struct notifier_block *block, unsigned long event, void *data)
{
	struct net_device *dev = netdev_notifier_info_to_dev(data);
	int err;

	if (!vnet_is_ours(dev))
		return NOTIFY_DONE;
	if (event == NETDEV_CHANGE)
		vnet_update_noarp(dev);
	err = vnet_register_step(dev, event);
	if (!err)
		vnet_tell(dev, event);
	return notifier_from_errno(err);
}

static struct notifier_block vnet_notifier = {
	.notifier_call = vnet_netdev_event,
};

int vnet_notifier_register(void)
{
	return register_netdevice_notifier(&vnet_notifier);
}

void vnet_notifier_unregister(void)
{
	unregister_netdevice_notifier(&vnet_notifier);
}

/* ---- statistics, watchdog */

static noinline void add_stats(struct net_device *dev, const struct vnet_host_queue *queues,
			       struct rtnl_link_stats64 *stats)
{
	struct vnet_priv *priv = netdev_priv(dev);
	struct vnet_queue_stats sum;
	unsigned int i;

	/* What bpf_redirect_peer() received here, past the rings. */
	dev_fetch_sw_netstats(stats, dev->tstats);
	vnet_core_device_stats(priv->core, &sum);
	stats->tx_packets += sum.tx_frames;
	stats->tx_bytes += sum.tx_bytes;
	stats->rx_packets += sum.rx_frames;
	stats->rx_bytes += sum.rx_bytes;
	stats->multicast = sum.rx_multicast;
	stats->tx_errors = sum.tx_timeouts + sum.tx_drops[VNET_DROP_DMA_ERROR];
	stats->rx_missed_errors = sum.rx_drops[VNET_DROP_RX_MISSED];
	stats->rx_fifo_errors = sum.rx_drops[VNET_DROP_RX_OVERRUN];
	stats->rx_length_errors = sum.rx_drops[VNET_DROP_BAD_LENGTH];
	stats->rx_errors = stats->rx_fifo_errors + stats->rx_length_errors +
			   sum.rx_drops[VNET_DROP_BAD_DESCRIPTOR];
	for (i = 0; i < VNET_DROP_COUNT; i++) {
		stats->tx_dropped += sum.tx_drops[i];
		stats->rx_dropped += sum.rx_drops[i];
	}
	/* What an impaired wire lost never came here, and what was missed is apart: /proc/net/dev
	 * adds rx_missed_errors to rx_dropped.
	 */
	stats->rx_dropped -= sum.rx_drops[VNET_DROP_IMPAIR_LOSS] +
			     sum.rx_drops[VNET_DROP_IMPAIR_QUEUE] + stats->rx_missed_errors;
	/* As veth: what a program drops on purpose is no error of the device. */
	for (i = 0; i < dev->num_tx_queues; i++)
		stats->rx_dropped += u64_stats_read(&queues[i].xdp_stats.errors);
}

static void vnet_ndo_get_stats64(struct net_device *dev, struct rtnl_link_stats64 *stats)
{
	struct vnet_priv *priv = netdev_priv(dev);
	/* Without a lock, see vnet_make_queues(). */
	const struct vnet_host_queue *queues = smp_load_acquire(&priv->queues);

	if (queues)
		add_stats(dev, queues, stats);
}

static void vnet_ndo_tx_timeout(struct net_device *dev, unsigned int index)
{
	struct vnet_priv *priv = netdev_priv(dev);

	vnet_core_tx_timeout(priv->queues[index].core);
}

const struct net_device_ops vnet_netdev_ops = {
	.ndo_init = vnet_ndo_init,
	.ndo_uninit = vnet_ndo_uninit,
	.ndo_open = vnet_ndo_open,
	.ndo_stop = vnet_ndo_stop,
	.ndo_start_xmit = vnet_start_xmit,
	.ndo_select_queue = vnet_select_queue,
	.ndo_features_check = passthru_features_check,
	.ndo_set_rx_mode = vnet_set_rx_mode,
	.ndo_vlan_rx_add_vid = vnet_add_vid,
	.ndo_vlan_rx_kill_vid = vnet_kill_vid,
	.ndo_set_mac_address = vnet_ndo_set_mac_address,
	.ndo_validate_addr = eth_validate_addr,
	.ndo_change_mtu = vnet_ndo_change_mtu,
	.ndo_tx_timeout = vnet_ndo_tx_timeout,
	.ndo_get_stats64 = vnet_ndo_get_stats64,
	.ndo_get_iflink = vnet_ndo_get_iflink,
	.ndo_get_peer_dev = vnet_ndo_get_peer_dev,
	.ndo_siocdevprivate = vnet_siocdevprivate,
	.ndo_fix_features = vnet_xdp_fix_features,
	.ndo_set_features = vnet_set_features,
	.ndo_bpf = vnet_xdp_bpf,
	.ndo_xdp_xmit = vnet_xdp_xmit,
};

/* As veth (drivers/net/veth.c): a frame crosses as it is, GSO and partial checksums included. */
#define VNET_FEATURES (NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_HW_CSUM | NETIF_F_RXCSUM | \
		       NETIF_F_SCTP_CRC | NETIF_F_HIGHDMA | NETIF_F_GSO_SOFTWARE | \
		       NETIF_F_GSO_ENCAP_ALL)
#define VNET_VLAN_FEATURES (NETIF_F_HW_VLAN_CTAG_TX | NETIF_F_HW_VLAN_CTAG_RX | \
			    NETIF_F_HW_VLAN_STAG_TX | NETIF_F_HW_VLAN_STAG_RX)

void vnet_setup(struct net_device *dev)
{
	struct vnet_priv *priv = netdev_priv(dev);

	ether_setup(dev);
	vnet_core_params_default(&priv->params);
	dev->netdev_ops = &vnet_netdev_ops;
	dev->ethtool_ops = &vnet_ethtool_ops;
	/* bpf_redirect_peer() counts there. */
	dev->pcpu_stat_type = NETDEV_PCPU_STAT_TSTATS;
	dev->needs_free_netdev = true;
	dev->priv_destructor = vnet_release;
	dev->priv_flags |= IFF_LIVE_ADDR_CHANGE | IFF_UNICAST_FLT;
	/* A frame that was sent is the receiver's: nobody may send it twice. */
	dev->priv_flags &= ~IFF_TX_SKB_SHARING;
	dev->min_mtu = VNET_MTU_MIN;
	dev->max_mtu = VNET_MTU_MAX;
	dev->watchdog_timeo = msecs_to_jiffies(VNET_TIMEOUT_DEFAULT_MS);
	dev->features |= VNET_FEATURES | VNET_VLAN_FEATURES;
	dev->hw_features |= VNET_FEATURES | VNET_VLAN_FEATURES | VNET_FILTER_FEATURES;
	dev->hw_enc_features |= VNET_FEATURES;
	dev->vlan_features |= VNET_FEATURES;
	dev->mpls_features |= VNET_FEATURES;
	netif_set_tso_max_size(dev, GSO_MAX_SIZE);
	vnet_xdp_setup(dev);
	vnet_rss_setup(dev);
	netif_carrier_off(dev);
}
