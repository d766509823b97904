# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 900
# expect-console: Illegal XDP return value|Driver unsupported XDP return value
# XDP programs on a plain pair: every verdict, redirection, large frames, changes under traffic.
source "$VNET_TESTS/vm/cases/lib/case.sh"

between=(a b 10.0.0.1 10.0.0.2)
object=/usr/share/vnet/xdp.o

# attach NS DEVICE PROGRAM [MODE]; detach NS DEVICE [MODE]
attach() { traffic_in "$1" ip -force link set dev "$2" "${4:-xdpdrv}" object $object program "$3"; }
detach() { traffic_in "$1" ip link set dev "$2" "${3:-xdpdrv}" off; }

mac() { traffic_in "$1" cat "/sys/class/net/$2/address"; }
# COUNT frames of no protocol, LENGTH bytes, from v0 to v1.
odd_frames() { # COUNT LENGTH
  local to from
  to=$(mac b v1) from=$(mac a v0)
  traffic_in a send_raw v0 "${to//:/}${from//:/}88b5:$2x$1"
}
sees() { # NS DEVICE COUNTER BY COMMAND...: a program's counter grows, and the frames are accounted for
  vnet_grew "$@" && vnet_conserved a v0 b v1
}
grew_by_any() { # NS DEVICE COUNTER COMMAND...
  local ns=$1 device=$2 name=$3 before after
  shift 3
  before=$(vnet_counter "$ns" "$device" "$name")
  "$@" || return 1
  after=$(vnet_counter "$ns" "$device" "$name")
  echo "$device $name: +$((after - before))"
  ((after > before))
}
has_program() { [[ $(traffic_in "$1" ip link show dev "$2") == *prog/xdp* ]]; }

load
require "a pair" plain_pair

# ---- verdicts

require "attach" attach b v1 pass
check "ip shows it" has_program b v1
not_generic() { [[ $(traffic_in b ip -d link show dev v1) != *xdpgeneric* ]]; }
check "it is the driver's own" not_generic
check "ping under PASS" traffic_ping_both "${between[@]}" -i 0.02
check "is seen" grew_by_any b v1 xdp_pass traffic_ping_both "${between[@]}" -i 0.02
contains "the sender leaves segmentation to its stack" \
  "$(traffic_in a ethtool -k v0 | grep tcp-segmentation-offload)" "off"
check "iperf3 under PASS" vnet_lossless a v0 b v1 traffic_iperf3 "${between[@]}" 3
check "a file with its checksum under PASS" traffic_file_once a b 10.0.0.2 20000000
check "and back" traffic_file_once b a 10.0.0.1 5000000
check "UDP under PASS" traffic_udp "${between[@]}" 3
check "all frames are accounted for" vnet_conserved a v0 b v1

check "replaced by DROP" attach b v1 drop
check "DROP is counted" sees b v1 xdp_drop 100 odd_frames 100 100
check "and is received" vnet_grew b v1 rx_frames 100 odd_frames 100 1500
dropped=$(vnet_statistic b v1 rx_dropped)
odd_frames 10 100
equal "rx_dropped, which a program's drops do not move," "$(vnet_statistic b v1 rx_dropped)" "$dropped"

check "replaced by ABORTED" attach b v1 aborted
check "ABORTED is counted" sees b v1 xdp_errors 100 odd_frames 100 100
check "replaced by an unknown verdict" attach b v1 unknown
check "an unknown verdict is counted" sees b v1 xdp_errors 100 odd_frames 100 100

check "replaced by TX" attach b v1 bounce
check "TX is counted" sees b v1 xdp_tx 100 odd_frames 100 100
check "TX comes back" vnet_grew a v0 rx_frames 100 odd_frames 100 1000
check "replaced by echo" attach b v1 echo
answered_by_program() { traffic_ping a 10.0.0.2 -i 0.01 -c 50; }
check "a program answers ping" vnet_grew b v1 xdp_tx 50 answered_by_program
check "flood ping against the program" traffic_in a ping -n -q -f -c 5000 -s 1400 10.0.0.2
check "all frames are accounted for" vnet_conserved a v0 b v1

