#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# `vnet verify` on a living user-space pair: what the streams say is what happened, to the frame; and the golden
# vectors. How late frames are is the machine's affair here: bench/user reports it.
# shellcheck source=tests/user/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/traffic/impair.sh
. "$here/../traffic/impair.sh"

ns_new one one
ns_new two two

impair() { "$VNET" impair "$@"; }
# exact WORDS...: the counts of a trial are those that were expected, and something was counted.
exact() {
  traffic_in "$one" "$VNET" -j verify v0 "$@" >"$work/verdict"
  jq -c '.[0].checks[] | select(.unit == "frames") | [.check, .measured, .least, .verdict]' "$work/verdict"
  jq -e '.[0].checks | map(select(.unit == "frames")) | all(.verdict == "valid") and (map(.measured) | add > 0)' \
    "$work/verdict" >/dev/null
}
# said CHECK VERDICT: of the last trial.
said() {
  local got
  got=$(jq -r ".[0].checks[] | select(.check == \"$1\") | .verdict" "$work/verdict")
  echo "$got"
  [[ $got == "$2" ]]
}
pair() { plain_pair "$one" "$two" && plain_pair_up "$one" "$two"; }
wrong() {
  local status=$1 text=$2
  shift 2
  expect_exit "$status" "$text" "$VNET" verify "$@"
}

must "verify: a pair" pair
check "verify: a plain wire has nothing to verify" wrong 2 "nothing is asked of the wire" v0

# ---- golden vectors

golden=$here/../stat/golden.txt
hashes() { "$VNET" -j verify v0 golden 0x0 | jq -r '.[] | "\(.stream) \(.hash[2:]) \(.verdict)"' >"$work/hashes"; }
check "golden: the driver decides as the command does" hashes
check "golden: and as was decided once" diff "$work/hashes" \
  <(sed -n 's/^0000000000000000 \([0-9]*\) \([0-9a-f]*\)$/\1 \2 valid/p' "$golden")
check "golden: no seed" wrong 1 "unknown keyword" v0 golden x
check "golden: too many" wrong 1 "must be 1 to 1000000" v0 golden 1 count 1000001
check "golden: a count without it" wrong 1 "only with golden" v0 count 5

# ---- a wire

check "verify: much at once" impair set v0 delay 2ms 1ms distribution normal jitter-reorder on loss 5% duplicate 4% corrupt 3% reorder 10% gap 3
check "verify: to the frame" exact probe 2000 time 1s
check "verify: once more, from where it stands now" exact probe 1000 time 500ms
check "verify: gemodel and truncate" impair set v0 loss gemodel 3% 30% truncate 20% to 60
check "verify: to the frame, too" exact probe 2000 time 1s
check "verify: bursts" impair set v0 loss burst rate 3% mean 5
check "verify: they are to the frame" exact probe 2000 time 1s
check "verify: four states" impair set v0 loss state 2% 40% 30% 20% 1%
check "verify: to the frame as well" exact probe 2000 time 1s
check "verify: with somebody's frames between" bash -c "ip -n '$one' addr add 10.9.0.1/24 dev v0 && ip -n '$two' addr add 10.9.0.2/24 dev v1"
check "verify: neighbours" impair_neighbours "$one" v0 10.9.0.1 "$two" v1 10.9.0.2
sent() { "$VNET" -j stats show v0 | jq '.[0].tx_frames'; }
sent_since() { (($(sent) > $1)); }
others() { # sent before it begins, and until it is over
  local before status flood
  before=$(sent)
  traffic_start "$one" ping -n -q -i 0.002 10.9.0.2 >/dev/null
  flood=$traffic_pid
  traffic_wait "$traffic_deadline" sent_since "$before" && exact time 1s
  status=$?
  traffic_stop "$flood"
  return "$status"
}
check "verify: others' frames to the frame" impair del v0 reorder
check "verify: while they are sent" others
check "verify: no probes of ours" bash -c "[[ \$(jq '.[0].probes' '$work/verdict') == 0 ]]"
check "verify: in order, and too close" impair set v0 delay 20ms 20ms
check "verify: all else off" impair del v0 loss duplicate corrupt truncate
invalid() {
  traffic_in "$one" "$VNET" -j verify v0 probe 2000 time 1s >"$work/verdict"
  [[ $? == 3 ]]
}
check "verify: frames do not have the jitter: status 3" invalid
check "verify: that is what is wrong" said jitter invalid
few() {
  traffic_in "$one" "$VNET" -j verify v0 probe 5 time 1s >"$work/verdict"
  [[ $? == 4 ]]
}
check "verify: five frames say nothing: status 4" few
printf '0 - - 0%%\n1s - - 0%%\n' >"$work/rows"
undecided() { # WORDS...: how many are lost cannot be told
  impair del v0 && impair set v0 "$@" || return 1
  traffic_in "$one" "$VNET" -j verify v0 probe 2000 time 1s >"$work/verdict"
  [[ $? == 4 ]] && said lost undetermined
}
check "verify: what match takes is not known: status 4" undecided loss 50% match "udp port 53"
check "verify: nor what a trace decides" undecided loss 10% trace "$work/rows"
check "verify: the frames are conserved" conserved

check "verify: the other way, too" impair set v1 loss 1%
check "verify: where v0 is not, it cannot be sent from" wrong 2 "say -netns" v1 probe 5
check "verify: no number" wrong 1 "neither a number nor a rate" v0 probe many
check "verify: no time" wrong 1 "must be 250ms to 86400s" v0 time 1us
check "verify: no such device" wrong 2 "no such device" nobody
check "verify: no such direction" wrong 1 "neither tx nor rx" v0 direction both
check "verify: probes are sent, not received" wrong 1 "only with direction tx" v0 direction rx probe 5

check "verify: it ends" driver_down
