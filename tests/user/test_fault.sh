#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# `vnet fault` on a living user-space pair: what is asked is what happens, and its end puts it right.
# shellcheck source=tests/user/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/traffic/impair.sh
. "$here/../traffic/impair.sh"

ns_new one one
ns_new two two
a=10.9.0.1
b=10.9.0.2

fault() { "$VNET" fault "$@"; }
# of DEVICE FILTER: what jq makes of the device's first fault.
of() { "$VNET" -j fault show "$1" | jq -c ".[0] | $2"; }
of_is() {
  local got
  got=$(of "$1" "$2")
  echo "$got"
  [[ $got == "$3" ]]
}
comes_to() { traffic_wait "$traffic_deadline" of_is "$@" || of_is "$@"; }
none_left() { [[ $("$VNET" -j fault show | jq length) == 0 ]]; }
# drops DEVICE DIRECTION REASON: how many frames.
drops() {
  "$VNET" -j stats show "$1" |
    jq "[.[0].drop[]? | select(.direction == \"$2\" and .reason == \"$3\") | .frames] | add // 0"
}
has_drops() {
  echo "$1 $2 $3: $(drops "$@")"
  (($(drops "$@") > 0))
}
wrong() {
  local status=$1 text=$2
  shift 2
  expect_exit "$status" "$text" "$VNET" fault "$@"
}
pings() { traffic_ping "$one" $b -c 5 -i 0.02 -W 5; }
lost_ping() { ! traffic_ping "$one" $b -c 1 -W 0.2; }
# slowest MIN: of five pings, a second apart, the slowest takes MIN ms at least; all are answered.
slowest() {
  local said time before
  before=$(traffic_answers "$one" $b)
  said=$(traffic_in "$one" ping -n -c 5 -i 1 -W 5 $b)
  echo "$said"
  time=$(sed -n 's|^rtt .* = [^/]*/[^/]*/\([0-9]*\).*|\1|p' <<<"$said")
  traffic_wait "$traffic_deadline" traffic_has_answers "$one" $b $((before + 5)) && ((time >= $1))
}
balanced() { impair_conserved "$one" v0 "$two" v1; }

must "fault: the pair comes up" plain_pair "$one" "$two" --timeout 200ms --ring 64
must "fault: addresses" plain_pair_addresses "$one" $a "$two" $b
check "fault: none at first" none_left

# ---- irq-lost

check "irq-lost: of the second interrupt" fault add v1 irq-lost nth 2
check "irq-lost: is armed" of_is v1 .state '"armed"'
check "irq-lost: is listed by its word" bash -c "'$VNET' fault show v1 | grep -q 'v1 .*irq-lost'"
check "irq-lost: the first frame comes" traffic_ping "$one" $b -c 1
check "irq-lost: the second waits for the third" slowest 400
check "irq-lost: fired once, and is over" comes_to v1 '[.state, .fired, .hits]' '["done",1,1]'
check "irq-lost: pings are fast again" pings
check "irq-lost: deleted" fault del v1 1
check "irq-lost: is gone" none_left

# ---- tx-stall

check "tx-stall: of the next frame" fault add v0 tx-stall
check "tx-stall: pings wait for the watchdog, and are answered" traffic_ping "$one" $b -c 5 -i 0.05 -W 5
check "tx-stall: the watchdog has seen it" bash -c "(( \$('$VNET' -j stats show v0 | jq '.[0].tx_timeouts') > 0 ))"
check "tx-stall: the reset ended it" comes_to v0 '[.state, .fired]' '["done",1]'
check "tx-stall: the log has it" expect_log "v0: fault 1: tx-stall at 1 of queue 0"
check "tx-stall: deleted" fault del v0 all
stalled_for_good() {
  fault add v0 tx-stall for 50s expire never && traffic_in "$one" ping -n -c 1 -W 0.1 $b
  fault del v0 2
}
check "tx-stall: one is deleted while it lasts" stalled_for_good
check "tx-stall: the transmitter goes on" pings

# ---- link-flap

carrier() { [[ $(traffic_in "$1" ip -o link show dev "$2") == *"$3"* ]]; }
both_lose() { traffic_wait 5 carrier "$one" v0 NO-CARRIER && traffic_wait 5 carrier "$two" v1 NO-CARRIER; }
both_have() { traffic_wait 30 traffic_link_up "$one" v0 && traffic_link_up "$two" v1; }
check "link-flap: for ten seconds, in an hour" fault add v0 link-flap at +3600s for 10s expire never
check "link-flap: nothing yet" pings
check "link-flap: fired" fault fire v0 3
check "link-flap: both ends lose the carrier" both_lose
check "link-flap: is active" of_is v0 .state '"active"'
check "link-flap: and have it again" both_have
check "link-flap: is over" comes_to v0 '[.state, .fired]' '["done",1]'
check "link-flap: cannot be fired again" wrong 2 "the fault is over" fire v0 3
check "link-flap: pings" pings
check "link-flap: another" fault add v1 link-flap for 50s
check "link-flap: both ends lose it" both_lose
check "link-flap: deleted while it lasts" fault del v1 all
check "link-flap: both have it" both_have
check "link-flap: pings again" pings
check "link-flap: all of v0 are deleted" fault del v0 all

# ---- rx-stall

check "rx-stall: for a minute" fault add v1 rx-stall for 60s
check "rx-stall: nothing comes" lost_ping
fills() {
  traffic_in "$one" ping -n -c 100 -i 0.002 -W 0.1 $b | tail -2
  has_drops v1 rx rx_missed
}
check "rx-stall: the ring fills, and frames are missed" fills
check "rx-stall: deleted while it lasts" fault del v1 all
check "rx-stall: pings" pings
check "rx-stall: for a moment" fault add v1 rx-stall for 10ms
check "rx-stall: pings, late at worst" pings
check "rx-stall: is over" comes_to v1 '[.state, .fired]' '["done",1]'
check "rx-stall: deleted" fault del v1 all

