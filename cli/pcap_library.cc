// SPDX-License-Identifier: GPL-2.0-only
#include "cli/pcap_library.h"

#include <dlfcn.h>

namespace vnet::cli {
namespace {

// Debian's name for the ABI of libpcap 1.x.
constexpr char kLibrary[] = "libpcap.so.0.8";

template <typename Function>
bool find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  return function != nullptr;
}

}  // namespace

user::Result<const PcapLibrary*> PcapLibrary::load() {
  static PcapLibrary loaded;
  void* const library = dlopen(kLibrary, RTLD_NOW);
  if (!library || !find(library, "pcap_open_dead", loaded.open_dead) ||
      !find(library, "pcap_compile", loaded.compile) ||
      !find(library, "pcap_geterr", loaded.geterr) ||
      !find(library, "pcap_freecode", loaded.freecode) ||
      !find(library, "pcap_close", loaded.close))
    return user::Error{dlerror()};
  return &loaded;
}

}  // namespace vnet::cli
