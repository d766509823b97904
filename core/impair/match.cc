// SPDX-License-Identifier: GPL-2.0-only
#include "core/impair/match.h"

#include <vnet/host.h>

namespace vnet {
namespace {

// The instruction set, by the numbers of <linux/bpf_common.h>.
enum : u16 {
  kClass = 0x07,
  kLd = 0,
  kLdx,
  kSt,
  kStx,
  kAlu,
  kJmp,
  kRet,
  kMisc,
  kSize = 0x18,
  kWord = 0x00,
  kHalf = 0x08,
  kByte = 0x10,
  kMode = 0xe0,
  kImm = 0x00,
  kAbs = 0x20,
  kInd = 0x40,
  kMem = 0x60,
  kLen = 0x80,
  kMsh = 0xa0,
  kOp = 0xf0,
  kAdd = 0x00,
  kSub = 0x10,
  kMul = 0x20,
  kDiv = 0x30,
  kOr = 0x40,
  kAnd = 0x50,
  kLsh = 0x60,
  kRsh = 0x70,
  kNeg = 0x80,
  kMod = 0x90,
  kXor = 0xa0,
  kJa = 0x00,
  kJeq = 0x10,
  kJgt = 0x20,
  kJge = 0x30,
  kJset = 0x40,
  kX = 0x08,
  kRetA = 0x10,
  kTxa = 0x80
};
constexpr u32 kMemory = 16;  // BPF_MEMWORDS

bool valid_load(const vnet_bpf_insn& insn, u16 op_class) {
  const u16 mode = insn.code & kMode, size = insn.code & kSize;
  if (insn.code & 0xff00) return false;
  switch (mode) {
    case kImm:
    case kLen:
      return size == kWord;
    case kMem:
      return size == kWord && insn.k < kMemory;
    case kAbs:
    case kInd:
      return op_class == kLd && size != kSize;
    case kMsh:
      return op_class == kLdx && size == kByte;
    default:
      return false;
  }
}

bool valid_alu(const vnet_bpf_insn& insn) {
  const u16 op = insn.code & kOp;
  if (op > kXor || insn.code & 0xff00) return false;
  if (insn.code & kX) return true;
  if (op == kDiv || op == kMod) return insn.k != 0;
  return (op != kLsh && op != kRsh) || insn.k < 32;
}

// `left`: how many instructions follow.
bool valid_jump(const vnet_bpf_insn& insn, u32 left) {
  const u16 op = insn.code & kOp;
  if (op > kJset || insn.code & 0xff00) return false;
  if (op == kJa) return insn.k < left;
  return insn.jt < left && insn.jf < left;
}

bool valid_insn(const vnet_bpf_insn& insn, u32 left) {
  switch (insn.code & kClass) {
    case kLd:
    case kLdx:
      return valid_load(insn, insn.code & kClass);
    case kSt:
    case kStx:
      return insn.code == (insn.code & kClass) && insn.k < kMemory;
    case kAlu:
      return valid_alu(insn);
    case kJmp:
      return valid_jump(insn, left);
    case kRet:
      return insn.code == kRet || insn.code == (kRet | kRetA);
    default:
      return insn.code == kMisc || insn.code == (kMisc | kTxa);
  }
}

// Most programs look at headers only: those are asked for once.
class Bytes {
 public:
  explicit Bytes(const vnet_frame& frame) : frame_(frame) {
    head_ = frame.wire_len < sizeof(bytes_) ? frame.wire_len : sizeof(bytes_);
    if (vnet_host_frame_read(&frame, 0, bytes_, head_) != 0) head_ = 0;
  }

  // Big-endian, `size` bytes; false: beyond the frame.
  bool load(u64 at, u32 size, u32& value) const {
    u8 read[4];
    const u8* from = bytes_ + at;
    if (at + size > head_) {
      if (at + size > frame_.wire_len) return false;
      if (vnet_host_frame_read(&frame_, static_cast<u32>(at), read, size) != 0) return false;
      from = read;
    }
    value = 0;
    for (u32 i = 0; i < size; i++) value = value << 8 | from[i];
    return true;
  }

 private:
  const vnet_frame& frame_;
  u32 head_;
  u8 bytes_[96];
};

u32 size_of(u16 code) {
  return (code & kSize) == kWord ? 4 : (code & kSize) == kHalf ? 2 : 1;
}

bool alu(u16 op, u32& a, u32 operand) {
  switch (op) {
    case kAdd:
      a += operand;
      break;
    case kSub:
      a -= operand;
      break;
    case kMul:
      a *= operand;
      break;
    case kOr:
      a |= operand;
      break;
    case kAnd:
      a &= operand;
      break;
    case kXor:
      a ^= operand;
      break;
    case kLsh:
      a = operand < 32 ? a << operand : 0;
      break;
    case kRsh:
      a = operand < 32 ? a >> operand : 0;
      break;
    case kNeg:
      a = 0 - a;
      break;
    default:
      if (!operand) return false;
      a = op == kDiv ? a / operand : a % operand;
  }
  return true;
}

bool taken(u16 op, u32 a, u32 operand) {
  switch (op) {
    case kJeq:
      return a == operand;
    case kJgt:
      return a > operand;
    case kJge:
      return a >= operand;
    default:
      return a & operand;
  }
}

class Machine {
 public:
  explicit Machine(const vnet_frame& frame) : frame_(frame), bytes_(frame) {}

  u32 run(const vnet_bpf_insn* insn) {
    for (;; insn++) {
      switch (insn->code & kClass) {
        case kLd:
          if (!load(*insn, a_)) return 0;
          break;
        case kLdx:
          if (!load(*insn, x_)) return 0;
          break;
        case kSt:
          memory_[insn->k] = a_;
          break;
        case kStx:
          memory_[insn->k] = x_;
          break;
        case kAlu:
          if (!alu(insn->code & kOp, a_, operand(*insn))) return 0;
          break;
        case kJmp:
          if ((insn->code & kOp) == kJa)
            insn += insn->k;
          else
            insn += taken(insn->code & kOp, a_, operand(*insn)) ? insn->jt : insn->jf;
          break;
        case kRet:
          return insn->code & kRetA ? a_ : insn->k;
        default:
          if (insn->code & kTxa)
            a_ = x_;
          else
            x_ = a_;
      }
    }
  }

 private:
  u32 operand(const vnet_bpf_insn& insn) const { return insn.code & kX ? x_ : insn.k; }

  bool load(const vnet_bpf_insn& insn, u32& to) {
    switch (insn.code & kMode) {
      case kImm:
        to = insn.k;
        return true;
      case kLen:
        to = frame_.wire_len;
        return true;
      case kMem:
        to = memory_[insn.k];
        return true;
      case kAbs:
        return bytes_.load(insn.k, size_of(insn.code), to);
      case kInd:
        return bytes_.load(u64{x_} + insn.k, size_of(insn.code), to);
      default:  // the length of an IPv4 header
        if (!bytes_.load(insn.k, 1, to)) return false;
        to = (to & 0xf) << 2;
        return true;
    }
  }

  const vnet_frame& frame_;
  const Bytes bytes_;
  u32 a_ = 0, x_ = 0;
  u32 memory_[kMemory] = {};
};

}  // namespace

bool Match::valid(const vnet_bpf_insn* code, u32 count) {
  for (u32 i = 0; i < count; i++)
    if (!valid_insn(code[i], count - i - 1)) return false;
  return (code[count - 1].code & kClass) == kRet;
}

bool Match::takes(const vnet_frame& frame) const {
  return Machine(frame).run(code) != 0;
}

}  // namespace vnet
