#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The snull pair in one namespace, as in the guide: 192.168.0.1 on snull0, 192.168.1.2 on snull1.
# shellcheck source=tests/user/lib.sh
. "$(dirname "$0")/lib.sh"

ns_new ns snull
a=192.168.1.1 # how snull1's side reaches snull0
b=192.168.0.2 # and the other way round

macs() {
  [[ $(ip -n "$ns" link show snull0) == *00:53:4e:55:4c:30* &&
    $(ip -n "$ns" link show snull1) == *00:53:4e:55:4c:31* ]]
}
queue_length() { [[ $(ip -n "$ns" link show snull0) == *"qlen 10000"* ]]; }
carrier_needs_both() {
  ip -n "$ns" link set snull0 up
  [[ $(ip -n "$ns" link show snull0) == *NO-CARRIER* ]] || return 1
  ip -n "$ns" link set snull0 down
}
run_traffic() {
  check "snull: ping 192.168.0.2 and 192.168.1.1 ($1)" traffic_ping_both "$ns" "$ns" $a $b
  check "snull: UDP both ways ($1)" traffic_udp "$ns" "$ns" $a $b
  check "snull: a file over TCP both ways ($1)" traffic_file "$ns" "$ns" $a $b 5000000
  check "snull: frames are conserved ($1)" conserved
}
arp_entry() { [[ $(ip -n "$ns" neigh show dev snull0) == *"$b"*00:53:4e:55:4c:31* ]]; }
arp_off() {
  ip -n "$ns" link set snull0 arp off
  ip -n "$ns" link set snull1 arp off
  ip -n "$ns" neigh flush all
  traffic_ping_both "$ns" "$ns" $a $b
}
translated() { # what left as 192.168.0.1 > 192.168.0.2 arrives as 192.168.1.1 > 192.168.1.2
  traffic_capture "$ns" snull1 4 traffic_ping "$ns" $b || return 1
  [[ $traffic_captured == *"192.168.1.1 > 192.168.1.2: ICMP echo request"* &&
    $traffic_captured == *"192.168.1.2 > 192.168.1.1: ICMP echo reply"* ]]
}
ipv6_neighbour() { # IPv6 passes untranslated: the link-local addresses see each other
  local out
  out=$(ip -n "$ns" -6 -o addr show dev snull1 scope link)
  out=${out#*inet6 }
  traffic_ping "$ns" "${out%%/*}%snull0"
}

must "snull: the devices come up" driver_up "$ns" --snull
check "snull: their MACs are those of LDD3" macs
check "snull: txqueuelen is 10000" queue_length
check "snull: no carrier while one end is down" carrier_needs_both
must "snull: addresses by ip" snull_addresses "$ns" ip
run_traffic "ip, offloads on"
check "snull: ARP answers with the other end's MAC" arp_entry
check "snull: addresses are translated" translated
check "snull: a flood of 10000 pings, none lost" traffic_flood "$ns" "$ns" $a $b 10000
check "snull: fragments (ping -s 4000)" traffic_ping_both "$ns" "$ns" $a $b -s 4000
check "snull: a closed port is heard of (ICMP error with translated quote)" \
  traffic_udp_refused "$ns" $b
check "snull: iperf3 both ways" traffic_iperf3 "$ns" "$ns" $a $b 3

traffic_offload_off "$ns" snull0
traffic_offload_off "$ns" snull1
run_traffic "offloads off"
for device in snull0 snull1; do
  check "snull: checksums captured on $device, TCP" \
    traffic_checksums "$ns" $device 100 traffic_file "$ns" "$ns" $a $b 300000
  check "snull: checksums captured on $device, UDP" \
    traffic_checksums "$ns" $device 20 traffic_udp "$ns" "$ns" $a $b
  check "snull: checksums captured on $device, ICMP" \
    traffic_checksums "$ns" $device 10 traffic_ping_both "$ns" "$ns" $a $b
done
traffic_offload_on "$ns" snull0
traffic_offload_on "$ns" snull1

check "snull: arp off on both" arp_off
run_traffic "arp off"
check "snull: no write to a TAP failed" expect_counter snull0 tap_write_invalid 0
check "snull: it ends, all frames accounted for" driver_down

must "snull: the devices come up again" driver_up "$ns" --snull
must "snull: addresses by ifconfig" snull_addresses "$ns" ifconfig
run_traffic "ifconfig"
check "snull: it ends again" driver_down
