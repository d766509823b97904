// SPDX-License-Identifier: GPL-2.0-only
#include "cli/hosts.h"

#include <fmt/core.h>
#include <net/if.h>

#include <algorithm>

#include "cli/transport_socket.h"

namespace vnet::cli {
namespace {

struct Found {
  std::string run_dir;
  Instance instance;
};

std::vector<Found> living_instances() {
  std::vector<Found> found;
  for (const std::string& path : RunDir::candidates()) {
    Result<RunDir> dir = RunDir::open_existing(path);
    if (!dir) continue;
    for (Instance& instance : dir->instances()) found.push_back({path, std::move(instance)});
  }
  return found;
}

bool has_device(const Instance& instance, const std::string& device) {
  return std::find(instance.devices.begin(), instance.devices.end(), device) !=
         instance.devices.end();
}

// Whether the kernel's module has the device; what it said of it otherwise.
Failure ask_kernel(Transport& kernel, const std::string& device) {
  vnet_device_values which{};
  if (device.size() >= sizeof(which.ifname)) return Error{"", ENODEV};
  which.has = 1ull << VNET_A_DEVICE_IFNAME;
  device.copy(which.ifname, sizeof(which.ifname) - 1);
  return kernel.request(VNET_CMD_DEVICE_GET, which);
}

const char* who(HostChoice choice) {
  if (choice == HostChoice::kKernel) return "the kernel module";
  return choice == HostChoice::kUser ? "a user-space driver" : "vnet";
}

Error ambiguous(const std::string& device, const std::string& places, bool kernel) {
  return Error{fmt::format("'{}' is ambiguous: {}{}", device, places,
                           kernel ? "; say --kernel or --user"
                                  : "; VNET_RUN_DIR names a run directory of its own"),
               EEXIST};
}

}  // namespace

Error no_such_device(const std::string& name) {
  return Error{fmt::format("no such device: '{}'", name), ENODEV};
}

Result<std::vector<std::unique_ptr<Transport>>> open_hosts(HostChoice choice) {
  std::vector<std::unique_ptr<Transport>> hosts;
  if (choice != HostChoice::kUser) {
    Result<std::unique_ptr<Transport>> kernel = open_kernel();
    if (kernel) {
      hosts.push_back(std::move(*kernel));
    } else if (choice == HostChoice::kKernel) {
      return kernel.error();
    }
  }
  if (choice == HostChoice::kKernel) return hosts;
  for (const Found& found : living_instances()) {
    Result<std::unique_ptr<Transport>> host = open_instance(found.run_dir, found.instance);
    if (host) {
      hosts.push_back(std::move(*host));
    } else if (choice == HostChoice::kUser && host.error().code == EACCES) {
      return host.error();
    }
  }
  return hosts;
}

Result<std::unique_ptr<Transport>> open_host_of(const std::string& device, HostChoice choice) {
  std::unique_ptr<Transport> kernel;
  const unsigned before = if_nametoindex(device.c_str());
  Error missing = no_such_device(device);
  if (choice != HostChoice::kUser) {
    Result<std::unique_ptr<Transport>> opened = open_kernel();
    if (opened) {
      const Failure failure = ask_kernel(**opened, device);
      if (!failure) kernel = std::move(*opened);
      // Not one of ours: more than that there is no such device.
      if (failure && failure->code != ENODEV)
        missing = {fmt::format("'{}': {}", device, failure->text), failure->code};
    } else if (choice == HostChoice::kKernel) {
      return opened.error();
    }
  }
  std::vector<Found> instances;
  if (choice != HostChoice::kKernel) instances = living_instances();
  std::string places = kernel ? "it is a device of the kernel module" : "";
  const Found* only = nullptr;
  size_t count = kernel ? 1 : 0;
  for (const Found& found : instances) {
    if (!has_device(found.instance, device)) continue;
    only = &found;
    count++;
    places += fmt::format("{}it is one of the instance '{}' in {}", places.empty() ? "" : ", and ",
                          found.instance.name, found.run_dir);
  }
  if (count > 1) return ambiguous(device, places, kernel != nullptr);
  if (kernel) return kernel;
  if (only) return open_instance(only->run_dir, only->instance);
  // The same index before and after: it was there all the time, and nobody here knew it.
  if (missing.code == ENODEV && before != 0 && if_nametoindex(device.c_str()) == before)
    return Error{fmt::format("'{}' is not a device of {}", device, who(choice)), ENODEV};
  return missing;
}

}  // namespace vnet::cli
