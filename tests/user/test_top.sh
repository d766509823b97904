#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# `vnet top`: in a terminal of 80x24 (tmux), on others, and without one.
# shellcheck source=tests/user/lib.sh
. "$(dirname "$0")/lib.sh"

ns_new one one
ns_new two two
tmux() { command tmux -S "$work/tmux" -f /dev/null "$@"; }
traffic=
end_all() {
  [[ -z $traffic ]] || traffic_stop "$traffic"
  tmux kill-server 2>/dev/null
  clean_up
}
trap end_all EXIT

# top_start [TERM [COLUMNS [LINES [OPTIONS...]]]]: its exit status goes to $work/status.
top_start() {
  local term=${1:-screen} columns=${2:-80} lines=${3:-24}
  rm -f "$work/status"
  tmux new-session -d -s top -x "$columns" -y "$lines" \
    "TERM=$term VNET_RUN_DIR='$VNET_RUN_DIR' '$VNET' top --interval 200ms ${*:4} 2>'$work/top.err'; echo \$? >'$work/status'" &&
    traffic_wait "$traffic_deadline" shows "vnet top"
}
screen() { tmux capture-pane -t top -p; }
shows() { [[ $(screen) == *"$1"* ]]; }
expect() { # TEXT, soon
  traffic_wait "$traffic_deadline" shows "$1" || {
    echo "the screen does not show: $1"
    screen
    return 1
  }
}
expect_not() {
  traffic_wait "$traffic_deadline" shows_not "$1" || {
    echo "the screen shows: $1"
    screen
    return 1
  }
}
shows_not() { ! shows "$1"; }
press() { tmux send-keys -t top "$@"; }
ends() { # with 0
  traffic_wait "$traffic_deadline" test -s "$work/status" || return 1
  [[ $(<"$work/status") == 0 ]] || {
    cat "$work/status" "$work/top.err"
    return 1
  }
}
quits() { press q && ends; }

# flow NAME: rx frames a second of a device are above 0.
flows() {
  local line words
  while IFS= read -r line; do
    read -r -a words <<<"$line"
    [[ ${words[0]-} == [+-]"$1" ]] && [[ ${words[1]} != 0 && ${words[2]} != 0 && ${words[6]} != 0 ]] && return
  done <<<"$(screen)"
  return 1
}

