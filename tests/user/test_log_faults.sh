#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Logs of faults: which frame each met, and what was done by hand, replayed.
# shellcheck source=tests/user/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/user/log.sh
. "$here/log.sh"

trace=$work/trace.csv

must "faults: the pair comes up" plain_pair "$one" "$two"
must "faults: addresses" plain_pair_addresses "$one" $a "$two" $b

faults() { "$VNET" fault "$@"; }
said_of() { jq -c "select(.what == \"$1\") | $2" "$work/hand.jsonl" | tr '\n' ' '; }
is() { # is WANTED COMMAND...
  local wanted=$1 got
  shift
  got=$("$@")
  echo "$got"
  [[ $got == "$wanted" ]]
}
check "hand: losses" "$VNET" impair set v0 loss 5% delay 2ms 1ms
check "hand: the log begins with a fault by chance" faults add v1 csum bad prob 5% expire never
check "hand: a run begins" "$VNET" seed set v0 42
check "hand: recorded" begin hand
told() { check "hand: the recorder has seen it" log_told "$work/hand.jsonl" "$1"; }
check "hand: 300 frames" flow 300
check "hand: a fault of the receiver, of frames that match" faults add v1 alloc-fail match 'udp' count 3 expire never
told '"what":"fault_armed".*"fault":2,'
check "hand: 100 more" flow 100
check "hand: one that would not begin by itself" faults add v1 rx-overrun nth 1000000 expire never
check "hand: is fired" faults fire v1 3
told '"what":"fault_forced".*"fault":3,'
check "hand: 200 more" flow 200
check "hand: one that is deleted" faults add v1 rx-overrun every 2 expire never
told '"what":"fault_armed".*"fault":4,'
check "hand: it fires" flow 100
check "hand: is deleted" faults del v1 4
told '"what":"fault_ended".*"fault":4,'
check "hand: all settings change" "$VNET" impair set v0 loss 50% match 'udp'
told '"what":"settings"'
check "hand: 100 more" flow 100
check "hand: ends" log_end
hit() { # hit FAULT: the first frame that it met
  jq -r "select(.what == \"fault_fired\" and .fault == $1) | .frame" "$work/hand.jsonl" | head -1
}
check "hand: the match is in the log" is '["alloc-fail match udp count 3 expire never",3]' jq -c \
  'select(.what == "fault_armed" and .fault == 2) | [.words, .fault + 1]' "$work/hand.jsonl"
check "hand: that it was fired" is '[3,"rx-overrun"] ' said_of fault_forced '[.fault, .kind]'
check "hand: its firing depends on time" is '"timing"' jq -c 'select(.what == "fault_fired" and .fault == 3) | .class' "$work/hand.jsonl"
check "hand: what was deleted, and how many had come" is '[4,true,true,700] ' said_of fault_ended \
  'select(.deleted) | [.fault, .fired > 40, .deleted, .frames]'
check "hand: what has ended by itself is not" is '[2,3,null] [3,1,null] ' said_of fault_ended \
  'select(.deleted | not) | [.fault, .fired, .deleted]'
hits() { # hits FAULT LEAST: explain names the fault, with each frame that its firings had
  local frame count=0
  while read -r frame; do
    says "hit by fault $1 of v1" "$VNET" explain v0 frame "$frame" log "$work/hand.jsonl" >/dev/null || return 1
    count=$((count + 1))
  done < <(jq -r "select(.what == \"fault_fired\" and .fault == $1) | .frame" "$work/hand.jsonl")
  echo "$count frames"
  ((count >= $2))
}
check "hits: by chance" hits 1 5
check "hits: by what matches" hits 2 3
check "hits: in words, at its own count" says "hit by fault 2 of v1 (alloc-fail match udp count 3 expire never), at 1" \
  "$VNET" explain v0 frame "$(hit 2)" log "$work/hand.jsonl"
