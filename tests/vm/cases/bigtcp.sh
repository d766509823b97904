# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 600
# bigtcp: super-frames above 64 KiB, and what an XDP program at the other end makes of them.
source "$VNET_TESTS/vm/cases/lib/case.sh"
# shellcheck source=lib/link.sh
source "$VNET_TESTS/vm/cases/lib/link.sh"

size() { shown "$1" "$2" | sed -nE "s/.* $3 ([0-9]+).*/\1/p"; } # NS DEVICE NAME
sizes() { # TEXT V0's V1's
  equal "$1: gso_max_size of both" "$(size a v0 gso_max_size) $(size b v1 gso_max_size)" "$2 $3"
}
# saw_above BYTES IP: v1 gets a frame longer than that while iperf3 sends.
saw_above() {
  local log seen status
  log=$(mktemp)
  # By its length before tcpdump copies it: -s is enough for the headers.
  traffic_start b tcpdump -Z root -n -s 100 -c 1 -e -i v1 "greater $1" >"$log" 2>&1
  seen=$traffic_pid
  traffic_wait "$traffic_deadline" traffic_file_says "$log" "listening on"
  traffic_iperf3_once b a "$2" 3 -l 1M >"$log.iperf3" || cat "$log.iperf3"
  traffic_gone "$seen"
  status=$?
  traffic_stop "$seen" INT
  cat "$log"
  return $status
}
frames() {
  check "off: no super-frame above 64 KiB, IPv6" not saw_above 65700 fd00::2
  check "on" big on
  sizes "on" 524280 524280
  equal "gro_max_size" "$(size b v1 gro_max_size)" 524280
  check "a super-frame above 64 KiB, IPv6" saw_above 65700 fd00::2
  # Linux 6.1 has none for IPv4.
  if [[ $KRELEASE == 6.1.* ]]; then
    check "none for IPv4" not saw_above 65700 10.0.0.2
  else
    check "and for IPv4" saw_above 65700 10.0.0.2
  fi
  check "files" traffic_file "${between6[@]}" 20000000
  check "with csum wire, too" csum wire
  sizes "cut up at once, so" 65536 65536
  check "no longer than a frame" captured_longest files
  check "iperf3" traffic_iperf3 "${between6[@]}" 2
  equal "frames that found the ring full" "$(vnet_counter a v0 tx_drop_ring_full)" 0
  csum offload
  sizes "offload again" 524280 524280
  check "all frames are accounted for" conserved
  check "off" big off
  sizes "off" 65536 65536
  equal "gro_max_size" "$(size a v0 gro_max_size)" 65536
  check "none above 64 KiB, IPv6" not saw_above 65700 fd00::2
  check "nor IPv4" not saw_above 65700 10.0.0.2
}

# A program at v1 holds what v0 sends at 64 KiB.
programs() {
  big on
  attach b v1 pass
  sizes "on, then a program" 65536 524280
  equal "v0's tso_max_size" "$(size a v0 tso_max_size)" 65536
  check "iperf3 under both" traffic_iperf3 "${between6[@]}" 2
  detach b v1
  sizes "the program goes" 524280 524280
  check "a super-frame above 64 KiB" saw_above 65700 fd00::2
  attach b v1 pass_frags
  big off
  sizes "a program, then off" 65536 65536
  detach b v1
  sizes "the program goes" 65536 65536
  equal "v0's tso_max_size" "$(size a v0 tso_max_size)" 524280
  attach b v1 pass
  big on
  sizes "a program, then on" 65536 524280
  attach a v0 pass_frags
  sizes "a program at both ends" 65536 65536
  detach b v1
  sizes "v1's goes first" 524280 65536
  detach a v0
  sizes "v0's, too" 524280 524280
  check "a super-frame above 64 KiB" saw_above 65700 fd00::2
  check "a size of the user's" ip -n a link set v0 gso_max_size 30000
  attach b v1 pass
  detach b v1
  sizes "it outlives a program" 30000 524280
  check "one above 64 KiB" ip -n a link set v0 gso_max_size 100000
  attach b v1 pass
  sizes "does not hold under a program" 65536 524280
  refused "nor can be set" "*" ip -n a link set v0 gso_max_size 100000
  detach b v1
  big off
  check "without bigtcp" ip -n a link set v0 gso_max_size 100000
  sizes "a size of the user's" 100000 65536
  check "off when it is off changes nothing" big off
  sizes "off, again" 100000 65536
  ip -n a link set v0 gso_max_size 65536
  check "all frames are accounted for" conserved
}

load
require "a pair" pair_with_ipv6
check "offload, not big" ip -n b link set v1 type vnet csum offload bigtcp off
frames
programs
check "switched under load" switched big on off
check "unload" rmmod vnet
finish
