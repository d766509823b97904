#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Partial checksums and GSO frames after the translation. Locally nobody looks at a partial sum;
# once the frame is forwarded to a device without offloads the kernel completes it, and the next
# machine checks it. one -snull- two -pair, offloads off- three.
# shellcheck source=tests/user/lib.sh
. "$(dirname "$0")/lib.sh"

ns_new one one
ns_new two two
ns_new three three
# `one` says 10.7.3.2, which becomes three's 10.7.2.2; three sees 192.168.1.1.
a=192.168.1.1
b=10.7.3.2

second_pair() {
  traffic_in "$two" "$VNET" up --pair left right --detach &&
    ip -n "$two" link set right netns "$three"
}
addresses() {
  ip -n "$one" link set snull1 netns "$two"
  ip -n "$one" addr add 192.168.0.1/24 dev snull0
  ip -n "$two" addr add 192.168.1.2/24 dev snull1
  ip -n "$two" addr add 10.7.2.1/24 dev left
  ip -n "$three" addr add 10.7.2.2/24 dev right
  ip -n "$one" link set snull0 up
  ip -n "$two" link set snull1 up
  ip -n "$two" link set left up
  ip -n "$three" link set right up
  traffic_in "$two" sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
  ip -n "$one" route add 10.7.3.0/24 via 192.168.0.2
  ip -n "$three" route add default via 10.7.2.1
  traffic_offload_off "$two" left
  traffic_offload_off "$three" right # what it sends itself is captured complete, too
  traffic_link_up "$one" snull0 && traffic_link_up "$two" left
}

must "forwarded: the snull pair comes up" driver_up "$one" --snull
must "forwarded: the plain pair comes up" second_pair
must "forwarded: addresses" addresses
check "forwarded: ping" traffic_ping_both "$one" "$three" $a $b
check "forwarded: UDP" traffic_udp "$one" "$three" $a $b
check "forwarded: a TCP file both ways" traffic_file "$one" "$three" $a $b 10000000
check "forwarded: checksums captured at the end, TCP" \
  traffic_checksums "$three" right 500 traffic_file_once "$one" "$three" $b 1000000
check "forwarded: conserved" conserved
check "forwarded: it ends" driver_down
