// SPDX-License-Identifier: GPL-2.0-only
// libmicrohttpd, loaded when a server is wanted: it brings TLS and nine more libraries along, which
// would double the time that every other command needs to start.
#pragma once

#include <microhttpd.h>

#include "user/result.h"

namespace vnet::cli {

// The functions of microhttpd.h under their own names, without the prefix.
struct Microhttpd {
  decltype(&MHD_start_daemon) start_daemon;
  decltype(&MHD_stop_daemon) stop_daemon;
  decltype(&MHD_get_daemon_info) get_daemon_info;
  decltype(&MHD_get_timeout) get_timeout;
  decltype(&MHD_run) run;
  decltype(&MHD_create_response_from_buffer) create_response_from_buffer;
  decltype(&MHD_add_response_header) add_response_header;
  decltype(&MHD_queue_response) queue_response;
  decltype(&MHD_destroy_response) destroy_response;

  // Stays loaded until the process ends.
  static user::Result<const Microhttpd*> load();
};

}  // namespace vnet::cli
