// SPDX-License-Identifier: GPL-2.0-only
/* Redirection through a map of devices, which tests/tools/xdp_load fills. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

struct {
  __uint(type, BPF_MAP_TYPE_DEVMAP);
  __uint(max_entries, 4);
  __type(key, __u32);
  __type(value, __u32);
} devices SEC(".maps");

SEC("xdp")
int to_device(struct xdp_md *ctx) {
  return bpf_redirect_map(&devices, 0, 0);
}

/* To all of them, each its own copy. */
SEC("xdp")
int to_all(struct xdp_md *ctx) {
  return bpf_redirect_map(&devices, 0, BPF_F_BROADCAST | BPF_F_EXCLUDE_INGRESS);
}

char _license[] SEC("license") = "GPL";
