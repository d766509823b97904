// SPDX-License-Identifier: GPL-2.0-only
/* XDP on receive: a program's verdict on each frame, before the stack sees it. */
#include <linux/bpf_trace.h>
#include <linux/etherdevice.h>
#include <linux/filter.h>
#include <linux/if_vlan.h>

#include "compat/xdp.h"
#include "vnet.h"

/* ---- an sk_buff under a program */

/* The program may write: nobody shares the buffer, and there is headroom. */
static bool is_writable(const struct sk_buff *skb)
{
	return !skb_cloned(skb) && !skb_is_nonlinear(skb) &&
	       skb_headroom(skb) >= XDP_PACKET_HEADROOM;
}

/* Otherwise: into such a buffer. NULL: dropped. */
static struct sk_buff *make_writable(struct vnet_xdp_queue *xdp, const struct bpf_prog *prog,
				     struct sk_buff *skb)
{
	if (!prog->aux->xdp_has_frags && unlikely(skb->len > VNET_XDP_LINEAR_MAX)) {
		/* Sent before the program was attached: one large buffer for once. */
		int more = max_t(int, XDP_PACKET_HEADROOM - skb_headroom(skb), 0);

		if (pskb_expand_head(skb, SKB_DATA_ALIGN(more), 0, GFP_ATOMIC) ||
		    skb_linearize(skb))
			goto drop;
		return skb;
	}
	if (unlikely(skb_has_frag_list(skb)) && skb_linearize(skb))
		goto drop;
	if (vnet_xdp_copy(xdp->pool, &skb))
		goto drop;
	return skb;
drop:
	kfree_skb_reason(skb, SKB_DROP_REASON_NOMEM);
	return NULL;
}

/* What xdp_init_buff() and xdp_prepare_buff() do; rxq is there since enable_queue(). */
static __always_inline void buff_of_linear(struct vnet_xdp_queue *xdp, struct sk_buff *skb)
{
	struct xdp_buff *buff = &xdp->buff.xdp;

	buff->data_hard_start = skb->head;
	buff->data = skb->data;
	buff->data_meta = skb->data;
	buff->data_end = skb->data + skb_headlen(skb);
	buff->frame_sz = skb_end_offset(skb) + SKB_DATA_ALIGN(sizeof(struct skb_shared_info));
	buff->flags = 0;
	xdp->buff.skb = skb;
}

static void buff_of_skb(struct vnet_xdp_queue *xdp, struct sk_buff *skb)
{
	buff_of_linear(xdp, skb);
	if (!skb_is_nonlinear(skb))
		return;
	skb_shinfo(skb)->xdp_frags_size = skb->data_len;
	xdp_buff_set_frags_flag(&xdp->buff.xdp);
	/* How fragments that the program cuts off are given back. */
	xdp->rxq.mem.type = skb->pp_recycle ? MEM_TYPE_PAGE_POOL : MEM_TYPE_PAGE_SHARED;
}

static noinline struct sk_buff *writable_buff(struct vnet_xdp_queue *xdp,
					      const struct bpf_prog *prog, struct sk_buff *skb)
{
	skb = make_writable(xdp, prog, skb);
	if (skb)
		buff_of_skb(xdp, skb);
	return skb;
}

/* The frame is what the program left. */
static void skb_of_buff(struct sk_buff *skb, struct xdp_buff *buff)
{
	skb->data = buff->data;
	skb->len = buff->data_end - buff->data;
	skb_set_tail_pointer(skb, skb->len);
	if (unlikely(skb_is_nonlinear(skb))) {
		skb->data_len = xdp_buff_has_frags(buff) ? skb_shinfo(skb)->xdp_frags_size : 0;
		skb->len += skb->data_len;
	}
}

/* An xdp_frame has no note of segments that are still to be cut. TCP's are one valid
 * segment until then, which goes where the MTU allows it; datagrams would be merged.
 */
static int end_gso(struct sk_buff *skb)
{
	if (!skb_is_gso(skb))
		return 0;
	if (!skb_is_gso_tcp(skb) || skb->encapsulation)
		return -EMSGSIZE;
	skb_gso_reset(skb);
	return 0;
}

