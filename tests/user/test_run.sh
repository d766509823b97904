#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# `vnet run`: a lab from a file, judged, reported, and gone afterwards, however it ends.
# shellcheck source=tests/user/lib.sh
. "$(dirname "$0")/lib.sh"
examples=$(cd "$here/../../examples" && pwd)
lab=r$suffix # what is in the system is named by it

run() { "$VNET" run "$@"; }
# of FILE FILTER: what jq makes of the log's lines, as one array.
of() { jq -cs "$2" "$1"; }
of_is() {
  local got
  got=$(of "$1" "$2")
  echo "$got"
  [[ $got == "$3" ]]
}

# left_nothing: no namespace, process, run directory of the lab.
lab_processes() { # whose command lines have its name
  local pid words
  for pid in /proc/[0-9]*; do
    words=$(tr '\0' ' ' 2>/dev/null <"$pid/cmdline") && [[ $words == *"$lab"* ]] && echo "${pid#/proc/} $words"
  done
}
left_nothing() {
  local namespaces processes
  namespaces=$(ip netns list | grep "^$lab-")
  processes=$(lab_processes)
  [[ -z $namespaces ]] || echo "namespaces: $namespaces"
  [[ -z $processes ]] || echo "processes: $processes"
  ls "$VNET_RUN_DIR"
  [[ -z $namespaces$processes && -z $(ls "$VNET_RUN_DIR") ]]
}

# scenario NAME: from stdin, into a file; the lab's name is $lab, whatever the file's.
scenario() {
  file=$work/$1.vnet
  { echo "name: $lab" && cat; } >"$file"
}
pair='namespaces: [client, server]
ipv6: no
links:
  - {a: client/v0, b: server/v1, mode: user, addresses: {a: 10.0.0.1/24, b: 10.0.0.2/24}'

# ---- the examples

example() { run "$examples/$1.vnet" --log "$work/$1.jsonl" --report "$work/$1.html"; }
check "an example: the lossy link" example lossy-link
check "an example: the bottleneck" example bottleneck
check "nothing is left of them" left_nothing
check "the log has the whole file, first" of_is "$work/lossy-link.jsonl" \
  '[.[0].format, .[1].what, .[1].seed, (.[0].scenario | contains("link-flap for 3s"))]' '["vnet-log","scenario","0x000000000000002a",true]'
check "the log has the verdict, last" of_is "$work/lossy-link.jsonl" '.[-1] | [.what, .passed, .met]' \
  '["verdict",true,4]'
check "the log has the fault's beginning and end" of_is "$work/lossy-link.jsonl" \
  '[.[].what // empty | select(startswith("fault_"))]' \
  '["fault_armed","fault_fired","fault_ended"]'

# ---- the report, in a browser

# browse HTML: what the page is, rendered; tests/user/report_measured.js measures it.
browse() {
  { cat "$1" && echo "<script>" && cat "$here/report_measured.js" && echo "</script>"; } >"$work/page.html"
  timeout 60 chromium --headless --no-sandbox --disable-gpu --user-data-dir="$work/browser" \
    --virtual-time-budget=5000 --window-size=1100,900 --dump-dom "file://$work/page.html" 2>"$work/browser.log" |
    sed -n 's|.*<script type="application/json" id="measured">\(.*\)</script>.*|\1|p' >"$work/measured"
  [[ -s $work/measured ]] || {
    cat "$work/browser.log"
    return 1
  }
}
measured_is() {
  local got
  got=$(jq -c "$1" "$work/measured")
  echo "$got"
  [[ $got == "$2" ]]
}
check "report: a browser opens it" browse "$work/lossy-link.html"
check "report: the verdict" measured_is .verdict '"PASSED"'
check "report: it needs nothing else" measured_is .fetched 0
check "report: it fits the window" measured_is .wide false
check "report: throughput of both directions, echoes, and drops" measured_is \
  '.links[0] | [.lines == 2, .echoes > 5, .bars > 0, .]' "[true,true,true,$(jq -c '.links[0]' "$work/measured")]"
check "report: ticks stand at their times" measured_is '.links | map(.ticks_apart)' '[true]'
check "report: no word is cut off" measured_is '.links | map(.inside)' '[true]'
check "report: marks and spans are drawn at their times" measured_is '.links | map(.in_place)' '[true]'
check "report: the change of loss is marked at 4.5 s" measured_is \
  '.links[0].marks[] | select(.kind == "impair") | [.at, .drawn] | map(. >= 4.4 and . < 10)' '[true,true]'
check "report: the fault is shaded from 1 s on, for three seconds" measured_is \
  '.links[0].spans[] | select(.kind == "fault") | [.drawn[0] >= 0.9 and .drawn[0] < 4, (.drawn[1] - .drawn[0] | . > 2.9 and . < 6)]' \
  '[true,true]'
check "report: the scenario is in it" measured_is ".scenario == $(wc -m <"$examples/lossy-link.vnet")" true

# ---- expectations that are not met

scenario unmet <<EOF
$pair}
timeline:
  - {in: client, run: "echo said by the command; exit 3"}
  - {in: client, run: "sleep 60", expect: {within: 200ms}}
  - {expect: {drops: {device: server/v1, reason: impair-loss, at-least: 1}, within: 100ms}}
  - {in: client, run: "ping -n -c 1 10.0.0.2", expect: {output: "1 received"}}
  - {in: server, run: "ip addr show", expect: {output: 10.0.0.2/24, no-output: inet6}}
