# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 300
# Frames that are too short or wrong, on the snull pair and, too short, on a plain one: dropped under the right reason or passed on,
# and never anything that the kernel would complain about.
source "$VNET_TESTS/vm/cases/lib/case.sh"

broadcast=ffffffffffff020000000009
macs=00534e554c3100534e554c30 # to snull1, from snull0
udp=4500001c000000004011f97dc0a80001c0a800020009000900080000
arp=000108000604000100534e554c30c0a80001000000000000c0a80002

cut() { # FIRST LAST FRAME: FRAME cut to each of these lengths
  local length
  for ((length = $1; length <= $2; length++)); do
    echo "$3:$length"
  done
}
dropped() { # TEXT COUNT FRAME...
  local text=$1 count=$2
  shift 2
  check "$text: dropped" vnet_grew - snull0 tx_drop_bad_header "$count" send_raw snull0 "$@"
}
passed() { # TEXT COUNT FRAME...
  local text=$1 count=$2
  shift 2
  check "$text: passed" vnet_grew - snull1 rx_frames "$count" send_raw snull0 "$@"
}

# AF_PACKET sends nothing without an Ethernet header, but tc can: what comes from a tun has none.
runts() { # DEVICE PEER TUN
  modprobe -a tun sch_ingress act_mirred cls_matchall || return 1
  ip tuntap add "$3" mode tun && ip link set "$3" up && tc qdisc add dev "$3" clsact &&
    tc filter add dev "$3" ingress matchall action mirred egress redirect dev "$1" || return 1
  # shellcheck disable=SC2046 # words are meant
  vnet_grew - "$1" tx_drop_runt 13 send_raw "tun:$3" $(cut 1 13 $broadcast) || return 1
  # shellcheck disable=SC2046
  vnet_grew - "$2" rx_frames 10 send_raw "tun:$3" $(cut 14 23 ${broadcast}88b5)
}

# shellcheck disable=SC2046 # words are meant
truncated() {
  refused "no bytes at all, AF_PACKET" "*EINVAL*" send_raw snull0 :0
  refused "13 bytes, AF_PACKET" "*EINVAL*" send_raw snull0 $macs:13
  passed "14 to 33 bytes of no known type" 20 $(cut 14 33 ${macs}88b5)
  passed "14 to 33 bytes of IPv6" 20 $(cut 14 33 ${macs}86dd6)
  dropped "IPv4, 0 to 19 bytes of header" 20 $(cut 14 33 ${macs}0800$udp)
  passed "IPv4, header and 0 to 8 bytes more" 9 $(cut 34 42 ${macs}0800$udp)
  dropped "ARP, 0 to 27 bytes" 28 $(cut 14 41 ${macs}0806$arp)
  passed "ARP, 28 bytes and padding" 2 ${macs}0806$arp ${macs}0806$arp:60
  passed "half a VLAN tag" 4 $(cut 14 17 ${macs}810000050800)
  dropped "IPv4 in a VLAN, 0 to 19 bytes of header" 20 $(cut 18 37 ${macs}810000050800$udp)
  dropped "IPv4 in two VLANs, 19 bytes" 1 ${macs}88a80006810000050800$udp:41
  passed "three VLAN tags" 1 ${macs}88a80006810000058100000708004:60
}

bad_headers() {
  local rest=${udp:2}
  dropped "header length 0" 1 ${macs}080040$rest
  dropped "header length 16" 1 ${macs}080044$rest
  dropped "header length 60, beyond the frame" 1 ${macs}08004f$rest
  passed "header length 60, within it" 1 ${macs}08004f00003c${udp:8}:74
  dropped "header length 60, beyond the total length" 1 ${macs}08004f$rest:74
  dropped "version 6 in an IPv4 frame" 1 ${macs}080065$rest
  dropped "version 0" 1 ${macs}080005$rest
  passed "total length beyond the frame" 1 ${macs}08004500ffff${udp:8}
  passed "total length 0" 1 ${macs}080045000000${udp:8}
  dropped "total length 19" 1 ${macs}080045000013${udp:8}
  passed "ARP of other hardware" 1 ${macs}080600060800:60
}

# Errors that quote nothing, a part of a header, a bad header.
# shellcheck disable=SC2046 # words are meant
icmp_errors() {
  local header=45000064000000004001f935c0a80001c0a80002 type
  for type in 03 05 0b; do
    passed "ICMP type 0x$type, cut everywhere" 68 \
      $(cut 35 102 "${macs}0800${header}${type}03000000000000$udp")
  done
  passed "ICMP that quotes version 0" 1 "${macs}0800${header}0303000000000000${udp/45/05}"
}

# Half-sensible frames: a true type, then anything.
anything() {
  local i length frames=() types=(0800 0806 8100 0800 080045 86dd) seed=$RANDOM
  RANDOM=$seed
  for ((i = 0; i < 200; i++)); do
    length=$((RANDOM % 90))
    frames+=("$macs${types[RANDOM % 6]}$(for ((; length > 0; length--)); do
      printf %02x $((RANDOM & 255)); done)")
  done
  send_raw snull0 "${frames[@]}"
  echo "200 frames, seed $seed"
}

# 0 to 14 bytes from each kind of AF_PACKET's sockets, to the end that answers nothing.
# shellcheck disable=SC2046 # words are meant
plain_pair_runts() {
  local length
  for length in 0 1 6 12 13; do
    refused "$length bytes, AF_PACKET" "*EINVAL*" send_raw v0 ${broadcast}88b5:$length
  done
  check "14 bytes: passed" vnet_grew - vnet0 rx_frames 1 send_raw v0 ${broadcast}88b5
  check "a header and 0 to 14 bytes: passed" vnet_grew - vnet0 rx_frames 15 \
    send_raw dgram:v0 $(cut 0 14 00)
}
plain_pair_bytes() { # PAD BYTES: what 14 bytes are on the wire
  ethtool --set-priv-flags v0 pad "$1" &&
    vnet_grew - vnet0 rx_bytes "$2" send_raw v0 ${broadcast}88b5
}

traffic_no_ipv6 -
load snull=1
# No addresses: nobody answers, so the counters move by what is sent here.
ip link set snull0 up
ip link set snull1 up
require "the link" traffic_link_up - snull0
for pad in on off; do
  echo "-- pad $pad"
  ethtool --set-priv-flags snull0 pad $pad
  truncated
  [[ $pad == off ]] || bad_headers
  [[ $pad == on ]] || icmp_errors
  check "200 frames of anything" anything
done
check "no Ethernet header: dropped as runts; just one: passed" runts snull0 snull1 t0
check "all frames are accounted for" vnet_conserved - snull0 - snull1

echo "-- a plain pair"
ip link add v0 type vnet
ip link set v0 up
ip link set vnet0 up
require "the link" traffic_link_up - v0
check "14 bytes, padded" plain_pair_bytes on 60
plain_pair_runts
check "14 bytes, not padded" plain_pair_bytes off 14
plain_pair_runts
check "no Ethernet header: dropped as runts; just one: passed" runts v0 vnet0 t1
check "all frames are accounted for" vnet_conserved - v0 - vnet0

require "addresses" snull_addresses
check "ping afterwards" snull_ping
finish