check "hits: from the other end" says "hit by fault 2 of v1" "$VNET" explain v1 direction rx frame "$(hit 2)" log "$work/hand.jsonl"
check "hits: other frames were not" bash -c "! '$VNET' explain v0 frame $(($(hit 2) - 1)) log '$work/hand.jsonl' | grep 'hit by fault 2'"
# The frame is that which did not come: of 1000 to be lost to alloc-fail, and by nothing else.
check "missing: no impairment but a delay" "$VNET" impair del v0
check "missing: that takes its time" "$VNET" impair set v0 delay 2ms
check "missing: no fault but one" faults del v1 all
check "missing: by chance" faults add v1 alloc-fail prob 4% expire never
check "missing: a run begins" "$VNET" seed set v0 5
check "missing: recorded" begin missing
check "missing: the flow" flow 1000
check "missing: ends" log_end
fired_frames() { jq -r 'select(.what == "fault_fired") | .frame' "$work/missing.jsonl"; }
missing() {
  fired_frames | diff - "$work/lost" && [[ $(fired_frames | wc -l) -gt 20 ]]
}
check "missing: the frames that did not come are those that the fault met" missing
check "missing: no fault any more" faults del v1 all
# Each change is made once its frames have come: the next ones wait for it, as they did then.
is_there() { [[ $("$VNET" -j fault list v1 | jq "any(.id == $1)") == true ]]; }
is_fired() { [[ $(grep -c "v1: fault 3: rx-overrun told to fire" "$log") == 2 ]]; }
is_changed() { ! is_there 4 && [[ $("$VNET" impair show v0) == *"loss 50%"* ]]; }
by_hand() {
  flow 300 && traffic_wait 10 is_there 2 && flow 100 && traffic_wait 10 is_fired && flow 200 &&
    traffic_wait 10 is_there 4 && flow 100 && traffic_wait 10 is_changed && flow 100
}
patience=20s # longer than a pause between two flows
check "replay: what was done by hand, with the same chance" replays 0 equal "$work/hand.jsonl" by_hand
check "replay: the fault was fired" says "rx-overrun" "$VNET" fault list v1
fired_again() { "$VNET" -j fault list v1 | jq -c '[.[] | [.id, .what, .state]]'; }
check "replay: faults have their numbers, and one is deleted" is \
  '[[1,"csum bad","armed"],[2,"alloc-fail","done"],[3,"rx-overrun","done"]]' fired_again
check "replay: the match is in force" says "match udp" "$VNET" impair show v0
patience=1s
check "replay: its chance again" replays 0 equal "$work/missing.jsonl" flow 1000
check "replay: which takes the match away" bash -c "! '$VNET' impair show v0 | grep match"
check "chance: a wire on which frames overtake" "$VNET" impair set v0 delay 2ms 1900us jitter-reorder on
check "chance: no fault but one" faults del v1 all
check "chance: which is armed once" faults add v1 alloc-fail prob 10% expire never
for run in first second; do
  check "chance: the $run run" "$VNET" seed set v0 7
  check "chance: recorded" begin "chance-$run"
  check "chance: the flow" flow 300
  check "chance: ends" log_end
done
check "chance: it met the same frames" says equal "$VNET" diff "$work/chance-first.jsonl" "$work/chance-second.jsonl"
sed '0,/fault_fired/{/fault_fired/d}' "$work/chance-second.jsonl" >"$work/chance-less.jsonl"
check "chance: a firing that is missing is a difference" says "v1 fault 1 fault: frame" \
  "$VNET" diff "$work/chance-first.jsonl" "$work/chance-less.jsonl"
check "chance: the wire is plain again" "$VNET" impair del v0
check "chance: more than ten" bash -c "((\$(grep -c fault_fired '$work/chance-second.jsonl') > 10))"
check "faults: all gone" faults del v1 all
printf '0 10mbit - 10%%\n1000s\n' >"$trace" # the same for the whole test
check "trace: is set" "$VNET" impair set v0 trace "$trace" corrupt 5%
check "trace: a run begins" "$VNET" seed set v0 6
check "trace: recorded" begin trace
check "trace: the flow" flow 200
check "trace: ends" log_end
check "trace: taken away" "$VNET" impair del v0
check "replay: of a trace, which depends on time" replays 0 equal "$work/trace.jsonl" flow 200
check "replay: it is in force" says "trace $trace" "$VNET" impair show v0
check "trace: goes" "$VNET" impair del v0
check "faults: frames are conserved" impair_conserved "$one" v0 "$two" v1

check "faults: it ends" driver_down
