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
  rawlink v0 netns a peer v1 index 4201 netns b && rawlink w0 index 4202 netns b peer w1 netns c || return 1
  ip -n a link set v0 up
  ip -n b link set v1 up promisc on
  ip -n b link set w0 up
  ip -n c link set w1 up
  traffic_link_up a v0 && traffic_link_up c w1 &&
    traffic_in b ip -force link set dev v1 xdpdrv object $object program to_right
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

load
require "two pairs" pairs
to=$(mac c w1)
from=$(mac a v0)
flap
behind_a_wire
check "conserved" impair_conserved b w0 c w1
ip -n a link del v0
ip -n b link del w0
check "rmmod" rmmod vnet
finish
