# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 300
# Who waits when there is no room: nobody under `noqueue`, the qdisc if there is one, and with byte
# queue limits before the ring is full.
source "$VNET_TESTS/vm/cases/lib/case.sh"

between=(a b 10.0.0.1 10.0.0.2)

in_sysfs() { # NS DEVICE FILE [VALUE]: sets or shows
  # shellcheck disable=SC2016 # expanded by the inner shell
  traffic_in "$1" sh -c 'cd /sys/class/net/$1 && if [ $# = 3 ]; then echo "$3" >$2; else cat $2; fi' \
    sh "${@:2}"
}

# Once a poll has found nothing more, the next one is a timer's: frames wait in the ring till then.
slow_receiver() { # SECONDS
  in_sysfs b "$device_b" gro_flush_timeout $(($1 * 1000000000)) &&
    in_sysfs b "$device_b" napi_defer_hard_irqs $((10 * ($1 > 0)))
}

# As fast as the shell can, to an address that nobody has: the receiver's stack drops them.
datagrams() { # COUNT BYTES
  # shellcheck disable=SC2016 # expanded by the inner shell
  traffic_in a bash -c 'exec 3>/dev/udp/10.0.0.3/9; text=$(printf "%*s" $(($2 - 1)) x)
    for ((i = 0; i < $1; i++)); do echo "$text"; done >&3' bash "$@"
}
silent_address() {
  traffic_in a ip neigh replace 10.0.0.3 lladdr "$(in_sysfs b "$device_b" address)" dev "$device_a"
}
qdisc() { traffic_in a tc qdisc show dev "$device_a" root; }
full_drops() { vnet_counter a "$device_a" tx_drop_ring_full; }
all_arrived() { vnet_counter_is b "$device_b" in_flight 0; }

# A socket's buffer has room for 200 small frames.
four_sockets() {
  local socket
  for socket in 1 2 3 4; do datagrams 200 10; done
}

without_qdisc() {
  contains "a pair has no queue above it, as veth" "$(qdisc)" noqueue
  check "nothing is dropped" test "$(full_drops)" = 0
  slow_receiver 3
  log_mark
  four_sockets
  check "a full ring drops: $(full_drops) frames" test "$(full_drops)" -ge 100
  slow_receiver 0
  check "what was in the ring arrives" traffic_wait 10 all_arrived
  check "the pair works" traffic_ping_both "${between[@]}" -i 0.02
  check "the kernel has nothing to complain of" not log_has "asks to queue packet"
  check "all frames are accounted for" vnet_conserved a v0 b v1
}

# The account of each frame is closed by whoever takes it out of the ring.
qdisc_comes_and_goes() {
  local round jobs=()
  traffic_next_port
  traffic_start b iperf3 -s -p "$traffic_port" >/dev/null 2>&1
  jobs+=("$traffic_pid")
  traffic_wait "$traffic_deadline" traffic_listening b tcp "$traffic_port" || return 1
  traffic_start a iperf3 -c 10.0.0.2 -p "$traffic_port" -t 120 --bidir >/dev/null 2>&1
  jobs+=("$traffic_pid")
  for ((round = 0; round < 20; round++)); do
    traffic_in a tc qdisc replace dev v0 root pfifo && traffic_in b tc qdisc replace dev v1 root fq_codel &&
      traffic_in a tc qdisc replace dev v0 root noqueue && traffic_in b ethtool -G v1 rx $((64 << (round % 3))) &&
      traffic_in b tc qdisc replace dev v1 root noqueue || return 1
  done
  vnet_flows a v0 && vnet_flows b v1 || { echo "no traffic at last" && return 1; }
  for round in "${jobs[@]}"; do traffic_stop "$round" KILL; done
  traffic_ping_both "${between[@]}" -i 0.02 && vnet_conserved a v0 b v1
}

limits() { in_sysfs a vnet0 "queues/tx-0/byte_queue_limits/$1" "${@:2}"; }
waiting() { traffic_in a tc -s qdisc show dev vnet0 | sed -n 's/.*backlog [^ ]* \([0-9]*\)p.*/\1/p'; }
in_flight() { vnet_counter b vnet1 in_flight; }

# Devices made at load are hardware: they have a qdisc, and sysfs shows their limits.
hardware() {
  device_a=vnet0 device_b=vnet1
  ip link set vnet0 netns a && ip link set vnet1 netns b
  ip -n a addr add 10.0.0.1/24 dev vnet0
  ip -n b addr add 10.0.0.2/24 dev vnet1
  ip -n a link set vnet0 up
  ip -n b link set vnet1 up
  require "a link" traffic_link_up a vnet0
  silent_address
  check "it has a real qdisc" not grep -q noqueue <<<"$(qdisc)"
  check "it works" traffic_ping_both "${between[@]}" -i 0.02
}

full_ring() {
  check "pfifo" traffic_in a tc qdisc replace dev vnet0 root pfifo limit 1000
  slow_receiver 3
  four_sockets
  check "the ring is full or the limit reached: $(waiting) wait above" test "$(waiting)" -ge 100
  slow_receiver 0
  check "all arrive in the end" everything_arrived
  equal "drops of a full ring meanwhile" "$(full_drops)" 0
  contains "the qdisc" "$(traffic_in a tc -s qdisc show dev vnet0)" "dropped 0"
  check "all frames are accounted for" vnet_conserved a vnet0 b vnet1
}

byte_queue_limits() {
  check "a limit of 3000 bytes" limits limit_max 3000
  slow_receiver 3
  datagrams 45 958
  datagrams 45 958
  check "no more than some frames of 1000 bytes wait in the ring: $(in_flight)" \
    test "$(in_flight)" -ge 3 -a "$(in_flight)" -le 6
  check "$(limits inflight) bytes are in flight" \
    test "$(limits inflight)" -ge 3000 -a "$(limits inflight)" -le 4100
  # Of 90: each time that the receiver's timer comes meanwhile, four more are let through.
  check "the others wait above: $(waiting)" test "$(waiting)" -ge 60
  slow_receiver 0
  limits limit_max 1000000
  check "all arrive" everything_arrived
  check "TCP" traffic_iperf3 "${between[@]}" 2
  check "a flood of pings" traffic_flood "${between[@]}" 2000
  check "the account is closed" traffic_wait 5 account_closed
  ip -n b link set vnet1 down
  datagrams 5 100
  ip -n b link set vnet1 up
  check "the receiver was down and up again: the pair works" works_again
  check "all frames are accounted for" vnet_conserved a vnet0 b vnet1
}
everything_arrived() { traffic_wait 20 nothing_waits && traffic_wait 5 all_arrived; }
nothing_waits() { [[ $(waiting) == 0 ]]; }
account_closed() { [[ $(limits inflight) == 0 ]]; }
works_again() { traffic_link_up a vnet0 && traffic_ping_both "${between[@]}" -i 0.02 && account_closed; }

# vnet0 and vnet1 are the module's own.
named_pair() {
  ip netns add a && ip netns add b && traffic_no_ipv6 a b &&
    rawlink v0 netns a peer v1 netns b && pair_addresses
}

load pairs=1 timeout=60000
device_a=v0 device_b=v1
require "a pair" named_pair
silent_address
without_qdisc
check "qdiscs come and go under traffic" qdisc_comes_and_goes
ip -n a link del v0
hardware
full_ring
byte_queue_limits
check "unload" rmmod vnet
finish
