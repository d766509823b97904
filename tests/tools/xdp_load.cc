// SPDX-License-Identifier: GPL-2.0-only
// Attaches an XDP program that iproute2 cannot load.
//
//   xdp_load DEVICE OBJECT PROGRAM             bound to the device, so that it may ask for metadata
//   xdp_load DEVICE OBJECT PROGRAM TARGET...   with these devices in the map "devices", from 0 on
//
// 0: attached, until `ip link set dev DEVICE xdpdrv off`. 1: anything else.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <string.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace {

constexpr std::uint32_t kDeviceBound = 1U << 6;  // BPF_F_XDP_DEV_BOUND_ONLY, Linux 6.3

[[noreturn]] void die(const char* what, int error) {
  std::fprintf(stderr, "xdp_load: %s: %s\n", what, strerror(error < 0 ? -error : error));
  std::exit(1);
}

unsigned index_of(const char* device) {
  const unsigned index = if_nametoindex(device);
  if (index == 0) die(device, errno);
  return index;
}

bpf_program* choose(bpf_object* object, const char* name) {
  bpf_program *program, *chosen = nullptr;
  bpf_object__for_each_program(program, object) {
    const bool wanted = strcmp(bpf_program__name(program), name) == 0;
    bpf_program__set_autoload(program, wanted);
    if (wanted) chosen = program;
  }
  if (chosen == nullptr) die(name, ENOENT);
  return chosen;
}

}  // namespace

int main(int count, char** words) {
  if (count < 4) {
    std::fputs("usage: xdp_load DEVICE OBJECT PROGRAM [TARGET]...\n", stderr);
    return 1;
  }
  const unsigned device = index_of(words[1]);
  bpf_object* const object = bpf_object__open_file(words[2], nullptr);
  if (object == nullptr) die(words[2], errno);
  bpf_program* const program = choose(object, words[3]);
  if (count == 4) {
    bpf_program__set_ifindex(program, device);
    bpf_program__set_flags(program, bpf_program__flags(program) | kDeviceBound);
  }
  if (const int error = bpf_object__load(object); error != 0) die("load", error);
  const bpf_map* const devices = bpf_object__find_map_by_name(object, "devices");
  for (int i = 4; i < count; i++) {
    const std::uint32_t key = static_cast<std::uint32_t>(i - 4), value = index_of(words[i]);
    if (const int error = bpf_map__update_elem(devices, &key, sizeof key, &value, sizeof value, 0);
        error != 0)
      die(words[i], error);
  }
  if (const int error = bpf_xdp_attach(static_cast<int>(device), bpf_program__fd(program),
                                       XDP_FLAGS_DRV_MODE, nullptr);
      error != 0)
    die("attach", error);
  return 0;
}
