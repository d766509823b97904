#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# `vnet monitor`: each event once, as it happens, also of pairs that come later.
# shellcheck source=tests/user/lib.sh
. "$(dirname "$0")/lib.sh"

ns_new one one
ns_new two two
monitors=()

# monitor_start NAME OPTIONS...: its lines go to $work/NAME. It is ready when it watches.
monitor_start() {
  local name=$1
  shift
  "$VNET" "$@" >"$work/$name" 2>"$work/$name.err" &
  monitors+=("$!")
  traffic_wait "$traffic_deadline" watches "$!"
}
# It watches the run directory, and then the hosts that live: one poll later it is ready.
watches() {
  [[ $(ls -l "/proc/$1/fd") == *inotify* ]] && [[ $(<"/proc/$1/wchan") == *poll* ]]
}
said() { [[ $(<"$work/$1") == *"$2"* ]]; }
expect() { # NAME TEXT
  traffic_wait "$traffic_deadline" said "$@" || {
    echo "$1 does not have: $2"
    cat "$work/$1" "$work/$1.err"
    return 1
  }
}
times() { # NAME TEXT N: so often
  local line n=0
  while IFS= read -r line; do [[ $line == *"$2"* ]] && n=$((n + 1)); done <"$work/$1"
  [[ $n == "$3" ]] || {
    echo "$n times: $2"
    cat "$work/$1"
    return 1
  }
}