# ---- frames

check "dma-error: every second frame" fault add v0 dma-error every 2
half_is_lost() { # ping does not wait for answers that come late
  local before
  before=$(traffic_answers "$one" "$b")
  traffic_in "$one" ping -n -q -c 10 -i 0.02 -W 1 "$b"
  traffic_wait "$traffic_deadline" traffic_has_answers "$one" "$b" $((before + 5)) &&
    (($(traffic_answers "$one" "$b") == before + 5))
}
check "dma-error: half of the pings are lost" half_is_lost
dma_counted() { [[ $(drops v0 tx dma_error) == 5 ]]; }
check "dma-error: as many are counted" dma_counted
check "dma-error: fired five times" of_is v0 .fired 5
check "dma-error: deleted" fault del v0 all
# A seed, so that no flipped bit is one that ends the connection.
wire_corrupts() { "$VNET" impair set v0 corrupt 2% && "$VNET" seed set v0 1; }
wrong_file() {
  traffic_file_once "$one" "$two" $b 3000000 | tee "$work/file"
  grep -q '^sent .* received' "$work/file"
}
check "csum good: a wire that flips bits" wire_corrupts
check "csum good: TCP finds each of them" traffic_file_once "$one" "$two" $b 3000000
check "csum good: of each frame" fault add v1 csum good prob 100%
check "csum good: the application gets what is wrong" wrong_file
check "csum good: deleted" fault del v1 all
log_has_an_end() { # of some thousand firings, in a few seconds
  local lines fired
  lines=$(grep -c 'csum good at' "$log")
  fired=$(sed -n 's/.*csum good over, fired \([0-9]*\) times/\1/p' "$log")
  echo "$fired fired, $lines logged"
  ((fired > 1000 && lines >= 10 && lines < 200)) && log_says "the next ones within 5 s are left out"
}
check "csum good: the log leaves out most, and says how often it fired" log_has_an_end
check "csum good: TCP finds them again" traffic_file_once "$one" "$two" $b 3000000
check "csum good: the wire is plain again" "$VNET" impair del v0
check "ring-corrupt: the ring is reset" fault add v1 ring-corrupt
check "ring-corrupt: its frame is lost" lost_ping
check "ring-corrupt: is counted" has_drops v1 rx bad_descriptor
check "ring-corrupt: the next ones come" pings
check "ring-corrupt: deleted" fault del v1 all
check "fault: frames are conserved" conserved
check "fault: in the command's numbers, too" balanced

# ---- under load

loaded() { # PING OPTIONS...
  local i what flood
  traffic_in "$one" ping -n -f -c 20000 -W 2 "$@" $b >"$work/flood" &
  flood=$!
  for ((i = 0; i < 8; i++)); do
    for what in "irq-lost prob 1%" "rx-overrun prob 1%" "truncate every 50" "bad-length every 70" "dma-slow every 100" \
      "ring-corrupt every 300" "alloc-fail prob 1%" "irq-storm" "rx-stall for 10ms" "csum bad every 10"; do
      # truncate and bad-length exclude each other
      [[ $what == bad-length* ]] && fault del v1 all
      # shellcheck disable=SC2086 # words
      fault add v1 $what >/dev/null || [[ $what == irq-storm ]] || return 1
    done
    fault del v1 all || return 1
  done
  wait "$flood"
  tail -2 "$work/flood"
}
check "load: faults come and go under ping -f" loaded
loaded_wire() { "$VNET" impair set v0 direction both delay 2ms && loaded -l 64 && "$VNET" impair del v0; }
check "load: and behind an impaired wire" loaded_wire
check "load: none is left" none_left
check "load: pings are answered afterwards" pings
check "load: frames are conserved" conserved
check "load: in the command's numbers, too" balanced
check "load: a fault survives that the device is closed" fault add v1 rx-overrun nth 1000 expire never
reopened() { ip -n "$two" link set v1 down && ip -n "$two" link set v1 up && both_have; }
check "load: closed and opened" reopened
check "load: it is still armed" of_is v1 .state '"armed"'

# ---- refusals

check "no such fault" wrong 1 "slowness" add v0 slowness
check "two whens" wrong 1 "'nth' and 'prob' exclude each other" add v0 dma-error nth 1 prob 1%
check "a probability beyond 100 %" wrong 1 "prob: '101%'" add v0 dma-error prob 101%
check "a number that is none" wrong 1 "nth: '-1' is not a number of 64 bits" add v0 dma-error nth -1
check "neither a number nor a time" wrong 1 "every: '5h' is not a number, nor a time" add v0 dma-error every 5h
check "every 0" wrong 2 "every" add v0 dma-error every 0
check "a queue that is not there" wrong 2 "queue" add v0 dma-error queue 5
check "a value of what takes none" wrong 2 "value" add v0 dma-error value 5
check "no such device" wrong 2 "no such device" add nobody dma-error
check "no such number" wrong 2 "the device has no such fault" del v0 99
check "two that exclude each other" bash -c "'$VNET' fault add v0 truncate && ! '$VNET' fault add v0 bad-length"
check "refusals changed nothing" bash -c "[[ \$('$VNET' -j fault show v0 | jq length) == 1 ]]"

# ---- remove

check "remove: the device is pulled out" fault add v0 remove
check "remove: the driver ends" traffic_finish "$driver" "$traffic_deadline"
driver=
check "remove: and says why" log_says "v0 was pulled out"
check "remove: everything was counted right to the end" conserved_in_log
check "remove: both devices are gone" bash -c "! ip -n $one link show v0 && ! ip -n $two link show v1"