EOF
unmet() {
  run "$file" >"$work/out"
  local status=$?
  cat "$work/out"
  ((status == 2))
}
says() { grep -qF -- "$1" "$work/out"; }
played_again() { "$VNET" replay "$work/lossy-link.jsonl" >"$work/out" && says "PASSED lossy-link" && says "equal: "; }
check "an example: its log plays it again, and the decisions are the same" played_again
check "unmet: exit status 2" unmet
check "unmet: which ones" says "FAIL client: echo said by the command; exit 3: exit 3, not 0"
check "unmet: what the command said" says "| said by the command"
check "unmet: one that hangs" says "FAIL client: sleep 60: not over within 200ms"
check "unmet: a counter" says "FAIL drops of server/v1 impair-loss: at least 1: 0"
check "unmet: what is met is met" says "FAILED $lab: 2 of 5 expectations met"
check "unmet: nothing is left" left_nothing
verdict_is() { [[ $("$VNET" -j run "$file" | jq -c '.[0] | [.passed, (.expectations | length)]') == '[false,5]' ]]; }
check "unmet: the verdict as JSON" verdict_is

# ---- the same seed, the same frames

scenario repeat <<EOF
$pair, mac: {a: "02:00:00:00:00:01", b: "02:00:00:00:00:02"}, impair: {tx: "loss 20%"}}
setup:
  - {in: client, run: "ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev v0"}
  - {in: server, run: "ip neigh add 10.0.0.1 lladdr 02:00:00:00:00:01 dev v1"}
timeline:
  - {in: client, run: "ping -n -q -c 60 -i 0.01 -W 1 10.0.0.2", expect: {exit: any}}
EOF
answered() { # SEED
  run "$file" --seed "$1" --log "$work/log" >/dev/null &&
    of "$work/log" '.[] | select(.what == "lost" and .frame <= 60) | .frame'
}
answered 42 >"$work/a"
answered 42 >"$work/b"
answered 43 >"$work/c"
repeats() { [[ -s $work/a ]] && cmp "$work/a" "$work/b" && ! cmp -s "$work/a" "$work/c"; }
check "seed: the same one loses the same frames, another one others" repeats

# ---- interrupted

