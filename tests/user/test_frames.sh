#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Frames that no stack sends: short, truncated, for somebody else.
# shellcheck source=tests/user/lib.sh
. "$(dirname "$0")/lib.sh"

ns_new ns frames
to=00534e554c31 from=00534e554c30

send() { traffic_in "$ns" "$SEND_RAW" "$@"; }
zeros() {
  local text
  printf -v text '%*s' $((2 * $1)) ''
  echo "${text// /0}"
}
# A frame of LENGTH bytes that says it is IPv4 (0800), with as much of a header as fits.
ip_header=4500001c000100004001f98cc0a80001c0a80002
truncated_ip() {
  local text=$to${from}0800$ip_header
  echo "${text:0:2 * $1}"
}
# rises BY DEVICE COUNTER COMMAND...: it has, by so much; what has been sent is counted a little later.
rises() {
  local by=$1 device=$2 name=$3 before
  shift 3
  report
  before=$(counter "$device" "$name")
  "$@" && expect_counter "$device" "$name" $((before + by))
}
short_ip_frames() {
  local length
  for ((length = 14; length < 34; length++)); do
    send snull0 "$(truncated_ip $length)" || return 1
  done
}
dropped_short() {
  rises 20 snull0 tx_drop_bad_header short_ip_frames
}
dropped_as() { # DEVICE COUNTER HEX: three of these frames, sent on snull0
  rises 3 "$1" "$2" send snull0 "${3}x3"
}
arrives_as() { # HEX LENGTH
  traffic_capture "$ns" snull1 1 send snull0 "$1" || return 1
  [[ $traffic_captured == *"length $2"* ]] || {
    echo "$traffic_captured"
    return 1
  }
}
too_long() {
  ip -n "$ns" link set snull1 mtu 500
  dropped_as snull0 tx_drop_too_long "$to${from}88b5$(zeros 1000)"
}
# A packet socket adds to IFLA_PROMISCUITY: what is for others arrives while somebody captures.
captured_foreign() { arrives_as "020000000001${from}88b5$(zeros 86)" 100; }

# This kernel may have no VLAN devices: the frame is made by hand, an echo request with a tag or two.
# tcpdump has to see the addresses of the other network and a right header checksum.
tagged() { # TAGS TEXT
  local icmp=0800f7ff00000000
  traffic_capture "$ns" snull1 1 send snull0 "$to$from$1$ip_header$icmp" || return 1
  [[ $traffic_captured == *"$2"* && $traffic_captured == *"192.168.1.1 > 192.168.1.2: ICMP echo"* &&
    $traffic_captured != *"bad cksum"* && $traffic_captured != *"wrong icmp"* ]] || {
    echo "$traffic_captured"
    return 1
  }
}

must "frames: the pair comes up" driver_up "$ns" --snull
traffic_no_ipv6 "$ns"
must "frames: addresses" snull_addresses "$ns"
check "frames: IPv4 frames of 14 to 33 bytes are dropped" dropped_short
check "frames: translated behind a VLAN tag" tagged 810000050800 "vlan 5"
check "frames: translated behind two tags" tagged 88a80007810000050800 "vlan 7"
check "frames: a header longer than the frame" dropped_as snull0 tx_drop_bad_header \
  "$to${from}08004f${ip_header:2}$(zeros 20)"
check "frames: IPv4 of another version" dropped_as snull0 tx_drop_bad_header \
  "$to${from}080065${ip_header:2}$(zeros 40)"
check "frames: truncated ARP" dropped_as snull0 tx_drop_bad_header \
  "$to${from}08060001080006040001$(zeros 12)"
check "frames: for another MAC" dropped_as snull1 rx_drop_unicast_filter \
  "020000000001${from}88b5$(zeros 46)"
check "frames: for another MAC, while somebody captures" captured_foreign
check "frames: another protocol arrives, padded to 60 bytes" arrives_as "$to${from}88b5" 60
check "frames: too long for the receiver" too_long
check "frames: conserved" conserved
check "frames: it ends" driver_down

must "frames: the pair without padding" driver_up "$ns" --snull --pad off
traffic_no_ipv6 "$ns"
must "frames: addresses again" snull_addresses "$ns"
check "frames: not padded" arrives_as "$to${from}88b50102030405" 19
check "frames: it ends again" driver_down
