// SPDX-License-Identifier: GPL-2.0-only
// Loads a program for tc's ingress that gives every frame to the peer of a device, and pins it:
// what container networks do with bpf_redirect_peer(), without a compiler for BPF.
//
//   redirect_peer IFINDEX PATH
#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace {

template <class T>
std::uint64_t pointer(const T* to) {
  return reinterpret_cast<std::uintptr_t>(to);
}

long bpf(bpf_cmd command, bpf_attr& attributes) {
  return syscall(__NR_bpf, command, &attributes, sizeof(attributes));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: redirect_peer IFINDEX PATH\n", stderr);
    return 1;
  }
  const bpf_insn program[] = {
      {BPF_ALU64 | BPF_MOV | BPF_K, 1, 0, 0, std::atoi(argv[1])},  // r1 = IFINDEX
      {BPF_ALU64 | BPF_MOV | BPF_K, 2, 0, 0, 0},                   // r2 = flags
      {BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_redirect_peer},
      {BPF_JMP | BPF_EXIT, 0, 0, 0, 0},
  };
  bpf_attr load{};
  load.prog_type = BPF_PROG_TYPE_SCHED_CLS;
  load.insns = pointer(program);
  load.insn_cnt = sizeof(program) / sizeof(program[0]);
  load.license = pointer("GPL");
  const long fd = bpf(BPF_PROG_LOAD, load);
  if (fd < 0) {
    std::perror("redirect_peer: load");
    return 1;
  }
  bpf_attr pin{};
  pin.pathname = pointer(argv[2]);
  pin.bpf_fd = static_cast<std::uint32_t>(fd);
  if (bpf(BPF_OBJ_PIN, pin) < 0) {
    std::perror("redirect_peer: pin");
    return 1;
  }
  return 0;
}