# interrupted SIGNAL: while a command hangs that does not want to end. As from a terminal: what a script has in the
# background ignores INT and QUIT.
goes_on() { [[ $(lab_processes) == *"while :"* ]]; }
interrupted() {
  local pid status
  env --default-signal "$VNET" run "$file" >"$work/out" 2>&1 &
  pid=$!
  traffic_wait 60 goes_on || return 1
  kill -"$1" "$pid"
  wait "$pid"
  status=$?
  tail -n 2 "$work/out"
  ((status == 2)) && says "FAILED $lab: " && says ", interrupted"
}
scenario hangs_early <<EOF
$pair}
setup:
  - {in: server, start: "exec sleep 1000", as: $lab-background}
  - {in: client, run: "trap '' INT TERM QUIT; while :; do sleep 1; done; : $lab"}
timeline:
  - {in: client, run: "echo never"}
EOF
for signal in INT QUIT; do
  check "$signal, before the timeline: the run ends, and says so" interrupted $signal
  check "$signal, before the timeline: nothing is left" left_nothing
done
scenario hangs <<EOF
$pair}
setup:
  - {in: server, start: "exec sleep 1000", as: $lab-background}
  - {in: server, run: "setsid sh -c 'trap \"\" TERM; sleep 1001 & sleep 1001' $lab-daemon >/dev/null 2>&1 &"}
timeline:
  - {in: client, run: "trap '' INT TERM QUIT; while :; do sleep 1; done; : $lab"}
EOF
for signal in INT TERM HUP QUIT; do
  check "$signal: the run ends, and says so" interrupted $signal
  check "$signal: nothing is left" left_nothing
done
killed() {
  local pid
  "$VNET" run "$file" >"$work/out" 2>&1 &
  pid=$!
  traffic_wait 60 goes_on || return 1
  kill -KILL "$pid"
  wait "$pid"
  ip netns list | grep -q "^$lab-client"
}
check "KILL: leaves the lab" killed
check "KILL: another run is refused" expect_exit 2 "namespace '$lab-client' exists already" run "$file"
check "KILL: --down takes it away" run "$file" --down
check "KILL: nothing is left" left_nothing
check "--down: nothing is there any more" expect_exit 2 "nothing is left of a run of '$lab'" run "$file" --down

# ---- what is there already is not touched

ip netns add "$lab-server"
check "refused: a namespace of this name exists" expect_exit 2 "'$lab-server' exists already" run "$file"
check "refused: it is still there" ip -n "$lab-server" link show lo
ip netns del "$lab-server"
check "refused: nothing is left" left_nothing

# ---- what is refused by a host

scenario refused <<EOF
$pair, rx: 63}
EOF
check "refused: a ring that no host has" expect_exit 2 "rx" run "$file" --log "$work/log"
check "refused: nothing is left" left_nothing
scenario two_kinds <<EOF
$pair}
timeline:
  - {fault: csum good, on: server/v1}
  - {fault: csum bad, on: server/v1}
EOF
two_kinds() {
  run "$file" >"$work/out"
  (($? == 2)) && says "FAIL server/v1: fault add csum bad"
}
check "refused: two faults that exclude each other fail the run" two_kinds
check "refused: nothing is left" left_nothing

scenario plain <<EOF
$pair}
EOF
check "a log that cannot be written fails the run" expect_exit 2 "/dev/full: No space left on device" run "$file" --log /dev/full
check "and the run is finished" says "PASSED $lab"

scenario setup <<EOF
$pair}
setup:
  - {in: client, run: "exit 4"}
EOF
check "a setup that fails: is refused, with its line" expect_exit 2 "setup, line 7: client: exit 4: exit 4, not 0" \
  "$VNET" -j run "$file"
check "a setup that fails: nothing is left" left_nothing
check "a setup that fails: with a log" expect_exit 2 "setup, line 7" run "$file" --log "$work/log"
check "a setup that fails: its verdict has not passed" of_is "$work/log" \
  '.[-1] | [.what, .passed, (.error | startswith("setup, line 7"))]' '["verdict",false,true]'
