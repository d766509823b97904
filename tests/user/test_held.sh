#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A device that goes away with many frames on its wire: each is accounted for, and the driver ends as ever. Each
# held frame takes a page of memory; VNET_HELD=1000000 wants 4 GiB.
# shellcheck source=tests/user/lib.sh
. "$(dirname "$0")/lib.sh"

ns_new one one
ns_new two two
held=${VNET_HELD:-100000}

pair() { plain_pair "$one" "$two" && plain_pair_up "$one" "$two"; }
now_held() { "$VNET" -j impair show v0 | jq '.[0].held'; }
are_held() { [[ $(now_held) == "$1" ]]; }
settled() { # nothing more comes
  local before
  before=$(now_held)
  sleep 0.2
  are_held "$before"
}
# To nobody in particular, of the ethertype for local experiments. The TAP loses what the driver is too slow for:
# once more, then.
fill() { # COUNT
  local try now
  for try in {1..20}; do
    now=$(now_held)
    ((now < $1)) || break
    traffic_in "$one" "$SEND_RAW" v0 "ffffffffffff02000000000188b5:60x$(($1 - now))" || return 1
    traffic_wait 60 settled
  done
  echo "$(now_held) held after $try rounds, $(awk '$1 == "VmRSS:" { print $2 }' "/proc/$driver/status") KiB resident"
  are_held "$1"
}
stopped() {
  local got
  got=$("$VNET" -j stats show v1 | jq '[.[0].drop[]? | select(.reason == "stopped") | .frames] | add // 0')
  echo "$got lost"
  [[ $got == "$1" ]]
}

must "held: a pair" pair
check "held: frames come much later" "$VNET" impair set v0 delay 1000s
check "held: $held frames" fill "$held"
check "held: the receiver goes down under them" ip -n "$two" link set v1 down
check "held: all are lost, for that reason" stopped "$held"
check "held: none is held" are_held 0
check "held: and accounted for" conserved
check "held: up again" ip -n "$two" link set v1 up
check "held: carrier" traffic_link_up "$two" v1
check "held: as many once more" fill "$held"
check "held: the driver ends under them" driver_down
