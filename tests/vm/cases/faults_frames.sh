# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 600
# Faults of a received frame: csum, truncate, bad-length, mac-filter; also under native XDP.
source "$VNET_TESTS/vm/cases/lib/case.sh"
# shellcheck source=tests/vm/cases/lib/fault.sh
source "$VNET_TESTS/vm/cases/lib/fault.sh"

file() { traffic_file_once a b 10.0.0.2 "$1"; }
corrupted() { vnet -n a -j impair show v0 | jq 'map(select(.direction == "tx"))[0].corrupted'; }
# A bit turned in a header ends the connection, or changes nothing that arrives: then another file.
arrives_changed() {
  local i said
  for i in {1..8}; do
    said=$(file 400000)
    [[ $said == *"sent "*", received "* ]] && echo "$said, in file $i" && return 0
  done
  echo "none of 8 files changed"
  return 1
}

csum() {
  check "2 % of the frames have a bad bit" vnet -n a impair set v0 corrupt 2%
  check "TCP's checksum finds it" file 800000
  check "there were some: $(corrupted)" test "$(corrupted)" -ge 1 # of 600 frames
  adds v1 csum good for 300s expire 300s
  check "passed as good, it reaches the application" arrives_changed
  account v1 "csum good" 1
  check "deleted" fault del v1 "$id"
  check "found again" file 400000
  check "a clean wire" vnet -n a impair del v0
  adds v1 csum bad for 300s expire 300s
  check "verified by the stack" file 400000
  check "each sum is complete" sums 20
  account v1 "csum bad" 1
  check "deleted" fault del v1 "$id"
  check "with offloads none is" sums 0
}
# sums COUNT: of 20 datagrams, as v1 gets them, so many have a checksum that is right.
sums() {
  local right
  traffic_capture b v1 20 impair_lost "$work/lost" a b 10.0.0.2 20 || return 1
  right=$(grep -c "10.0.0.2.$traffic_port: \[udp sum ok\]" <<<"$traffic_captured")
  echo "$right are right"
  ((right == $1))
}

# Frames of 98 bytes.
lengths() {
  local errors
  adds v1 truncate every 1 count 3 value 40
  check "cut short, no answer" nothing_comes
  check "one more" not traffic_ping a 10.0.0.2 -c 1 -W 0.5
  check "is over" comes_to v1 '[.state, .fired, .hits]' '["done",3,3]'
  account v1 truncate 3
  check "pings" pings
  adds v1 truncate value 13
  check "shorter than its header" not traffic_ping a 10.0.0.2 -c 1 -W 0.5
  equal "rx_drop_runt" "$(counter v1 rx_drop_runt)" 1
  adds v1 truncate value 9000
  check "longer than the frame is no harm" pings
  errors=$(statistic v1 rx_length_errors)
  adds v1 bad-length prob 100% count 3
  check "beyond the buffer, lost" nothing_comes
  check "one more" not traffic_ping a 10.0.0.2 -c 1 -W 0.5
  equal "rx_drop_bad_length" "$(counter v1 rx_drop_bad_length)" 3
  equal "rx_length_errors" "$(statistic v1 rx_length_errors)" $((errors + 3))
  account v1 bad-length 3
  check "pings" pings
}

mac_filter() {
  local foreign
  traffic_in a ip neigh replace 10.0.0.9 lladdr 02:00:00:00:99:99 dev v0
  check "a foreign frame is refused" vnet_grew b v1 rx_drop_unicast_filter 2 stranger
  adds v1 mac-filter leak for 300s
  check "leaks" vnet_grew b v1 rx_frames 2 stranger
  foreign=$(counter v1 rx_drop_unicast_filter)
  account v1 "mac-filter leak" 1
  check "deleted" fault del v1 "$id"
  check "is refused again" vnet_grew b v1 rx_drop_unicast_filter 2 stranger
  equal "none before" "$(counter v1 rx_drop_unicast_filter)" $((foreign + 2))

  traffic_in a ip route add 224.0.0.0/4 dev v0
  check "a group's frames come" vnet_grew b v1 rx_multicast 2 group
  adds v1 mac-filter deaf every 1 count 2
  check "are refused" vnet_grew b v1 rx_drop_multicast_filter 2 group
  account v1 "mac-filter deaf" 2
  check "come again" vnet_grew b v1 rx_multicast 2 group
}
stranger() { not traffic_in a ping -q -c 2 -i 0.02 -W 0.2 10.0.0.9; }
group() { not traffic_in a ping -q -c 2 -i 0.02 -W 0.2 224.0.0.1; }

# ---- a program that sees what faults have left

object=/usr/share/vnet/xdp.o
program() { traffic_in b ip -force link set dev v1 xdpdrv object $object program "$1"; }
xdp() {
  check "a native program" program pass
  check "pings" pings
  adds v1 truncate every 3 value 20
  adds v1 rx-overrun every 5
  adds v1 csum good every 2
  adds v1 dma-slow every 40 value 2ms
  adds v1 alloc-fail every 17
  adds v1 ring-corrupt every 97
  check "a flood" flood
  check "files" file 200000
  check "what it sends back, too" program echo
  check "a flood" flood
  check "dropped by it" program drop
  check "a flood" flood
  check "no program" traffic_in b ip link set dev v1 xdpdrv off
  check "all faults deleted" fault del v1 all
  adds v1 bad-length every 2 value 4000000000
  check "a native program" program pass
  check "a flood" flood
  check "all faults deleted" fault del v1 all
  check "no program" traffic_in b ip link set dev v1 xdpdrv off
  check "pings" pings
}
flood() {
  traffic_in a ping -n -q -f -c 400 -W 1 10.0.0.2 >"$work/flood"
  tail -n 2 "$work/flood"
  conserved
}

# Frames that a program at v0 sends back come to v1 as xdp_frames, whose memory is another's.
xdp_frames() {
  traffic_in b ip link set dev v1 xdpdrv off
  check "a program that sends back, at v0" traffic_in a ip -force link set dev v0 xdpdrv object $object program echo
  adds v1 truncate every 3 value 20
  adds v1 csum bad every 2
  adds v1 rx-stall every 50 for 20ms
  adds v1 alloc-fail every 17
  check "a flood from b" flood_back
  check "all faults deleted" fault del v1 all
  adds v1 rx-stall for 100s
  check "a flood into a stalled ring" flood_back
  check "all faults deleted" fault del v1 all
  adds v1 rx-stall for 100s
  check "again" flood_back
  check "down: what it held is lost" ip -n b link set v1 down
  ip -n b link set v1 up
  check "all faults deleted" fault del v1 all
  check "no program" traffic_in a ip link set dev v0 xdpdrv off
  require "up again" traffic_link_up a v0
  check "pings" pings
}
flood_back() {
  traffic_in b ping -n -q -f -c 600 -W 1 10.0.0.1 >"$work/flood"
  tail -n 2 "$work/flood"
  conserved
}

log_mark
load
require "a pair" fault_pair
csum
lengths
mac_filter
monitors_end
xdp
xdp_frames
check "conserved" conserved
check "the pair goes" ip -n a link del v0
check "rmmod" rmmod vnet
finish