check "replaced by one that moves the header" attach b v1 rewrite
check "ping" traffic_ping_both "${between[@]}" -i 0.02
check "a file" traffic_file_once a b 10.0.0.2 5000000

# ---- limits

ip -n b link set v1 mtu 3506
refused "an MTU beyond the program's" "*" ip -n b link set v1 mtu 3507
check "detach" detach b v1
contains "segmentation is offloaded again" \
  "$(traffic_in a ethtool -k v0 | grep tcp-segmentation-offload)" "on"
check "a large MTU without program" ip -n b link set v1 mtu 9000
refused "a program without frags at MTU 9000" "*MTU is too large for this XDP program*" \
  attach b v1 pass
check "nothing is attached" not has_program b v1

# ---- programs that see fragments

ip -n a link set v0 mtu 9000
check "a program with frags at MTU 9000" attach b v1 pass_frags
contains "the sender offloads segmentation" \
  "$(traffic_in a ethtool -k v0 | grep tcp-segmentation-offload)" "on"
check "jumbo ping" traffic_ping_both "${between[@]}" -i 0.02 -s 8900 -M 'do'
check "iperf3" vnet_lossless a v0 b v1 traffic_iperf3 "${between[@]}" 3
check "a file" traffic_file_once a b 10.0.0.2 20000000
check "and back" traffic_file_once b a 10.0.0.1 5000000
check "echo with frags" attach b v1 echo_frags
check "a program answers jumbo ping" vnet_grew b v1 xdp_tx 50 \
  traffic_ping a 10.0.0.2 -i 0.01 -c 50 -s 8900 -M 'do'
check "one that cuts frames" attach b v1 trim
check "of fragments, too" sees b v1 xdp_pass 200 odd_frames 200 9000
check "all frames are accounted for" vnet_conserved a v0 b v1
detach b v1
ip -n a link set v0 mtu 1500
ip -n b link set v1 mtu 1500

# ---- changes under traffic

background() { # iperf3 both ways and small frames, until stop_background
  traffic_next_port
  traffic_start b nice -n 10 iperf3 -s -p "$traffic_port" >/dev/null 2>&1
  jobs_=("$traffic_pid")
  traffic_wait "$traffic_deadline" traffic_listening b tcp "$traffic_port"
  traffic_start a nice -n 10 iperf3 -c 10.0.0.2 -p "$traffic_port" -t 120 --bidir >/dev/null 2>&1
  jobs_+=("$traffic_pid")
  traffic_start b nice -n 10 ping -q -n -f 10.0.0.1 >/dev/null 2>&1
  jobs_+=("$traffic_pid")
}
stop_background() {
  local pid
  for pid in "${jobs_[@]}"; do traffic_stop "$pid" KILL; done
  traffic_disconnect a b
}
attach_rounds() {
  local round programs=(pass pass_frags echo rewrite)
  background
  for ((round = 0; round < 50; round++)); do
    attach b v1 "${programs[round % 4]}" || return 1
    ((round % 3)) || attach a v0 "${programs[(round + 1) % 4]}" || return 1
    ((round % 2)) || detach b v1 || return 1
    ((round % 5)) || detach a v0 || return 1
  done
  detach b v1
  detach a v0
  stop_background
  traffic_ping_both "${between[@]}" -i 0.02 && vnet_conserved a v0 b v1 && echo "$round rounds"
}
check "50 programs attached and detached under traffic" attach_rounds
down_rounds() {
  local round
  attach b v1 pass
  background
  for ((round = 0; round < 4; round++)); do
    ip -n b link set v1 down && ip -n b link set v1 up || return 1
    ip -n a link set v0 down && ip -n a link set v0 up || return 1
    sleep 0.2
  done
  stop_background
  traffic_ping_both "${between[@]}" -i 0.02 && vnet_conserved a v0 b v1
}
check "down and up with a program under traffic" down_rounds
detach b v1

# ---- the kernel's own

check "generic XDP: PASS" attach b v1 pass xdpgeneric
check "ping" traffic_ping_both "${between[@]}" -i 0.02
refused "a native one beside it" "*" attach b v1 pass
check "generic XDP: TX" attach b v1 bounce xdpgeneric
check "comes back" vnet_grew a v0 rx_frames 100 odd_frames 100 200
check "generic XDP off" detach b v1 xdpgeneric

