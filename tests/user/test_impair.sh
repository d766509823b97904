#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# `vnet impair` on a living user-space pair: what is asked is what happens to frames, and is accounted for.
# shellcheck source=tests/user/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/traffic/impair.sh
. "$here/../traffic/impair.sh"
# shellcheck source=tests/traffic/log.sh
. "$here/../traffic/log.sh"

ns_new one one
ns_new two two
a=10.9.0.1
b=10.9.0.2
golden=$here/../traffic/lost_5_percent_seed_42.txt

impair() { "$VNET" impair "$@"; }
# shown TEXT WORDS...: what `vnet impair show v0` says has the text in it.
shown() {
  local said
  said=$(impair show v0)
  echo "$said"
  [[ $said == *"$1"* ]]
}
knob() { "$VNET" -j impair show v0 | jq -c "map(select(.direction == \"$1\"))[0].$2"; }
knob_is() {
  local got
  got=$(knob "$1" "$2")
  echo "$got"
  [[ $got == "$3" ]]
}
wrong() {
  local status=$1 text=$2
  shift 2
  expect_exit "$status" "$text" "$VNET" impair "$@"
}
pings() { traffic_ping "$one" $b -c 5 -i 0.02 -W 5; }
nothing_comes() { ! traffic_ping "$one" $b -c 2 -i 0.1 -W 1; }
duplicates() { # ping does not wait for answers that come late
  local before
  before=$(traffic_answers "$one" $b)
  traffic_in "$one" ping -n -q -c 10 -i 0.02 -W 2 $b
  traffic_wait "$traffic_deadline" traffic_has_answers "$one" $b $((before + 20)) &&
    (($(traffic_answers "$one" $b) == before + 20))
}

must "impair: the pair comes up" plain_pair "$one" "$two"
must "impair: addresses" plain_pair_addresses "$one" $a "$two" $b
check "impair: nothing at first" shown "v0: tx -"

# ---- the same seed loses the same frames

check "loss: 5 %" impair set v0 loss 5%
check "loss: is shown" shown "v0: tx loss 5%"
check "loss: seed 42 begins a run" "$VNET" seed set v0 42
check "loss: a numbered flow" impair_lost "$work/first" "$one" "$two" $b 2000
check "loss: the frames that the contract says" diff "$work/first" "$golden"
check "loss: another seed" "$VNET" seed set v0 43
check "loss: the flow again" impair_lost "$work/other" "$one" "$two" $b 2000
check "loss: are other frames" expect_exit 1 "" diff -q "$work/first" "$work/other"
check "loss: seed 42 again, and jitter beside it" "$VNET" seed set v0 42
check "loss: jitter" impair set v0 delay 2ms 1ms
check "loss: the flow once more" impair_lost "$work/second" "$one" "$two" $b 2000
check "loss: the same frames, whatever the delay" diff "$work/second" "$golden"
check "loss: another seed, for the same one begins no run" "$VNET" seed set v0 43
check "loss: seed 42 once more" "$VNET" seed set v0 42
check "loss: the flow while all else changes 60 times" impair_lost_meanwhile 20 v0 "$work/third" "$one" "$two" $b 2000
check "loss: still the same frames" diff "$work/third" "$golden"
check "loss: jitter again" impair set v0 delay 2ms 1ms
check "loss: what is missing is what is counted" knob_is tx lost "$(cat "$work/first" "$work/other" "$work/second" "$work/third" | wc -l)"
check "loss: frames are conserved" conserved

# ---- each knob by itself

check "delay: taken away, the loss stays" impair del v0 delay
check "delay: is gone" knob_is tx delay null
check "loss: is not" knob_is tx loss_p1 214748365
check "loss: taken away" impair del v0 loss
check "all is off" shown "v0: tx -"
check "delay: 20 ms each way" impair set v0 direction both delay 20ms
check "delay: pings take 40 ms" impair_rtts "$one" $b 20 40000 60000
check "delay: in one direction only" impair del v0 direction rx
check "delay: pings take 20 ms" impair_rtts "$one" $b 20 20000 35000
check "delay: the peer sees it as what it receives" bash -c \
  "[[ \$('$VNET' -j impair show v1 | jq -c 'map([.direction, .delay])') == '[[\"tx\",null],[\"rx\",20000000]]' ]]"
check "delay: from the other end" impair set v1 direction rx delay 1ms
check "delay: has changed" knob_is tx delay 1000000
check "loss: all" impair set v0 loss 100%
check "loss: nothing comes" nothing_comes
check "loss: none again" impair del v0 direction tx loss
check "duplicate: all" impair set v0 duplicate 100%
check "duplicate: pings are answered twice" duplicates
check "duplicate: is counted" bash -c "(( \$('$VNET' -j impair show v0 | jq '.[0].duplicated') >= 10 ))"
check "all: taken away" impair del v0
check "rate: 1 Mbit/s" impair set v0 rate 1mbit burst 1500
check "rate: 1000 frames of 106 bytes take 0.85 s, none is lost" impair_takes 820 "$work/rate" "$one" "$two" $b 1000
check "limit: 10 frames" impair set v0 rate 100kbit limit 10
overflows() { ! traffic_ping "$one" $b -c 50 -i 0.002 -s 1000 -W 1; }
check "limit: more are lost" overflows
check "limit: and counted" bash -c "(( \$('$VNET' -j impair show v0 | jq '.[0].overflowed') > 0 ))"
check "all: taken away again" impair del v0 all

