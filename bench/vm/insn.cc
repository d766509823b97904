// SPDX-License-Identifier: GPL-2.0-only
// A plugin of QEMU's TCG: counts what the guest executes between two marks, by address.
//
//   -plugin insn.so,out=FILE,start=HEX,stop=HEX
//
// start, stop: addresses of the functions that mark a window's begin and end (load.cc has them in
// user space, at addresses that nothing else in the guest uses). At each stop the window's counts
// are added to FILE: a line "window NUMBER", then a line "ADDRESS INSTRUCTIONS" per translated
// block. For one processor: the counters are not atomic.
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <unordered_map>

// Debian does not package qemu-plugin.h. This is what is used of it, version 1 of the interface:
// names and values must stay theirs.
extern "C" {
using qemu_plugin_id_t = std::uint64_t;
struct qemu_info_t;
struct qemu_plugin_tb;
using TranslateCallback = void (*)(qemu_plugin_id_t, qemu_plugin_tb*);
using ExecuteCallback = void (*)(unsigned vcpu, void* data);
enum Access { kNoRegisters = 0 };  // QEMU_PLUGIN_CB_NO_REGS
enum InlineOp { kAddU64 = 0 };     // QEMU_PLUGIN_INLINE_ADD_U64
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, TranslateCallback);
void qemu_plugin_register_vcpu_tb_exec_cb(qemu_plugin_tb*, ExecuteCallback, Access, void* data);
void qemu_plugin_register_vcpu_tb_exec_inline(qemu_plugin_tb*, InlineOp, void* counter,
                                              std::uint64_t value);
std::size_t qemu_plugin_tb_n_insns(const qemu_plugin_tb*);
std::uint64_t qemu_plugin_tb_vaddr(const qemu_plugin_tb*);

[[gnu::visibility("default")]] int qemu_plugin_version = 1;
}

namespace {

std::FILE* out;
std::uint64_t start_address, stop_address;
unsigned windows;
// By address, whatever the block's length: what is translated again with another length, or in
// another process, adds to the same counter. The deque never moves what the translated code points
// to.
std::deque<std::uint64_t> counters;
std::unordered_map<std::uint64_t, std::uint64_t*> counter_at;

void start(unsigned, void*) {
  for (std::uint64_t& counter : counters) counter = 0;
}

void stop(unsigned, void*) {
  std::fprintf(out, "window %u\n", windows++);
  for (const auto& [address, counter] : counter_at)
    if (*counter) std::fprintf(out, "%016" PRIx64 " %" PRIu64 "\n", address, *counter);
  std::fflush(out);
}

void translate(qemu_plugin_id_t, qemu_plugin_tb* block) {
  const std::uint64_t address = qemu_plugin_tb_vaddr(block);
  if (address == start_address)
    qemu_plugin_register_vcpu_tb_exec_cb(block, start, kNoRegisters, nullptr);
  if (address == stop_address)
    qemu_plugin_register_vcpu_tb_exec_cb(block, stop, kNoRegisters, nullptr);
  std::uint64_t*& counter = counter_at[address];
  if (!counter) counter = &counters.emplace_back(0);
  qemu_plugin_register_vcpu_tb_exec_inline(block, kAddU64, counter, qemu_plugin_tb_n_insns(block));
}

}  // namespace

extern "C" [[gnu::visibility("default")]] int qemu_plugin_install(qemu_plugin_id_t id,
                                                                  const qemu_info_t*, int argc,
                                                                  char** argv) {
  for (int i = 0; i < argc; i++) {
    const char* const value = std::strchr(argv[i], '=');
    if (!value) return -1;
    if (!std::strncmp(argv[i], "out=", 4)) out = std::fopen(value + 1, "w");
    if (!std::strncmp(argv[i], "start=", 6)) start_address = std::strtoull(value + 1, nullptr, 16);
    if (!std::strncmp(argv[i], "stop=", 5)) stop_address = std::strtoull(value + 1, nullptr, 16);
  }
  if (!out || !start_address || !stop_address) return -1;
  qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
  return 0;
}
