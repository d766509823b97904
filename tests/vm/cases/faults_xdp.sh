# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 300
# Faults and frames that XDP redirects, which the stack does not keep from a link that is down, and whose memory is
# another driver's: a:v0 - v1:b:w0 - w1:c, a program on v1 sends to w0 what it gets.
source "$VNET_TESTS/vm/cases/lib/case.sh"
# shellcheck source=tests/traffic/impair.sh
source "$VNET_TESTS/traffic/impair.sh"

export VNET_RUN_DIR=/tmp/vnet-run
mkdir -p "$VNET_RUN_DIR"
# shellcheck disable=SC2034 # impair.sh's
VNET=vnet
object=/usr/share/vnet/xdp.o
mac() { traffic_in "$1" cat "/sys/class/net/$2/address"; }

pairs() {
  local ns
  for ns in a b c; do ip netns add $ns; done
  traffic_no_ipv6 a b c
  rawlink v0 netns a peer v1 index 4201 netns b || return 1
  ip -n a link set v0 up
  ip -n b link set v1 up promisc on
  traffic_link_up a v0 && second_pair && traffic_in b ip -force link set dev v1 xdpdrv object $object program to_right
}
second_pair() { # [rawlink's words]
  rawlink w0 index 4202 "$@" netns b peer w1 netns c || return 1
  ip -n b link set w0 up
  ip -n c link set w1 up
  traffic_link_up c w1
}
# 20 frames for w1, of 100 bytes.
frames() { traffic_in a send_raw v0 "${to//:/}${from//:/}88b5:100x20"; }
adds() { check "$*" vnet -n "$ns" fault add "$@" && read -r _ id _ < <(tail -n 1 "$case_output"); }
fault_is() { [[ $(vnet -n b -j fault list w0 | jq -c ".[] | select(.id == $id) | .state") == "$1" ]]; }

# Each frame that is sent while the link is down has the flap's reason; without a flap, another.
flap() {
  local ns=b
  check "frames arrive" vnet_grew c w1 rx_frames 20 frames
  adds w0 link-flap until reset expire never
  check "the link is down" traffic_wait 5 fault_is '"active"'
  check "frames are lost for the flap" vnet_grew b w0 tx_drop_link_flap 20 frames
  equal "and for no other reason" "$(vnet_counter b w0 tx_drop_link_down)" 0
  check "deleted" vnet -n b fault del w0 "$id"
  check "the link is up" traffic_link_up c w1
  check "frames arrive" vnet_grew c w1 rx_frames 20 frames
  ns=c
  adds w1 link-flap until reset expire never
  check "a flap of the other end" vnet_grew b w0 tx_drop_link_flap 20 frames
  check "deleted" vnet -n c fault del w1 "$id"
  check "the link is up" traffic_link_up c w1
  ip -n c link set w1 down
  check "down by hand" vnet_grew b w0 tx_drop_link_down 20 frames
  equal "lost for the flaps" "$(vnet_counter b w0 tx_drop_link_flap)" 40
  ip -n c link set w1 up
  check "the link is up" traffic_link_up c w1
}

# What the wire lets pass without holding it, the fault is the first to hold.
behind_a_wire() {
  local ns=c
  check "a wire that holds nothing" vnet -n c impair set w1 direction rx loss 0.0000001%
  adds w1 csum bad every 1 frames
  adds w1 truncate value 60 every 2 frames
  check "frames arrive" vnet_grew c w1 rx_frames 20 frames
  check "deleted" vnet -n c fault del w1 all
  adds w1 rx-stall for 600s expire never
  check "frames wait" vnet_grew c w1 in_flight 20 frames
  check "deleted: they arrive" vnet_grew c w1 rx_frames 20 vnet -n c fault del w1 all
  check "no fault, and no wire" vnet -n c impair del w1 direction rx
  check "frames arrive" vnet_grew c w1 rx_frames 20 frames
}

# Frames on queue 1 whose memory was another driver's, sent back under byte queue limits by way of a wire: theirs are the
# limits of queue 1.
limits_behind_a_wire() {
  ip -n b link del w0
  require "a pair of two queues" second_pair txqueues 2 rxqueues 2
  require "a real qdisc" traffic_in c tc qdisc replace dev w1 root pfifo
  check "a program that sends back" traffic_in c ip link set dev w1 xdpdrv object $object program bounce
  check "a wire there" vnet -n c impair set w1 direction rx delay 1ms
  check "and back" vnet -n c impair set w1 direction tx delay 1ms
  ip -n b link set w0 promisc on
  to=$(mac c w1)
  check "frames come back" vnet_grew b w0 rx_frames 20 from_processor_1
  equal "on queue 1" "$(vnet_counter c w1 q1_xdp_tx)" 20
  traffic_in c bash -c 'echo 3 >/sys/class/net/w1/queues/tx-1/xps_cpus'
  check "the account is closed: queue 1 sends" vnet_grew b w0 q1_rx_frames 5 \
    traffic_in c send_raw w1 "${from//:/}${to//:/}88b5:100x5"
}
# A frame is redirected into the queue of the processor that does it.
from_processor_1() { traffic_in a taskset -c 1 send_raw v0 "${to//:/}${from//:/}88b5:100x20"; }

load
require "two pairs" pairs
to=$(mac c w1)
from=$(mac a v0)
flap
behind_a_wire
limits_behind_a_wire
check "conserved" impair_conserved b w0 c w1
ip -n a link del v0
ip -n b link del w0
check "rmmod" rmmod vnet
finish