/* Nor of a checksum that is still to be completed. One whose headers the program
 * moved stays as it is, as with any driver.
 */
static int complete_checksum(struct sk_buff *skb, bool moved)
{
	if (skb->ip_summed != CHECKSUM_PARTIAL || moved ||
	    skb_checksum_start_offset(skb) + skb->csum_offset + sizeof(__sum16) >
	    skb_headlen(skb))
		return 0;
	return skb_checksum_help(skb);
}

/* Into pages that outlive the sk_buff, with what it says beside its bytes. NULL: dropped. */
static struct sk_buff *make_redirectable(struct vnet_xdp_queue *xdp, struct sk_buff *skb,
					 bool moved, unsigned int *metalen)
{
	if (unlikely(end_gso(skb))) {
		kfree_skb_reason(skb, SKB_DROP_REASON_PKT_TOO_BIG);
		return NULL;
	}
	if (complete_checksum(skb, moved))
		goto drop;
	if (unlikely(skb_vlan_tag_present(skb))) {
		skb = __vlan_hwaccel_push_inside(skb);
		if (!skb)
			return NULL;
		*metalen = 0;	/* the tag is where it was */
	}
	if (skb->head_frag)
		return skb;
	/* kmalloc's memory cannot be held by a page reference. */
	__skb_push(skb, *metalen);
	if (vnet_xdp_copy(xdp->pool, &skb))
		goto drop;
	__skb_pull(skb, *metalen);
	return skb;
drop:
	kfree_skb_reason(skb, SKB_DROP_REASON_NOMEM);
	return NULL;
}

static noinline bool redirect_skb(struct vnet_host_queue *queue, struct bpf_prog *prog,
				  struct sk_buff *skb, bool moved, unsigned int metalen)
{
	struct vnet_xdp_queue *xdp = queue->xdp;
	struct xdp_buff *buff = &xdp->buff.xdp;
	unsigned int i;

	skb = make_redirectable(xdp, skb, moved, &metalen);
	if (unlikely(!skb))
		return false;
	buff_of_skb(xdp, skb);
	buff->data_meta = buff->data - metalen;
	/* The pages stay when the sk_buff goes. */
	xdp->rxq.mem.type = MEM_TYPE_PAGE_SHARED;
	get_page(virt_to_page(buff->data));
	for (i = 0; i < skb_shinfo(skb)->nr_frags; i++)
		get_page(skb_frag_page(&skb_shinfo(skb)->frags[i]));
	consume_skb(skb);
	if (unlikely(xdp_do_redirect(queue->dev, buff, prog))) {
		xdp_return_buff(buff);
		return false;
	}
	xdp->redirected = true;
	return true;
}

/* XDP_ABORTED, or nothing that we know. */
static void no_verdict(struct vnet_host_queue *queue, struct bpf_prog *prog, u32 act)
{
	if (act != XDP_ABORTED)
		bpf_warn_invalid_xdp_action(queue->dev, prog, act);
	trace_xdp_exception(queue->dev, prog, act);
	vnet_xdp_count(queue, errors);
}

/* All but XDP_PASS. */
static noinline void leave(struct vnet_host_queue *queue, struct bpf_prog *prog,
			   struct sk_buff *skb, u32 act)
{
	struct vnet_xdp_queue *xdp = queue->xdp;
	struct xdp_buff *buff = &xdp->buff.xdp;
	unsigned int metalen = buff->data - buff->data_meta;
	bool moved = buff->data != skb->data;

	skb_of_buff(skb, buff);
	switch (act) {
	case XDP_TX:
		vnet_xdp_send_back(xdp, vnet_frame_fill(skb));
		return;
	case XDP_REDIRECT:
		if (likely(redirect_skb(queue, prog, skb, moved, metalen)))
			vnet_xdp_count(queue, redirect);
		else
			vnet_xdp_count(queue, errors);
		return;
	case XDP_DROP:
		vnet_xdp_count(queue, drop);
		break;
	default:
		no_verdict(queue, prog, act);
		break;
	}
	kfree_skb_reason(skb, SKB_DROP_REASON_XDP);
}