# ---- redirection: a:v0 - v1:b:w0 - w1:c, the programs on v1 and w0 in b

redirect_pairs() {
  ip netns add c && traffic_no_ipv6 c || return 1
  ip -n a link del v0
  rawlink v0 netns a peer v1 index 4201 netns b && rawlink w0 index 4202 netns b peer w1 netns c &&
    ip -n a addr add 10.0.0.1/24 dev v0 && ip -n c addr add 10.0.0.3/24 dev w1 || return 1
  ip -n a link set v0 up
  ip -n b link set v1 up promisc on
  ip -n b link set w0 up promisc on
  ip -n c link set w1 up
  traffic_link_up a v0 && traffic_link_up c w1 && no_probes a c
}
relay=(a c 10.0.0.1 10.0.0.3)
relay_conserved() { vnet_conserved a v0 b v1 && vnet_conserved b w0 c w1; }
relay_traffic() { # TCP may lose frames here: a full ring at the way out holds nobody back
  check "ping" traffic_ping_both "${relay[@]}" -i 0.02
  check "flood ping" traffic_flood "${relay[@]}" 2000
  check "iperf3" traffic_iperf3 "${relay[@]}" 3
  check "a file" traffic_file_once a c 10.0.0.3 5000000
  check "and back" traffic_file_once c a 10.0.0.1 2000000
  check "UDP" traffic_udp "${relay[@]}" 2
  check "all frames are accounted for" relay_conserved
}
require "two pairs" redirect_pairs
check "REDIRECT to the other pair" attach b v1 to_right
check "REDIRECT back" attach b w0 to_left
relay_traffic
check "is counted" grew_by_any b v1 xdp_redirect traffic_ping_both "${relay[@]}" -i 0.02
check "at its way out" grew_by_any b w0 xdp_xmit traffic_ping_both "${relay[@]}" -i 0.02
check "PASS on the far end" attach c w1 pass
relay_traffic
check "TX on the far end" attach c w1 echo
check "a program answers ping over two links" vnet_grew c w1 xdp_tx 50 \
  traffic_ping a 10.0.0.3 -i 0.01 -c 50
check "DROP on the far end" attach c w1 drop
to=$(mac c w1)
from=$(mac a v0)
check "is counted" vnet_grew c w1 xdp_drop 100 \
  traffic_in a send_raw v0 "${to//:/}${from//:/}88b5:700x100"
check "detach" detach c w1
check "a file again" traffic_file_once a c 10.0.0.3 2000000

# Large ones, in several buffers. A super-frame would be longer than any MTU.
relay_mtu() {
  ip -n a link set v0 mtu "$1" && ip -n b link set v1 mtu "$1" &&
    ip -n b link set w0 mtu "$1" && ip -n c link set w1 mtu "$1"
}
detach b v1
detach b w0
traffic_in a ethtool -K v0 tso off
traffic_in c ethtool -K w1 tso off
check "MTU 9000" relay_mtu 9000
check "REDIRECT with frags" attach b v1 to_right_frags
check "and back" attach b w0 to_left_frags
# Linux redirects frames in several buffers from 6.3 on; before, xdp_do_redirect() refuses them.
if [[ $KRELEASE == 6.1.* ]]; then
  lost() { not traffic_in a ping -n -q -c 5 -i 0.02 -W 1 -s 8900 -M 'do' 10.0.0.3; }
  check "refused by this kernel, and counted" vnet_grew b v1 xdp_errors 5 lost
  check "small ones" traffic_ping_both "${relay[@]}" -i 0.02
else
  check "jumbo ping" traffic_ping_both "${relay[@]}" -i 0.02 -s 8900 -M 'do'
  check "a file" traffic_file_once a c 10.0.0.3 5000000
  check "PASS with frags on the far end" attach c w1 pass_frags
  check "jumbo ping" traffic_ping_both "${relay[@]}" -i 0.02 -s 8900 -M 'do'
  check "TX with frags on the far end" attach c w1 echo_frags
  check "a program answers jumbo ping over two links" vnet_grew c w1 xdp_tx 20 \
    traffic_ping a 10.0.0.3 -i 0.01 -c 20 -s 8900 -M 'do'
  detach c w1
