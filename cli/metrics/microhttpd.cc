// SPDX-License-Identifier: GPL-2.0-only
#include "cli/metrics/microhttpd.h"

#include <dlfcn.h>

namespace vnet::cli {
namespace {

// The ABI of the header that this was compiled with.
constexpr char kLibrary[] = "libmicrohttpd.so.12";
static_assert(MHD_VERSION >= 0x00097000 && MHD_VERSION < 0x02000000);

template <typename Function>
bool find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  return function != nullptr;
}

}  // namespace

user::Result<const Microhttpd*> Microhttpd::load() {
  static Microhttpd loaded;
  void* const library = dlopen(kLibrary, RTLD_NOW);
  if (!library || !find(library, "MHD_start_daemon", loaded.start_daemon) ||
      !find(library, "MHD_stop_daemon", loaded.stop_daemon) ||
      !find(library, "MHD_get_daemon_info", loaded.get_daemon_info) ||
      !find(library, "MHD_get_timeout", loaded.get_timeout) ||
      !find(library, "MHD_run", loaded.run) ||
      !find(library, "MHD_create_response_from_buffer", loaded.create_response_from_buffer) ||
      !find(library, "MHD_add_response_header", loaded.add_response_header) ||
      !find(library, "MHD_queue_response", loaded.queue_response) ||
      !find(library, "MHD_destroy_response", loaded.destroy_response))
    return user::Error{dlerror()};
  return &loaded;
}

}  // namespace vnet::cli
