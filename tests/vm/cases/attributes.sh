# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 600
# The link's attributes, as `ip` with our plugin sets and shows them; what csum wire promises.
source "$VNET_TESTS/vm/cases/lib/case.sh"
# shellcheck source=lib/link.sh
source "$VNET_TESTS/vm/cases/lib/link.sh"

# ---- the words

words() {
  contains "help" "$(ip link help vnet 2>&1)" "csum         { offload | wire }"
  contains "v0 shows it" "$(shown a v0)" " vnet csum wire bigtcp on "
  contains "v1 in its namespace, too" "$(shown b v1)" " vnet csum wire bigtcp on "
  contains "in JSON" "$(ip -n b -d -j link show v1)" '"info_data":{"csum":"wire","bigtcp":true,'
  check "csum from the other end" ip -n b link set v1 type vnet csum offload
  contains "v0 has it, and bigtcp as it was" "$(shown a v0)" " vnet csum offload bigtcp on "
  check "bigtcp from this one" ip -n a link set v0 type vnet bigtcp off
  contains "v1 has it" "$(shown b v1)" " vnet csum offload bigtcp off "
  refused "another word for csum" '*csum must be { offload | wire }*' \
    ip -n a link set v0 type vnet csum none
  refused "another word for bigtcp" '*bigtcp must be { on | off }*' \
    ip -n a link set v0 type vnet bigtcp 1
  refused "another option" '*unknown option "mtu"*' ip -n a link set v0 type vnet mtu 1500
  check "the peer's namespace hears of it" peer_hears
}
# A monitor that is not listening yet misses one change, not all.
peer_hears() {
  local heard status
  heard=$(mktemp)
  traffic_start b ip -d monitor link >"$heard"
  traffic_wait 10 change_until_heard "$heard"
  status=$?
  traffic_stop "$traffic_pid"
  ip -n a link set v0 type vnet csum offload
  return $status
}
change_until_heard() {
  ip -n a link set v0 type vnet csum wire && ip -n a link set v0 type vnet csum offload
  [[ $(<"$1") == *"csum wire"* ]]
}

# ---- csum

captured_wrong() { # COMMAND...: the opposite
  ! traffic_checksums b v1 10 "$@" >/dev/null && (($(longest) > 1514)) && echo "up to $(longest) bytes"
}
captured_partial() { ! traffic_checksums b v1 10 "$@" >/dev/null; }

datagrams() { traffic_udp_once a b 10.0.0.2 10 && traffic_udp_once a b fd00::2 10; }
captures() {
  check "offload: super-frames with partial checksums, TCP" captured_wrong files
  check "offload: partial checksums, UDP" captured_partial datagrams
  check "wire" csum wire
  check "wire: TCP as on a wire" captured_longest files
  check "wire: UDP as on a wire" traffic_checksums b v1 20 datagrams
  check "wire: from the other end" traffic_checksums b v1 50 traffic_file_once b a 10.0.0.1 300000
  contains "the features say what they said" \
    "$(traffic_in a ethtool -k v0 | grep -E '^(tcp-segmentation|tx-checksumming)')" \
    "tx-checksumming: on"$'\n'"tcp-segmentation-offload: on"
  check "wire: ping" traffic_ping_both "${between[@]}" -i 0.02 -s 3000
  check "wire: iperf3" traffic_iperf3 "${between[@]}" 2
  check "wire: iperf3, IPv6" traffic_iperf3 "${between6[@]}" 2
  check "all frames are accounted for" conserved
  check "offload again" csum offload
  check "offload: iperf3" traffic_iperf3 "${between[@]}" 2
  check "offload: as at first" captured_wrong files
}

# pktgen's frames have partial checksums and pass no check of the stack.
pktgen() { # COUNT
  traffic_in a bash -c '
    cd /proc/net/pktgen
    echo rem_device_all >kpktgend_0 && echo add_device v0 >kpktgend_0 || exit 1
    for each in "count $1" "pkt_size 200" "dst 10.0.0.2" "src_min 10.0.0.1" "src_max 10.0.0.1" \
      "dst_mac $2" "flag UDPCSUM"; do echo "$each" >v0 || exit 1; done
    echo start >pgctrl; grep "Result: OK" v0; echo rem_device_all >kpktgend_0' \
    pktgen "$1" "$(traffic_in b cat /sys/class/net/v1/address)"
}
unchecked() {
  check "offload: pktgen's checksums are partial" captured_partial pktgen 20
  csum wire
  check "wire: they are complete" traffic_checksums b v1 20 pktgen 20
  csum offload
  # A frame that two programs send to and fro, for ever: it is on its way when the link changes.
  ip -n a link set v0 promisc on
  ip -n b link set v1 promisc on
  check "two programs that send back" attach_bouncers
  check "a partial frame between them" bounces
  check "ends with offload" bounce_ends
  csum offload
  detach a v0
  detach b v1
  check "all frames are accounted for" conserved
  ip -n a link set v0 promisc off
  ip -n b link set v1 promisc off
}
attach_bouncers() { attach a v0 bounce && attach b v1 bounce; }
# Without ARP, whose frames would go to and fro, too.
bounces() {
  ip -n a neigh replace 10.0.0.2 dev v0 nud permanent \
    lladdr "$(traffic_in b cat /sys/class/net/v1/address)" &&
    traffic_in a bash -c 'echo one >/dev/udp/10.0.0.2/9' && vnet_flows b v1
}
bounce_ends() {
  local before
  before=$(($(vnet_counter a v0 xdp_errors) + $(vnet_counter b v1 xdp_errors)))
  csum wire && traffic_wait 10 has_dropped $((before + 1))
}
has_dropped() { (($(vnet_counter a v0 xdp_errors) + $(vnet_counter b v1 xdp_errors) == $1)); }

modprobe pktgen
load
require "a pair" pair_with_ipv6
words
captures
check "csum switched under load" switched csum wire offload
unchecked
check "unload" rmmod vnet
finish
