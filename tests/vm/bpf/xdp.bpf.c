// SPDX-License-Identifier: GPL-2.0-only
/*
 * The programs of tests/vm/cases/xdp.sh, chosen by name:
 *   ip link set dev DEVICE xdpdrv object xdp.o program NAME
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

/* Interface indices that the case gives to the ends of redirection. */
#define LEFT 4201
#define RIGHT 4202

SEC("xdp")
int pass(struct xdp_md *ctx) {
  return XDP_PASS;
}

SEC("xdp.frags")
int pass_frags(struct xdp_md *ctx) {
  return XDP_PASS;
}

SEC("xdp")
int drop(struct xdp_md *ctx) {
  return XDP_DROP;
}

SEC("xdp")
int aborted(struct xdp_md *ctx) {
  return XDP_ABORTED;
}

SEC("xdp")
int unknown(struct xdp_md *ctx) {
  return 99;
}

static __always_inline void swap(__u8* a, __u8* b, int len) {
  for (int i = 0; i < len; i++) {
    __u8 kept = a[i];
    a[i] = b[i];
    b[i] = kept;
  }
}

/* Answers each echo request in place, and lets through what is not one. */
static __always_inline int answer(struct xdp_md* ctx) {
  void *data = (void*)(long)ctx->data, *end = (void*)(long)ctx->data_end;
  struct ethhdr* eth = data;
  struct iphdr* ip = (void*)(eth + 1);
  __u8* icmp = (void*)(ip + 1);

  if ((void*)(icmp + 8) > end || eth->h_proto != bpf_htons(ETH_P_IP) || ip->ihl != 5 ||
      ip->protocol != IPPROTO_ICMP || icmp[0] != 8)
    return XDP_PASS;
  swap(eth->h_dest, eth->h_source, ETH_ALEN);
  swap((__u8*)&ip->saddr, (__u8*)&ip->daddr, 4);
  icmp[0] = 0;
  /* The sum without type 8: RFC 1624, on the first octet. */
  __u32 sum = (icmp[2] << 8 | icmp[3]) + 0x0800;
  sum = (sum & 0xffff) + (sum >> 16);
  icmp[2] = sum >> 8;
  icmp[3] = sum & 0xff;
  return XDP_TX;
}

SEC("xdp")
int echo(struct xdp_md *ctx) {
  return answer(ctx);
}

SEC("xdp.frags")
int echo_frags(struct xdp_md *ctx) {
  return answer(ctx);
}

/* Sends everything back. */
SEC("xdp")
int bounce(struct xdp_md *ctx) {
  void *data = (void*)(long)ctx->data, *end = (void*)(long)ctx->data_end;
  struct ethhdr* eth = data;

  if ((void*)(eth + 1) > end) return XDP_ABORTED;
  swap(eth->h_dest, eth->h_source, ETH_ALEN);
  return XDP_TX;
}

SEC("xdp")
int to_left(struct xdp_md *ctx) {
  return bpf_redirect(LEFT, 0);
}

SEC("xdp")
int to_right(struct xdp_md *ctx) {
  return bpf_redirect(RIGHT, 0);
}

SEC("xdp.frags")
int to_left_frags(struct xdp_md *ctx) {
  return bpf_redirect(LEFT, 0);
}

SEC("xdp.frags")
int to_right_frags(struct xdp_md *ctx) {
  return bpf_redirect(RIGHT, 0);
}

/* Takes the Ethernet header off and puts one of its own in front, two moves and a metadata word. */
SEC("xdp")
int rewrite(struct xdp_md *ctx) {
  struct ethhdr kept;
  void *data = (void*)(long)ctx->data, *end = (void*)(long)ctx->data_end;
  __u32* meta;

  if (data + sizeof(kept) > end) return XDP_ABORTED;
  __builtin_memcpy(&kept, data, sizeof(kept));
  if (bpf_xdp_adjust_head(ctx, sizeof(kept)) || bpf_xdp_adjust_head(ctx, -(int)sizeof(kept) - 64) ||
      bpf_xdp_adjust_head(ctx, 64) || bpf_xdp_adjust_meta(ctx, -4))
    return XDP_ABORTED;
  data = (void*)(long)ctx->data;
  end = (void*)(long)ctx->data_end;
  meta = (void*)(long)ctx->data_meta;
  if (data + sizeof(kept) > end || (void*)(meta + 1) > data) return XDP_ABORTED;
  __builtin_memcpy(data, &kept, sizeof(kept));
  *meta = 0x12345678;
  return XDP_PASS;
}

/* Half of each frame that is no IP and no ARP. */
SEC("xdp.frags")
int trim(struct xdp_md *ctx) {
  void *data = (void*)(long)ctx->data, *end = (void*)(long)ctx->data_end;
  struct ethhdr* eth = data;
  __u32 half = (__u32)bpf_xdp_get_buff_len(ctx) / 2;

  if ((void*)(eth + 1) > end) return XDP_ABORTED;
  if (eth->h_proto == bpf_htons(ETH_P_IP) || eth->h_proto == bpf_htons(ETH_P_ARP)) return XDP_PASS;
  return bpf_xdp_adjust_tail(ctx, -(int)half) ? XDP_ABORTED : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