first_screen() {
  top_start && expect "2 devices" && expect "DEVICE" && expect "rx bps" && expect "+left" && expect "+right" &&
    expect "? help" && traffic_wait "$traffic_deadline" flows left && traffic_wait "$traffic_deadline" flows right &&
    screen | head -n 5
}
keys() {
  expect_not "queue 0" || return 1
  press Enter && expect "    queue 0" && expect "-left" && expect "+right" || return 1
  press Enter && expect_not "queue 0" || return 1
  press Down Right && expect "-right" && expect "queue 0" || return 1
  press Left && expect "+right" || return 1
  press i && expect "peer" && expect "mtu 1500" || return 1
  press g && expect "right rx bps" && expect "|" || return 1
  press g i && expect_not "mtu 1500" || return 1
  press + && expect "interval 0.5 s" && press - && expect "interval 0.2 s" || return 1
  press r && expect "sort rx" && press R && expect "reversed" && press n && expect "sort name" || return 1
  press '?' && expect "any key goes back" && expect "polls for each interrupt" || return 1
  press x && expect_not "any key goes back" && expect "sort name"
}
drops() { # by reason, below the device
  ip -n "$one" link set left mtu 3000
  ip netns exec "$one" ping -n -c 20 -i 0.05 -W 0.1 -s 2000 -M "do" 10.9.0.2 >/dev/null &
  local ping=$!
  press Home Right
  expect "drop tx too_long"
  local status=$?
  screen | grep "drop tx"
  wait "$ping"
  ip -n "$one" link set left mtu 1500
  return "$status"
}
resizes() {
  tmux resize-window -t top -x 120 -y 40
  traffic_wait "$traffic_deadline" wide || return 1
  tmux resize-window -t top -x 40 -y 6 && traffic_wait "$traffic_deadline" shows "vnet top" &&
    tmux resize-window -t top -x 80 -y 24 && expect "? help"
}
wide() { # the header reaches the 100th column
  local line
  while IFS= read -r line; do [[ $line == DEVICE* ]] && ((${#line} > 100)) && return; done <<<"$(screen)"
  return 1
}
joins() { # an instance that comes, and goes
  ip netns exec "$one" "$VNET" up --pair more less --detach && expect "4 devices" && expect "+more" &&
    "$VNET" down more && expect_not "+more" && expect "2 devices"
}
terminals() { # each draws the same table
  local term
  for term in xterm linux vt100 screen xterm-256color; do
    top_start "$term" && expect "+left" && traffic_wait "$traffic_deadline" flows left && quits || {
      echo "on $term"
      return 1
    }
    traffic_wait "$traffic_deadline" no_session
  done
}
no_session() { ! tmux has-session -t top; }
by_signal() {
  top_start && expect "+left" && tmux send-keys -t top C-c && ends
}
by_count() { top_start screen 80 24 --count 3 && ends; }
unknown_terminal() {
  rm -f "$work/status"
  tmux new-session -d -s top -x 80 -y 24 \
    "TERM=nonsense VNET_RUN_DIR='$VNET_RUN_DIR' '$VNET' top 2>'$work/top.err'; echo \$? >'$work/status'"
  traffic_wait "$traffic_deadline" test -s "$work/status"
  cat "$work/top.err"
  [[ $(<"$work/status") == 2 && $(<"$work/top.err") == *"'nonsense'"* ]]
}
no_terminal() { # one table, then it ends; with -d the queues
  local said
  said=$("$VNET" -d top --interval 2s) || return 1
  echo "$said"
  [[ $said == DEVICE*left*"queue 0"*right* ]] && [[ $said != *$'\e'* ]] &&
    python3 - "$said" <<'PYTHON'
import sys
rows = {line.split()[0]: line.split() for line in sys.argv[1].splitlines() if line[0] != " "}
assert float(rows["left"][1].rstrip("k")) > 0 and float(rows["right"][1].rstrip("k")) > 0, rows
assert len({len(line) for line in sys.argv[1].splitlines() if "[" in line}) == 1
PYTHON
}
tables() {
  local said
  said=$("$VNET" top --interval 100ms --count 3) || return 1
  [[ $(grep -c ^DEVICE <<<"$said") == 3 ]]
}
reader_goes() {
  local status
  { timeout 20 "$VNET" top --interval 100ms --count 100000; echo "$?" >"$work/status"; } | head -n 2 >/dev/null
  status=$(<"$work/status")
  echo "status $status"
  [[ $status == 0 ]]
}
start_traffic() {
  traffic_start "$one" ping -n -q -i 0.01 10.9.0.2 >/dev/null
  traffic=$traffic_pid
}

must "top: the devices come up" driver_up "$one" --pair left right
must "top: one end moves" ip -n "$one" link set right netns "$two"
must "top: addresses" plain_addresses "$one" left "$two" right
must "top: traffic" start_traffic
check "top: 80x24 shows devices and their rates" first_screen
check "top: keys" keys
check "top: drops by reason" drops
check "top: it follows the terminal's size" resizes
check "top: instances come and go" joins
check "top: q ends it with 0" quits
check "top: on other terminals" terminals
check "top: SIGINT ends it with 0" by_signal
check "top: --count ends it" by_count
check "top: an unknown terminal" unknown_terminal
check "top: a table where there is no terminal" no_terminal
check "top: several tables" tables
check "top: it ends when nobody reads" reader_goes
check "top: --interval 10ms" expect_exit 1 "--interval '10ms'" "$VNET" top --interval 10ms
check "top: -j" expect_exit 1 "no JSON" "$VNET" -j top
check "top: frames are conserved" conserved
check "top: the pair ends" driver_down