start_all() {
  monitor_start text monitor && monitor_start stamped -t monitor && monitor_start json -j monitor &&
    monitor_start right monitor right
}
joins() { # an instance that starts later
  driver_up "$one" --pair left right --lockup 20 --timeout 500ms &&
    expect text ": left: device_new" && expect json '"type":"device_new"' &&
    expect right ": right: device_new" && expect stamped ": left: device_new"
}
seeds() { # the one that was drawn, and one that is given
  expect text ": right: device_new seed $("$VNET" -j seed show left | jq -r '.[0].seed')" &&
    "$VNET" seed set right 0x1234 && expect text ": left: config_changed seed 0x0000000000001234" &&
    expect json '"seed":"0x0000000000001234"'
}
link_events() {
  ip -n "$one" link set right netns "$two"
  plain_addresses "$one" left "$two" right || return 1
  expect text ": left: link_up" && expect text ": right: link_up" || return 1
  ip -n "$two" link set right down
  expect text ": left: link_down" || return 1
  ip -n "$two" link set right up
  traffic_link_up "$one" left
}
lockup_events() { # ping goes on after the watchdog has found the queue
  traffic_ping "$one" 10.9.0.2 -c 40 -i 0.02 -W 2 -w 20 >/dev/null
  expect text ": lockup" && expect text ": tx_timeout" && expect text ": tx_recovered"
}
only_right() {
  traffic_wait "$traffic_deadline" said right "right: link_up" && times right ": left:" 0
}
time_stamps() {
  local line n=0
  while IFS= read -r line; do
    [[ $line =~ ^\[20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}\]\ [0-9]+:\ (left|right):\  ]] || {
      echo "no stamp: $line"
      return 1
    }
    n=$((n + 1))
  done <"$work/stamped"
  ((n > 0))
}
json_lines() { traffic_wait 20 same_in_json || same_in_json; }
same_in_json() { # each line an object; the same events as in the text
  python3 - "$work/json" "$work/text" <<'PYTHON'
import json, sys, time
events = [json.loads(line) for line in open(sys.argv[1])]
text = [line.split(": ")[1:] for line in open(sys.argv[2])]
assert [e["ifname"] for e in events] == [t[0] for t in text], (events, text)
assert [e["type"] for e in events] == [t[1].split()[0] for t in text], (events, text)
for e in events:
    assert set(e) <= {"type", "time", "ifindex", "ifname", "queue", "value", "seed"}, e
    assert ("seed" in e) == (e["type"] in ("device_new", "config_changed")), e
    assert abs(e["time"] / 1e9 - time.time()) < 300, e
print(len(events), "events")
PYTHON
}
second_joins() {
  ip netns exec "$one" "$VNET" up --pair more less --detach &&
    expect text ": more: device_new" && "$VNET" down more && expect text ": less: device_del"
}
by_object() { # link's events and fault's, each by themselves
  monitor_start links link monitor && monitor_start faults fault monitor left || return 1
  "$VNET" fault add left link-flap for 100ms && "$VNET" fault add right alloc-fail nth 1000000 || return 1
  expect faults "fault_ended 1 link-flap" && expect links ": left: link_up" && expect links ": right: link_up" || return 1
  traffic_wait "$traffic_deadline" said text ": right: fault_armed" || return 1
  times links fault_ 0 && times links link_down 2 && times faults ": left: fault_" 3 && times faults "" 3 &&
    "$VNET" fault del right all
}
too_slow() { # one that does not read: what it missed is said, and counted
  local pid i
  monitor_start slow -j monitor left || return 1
  pid=${monitors[-1]}
  kill -STOP "$pid"
  for ((i = 0; i < 1500; i++)); do
    echo "link set left rx-usecs 5"
    echo "link set left rx-usecs 0"
  done | "$VNET" -batch - || return 1
  kill -CONT "$pid"
  expect slow '"type":"lost"' && python3 - "$work/slow" <<'PYTHON'
import json, sys
events = [json.loads(line) for line in open(sys.argv[1])]
told = sum(e["type"] != "lost" for e in events)
lost = sum(e["value"] for e in events if e["type"] == "lost")
print(told, "told,", lost, "lost")
# The last lockup may end meanwhile, at each end: a timeout and a recovery.
assert 3000 <= told + lost <= 3004 and lost > 0
PYTHON
}
idle() { # it sleeps: no time is used, no system call made
  "$VNET" link set left lockup 0 peer lockup 0 || return 1 # a router solicitation may be a twentieth frame
  traffic_wait 20 idle_now || idle_now
}
idle_now() {
  local pid=${monitors[0]} before after
  before=$(grep -E 'voluntary_ctxt_switches' "/proc/$pid/status" | head -n 1)
  sleep 1
  after=$(grep -E 'voluntary_ctxt_switches' "/proc/$pid/status" | head -n 1)
  echo "before $before, after $after"
  [[ $before == "$after" ]]
}
end_all() { # 0 on either signal
  local signal=INT pid
  for pid in "${monitors[@]}"; do
    kill "-$signal" "$pid"
    traffic_finish "$pid" "$traffic_deadline" || {
      echo "exit status $? on $signal"
      return 1
    }
    signal=TERM
  done
}
reader_goes() { # stdout's other end closes while nothing happens
  local status
  { timeout 20 "$VNET" monitor; echo "$?" >"$work/status"; } | timeout 0.5 cat >/dev/null
  status=$(<"$work/status")
  echo "status $status"
  [[ $status == 0 ]]
}

must "monitor: four of them start, with no host" start_all
must "monitor: a pair that starts later is joined" joins
check "monitor: the seed, so that a run can be repeated" seeds
check "monitor: links go up and down" link_events
check "monitor: lockup, timeout, recovery" lockup_events
check "monitor: DEV shows only that device" only_right
check "monitor: -t stamps each line" time_stamps
check "monitor: -j is one object a line, of the same events" json_lines
check "monitor: another instance, and its end" second_joins
check "monitor: of links only, of a device's faults only" by_object
check "monitor: one that is too slow is told what it missed" too_slow
check "monitor: it sleeps while nothing happens" idle
check "monitor: frames are conserved" conserved
check "monitor: SIGINT and SIGTERM end it with 0" end_all
check "monitor: it ends when nobody reads" reader_goes
check "monitor: an unknown word" expect_exit 1 "" "$VNET" monitor left right
check "monitor: the pair ends" driver_down
