/* SPDX-License-Identifier: GPL-2.0-only */
/* XDP on all supported kernels: a private copy of a frame, and what may be announced. */
#ifndef VNET_COMPAT_XDP_H
#define VNET_COMPAT_XDP_H

#include <linux/bpf.h>
#include <linux/mm.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <net/xdp.h>

/* The first buffer of a copy: a page less headroom and shared info. */
#define VNET_XDP_LINEAR_MAX SKB_WITH_OVERHEAD(PAGE_SIZE - XDP_PACKET_HEADROOM)

#ifdef VNET_HAVE_PP_COW /* 6.9 */
#include <net/page_pool/helpers.h>

#define VNET_XDP_POOL_PAGES 256

static inline struct page_pool *vnet_xdp_pool_create(struct net_device *dev)
{
	struct page_pool_params params = {
		.pool_size = VNET_XDP_POOL_PAGES,
		.nid = NUMA_NO_NODE,
		.dev = &dev->dev,
	};

	return page_pool_create(&params);
}

static inline void vnet_xdp_pool_destroy(struct page_pool *pool)
{
	page_pool_destroy(pool);
}

static inline int vnet_xdp_copy(struct page_pool *pool, struct sk_buff **skb)
{
	return skb_pp_cow_data(pool, skb, XDP_PACKET_HEADROOM);
}

#else

struct page_pool;

static inline struct page_pool *vnet_xdp_pool_create(struct net_device *dev)
{
	return NULL;
}

static inline void vnet_xdp_pool_destroy(struct page_pool *pool)
{
}

/* Replaces *pskb by a copy in pages of its own with headroom for XDP, or leaves it as it is. */
static inline int vnet_xdp_copy(struct page_pool *pool, struct sk_buff **pskb)
{
	struct sk_buff *old = *pskb, *skb;
	unsigned int done, size, i;
	struct page *page;

	if (old->len > VNET_XDP_LINEAR_MAX + MAX_SKB_FRAGS * PAGE_SIZE)
		return -EMSGSIZE;
	page = alloc_page(GFP_ATOMIC | __GFP_NOWARN);
	if (!page)
		return -ENOMEM;
	skb = build_skb(page_address(page), PAGE_SIZE);
	if (!skb) {
		put_page(page);
		return -ENOMEM;
	}
	skb_reserve(skb, XDP_PACKET_HEADROOM);
	done = min_t(unsigned int, old->len, VNET_XDP_LINEAR_MAX);
	if (skb_copy_bits(old, 0, skb_put(skb, done), done))
		goto drop;
	skb_copy_header(skb, old);
	skb_headers_offset_update(skb, skb_headroom(skb) - skb_headroom(old));
	for (i = 0; done < old->len; i++, done += size) {
		size = min_t(unsigned int, old->len - done, PAGE_SIZE);
		page = alloc_page(GFP_ATOMIC | __GFP_NOWARN);
		if (!page)
			goto drop;
		skb_add_rx_frag(skb, i, page, 0, size, PAGE_SIZE);
		if (skb_copy_bits(old, done, page_address(page), size))
			goto drop;
	}
	consume_skb(old);
	*pskb = skb;
	return 0;
drop:
	consume_skb(skb);
	return -ENOMEM;
}
#endif

/* How a frame's memory is given back: the type alone from 6.15 on. */
static inline void vnet_xdp_set_mem(struct xdp_rxq_info *rxq, const struct xdp_frame *xdpf)
{
#ifdef VNET_HAVE_XDP_MEM_TYPE
	rxq->mem.type = xdpf->mem_type;
#else
	rxq->mem = xdpf->mem;
#endif
}

#ifdef VNET_HAVE_XDP_FEATURES /* 6.3 */
#define VNET_XDP_FEATURES (NETDEV_XDP_ACT_BASIC | NETDEV_XDP_ACT_REDIRECT | \
			   NETDEV_XDP_ACT_NDO_XMIT | NETDEV_XDP_ACT_RX_SG | \
			   NETDEV_XDP_ACT_NDO_XMIT_SG)
#define vnet_xdp_announce(dev) xdp_set_features_flag(dev, VNET_XDP_FEATURES)
#else
#define vnet_xdp_announce(dev) do { } while (0)
#endif

#ifndef NL_SET_ERR_MSG_FMT_MOD /* 6.2 */
#define NL_SET_ERR_MSG_FMT_MOD(extack, fmt, ...) \
	NL_SET_ERR_MSG_MOD(extack, "the MTU is too large for this XDP program")
#endif

#endif