# ---- lists and states, queues that are full, super-frames that stay whole

loses() { impair_loses "$work/lost" v0 "$one" "$two" $b "$1"; }
impair_loss_models
check "limit-bytes: 1060 under way" impair set v0 delay 100s limit-bytes 1060
fifty() { traffic_in "$one" "$UDP_NUMBERS" send $b 5001 50; }
check "limit-bytes: 50 frames of 106" fifty
check "limit-bytes: ten are held" traffic_wait 5 knob_is tx held 10
check "limit-bytes: all of it is used" knob_is tx held_bytes 1060
down_and_up() { ip -n "$two" link set v1 down && plain_pair_up "$one" "$two" && impair_neighbours "$one" v0 $a "$two" v1 $b; }
check "limit-bytes: they go with the device" down_and_up
check "limit-bytes: no delay" impair del v0
lost_grows() { # BY: of five super-frames of ten
  local before
  before=$(knob tx lost)
  traffic_in "$one" "$UDP_GSO" send $b 7777 1200 10 50 && traffic_wait 5 knob_is tx lost $((before + $1))
}
check "gso: the eleventh frame is to be lost" impair set v0 loss pattern 11
check "gso: a run begins" "$VNET" seed set v0 42
check "gso cut: one frame is lost" lost_grows 1
check "gso keep" impair set v0 gso keep
check "gso: another run begins" "$VNET" seed set v0 42
check "gso keep: the second super-frame is lost" lost_grows 10
check "gso: no loss, and cut up again" impair del v0
check "overhead: 894 bytes to each frame" impair set v0 rate 1mbit overhead 894
check "overhead: 100 frames take as long as those of 1000 bytes" impair_takes 792 "$work/lost" "$one" "$two" $b 100
check "overhead: no rate" impair del v0
check "paretonormal" impair set v0 delay 20ms 8ms distribution paretonormal
check "paretonormal: the delays that seed 42 has, as on the module" impair_delays "$work/log" v0 "$one" $b 9773125 31479176 14683759 22112396
check "all: taken away once more" impair del v0

# ---- under load

switched() {
  local i flood
  traffic_in "$one" ping -n -f -c 20000 -W 2 $b >"$work/flood" &
  flood=$!
  for ((i = 0; i < 20; i++)); do
    impair set v0 delay 1ms 500us distribution normal loss 2% duplicate 1% corrupt 1% bits 2 reorder 10% gap 3 || return 1
    impair set v0 direction rx loss gemodel 1% 30% truncate 1% to 60 || return 1
    impair del v0 direction tx delay reorder || return 1
    impair set v0 loss burst rate 1% mean 3 rate 100mbit || return 1
    impair del v0 || return 1
  done
  wait "$flood"
  tail -2 "$work/flood"
  [[ $(tail -2 "$work/flood") == *"packets transmitted"* ]]
}
check "load: set, changed and removed under ping -f" switched
check "load: pings are answered afterwards" pings
check "load: frames are conserved" conserved
check "load: a wire full of frames" impair set v0 delay 100s
filled() { ! traffic_ping "$one" $b -c 500 -i 0.002 -W 1; }
check "load: 500 frames on the wire" filled
check "load: are held" knob_is tx held 500
check "load: the device goes down under them" ip -n "$two" link set v1 down
check "load: they are gone" knob_is tx held 0
check "load: and accounted for" conserved
check "load: up again" ip -n "$two" link set v1 up

# ---- refusals

check "loss P CORR is refused, with the form to use" wrong 1 "loss burst rate P mean N" set v0 loss 5% 25%
check "a probability beyond 100 %" wrong 1 "loss: '101%' is not a percentage" set v0 loss 101%
check "a negative time" wrong 1 "delay: '-1ms' is not a time" set v0 delay -1ms
check "a time beyond 2^63" wrong 2 "delay" set v0 delay 10000000000s
check "a jitter above the delay" wrong 2 "jitter is at most the delay" set v0 delay 1ms 2ms
check "reorder without a delay" wrong 2 "reorder: needs a delay" set v0 direction rx reorder 1%
check "rate 0" wrong 2 "rate" set v0 rate 0
check "truncate without a length" wrong 2 "truncate: to 14 to 65535 bytes" set v0 truncate 1%
check "no such model" wrong 1 "'sometimes' is neither" set v0 loss sometimes
check "no such word" wrong 1 "slowness" set v0 slowness 5
check "no such direction" wrong 1 "none of tx, rx, both" set v0 direction up loss 1%
check "nothing named" wrong 1 "nothing to set is named" set v0
check "no such device" wrong 2 "no such device" set nobody loss 1%
check "both directions or none" wrong 2 "reorder: needs a delay" set v0 direction both loss 1% reorder 1%
check "both directions or none, of del, too" wrong 1 "unknown keyword" del v0 direction both slowness
check "refusals changed nothing" shown "tx delay 100s
"

check "impair: it ends" driver_down