scenario refused_words <<EOF
$pair, impair: {tx: gap 5}}
EOF
check "words that a host refuses: with a log" expect_exit 2 "" run "$file" --log "$work/log"
check "words that a host refuses: the verdict has not passed" of_is "$work/log" \
  '.[-1] | [.what, .passed, (.error | length > 0)]' '["verdict",false,true]'
check "words that a host refuses: nothing is left" left_nothing

scenario marks_of_setup <<EOF
$pair}
setup:
  - {in: client, run: "sleep 0.8"}
  - {impair: "loss 1%", on: client/v0}
  - {fault: link-flap for 1500ms, on: client/v0}
timeline:
  - {in: client, run: "sleep 2"}
EOF
check "marks of the setup: a run" run "$file" --report "$work/marks.html"
check "marks of the setup: a browser" browse "$work/marks.html"
check "marks of the setup: from before time 0, drawn at it" measured_is \
  '.links[0].marks | map(select(.kind == "impair" or .kind == "fault")) | [length > 1, all(.at < 0 and .drawn > -0.1 and .drawn < 0.1)]' '[true,true]'

batch() {
  printf 'up --pair v0 v1 --detach\nrun %s\nlink show v0\ndown v0\n' "$examples/lossy-link.vnet" | ip netns exec "$one" "$VNET" -batch -
}
ns_new one one
check "in a batch: what follows has the run directory from before" batch

# ---- dry run, keep

dry() {
  local before after
  before=$(ip netns list | sort; ip -br link; ls -R "$VNET_RUN_DIR")
  run "$examples/lossy-link.vnet" --dry-run >"$work/out" || return 1
  after=$(ip netns list | sort; ip -br link; ls -R "$VNET_RUN_DIR")
  [[ $before == "$after" ]] && says "vnet -n lossy-link-client fault add v0 link-flap for 3s"
}
check "--dry-run: says it all, touches nothing" dry
# typed: what --dry-run prints makes the same lab, up to time 0.
typed() {
  scenario typed <<EOF
$pair, impair: {tx: "delay 5ms"}}
EOF
  run "$file" --dry-run | sed '/^# at the end/,$d' >"$work/typed"
  ( PATH=$(dirname "$VNET"):$PATH && sh -e "$work/typed" >/dev/null ) &&
    ip netns exec "$lab-client" ping -n -c 1 -W 5 10.0.0.2
  local status=$?
  "$VNET" down
  ip netns del "$lab-client"
  ip netns del "$lab-server"
  return $status
}
check "--dry-run: its commands, typed, make the lab" typed
check "--dry-run: nothing is left of that" left_nothing
kept() {
  run "$file" --keep >"$work/out" 2>&1 && ip netns exec "$lab-client" ping -n -c 1 -W 5 10.0.0.2 &&
    VNET_RUN_DIR=$VNET_RUN_DIR/$lab.lab "$VNET" -br link show
}
check "--keep: the lab goes on" kept
check "--keep: is taken away" run "$file" --down
check "--keep: nothing is left" left_nothing

# ---- files that cannot be read

printf 'namespaces: [a]\nlinks:\n  - {a: a/v0, b: a/v1, imapir: loss 1%%}\n' >"$work/bad.vnet"
check "a wrong word: line, column, and what was meant" expect_exit 1 \
  "bad.vnet:3:24: unknown key of a link 'imapir': did you mean 'impair'?" run "$work/bad.vnet"
check "no such file" expect_exit 2 "No such file or directory" run "$work/none.vnet"
check "a folder" expect_exit 2 "directory" run "$work"
head -c 100000 /dev/urandom >"$work/noise.vnet"
check "noise" expect_exit 1 "noise.vnet:" run "$work/noise.vnet"
check "a report that cannot be written" expect_exit 2 "/nowhere/x" run "$file" --report /nowhere/x
check "in the end nothing is left" left_nothing
