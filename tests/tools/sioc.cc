// SPDX-License-Identifier: GPL-2.0-only
// The private ioctls of a vnet device (<linux/vnet.h>), one per call.
//
//   sioc DEV registers               name and value of each register
//   sioc DEV raise QUEUE CAUSES      1: receive, 2: transmit done
//   sioc DEV lockup N                every N-th transmit interrupt is lost; 0: none
//   sioc DEV raw OFFSET [POINTER]    SIOCDEVPRIVATE + OFFSET with a zeroed buffer, or with that
//   address
//
// 0: done. 2: refused; prints the errno's name. 1: anything else.
#include <errno.h>
#include <linux/if.h>
#include <linux/vnet.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace {

constexpr std::uint32_t kRegistersMax = 1024;

// The order of enum vnet_device_register and enum vnet_queue_register in <vnet/types.h>.
constexpr const char* kDeviceRegisters[] = {"abi", "control", "queues",    "ring_size",
                                            "mtu", "lockup",  "timeout_ms"};
constexpr const char* kQueueRegisters[] = {"irq_status", "irq_mask", "tx_state", "rx_pending"};
constexpr std::uint32_t kDeviceCount = sizeof(kDeviceRegisters) / sizeof(*kDeviceRegisters);
constexpr std::uint32_t kQueueCount = sizeof(kQueueRegisters) / sizeof(*kQueueRegisters);

[[noreturn]] void usage() {
  std::fputs("usage: sioc DEV registers | raise QUEUE CAUSES | lockup N | raw OFFSET [POINTER]\n",
             stderr);
  std::exit(1);
}

int call(const char* device, unsigned offset, void* data) {
  ifreq request = {};
  strncpy(request.ifr_name, device, sizeof(request.ifr_name) - 1);
  request.ifr_data = static_cast<char*>(data);
  const int fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (fd < 0) {
    std::perror("sioc: socket");
    return 1;
  }
  if (ioctl(fd, SIOCDEVPRIVATE + offset, &request) == 0) return 0;
  std::puts(strerrorname_np(errno));
  return 2;
}

int registers(const char* device) {
  // vnet_sioc_registers: count, reserved, values[count]
  std::uint32_t data[2 + kRegistersMax] = {kRegistersMax};
  static_assert(sizeof(vnet_sioc_registers) == 2 * sizeof(*data));
  if (const int status = call(device, VNET_SIOC_REGISTERS - SIOCDEVPRIVATE, data)) return status;
  for (std::uint32_t i = 0; i < data[0] && i < kRegistersMax; i++) {
    const std::uint32_t value = data[2 + i];
    if (i < kDeviceCount) {
      std::printf("%s %u\n", kDeviceRegisters[i], value);
    } else {
      const std::uint32_t at = i - kDeviceCount;
      std::printf("q%u_%s %u\n", at / kQueueCount, kQueueRegisters[at % kQueueCount], value);
    }
  }
  return 0;
}

std::uint32_t number(const char* text) {
  return static_cast<std::uint32_t>(std::strtoul(text, nullptr, 0));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) usage();
  const char* const device = argv[1];
  const std::string_view command = argv[2];
  if (command == "registers" && argc == 3) return registers(device);
  if (command == "raise" && argc == 5) {
    vnet_sioc_irq request = {number(argv[3]), number(argv[4])};
    return call(device, VNET_SIOC_IRQ_RAISE - SIOCDEVPRIVATE, &request);
  }
  if (command == "lockup" && argc == 4) {
    vnet_sioc_lockup request = {number(argv[3])};
    return call(device, VNET_SIOC_LOCKUP - SIOCDEVPRIVATE, &request);
  }
  if (command == "raw" && (argc == 4 || argc == 5)) {
    char buffer[4096] = {};
    void* const data =
        argc == 5 ? reinterpret_cast<void*>(std::strtoul(argv[4], nullptr, 0)) : buffer;
    return call(device, number(argv[3]), data);
  }
  usage();
}