/* Whom it is for may have changed. XDP leaves an Ethernet header in every buffer. */
static void look_again(const struct vnet_host_queue *queue, struct sk_buff *skb)
{
	frame_of(skb)->to_own = ether_addr_equal_64bits(skb->data, queue->dev->dev_addr);
}

struct sk_buff *vnet_xdp_run(struct vnet_host_queue *queue, struct bpf_prog *prog,
			     struct sk_buff *skb)
{
	struct vnet_xdp_queue *xdp = queue->xdp;
	struct xdp_buff *buff = &xdp->buff.xdp;
	u32 act;

	if (likely(is_writable(skb)))
		buff_of_linear(xdp, skb);
	else
		skb = writable_buff(xdp, prog, skb);
	if (unlikely(!skb)) {
		vnet_xdp_count(queue, errors);
		return NULL;
	}
	/* A sum over the whole frame does not survive a change. */
	if (unlikely(skb->ip_summed == CHECKSUM_COMPLETE))
		skb->ip_summed = CHECKSUM_NONE;
	act = bpf_prog_run_xdp(prog, buff);
	if (unlikely(act != XDP_PASS)) {
		leave(queue, prog, skb, act);
		return NULL;
	}
	vnet_xdp_count(queue, pass);
	skb_of_buff(skb, buff);
	if (unlikely(buff->data != buff->data_meta))
		skb_metadata_set(skb, buff->data - buff->data_meta);
	look_again(queue, skb);
	return skb;
}

/* ---- an xdp_frame, that another device redirected to the other end */

static struct sk_buff *skb_of_xdp(struct vnet_host_queue *queue, struct xdp_frame *xdpf)
{
	struct sk_buff *skb = xdp_build_skb_from_frame(xdpf, queue->dev);

	if (unlikely(!skb)) {
		xdp_return_frame(xdpf);
		vnet_xdp_count(queue, errors);
		return NULL;
	}
	__skb_push(skb, ETH_HLEN);	/* as every frame that comes from the ring */
	look_again(queue, skb);
	return skb;
}

static struct sk_buff *run_on_frame(struct vnet_host_queue *queue, struct bpf_prog *prog,
				    struct xdp_frame *xdpf)
{
	struct vnet_xdp_queue *xdp = queue->xdp;
	struct xdp_buff *buff = &xdp->buff.xdp;
	struct vnet_frame *frame;
	u32 act;

	xdp_convert_frame_to_buff(xdpf, buff);
	vnet_xdp_set_mem(&xdp->rxq, xdpf);
	xdp->buff.skb = NULL;
	act = bpf_prog_run_xdp(prog, buff);
	switch (act) {
	case XDP_PASS:
		if (unlikely(xdp_update_frame_from_buff(buff, xdpf)))
			goto error;
		vnet_xdp_count(queue, pass);
		return skb_of_xdp(queue, xdpf);
	case XDP_TX:
		if (unlikely(xdp_update_frame_from_buff(buff, xdpf)))
			goto error;
		frame = vnet_frame_fill_xdp(xdpf);
		if (unlikely(!frame))
			goto error;
		vnet_xdp_send_back(xdp, frame);
		return NULL;
	case XDP_REDIRECT:
		if (unlikely(xdp_do_redirect(queue->dev, buff, prog)))
			goto error;
		vnet_xdp_count(queue, redirect);
		xdp->redirected = true;
		return NULL;
	case XDP_DROP:
		vnet_xdp_count(queue, drop);
		break;
	default:
		no_verdict(queue, prog, act);
		break;
error:
		vnet_xdp_count(queue, errors);
		break;
	}
	/* Never by the short way into a page pool: its poll is another one. */
	xdp_return_frame(xdpf);
	return NULL;
}

struct sk_buff *vnet_xdp_receive(struct vnet_host_queue *queue, struct bpf_prog *prog,
				 struct xdp_frame *xdpf)
{
	return prog ? run_on_frame(queue, prog, xdpf) : skb_of_xdp(queue, xdpf);
}
