// SPDX-License-Identifier: GPL-2.0-only
/* XDP programs: attached, replaced and detached under traffic; and what they can ask for. */
#include <linux/filter.h>
#include <linux/if_vlan.h>
#include <linux/rtnetlink.h>

#include "compat/xdp.h"
#include "vnet.h"

/* ---- attach and detach, under RTNL */

static void disable_queue(struct vnet_host_queue *queue)
{
	struct vnet_xdp_queue *xdp = queue->xdp;

	if (!xdp)
		return;
	queue->xdp = NULL;
	xdp->rxq.mem.type = MEM_TYPE_PAGE_SHARED;
	xdp_rxq_info_unreg(&xdp->rxq);
	vnet_xdp_pool_destroy(xdp->pool);
	kfree(xdp);
}

static int enable_queue(struct vnet_host_queue *queue)
{
	struct vnet_xdp_queue *xdp = vnet_memory(kzalloc(sizeof(*xdp), GFP_KERNEL_ACCOUNT));
	int err;

	if (!xdp)
		return -ENOMEM;
	xdp->tx_end = &xdp->tx;
	xdp->buff.xdp.rxq = &xdp->rxq;
	xdp->pool = vnet_object(vnet_xdp_pool_create(queue->dev));
	if (IS_ERR(xdp->pool)) {
		err = PTR_ERR(xdp->pool);
		goto free;
	}
	err = vnet_step(xdp_rxq_info_reg(&xdp->rxq, queue->dev, queue->index,
					 queue->napi.napi_id));
	if (err)
		goto destroy;
	err = vnet_step(xdp_rxq_info_reg_mem_model(&xdp->rxq, MEM_TYPE_PAGE_SHARED, NULL));
	if (err)
		goto unregister;
	queue->xdp = xdp;
	return 0;
unregister:
	xdp_rxq_info_unreg(&xdp->rxq);
destroy:
	vnet_xdp_pool_destroy(xdp->pool);
free:
	kfree(xdp);
	return err;
}

static void disable_queues(struct net_device *dev)
{
	struct vnet_priv *priv = netdev_priv(dev);
	unsigned int i;

	for (i = 0; i < dev->num_tx_queues; i++)
		disable_queue(&priv->queues[i]);
}

static int enable_queues(struct net_device *dev)
{
	struct vnet_priv *priv = netdev_priv(dev);
	unsigned int i;
	int err;

	err = vnet_make_queues(dev);
	if (err)
		return err;
	for (i = 0; i < dev->num_tx_queues; i++) {
		err = enable_queue(&priv->queues[i]);
		if (err) {
			disable_queues(dev);
			return err;
		}
	}
	return 0;
}

static unsigned int mtu_limit(const struct bpf_prog *prog)
{
	unsigned int limit = VNET_XDP_LINEAR_MAX - ETH_HLEN;

	if (!prog)
		return VNET_MTU_MAX;
	if (prog->aux->xdp_has_frags)
		limit += MAX_SKB_FRAGS * PAGE_SIZE;
	return min(limit, VNET_MTU_MAX);
}

/* What the sender does for the program: room in front, and no frame in fragments for one
 * that cannot see them.
 */
static void tell_peer(struct net_device *dev, const struct bpf_prog *prog)
{
	struct net_device *peer = vnet_peer(dev);

	if (!peer)
		return;
	WRITE_ONCE(peer->needed_headroom, prog ? XDP_PACKET_HEADROOM : 0);
	vnet_link_update_gso(peer);
	netdev_update_features(peer);
}

/* The other end is another one. */
void vnet_xdp_attached(struct net_device *dev)
{
	struct vnet_priv *priv = netdev_priv(dev);

	if (priv->xdp_prog)
		tell_peer(dev, priv->xdp_prog);
}

static int set_program(struct net_device *dev, struct bpf_prog *prog,
		       struct netlink_ext_ack *extack)
{
	struct vnet_priv *priv = netdev_priv(dev);
	struct bpf_prog *old = priv->xdp_prog;
	unsigned int limit = mtu_limit(prog);
	unsigned int i;
	int err;

	if (dev->mtu > limit) {
		NL_SET_ERR_MSG_FMT_MOD(extack,
				       "the MTU is too large for this XDP program: at most %u%s",
				       limit, prog->aux->xdp_has_frags ? "" : " without frags");
		return -ERANGE;
	}
	if (prog && !old) {
		err = enable_queues(dev);
		if (err) {
			NL_SET_ERR_MSG_MOD(extack, "no memory for the receive queues of XDP");
			return err;
		}
	}
	priv->xdp_prog = prog;
	dev->max_mtu = limit;
	tell_peer(dev, prog);
	for (i = 0; priv->queues && i < dev->num_tx_queues; i++)
		rcu_assign_pointer(priv->queues[i].xdp_prog, prog);
	if (!prog && old) {
		synchronize_net();	/* no poll uses what is freed now */
		disable_queues(dev);
	}
	if (old)
		bpf_prog_put(old);
	return 0;
}

int vnet_xdp_bpf(struct net_device *dev, struct netdev_bpf *bpf)
{
	switch (bpf->command) {
	case XDP_SETUP_PROG:
		return set_program(dev, bpf->prog, bpf->extack);
	default:
		return -EINVAL;
	}
}

netdev_features_t vnet_xdp_fix_features(struct net_device *dev, netdev_features_t features)
{
	struct net_device *peer = vnet_peer(dev);
	struct vnet_priv *priv;

	if (!peer)
		return features;
	priv = netdev_priv(peer);
	if (priv->xdp_prog && !priv->xdp_prog->aux->xdp_has_frags)
		features &= ~NETIF_F_GSO_SOFTWARE;
	return features;
}

/* ---- metadata that a program can ask for */

#ifdef VNET_HAVE_XDP_METADATA
static int rx_timestamp(const struct xdp_md *ctx, u64 *timestamp)
{
	const struct vnet_xdp_buff *buff = (const void *)ctx;

	if (!buff->skb)
		return -ENODATA;
	*timestamp = skb_hwtstamps(buff->skb)->hwtstamp;
	return 0;
}

static int rx_hash(const struct xdp_md *ctx, u32 *hash, enum xdp_rss_hash_type *type)
{
	const struct vnet_xdp_buff *buff = (const void *)ctx;

	if (!buff->skb)
		return -ENODATA;
	*hash = skb_get_hash(buff->skb);
	*type = buff->skb->l4_hash ? XDP_RSS_TYPE_L4_ANY : XDP_RSS_TYPE_NONE;
	return 0;
}

static int rx_vlan_tag(const struct xdp_md *ctx, __be16 *protocol, u16 *tci)
{
	const struct vnet_xdp_buff *buff = (const void *)ctx;

	if (!buff->skb || !skb_vlan_tag_present(buff->skb))
		return -ENODATA;
	*protocol = buff->skb->vlan_proto;
	*tci = skb_vlan_tag_get(buff->skb);
	return 0;
}

static const struct xdp_metadata_ops metadata_ops = {
	.xmo_rx_timestamp = rx_timestamp,
	.xmo_rx_hash = rx_hash,
	.xmo_rx_vlan_tag = rx_vlan_tag,
};
#endif

void vnet_xdp_setup(struct net_device *dev)
{
	vnet_xdp_announce(dev);
#ifdef VNET_HAVE_XDP_METADATA
	dev->xdp_metadata_ops = &metadata_ops;
#endif
}
