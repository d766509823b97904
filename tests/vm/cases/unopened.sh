# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 300
# A device's queues are made when it is first opened, or gets a program: before that everybody is
# answered, and what was set holds afterwards.
source "$VNET_TESTS/vm/cases/lib/case.sh"

queues=4
threaded() { sh -c "echo $1 >/sys/class/net/v0/threaded"; }
register() { sioc v0 registers | sed -n "s/^$1 //p"; }
ring() { ethtool -g v0 | sed -n '/Current/,$s/^RX:[[:space:]]*//p'; }
wait_of() { ethtool "$@" | sed -n 's/^rx-usecs:[[:space:]]*//p' | xargs; }
no_counts() { [[ -z $(ethtool -S v0 | grep -v ' 0$' | grep -v statistics:) ]]; }
make_pair() {
  ip link add v0 numtxqueues $queues numrxqueues $queues type vnet peer name v1 \
    numtxqueues $queues numrxqueues $queues && ip link set v1 netns b
}
open_both() {
  ip addr add 10.0.0.1/24 dev v0
  ip -n b addr add 10.0.0.2/24 dev v1
  ip link set v0 up
  ip -n b link set v1 up
  traffic_link_up - v0
}
program() { ip link set dev v0 xdpdrv object /usr/share/vnet/xdp.o program pass; }
no_program() { ip link set dev v0 xdpdrv off; }
program_sees() {
  local before after
  before=$(vnet_counter - v0 xdp_pass)
  traffic_ping_both - b 10.0.0.1 10.0.0.2 -i 0.02 || return 1
  after=$(vnet_counter - v0 xdp_pass)
  echo "xdp_pass: +$((after - before))"
  ((after > before))
}

answers() {
  check "no counter has moved" no_counts
  equal "packets received" "$(vnet_statistic - v0 rx_packets)" 0
  equal "a queue's interrupt is masked" "$(register q3_irq_mask)" 1
  refused "no interrupt by hand" ENETDOWN sioc v0 raise 3 1
  equal "rx-usecs" "$(wait_of -c v0)" 0
  equal "ring" "$(ring)" 256
  contains "channels" "$(ethtool -l v0)" "Combined:	$queues"
}

settings() {
  check "ring size" ethtool -G v0 rx 512
  check "moderation" ethtool -C v0 rx-usecs 40 rx-frames 7
  equal "rx-usecs" "$(wait_of -c v0)" 40
  equal "rx-usecs of the last queue" "$(wait_of --per-queue v0 queue_mask 8 --show-coalesce)" 40
  check "channels" ethtool -L v0 combined 2
  check "channels back" ethtool -L v0 combined $queues
  # Linux asks whether there is a NAPI instance (modify_napi_threaded()).
  refused "threaded NAPI has to wait" '*' threaded 1
  check "MTU" ip link set v0 mtu 1400
}

settings_hold() {
  equal "ring" "$(ring)" 512
  equal "rx-usecs" "$(wait_of -c v0)" 40
  equal "rx-usecs of the last queue" "$(wait_of --per-queue v0 queue_mask 8 --show-coalesce)" 40
  equal "a queue's interrupt is not masked" "$(register q3_irq_mask)" 0
  check "threaded NAPI" threaded 1
  contains "its threads" "$(ps -e -o comm=)" napi/v0
}

works() {
  check "ping" traffic_ping_both - b 10.0.0.1 10.0.0.2 -i 0.02
  check "a file" traffic_file_once - b 10.0.0.2 2000000
  check "all frames are accounted for" vnet_conserved - v0 b v1
}

load
ip netns add b
require "a pair" make_pair
answers
settings
require "opened" open_both
settings_hold
works
check "a closed device keeps its counters" ip link set v0 down
check "they are there" test "$(vnet_counter - v0 rx_frames)" -gt 0
ip link del v0

# A program comes before the first opening, and goes before it or stays.
require "another pair" make_pair
check "a program on a device that was never opened" program
check "gone again" no_program
check "and again" program
answers
require "opened" open_both
check "the program sees what comes" program_sees
works
ip link del v0

require "a third pair" make_pair
check "a program" program
check "deleted, never opened" ip link del v0
# One end open, the other never.
require "a fourth pair" make_pair
ip link set v0 up
equal "carrier" "$(cat /sys/class/net/v0/carrier)" 0
refused "nothing can be sent" '*' ping -c 1 -W 1 -I v0 10.0.0.2
check "the other end's counters" traffic_in b ethtool -S v1
check "taken away from its namespace's end" ip netns del b
check "unload" rmmod vnet
finish
