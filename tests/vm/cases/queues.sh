# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 90
# A pair of four queues: flows are spread, each queue keeps its own count, and nothing is lost.
source "$VNET_TESTS/vm/cases/lib/case.sh"

between=(a b 10.0.0.1 10.0.0.2)

channels() {
  contains "four channels" "$(traffic_in a ethtool -l v0)" "Combined:*4*Combined:*4"
  equal "transmit queues in sysfs" "$(traffic_in a bash -c \
    'echo /sys/class/net/v0/queues/tx-*')" "$(printf '/sys/class/net/v0/queues/tx-%s ' 0 1 2 3 |
    sed 's/ $//')"
}

# The stack hashes each flow to a transmit queue; 32 UDP flows leave two of four idle with p = 1e-9.
spread() {
  local port queue count used=0
  for ((port = 7000; port < 7032; port++)); do
    traffic_in a bash -c "echo x >/dev/udp/10.0.0.2/$port"
  done
  for queue in 0 1 2 3; do
    count=$(vnet_counter a v0 "q${queue}_tx_frames")
    ((count == 0)) || used=$((used + 1))
  done
  echo "$used of 4 queues used"
  ((used >= 3))
}

# What leaves queue N arrives at queue N.
queue_to_queue() {
  local queue sent received
  for queue in 0 1 2 3; do
    sent=$(vnet_counter a v0 "q${queue}_tx_frames")
    received=$(vnet_counter b v1 "q${queue}_rx_frames")
    ((sent == received)) || {
      echo "queue $queue: $sent sent, $received received"
      return 1
    }
  done
}

load
require "a pair of four queues" plain_pair txqueues 4 rxqueues 4
channels
check "flood ping" traffic_flood "${between[@]}" 2000
check "flows are spread" spread
check "queue to queue" queue_to_queue
check "TCP" traffic_iperf3 "${between[@]}" 2 200
check "file" traffic_file "${between[@]}" 2000000
check "all frames are accounted for, by queue" vnet_conserved a v0 b v1
refused "an interrupt for queue 4" EINVAL traffic_in a sioc v0 raise 4 1
check "an interrupt for queue 3" vnet_grew a v0 q3_rx_irqs 1 traffic_in a sioc v0 raise 3 1
ip -n a link del v0

require "a pair of 64 queues" rawlink v0 netns a txqueues 64 rxqueues 64 peer v1 netns b
require "addresses" pair_addresses
check "ping over 64 queues" traffic_ping_both "${between[@]}" -i 0.02
check "file over 64 queues" traffic_file_once a b 10.0.0.2 2000000
check "all frames are accounted for" vnet_conserved a v0 b v1
finish
