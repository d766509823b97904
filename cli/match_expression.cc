// SPDX-License-Identifier: GPL-2.0-only
#include "cli/match_expression.h"

#include <fmt/core.h>

#include "cli/pcap_library.h"

namespace vnet::cli {
namespace {

using user::Error;

constexpr int kWholeFrames = 262144;  // tcpdump's snapshot length

Error match_error(const std::string& text) {
  return {"match: " + text};
}

}  // namespace

user::Result<MatchProgram> compile_match(const std::string& expression) {
  // What is shown of it has an end, and one that is cut off would be another one.
  if (expression.size() > VNET_IMPAIR_TEXT_MAX)
    return match_error(
        fmt::format("an expression has at most {} characters", VNET_IMPAIR_TEXT_MAX));
  const user::Result<const PcapLibrary*> pcap = PcapLibrary::load();
  if (!pcap) return match_error("needs Debian's package libpcap0.8: " + pcap.error().text);
  const PcapLibrary& library = **pcap;
  pcap_t* const handle = library.open_dead(DLT_EN10MB, kWholeFrames);
  if (!handle) return match_error("no memory");
  bpf_program compiled{};
  MatchProgram program;
  std::string error;
  if (library.compile(handle, &compiled, expression.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0) {
    error = library.geterr(handle);
  } else {
    for (unsigned i = 0; i < compiled.bf_len; i++) {
      const bpf_insn& insn = compiled.bf_insns[i];
      program.push_back({insn.code, insn.jt, insn.jf, insn.k});
    }
    library.freecode(&compiled);
  }
  library.close(handle);
  if (!error.empty()) return match_error(fmt::format("'{}': {}", expression, error));
  if (program.size() > VNET_MATCH_MAX)
    return match_error(fmt::format("'{}': {} instructions, at most {}", expression, program.size(),
                                   VNET_MATCH_MAX));
  return program;
}

}  // namespace vnet::cli