fi
detach b w0
detach b v1
traffic_in a ethtool -K v0 tso on
traffic_in c ethtool -K w1 tso on
check "MTU 1500" relay_mtu 1500
check "REDIRECT back" attach b w0 to_left

# Through maps, that only a loader of our own fills.
devmap=/usr/share/vnet/devmap.o
meta=/usr/share/vnet/meta.o
check "REDIRECT through a map of devices" traffic_in b xdp_load v1 $devmap to_device w0
check "ping" traffic_ping_both "${relay[@]}" -i 0.02
check "a file" traffic_file_once a c 10.0.0.3 2000000
detach b v1
check "REDIRECT to several" traffic_in b xdp_load v1 $devmap to_all w0 v1
check "ping" traffic_ping_both "${relay[@]}" -i 0.02
detach b v1

# What stands beside the frame: from Linux 6.8 on.
if [[ $KRELEASE != 6.1.* ]]; then
  check "a program that asks for hash and time stamp" traffic_in c xdp_load w1 $meta hash
  attach b v1 pass
  detach b w0
  plain() { traffic_in b send_raw w0 "${to//:/}${to//:/}0800:100x$1"; }
  check "has them" vnet_grew c w1 xdp_drop 50 plain 50
  detach c w1
  check "a program that asks for the VLAN" traffic_in c xdp_load w1 $meta vlan
  modprobe 8021q
  ip -n b link add w0.7 link w0 type vlan id 7 && ip -n b link set w0.7 up
  tagged() { traffic_in b send_raw w0.7 "${to//:/}${to//:/}88b5:100x$1"; }
  check "has it" vnet_grew c w1 xdp_drop 50 tagged 50
  check "and none of the others" vnet_grew c w1 xdp_drop 0 plain 50
  ip -n b link del w0.7
  detach c w1
  detach b v1
  attach b w0 to_left
fi
attach b v1 to_right

# A VLAN tag beside the frame becomes part of it.
vlan_relay() {
  ip -n a link add v0.7 link v0 type vlan id 7 && ip -n c link add w1.7 link w1 type vlan id 7 &&
    ip -n a addr add 10.7.0.1/24 dev v0.7 && ip -n c addr add 10.7.0.3/24 dev w1.7 &&
    ip -n a link set v0.7 up && ip -n c link set w1.7 up &&
    traffic_ping_both a c 10.7.0.1 10.7.0.3 -i 0.02
}
if ip link add dummyvlan type vlan help 2>&1 | grep -q Usage && modprobe 8021q; then
  check "VLAN over redirection" vlan_relay
fi

# Padding, and an end that is down.
check "padding" traffic_in b ethtool --set-priv-flags w0 pad on
check "ping" traffic_ping_both "${relay[@]}" -i 0.02
traffic_in b ethtool --set-priv-flags w0 pad off
ip -n c link set w1 down
check "frames to an end that is down are counted" grew_by_any b w0 tx_drop_link_down \
  traffic_in a send_raw v0 "${to//:/}${from//:/}88b5:700x100"
ip -n c link set w1 up
traffic_link_up c w1
check "ping afterwards" traffic_ping_both "${relay[@]}" -i 0.02
check "all frames are accounted for" relay_conserved

delete_under_redirection() {
  traffic_start a nice -n 10 ping -q -n -f 10.0.0.3 >/dev/null 2>&1
  vnet_flows c w1 || return 1
  ip -n b link del w0 || return 1
  # The program goes on redirecting, to nobody now.
  traffic_wait 10 redirects_fail "$(vnet_counter b v1 xdp_errors)"
  local status=$?
  traffic_stop "$traffic_pid" KILL
  return "$status"
}
redirects_fail() { (($(vnet_counter b v1 xdp_errors) > $1 + 5)); }
check "the target deleted under redirection" delete_under_redirection
check "unload with programs attached" rmmod vnet
finish
