# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 300
# A pair of four queues: flows are spread, each queue keeps its own count, and nothing is lost.
source "$VNET_TESTS/vm/cases/lib/case.sh"

between=(a b 10.0.0.1 10.0.0.2)

channels() {
  contains "four channels" "$(traffic_in a ethtool -l v0)" "Combined:*4*Combined:*4"
  equal "transmit queues in sysfs" "$(traffic_in a bash -c \
    'echo /sys/class/net/v0/queues/tx-*')" "$(printf '/sys/class/net/v0/queues/tx-%s ' 0 1 2 3 |
    sed 's/ $//')"
}

set_channels() { traffic_in a ethtool -L v0 "$@"; }
queues_of() { # NS DEVICE: "TX RX" queues that the stack has
  traffic_in "$1" bash -c "cd /sys/class/net/$2/queues && set -- tx-* && tx=\$# && set -- rx-* &&
    echo \$tx \$#"
}

fewer() {
  local count
  for count in 2 1 3 4; do
    check "$count channels" set_channels combined $count
    equal "queues of v0" "$(queues_of a v0)" "$count $count"
    equal "queues of v1, its peer" "$(queues_of b v1)" "$count $count"
    check "ping" traffic_ping_both "${between[@]}" -i 0.02
  done
  check "the same again" set_channels combined 4
  check "1 channel, and only queue 0 sends" only_queue_0
  check "and back" set_channels combined 4
  refused "no channel" "*" set_channels combined 0
  refused "5 channels of 4" "*" set_channels combined 5
  refused "rx channels" "*" set_channels rx 1
  equal "queues after refusals" "$(queues_of a v0)" "4 4"
}
only_queue_0() {
  local others
  set_channels combined 1 || return 1
  others=$(traffic_in a ethtool -S v0 | sed -n 's/^ *q[123]_tx_frames/&/p')
  spread_once
  [[ $(traffic_in a ethtool -S v0 | sed -n 's/^ *q[123]_tx_frames/&/p') == "$others" ]]
}

fewer_under_traffic() {
  local round jobs=()
  traffic_next_port
  traffic_start b nice -n 10 iperf3 -s -p "$traffic_port" >/dev/null 2>&1
  jobs+=("$traffic_pid")
  traffic_wait "$traffic_deadline" traffic_listening b tcp "$traffic_port" || return 1
  traffic_start a nice -n 10 iperf3 -c 10.0.0.2 -p "$traffic_port" -P 4 -t 300 --bidir >/dev/null 2>&1
  jobs+=("$traffic_pid")
  # shellcheck disable=SC2016 # expanded by the inner shell
  traffic_start a nice -n 5 bash -c 'while :; do ethtool -S v0; ethtool -l v0; done' >/dev/null 2>&1
  jobs+=("$traffic_pid")
  for ((round = 0; round < 20; round++)); do
    set_channels combined $((1 + round * 3 % 4)) &&
      traffic_in b ethtool -G v1 rx $((64 << (round % 5))) || return 1
    ((round % 5)) || vnet_flows a v0 || { echo "round $round: no traffic" && return 1; }
  done
  set_channels combined 4
  vnet_flows a v0 || { echo "no traffic at last" && return 1; }
  for round in "${jobs[@]}"; do traffic_stop "$round" KILL; done
  echo "$(vnet_counter a v0 tx_frames) frames sent"
}
# The stack hashes each flow to a transmit queue; 32 UDP flows leave two of four idle with p = 1e-9.
spread_once() {
  local port
  for ((port = 7000; port < 7032; port++)); do
    traffic_in a bash -c "echo x >/dev/udp/10.0.0.2/$port"
  done
}
spread() {
  local queue count used=0
  spread_once
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

# RTNL is not held for as long as a wire holds frames, once for each queue.
fewer_while_a_wire_holds_frames() {
  local start took
  vnet -n a impair set v0 delay 100s || return 1
  spread_once
  start=$SECONDS
  set_channels combined 1 || return 1
  took=$((SECONDS - start))
  echo "$took s, $(vnet_counter b v1 in_flight) frames on the wire"
  ((took <= 30)) && (($(vnet_counter b v1 in_flight) >= 30))
}

# pktgen looks for the number of queues when it starts, and then no more.
unused_queue_is_sent_to() {
  local sender
  modprobe pktgen
  # shellcheck disable=SC2016 # expanded by the inner shell
  traffic_start a bash -c 'cd /proc/net/pktgen && echo rem_device_all >kpktgend_0 &&
    echo add_device v0 >kpktgend_0 && for line in "count 0" "delay 20000" "queue_map_min 3" \
      "queue_map_max 3" "dst 10.9.9.9" "dst_mac $0"; do echo "$line" >v0; done; echo start >pgctrl' \
    "$(traffic_in b cat /sys/class/net/v1/address)"
  sender=$traffic_pid
  vnet_flows b v1 && set_channels combined 2 && vnet_flows b v1 || return 1
  traffic_in a bash -c 'echo stop >/proc/net/pktgen/pgctrl'
  traffic_finish "$sender" 10
  traffic_in a bash -c 'echo rem_device_all >/proc/net/pktgen/kpktgend_0'
  set_channels combined 4
}

load
require "a pair of four queues" plain_pair txqueues 4 rxqueues 4
channels
check "flood ping" traffic_flood "${between[@]}" 2000
check "flows are spread" spread
check "queue to queue" queue_to_queue
check "TCP" vnet_lossless a v0 b v1 traffic_iperf3 "${between[@]}" 2
check "file" traffic_file "${between[@]}" 2000000
check "all frames are accounted for, by queue" vnet_conserved a v0 b v1
fewer
check "their number changes under traffic" fewer_under_traffic
check "a queue that is not in use any more is sent to" unused_queue_is_sent_to
check "TCP" vnet_lossless a v0 b v1 traffic_iperf3 "${between[@]}" 2
check "all frames are accounted for" vnet_conserved a v0 b v1
refused "an interrupt for queue 4" EINVAL traffic_in a sioc v0 raise 4 1
check "an interrupt for queue 3" vnet_grew a v0 q3_rx_irqs 1 traffic_in a sioc v0 raise 3 1
ip -n a link del v0

require "a pair of 64 queues" rawlink v0 netns a txqueues 64 rxqueues 64 peer v1 netns b
require "addresses" pair_addresses
check "ping over 64 queues" traffic_ping_both "${between[@]}" -i 0.02
check "file over 64 queues" traffic_file_once a b 10.0.0.2 2000000
check "one of them, with frames on the wire" fewer_while_a_wire_holds_frames
check "all frames are accounted for" vnet_conserved a v0 b v1
finish
