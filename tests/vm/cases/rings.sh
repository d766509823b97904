# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 300
# Ring sizes: what is set and reported, also under traffic; no frame is lost unaccounted.
source "$VNET_TESTS/vm/cases/lib/case.sh"

between=(a b 10.0.0.1 10.0.0.2)

rings() { # NS DEVICE: "RX TX" in force
  traffic_in "$1" ethtool -g "$2" | sed -n '/^Current/,$s/^\(RX\|TX\):[[:space:]]*//p' | xargs
}
set_rings() { traffic_in "$1" ethtool -G "${@:2}"; } # NS DEVICE WORDS...

settings() {
  equal "rings of v0 at first" "$(rings a v0)" "256 256"
  check "rx 1000" set_rings a v0 rx 1000
  equal "rings of v0, rounded up" "$(rings a v0)" "1024 256"
  equal "rings of v1: v0's rx is its tx" "$(rings b v1)" "256 1024"
  check "tx 64" set_rings a v0 tx 64
  equal "rings of v0" "$(rings a v0)" "1024 64"
  equal "rings of v1" "$(rings b v1)" "64 1024"
  equal "in the registers" "$(traffic_in b sioc v1 registers | sed -n 's/^ring_size //p')" 64
  check "rx 65" set_rings a v0 rx 65
  equal "rings of v0, rounded up" "$(rings a v0)" "128 64"
  check "both, the largest" set_rings b v1 rx 32768 tx 32768
  equal "rings of v0" "$(rings a v0)" "32768 32768"
  refused "rx 32769" "*" set_rings a v0 rx 32769
  refused "rx 0" "*64 to 32768*" set_rings a v0 rx 0
  refused "rx 1" "*64 to 32768*" set_rings a v0 rx 1
  refused "rx 63" "*64 to 32768*" set_rings a v0 rx 63
  refused "tx 63" "*64 to 32768*" set_rings a v0 tx 63
  refused "rx 128 with tx 1" "*64 to 32768*" set_rings a v0 rx 128 tx 1
  equal "rings after refusals" "$(rings a v0)" "32768 32768"
  refused "rx-mini" "*" set_rings a v0 rx-mini 64
  refused "as uid 65534" "*not permitted*" \
    traffic_in a setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all ethtool -G v0 rx 64
  check "a stopped device takes them, too" stopped_device
  check "the pair works" traffic_ping_both "${between[@]}" -i 0.02
}

stopped_device() {
  ip -n a link set v0 down && set_rings a v0 rx 512 tx 256 && [[ $(rings a v0) == "512 256" ]] &&
    ip -n a link set v0 up && traffic_link_up a v0 && [[ $(rings b v1) == "256 512" ]]
}

# Reads all that can be read, until it is stopped.
reader() {
  # shellcheck disable=SC2016 # expanded by the inner shell
  traffic_start a nice -n 5 bash -c 'while :; do ethtool -S v0; ethtool -g v0; ethtool -d v0
    ip -s link show v0; cat /sys/class/net/v0/statistics/rx_packets; done' >/dev/null 2>&1
}

carrier_changes() { traffic_in "$1" cat "/sys/class/net/$2/carrier_changes"; }

under_traffic() {
  local round size jobs=() changes
  changes=$(carrier_changes a v0)
  traffic_next_port
  traffic_start b nice -n 10 iperf3 -s -p "$traffic_port" >/dev/null 2>&1
  jobs+=("$traffic_pid")
  traffic_wait "$traffic_deadline" traffic_listening b tcp "$traffic_port" || return 1
  traffic_start a nice -n 10 iperf3 -c 10.0.0.2 -p "$traffic_port" -t 60 --bidir >/dev/null 2>&1
  jobs+=("$traffic_pid")
  traffic_start b nice -n 10 ping -q -n -f 10.0.0.1 >/dev/null 2>&1
  jobs+=("$traffic_pid")
  reader
  jobs+=("$traffic_pid")
  vnet_flows a v0 || { echo "no traffic at first" && return 1; }
  for ((round = 0; round < 30; round++)); do
    size=$((64 << (round % 8)))
    set_rings a v0 rx $size && set_rings b v1 rx $((4096 / (1 << (round % 6)))) || return 1
    ((round % 10)) || vnet_flows a v0 || { echo "round $round: no traffic" && return 1; }
  done
  vnet_flows a v0 || { echo "no traffic at last" && return 1; }
  for round in "${jobs[@]}"; do traffic_stop "$round" KILL; done
  [[ $(carrier_changes a v0) == "$changes" ]] || { echo "the carrier changed" && return 1; }
  traffic_ping_both "${between[@]}" -i 0.02 && vnet_conserved a v0 b v1
}
load
require "a pair" plain_pair txqueues 2 rxqueues 2
settings
check "sizes change under traffic" under_traffic
check "unload" rmmod vnet
finish
