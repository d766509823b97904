# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 900
# Interrupt moderation (`ethtool -C`): what it does to latency and to interrupts, changes under load,
# refusals, and a wait that is pending when its device goes.
source "$VNET_TESTS/vm/cases/lib/case.sh"

between=(a b 10.0.0.1 10.0.0.2)

moderate() { traffic_in b ethtool -C v1 "$@"; }
shown() { # "ADAPTIVE USECS FRAMES" of v1
  traffic_in b ethtool -c v1 | awk '/^Adaptive RX:/ { a = $3 } /^rx-usecs:/ { u = $2 }
    /^rx-frames:/ { f = $2 } END { print a, u, f }'
}
in_flight() { vnet_counter_is b v1 in_flight "$1"; }

settings() {
  equal "moderation at first" "$(shown)" "off 0 0"
  check "rx-usecs 1000 rx-frames 64" moderate rx-usecs 1000 rx-frames 64
  equal "moderation" "$(shown)" "off 1000 64"
  equal "of the other end" "$(traffic_in a ethtool -c v0 | awk '/^rx-usecs:/ { print $2 }')" 0
  refused "rx-usecs 100001" "*rx-usecs: must be 0 to 100000*" moderate rx-usecs 100001
  refused "rx-frames 32769" "*rx-frames: must be 0 to 32768*" moderate rx-frames 32769
  refused "tx-usecs" "*unsupported*" moderate tx-usecs 10
  refused "tx-frames" "*unsupported*" moderate tx-frames 10
  refused "adaptive-tx" "*unsupported*" moderate adaptive-tx on
  refused "as uid 65534" "*not permitted*" \
    traffic_in b setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all \
    ethtool -C v1 rx-usecs 1
  equal "moderation after refusals" "$(shown)" "off 1000 64"
  contains "of one queue" "$(traffic_in b ethtool --per-queue v1 queue_mask 1 --show-coalesce)" \
    "rx-usecs: 1000"
  check "the largest" moderate rx-usecs 100000 rx-frames 32768
  check "none" moderate rx-usecs 0 rx-frames 0
}

# The shortest of some round trips, in microseconds: what else runs makes others longer.
round_trip() {
  local out
  out=$(traffic_ping a 10.0.0.2 -c 20 -i 0.02) || { echo "$out" && return 1; }
  out=${out##*= }
  out=${out%%/*}
  rtt=$((10#${out/./}))
}

# One direction is moderated: the wait comes once on a round trip.
latency() {
  local without
  moderate rx-usecs 0 && round_trip || return 1
  without=$rtt
  moderate rx-usecs 5000 rx-frames 0 && round_trip || return 1
  echo "round trip: $without us at once, $rtt us with rx-usecs 5000"
  ((without < 4500 && rtt >= 5000))
}

# Frames per interrupt in hundredths, under a stream of datagrams.
frames_per_interrupt() {
  local -A before after
  vnet_counters b v1 before
  traffic_iperf3_once b a 10.0.0.2 2 -u -b 40M -l 1000 || return 1
  vnet_counters b v1 after
  ratio=$((100 * (after[rx_frames] - before[rx_frames]) / (after[rx_irqs] - before[rx_irqs])))
}
gathering() {
  local without
  moderate rx-usecs 0 && frames_per_interrupt || return 1
  without=$ratio
  moderate rx-usecs 10000 rx-frames 64 && frames_per_interrupt || return 1
  echo "hundredths of frames per interrupt: $without at once, $ratio with rx-usecs 10000"
  ((ratio > 2 * without && ratio > 400))
}

# rx-frames ends the wait long before the time does.
ended_by_frames() {
  moderate rx-usecs 100000 rx-frames 1 && round_trip || return 1
  echo "round trip: $rtt us with rx-usecs 100000 rx-frames 1"
  ((rtt < 50000))
}

# Traffic both ways while COMMAND... runs.
under_load() {
  local jobs=() job status
  traffic_next_port
  traffic_start b nice -n 10 iperf3 -s -p "$traffic_port" >/dev/null 2>&1
  jobs+=("$traffic_pid")
  traffic_wait "$traffic_deadline" traffic_listening b tcp "$traffic_port" || return 1
  traffic_start a nice -n 10 iperf3 -c 10.0.0.2 -p "$traffic_port" -t 100 --bidir >/dev/null 2>&1
  jobs+=("$traffic_pid")
  traffic_start a nice -n 10 ping -q -n -f 10.0.0.2 >/dev/null 2>&1
  jobs+=("$traffic_pid")
  vnet_flows b v1 && "$@" && vnet_flows b v1
  status=$?
  for job in "${jobs[@]}"; do traffic_stop "$job" KILL; done
  return "$status"
}

changes() {
  local round usecs
  for ((round = 0; round < 4; round++)); do
    for usecs in 0 1 20 1000 100000; do
      moderate adaptive-rx off rx-usecs $usecs rx-frames $((1 << (2 * round))) || return 1
      traffic_in a ethtool -C v0 rx-usecs $((100 - round)) || return 1
    done
    vnet_flows b v1 || { echo "round $round: no traffic" && return 1; }
    moderate adaptive-rx on || return 1
  done
}

down_and_up() {
  local round
  for ((round = 0; round < 4; round++)); do
    ip -n b link set v1 down && ip -n b link set v1 up && traffic_link_up b v1 || return 1
    ip -n a link set v0 down && ip -n a link set v0 up && traffic_link_up a v0 || return 1
    traffic_in b ethtool -G v1 rx $((128 << (round % 3))) || return 1
  done
}

# while_waiting COMMAND...: while at any time a frame waits in v1's ring for a deadline of 100 ms.
while_waiting() {
  local status
  moderate adaptive-rx off rx-usecs 100000 rx-frames 0 || return 1
  traffic_start a ping -q -n -i 0.01 10.0.0.2 >/dev/null 2>&1
  traffic_wait 10 not in_flight 0 && "$@"
  status=$?
  traffic_stop "$traffic_pid" KILL
  return "$status"
}
down_and_up_once() {
  ip -n b link set v1 down && in_flight 0 && ip -n b link set v1 up && traffic_link_up b v1
}

load
require "a pair" plain_pair txqueues 2 rxqueues 2
settings
check "a round trip takes the wait longer" latency
check "an interrupt brings more frames" gathering
check "rx-frames ends the wait" ended_by_frames
check "TCP, moderated" moderate rx-usecs 1000 rx-frames 64
check "TCP from A to B and back" traffic_iperf3 "${between[@]}" 2
check "all frames are accounted for" vnet_conserved a v0 b v1

check "settings change under load" under_load changes
check "adaptive" moderate adaptive-rx on
contains "adaptive" "$(shown)" "on "
check "adaptive, TCP" traffic_iperf3 "${between[@]}" 2
check "adaptive, idle again" traffic_ping a 10.0.0.2 -c 10 -i 0.05
equal "adaptive after a slow ping" "$(shown)" "on 0 0"
check "down and up under load" under_load down_and_up
check "all frames are accounted for" vnet_conserved a v0 b v1

check "a device stops while a frame waits" while_waiting down_and_up_once
check "frames come again" traffic_ping_both "${between[@]}" -c 2
check "all frames are accounted for" vnet_conserved a v0 b v1
check "a namespace goes while a frame waits" while_waiting ip netns del b
check "the pair is gone" traffic_wait 10 not traffic_in a test -e /sys/class/net/v0
ip netns del a
require "another pair" plain_pair
check "unload while a frame waits" while_waiting rmmod vnet
finish
