# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 300
# A plain pair between two namespaces carries what real programs send, without loss or change.
source "$VNET_TESTS/vm/cases/lib/case.sh"

between=(a b 10.0.0.1 10.0.0.2)

load
require "a pair" plain_pair
check "flood ping, 10000 each way" traffic_flood "${between[@]}" 10000
check "100 MB file" traffic_file_once a b 10.0.0.2 100000000
check "10 MB file back" traffic_file_once b a 10.0.0.1 10000000
check "iperf3, 5 s each way" vnet_lossless a v0 b v1 traffic_iperf3 "${between[@]}" 5
check "UDP" traffic_udp "${between[@]}" 5
check "all frames are accounted for" vnet_conserved a v0 b v1

# The receiver takes what its own MTU allows.
ip -n a link set v0 mtu 9000
refused "a jumbo frame to a port of MTU 1500" "*100% packet loss*" \
  traffic_in a ping -n -q -c 1 -W 1 -s 8900 -M 'do' 10.0.0.2
check "is counted as too long" test "$(vnet_counter a v0 tx_drop_too_long)" -ge 1
ip -n b link set v1 mtu 9000
check "jumbo frames" traffic_ping_both "${between[@]}" -i 0.02 -s 8900 -M 'do'

traffic_offload_off a v0
traffic_offload_off b v1
check "TCP checksums without offload" traffic_checksums b v1 50 \
  traffic_file "${between[@]}" 500000
check "UDP checksums without offload" traffic_checksums b v1 12 traffic_udp "${between[@]}" 3
traffic_offload_on a v0
traffic_offload_on b v1

for ns in a b; do
  # shellcheck disable=SC2016 # expanded by the inner shell
  traffic_in $ns bash -c 'for f in all default v0 v1; do
    f=/proc/sys/net/ipv6/conf/$f/disable_ipv6; [[ ! -e $f ]] || echo 0 >$f; done'
done
ip -n a addr add fd00::1/64 dev v0 nodad
ip -n b addr add fd00::2/64 dev v1 nodad
check "IPv6 ping" traffic_ping_both a b fd00::1 fd00::2 -i 0.02
check "IPv6 file" traffic_file a b fd00::1 fd00::2 2000000
check "IPv6 UDP" traffic_udp a b fd00::1 fd00::2 3
check "all frames are accounted for" vnet_conserved a v0 b v1
check "unload" rmmod vnet
finish
