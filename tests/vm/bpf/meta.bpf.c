// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs that ask for what stands beside the frame (Linux 6.8), for tests/tools/xdp_load. They
 * show what they learn by their verdict.
 */
#include <linux/bpf.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

enum xdp_rss_hash_type { XDP_RSS_UNUSED = 0, XDP_RSS_WIDE = 1 << 30 };

extern int bpf_xdp_metadata_rx_timestamp(const struct xdp_md *ctx, __u64* timestamp) __ksym;
extern int bpf_xdp_metadata_rx_hash(const struct xdp_md *ctx, __u32* hash,
                                    enum xdp_rss_hash_type* type) __ksym;
extern int bpf_xdp_metadata_rx_vlan_tag(const struct xdp_md *ctx, __be16* protocol,
                                        __u16* tci) __ksym;

/* DROP if there is a hash and a time stamp to be had, PASS if not. */
SEC("xdp")
int hash(struct xdp_md *ctx) {
  enum xdp_rss_hash_type type = XDP_RSS_UNUSED;
  __u64 timestamp = 0;
  __u32 value = 0;

  if (bpf_xdp_metadata_rx_hash(ctx, &value, &type) || !value) return XDP_PASS;
  if (bpf_xdp_metadata_rx_timestamp(ctx, &timestamp)) return XDP_PASS;
  return XDP_DROP;
}

/* DROP with a hash over ports that is what Microsoft's "Verifying the RSS Hash Calculation" says of
 * its first flow: with its ports, or (which would be untrue) without.
 */
SEC("xdp")
int suite(struct xdp_md *ctx) {
  enum xdp_rss_hash_type type = XDP_RSS_UNUSED;
  __u32 value = 0;

  if (bpf_xdp_metadata_rx_hash(ctx, &value, &type) || type == XDP_RSS_UNUSED) return XDP_PASS;
  return value == 0x51ccc178 || value == 0x323e8fc2 ? XDP_DROP : XDP_PASS;
}

/* DROP in VLAN 7. */
SEC("xdp")
int vlan(struct xdp_md *ctx) {
  __be16 protocol = 0;
  __u16 tci = 0;

  if (bpf_xdp_metadata_rx_vlan_tag(ctx, &protocol, &tci)) return XDP_PASS;
  return protocol == bpf_htons(0x8100) && (tci & 0xfff) == 7 ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
