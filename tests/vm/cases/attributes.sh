# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 600
# The link's attributes, as `ip` with our plugin sets and shows them: csum and bigtcp.
source "$VNET_TESTS/vm/cases/lib/case.sh"

between=(a b 10.0.0.1 10.0.0.2)
between6=(a b fd00::1 fd00::2)
object=/usr/share/vnet/xdp.o

shown() { traffic_in "$1" ip -d -o link show "$2"; }
attach() { traffic_in "$1" ip -force link set dev "$2" xdpdrv object $object program "$3"; }
detach() { traffic_in "$1" ip link set dev "$2" xdpdrv off; }
conserved() { vnet_conserved a v0 b v1; }

# ---- the words

pair_with_ipv6() {
  # As in /proc, where a device that moves keeps what its first namespace said.
  local ns
  ip netns add a && ip netns add b &&
    ip link add v0 netns a type vnet csum wire bigtcp on peer name v1 mtu 1400 netns b || return 1
  ip -n b link set v1 mtu 1500
  pair_addresses || return 1
  ip -n a addr add fd00::1/64 dev v0 nodad && ip -n b addr add fd00::2/64 dev v1 nodad || return 1
  for ns in a b; do
    # Wide enough for several of the longest super-frames.
    traffic_in $ns sysctl -qw net.ipv4.tcp_wmem="4096 4000000 16000000" \
      net.ipv4.tcp_rmem="4096 4000000 16000000" || return 1
  done
}
words() {
  contains "help" "$(ip link help vnet 2>&1)" "csum { offload | wire }"
  contains "v0 shows it" "$(shown a v0)" " vnet csum wire bigtcp on "
  contains "v1 in its namespace, too" "$(shown b v1)" " vnet csum wire bigtcp on "
  contains "in JSON" "$(ip -n b -d -j link show v1)" '"info_data":{"csum":"wire","bigtcp":true}'
  check "csum from the other end" ip -n b link set v1 type vnet csum offload
  contains "v0 has it, and bigtcp as it was" "$(shown a v0)" " vnet csum offload bigtcp on "
  check "bigtcp from this one" ip -n a link set v0 type vnet bigtcp off
  contains "v1 has it" "$(shown b v1)" " vnet csum offload bigtcp off "
  refused "another word for csum" '*csum must be "offload" or "wire"*' \
    ip -n a link set v0 type vnet csum none
  refused "another word for bigtcp" '*bigtcp must be "on" or "off"*' \
    ip -n a link set v0 type vnet bigtcp 1
  refused "another option" '*unknown option "mtu"*' ip -n a link set v0 type vnet mtu 1500
  refused "a peer that changes" "*fixed when the pair is made*" \
    ip -n a link set v0 type vnet peer name v2
  check "the peer's namespace hears of it" traffic_peer_hears
}
# A monitor that is not listening yet misses one change, not all.
traffic_peer_hears() {
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

csum() { ip -n a link set v0 type vnet csum "$1"; }

# longest TEXT: the longest frame of a capture, from "length 1514: (tos".
longest() {
  sed -nE 's/.*ethertype [^,]*, length ([0-9]+): .*/\1/p' <<<"$traffic_captured" | sort -n | tail -n 1
}
captured_longest() { # COMMAND...: all checksums are right, no frame is longer than MTU 1500 allows
  traffic_checksums b v1 50 "$@" || return 1
  echo "the longest frame has $(longest) bytes"
  (($(longest) <= 1514))
}
captured_wrong() { # COMMAND...: the opposite
  ! traffic_checksums b v1 10 "$@" >/dev/null && (($(longest) > 1514)) && echo "up to $(longest) bytes"
}
captured_partial() { ! traffic_checksums b v1 10 "$@" >/dev/null; }

files() { traffic_file_once a b 10.0.0.2 300000 && traffic_file_once a b fd00::2 300000; }
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

background() { # iperf3 both ways, until stop_background
  traffic_next_port
  traffic_start b nice -n 10 iperf3 -s -p "$traffic_port" >/dev/null 2>&1
  jobs_=("$traffic_pid")
  traffic_wait 5 traffic_listening b tcp "$traffic_port"
  traffic_start a nice -n 10 iperf3 -c 10.0.0.2 -p "$traffic_port" -t 200 --bidir >/dev/null 2>&1
  jobs_+=("$traffic_pid")
}
stop_background() {
  local pid
  for pid in "${jobs_[@]}"; do traffic_stop "$pid" KILL; done
}
switched() { # COMMAND WORD WORD: to and fro under load, which goes on each time
  local round
  background
  for ((round = 0; round < 10; round++)); do
    "$1" "$2" && vnet_flows b v1 && vnet_flows a v0 && "$1" "$3" && vnet_flows b v1 &&
      vnet_flows a v0 || break
  done
  stop_background
  ((round == 10)) && traffic_ping_both "${between[@]}" -i 0.02 && conserved
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
  check "all frames are accounted for" conserved
  csum offload
  detach a v0
  detach b v1
  ip -n a link set v0 promisc off
  ip -n b link set v1 promisc off
}
attach_bouncers() { attach a v0 bounce && attach b v1 bounce; }
bounces() { pktgen 1 && vnet_flows b v1; }
bounce_ends() {
  local before
  before=$(($(vnet_counter a v0 xdp_errors) + $(vnet_counter b v1 xdp_errors)))
  csum wire && traffic_wait 10 has_dropped $((before + 1)) && not vnet_between_looks b v1
}
has_dropped() { (($(vnet_counter a v0 xdp_errors) + $(vnet_counter b v1 xdp_errors) == $1)); }

# ---- bigtcp

big() { ip -n a link set v0 type vnet bigtcp "$1"; }
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
  check "no longer than a frame" captured_longest files
  check "iperf3" traffic_iperf3 "${between6[@]}" 2
  csum offload
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

modprobe pktgen
load
require "a pair" pair_with_ipv6
words
captures
check "csum switched under load" switched csum wire offload
unchecked
frames
programs
check "bigtcp switched under load" switched big on off
check "unload" rmmod vnet
finish
