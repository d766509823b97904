# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 300
# The snull pair as the guide has it: both networks in one namespace, and every protocol across.
source "$VNET_TESTS/vm/cases/lib/case.sh"

unconfigure() {
  local dev
  for dev in snull0 snull1; do
    ip addr flush dev "$dev"
    ip link set "$dev" down
  done
}

with_ifconfig() {
  unconfigure
  ifconfig snull0 192.168.0.1
  ifconfig snull1 192.168.1.2
  traffic_link_up - snull0 && snull_ping
}

# What the sender's capture shows is untranslated, what the receiver's shows is translated.
captures() {
  local ping=(traffic_ping - 192.168.0.2 -c 2)
  check "IP checksums on snull0 are right" traffic_checksums - snull0 4 "${ping[@]}"
  contains "snull0 sends the request as it was made" "$traffic_captured" "192.168.0.1 > 192.168.0.2: ICMP echo request"
  contains "snull0 receives the answer translated" "$traffic_captured" "192.168.0.2 > 192.168.0.1: ICMP echo reply"
  check "IP checksums on snull1 are right" traffic_checksums - snull1 4 "${ping[@]}"
  contains "snull1 receives the request translated" "$traffic_captured" "192.168.1.1 > 192.168.1.2: ICMP echo request"
  contains "snull1 sends its answer as it was made" "$traffic_captured" "192.168.1.2 > 192.168.1.1: ICMP echo reply"
}

arp_off() {
  ip link set snull0 arp off
  ip link set snull1 arp off
  check "ping with arp off" snull_ping
  check "capture with arp off" traffic_capture - snull1 2 traffic_ping - 192.168.0.2 -c 1
  contains "snull1 receives what is for its own MAC" "$traffic_captured" \
    "00:53:4e:55:4c:30 > 00:53:4e:55:4c:31, ethertype IPv4"
  ip link set snull0 arp on
  ip link set snull1 arp on
  check "ping with arp on again" snull_ping
}

# With offload the receiver trusts partial checksums, so only traffic without it shows wrong sums.
both_ways() { # COMMAND WORDS...
  local command=$1
  shift
  "$command" - - 192.168.1.1 192.168.0.2 "$@"
}
datagrams() { both_ways traffic_udp 3 && both_ways traffic_udp 1 4000; }
transport() {
  check "TCP file, offloads on" both_ways traffic_file 2000000
  check "UDP, offloads on" both_ways traffic_udp 5
  check "iperf3, offloads on" vnet_lossless - snull0 - snull1 both_ways traffic_iperf3 2
  traffic_offload_off - snull0
  traffic_offload_off - snull1
  local dev
  for dev in snull0 snull1; do
    check "TCP checksums on $dev" traffic_checksums - "$dev" 30 both_ways traffic_file 60000
    check "UDP checksums on $dev, fragments too" traffic_checksums - "$dev" 24 datagrams
  done
  equal "bad checksums that TCP and UDP saw" "$(nstat -asz TcpInCsumErrors UdpInCsumErrors \
    IcmpInCsumErrors | awk '/Csum/ { n += $2 } END { print n }')" 0
  traffic_offload_on - snull0
  traffic_offload_on - snull1
  check "ping -s 4000" snull_ping -s 4000
  check "UDP 4000, offloads on" both_ways traffic_udp 2 4000
}

# A connected socket hears of an ICMP error only if the headers quoted in it are translated, too.
port_unreachable() {
  check "a closed port is heard of (ECONNREFUSED)" traffic_udp_refused - 192.168.0.2
  traffic_offload_off - snull0
  traffic_offload_off - snull1
  check "capture of the ICMP error" traffic_checksums - snull0 2 \
    traffic_udp_refused - 192.168.0.2
  contains "its quoted addresses are translated" "$traffic_captured" \
    "192.168.0.1.* > 192.168.0.2.4444"
  traffic_offload_on - snull0
  traffic_offload_on - snull1
}

vlans() {
  modprobe 8021q
  ip link add link snull0 name snull0.5 type vlan id 5
  ip link add link snull1 name snull1.5 type vlan id 5
  ip addr add 192.168.8.1/24 dev snull0.5
  ip addr add 192.168.9.2/24 dev snull1.5
  ip link set snull0.5 up
  ip link set snull1.5 up
  traffic_link_up - snull0.5
  check "ping over VLAN 5" traffic_ping_both - - 192.168.9.1 192.168.8.2
  check "TCP over VLAN 5" traffic_file - - 192.168.9.1 192.168.8.2 1000000
  ip link del snull0.5
  ip link del snull1.5
}

no_tentative() { [[ -z $(ip -6 addr show tentative) ]]; }
ipv6() {
  traffic_wait 10 no_tentative
  check "IPv6 from snull0 to snull1" traffic_ping - fe80::253:4eff:fe55:4c31%snull0
  check "IPv6 from snull1 to snull0" traffic_ping - fe80::253:4eff:fe55:4c30%snull1
}

# Hardware sends no frame below 60 bytes; the sender's own capture comes before the device.
padding() {
  arp_once() { ip neigh flush dev snull0 && traffic_ping - 192.168.0.2 -c 1; }
  check "capture, pad on" traffic_capture - snull1 3 arp_once
  contains "an ARP frame arrives with 60 bytes" "$traffic_captured" "ARP (0x0806), length 60"
  check "capture at the sender" traffic_capture - snull0 3 arp_once
  contains "the sender made it with 42" "$traffic_captured" "ARP (0x0806), length 42"
  check "pad off" ethtool --set-priv-flags snull0 pad off
  check "capture, pad off" traffic_capture - snull1 3 arp_once
  contains "an ARP frame arrives with 42 bytes" "$traffic_captured" "ARP (0x0806), length 42: *who-has 192.168.1.2"
  ethtool --set-priv-flags snull0 pad on
}

strict_reverse_path() {
  local dev
  for dev in all snull0 snull1; do
    echo 1 >"/proc/sys/net/ipv4/conf/$dev/rp_filter"
  done
  check "ping with rp_filter=1" snull_ping
}

load snull=1
require "addresses" snull_addresses
equal "MAC of snull0" "$(</sys/class/net/snull0/address)" 00:53:4e:55:4c:30
equal "MAC of snull1" "$(</sys/class/net/snull1/address)" 00:53:4e:55:4c:31
check "the guide's ping, with ip" snull_ping
check "the guide's ping, with ifconfig" with_ifconfig
captures
arp_off
transport
port_unreachable
vlans
ipv6
padding
strict_reverse_path
check "flood ping" traffic_flood - - 192.168.1.1 192.168.0.2 1000
check "all frames are accounted for" vnet_conserved - snull0 - snull1
check "unload" rmmod vnet
finish
