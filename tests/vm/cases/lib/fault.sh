# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What the cases about faults share: v0 in namespace a and v1 in b, `vnet fault`, its events and the kernel's log.
# Source it after case.sh.

# shellcheck source=../../../traffic/impair.sh
source "$VNET_TESTS/traffic/impair.sh"
# shellcheck source=../../../traffic/fault.sh
source "$VNET_TESTS/traffic/fault.sh"

export VNET_RUN_DIR=/tmp/vnet-run
mkdir -p "$VNET_RUN_DIR"
# shellcheck disable=SC2034 # impair.sh's
VNET=vnet UDP_NUMBERS=udp_numbers
work=$(mktemp -d)
declare -A home=([v0]=a [v1]=b)

# fault VERB DEVICE ...
fault() { vnet -n "${home[$2]}" fault "$@"; }
fault_listed() { vnet -n "${home[$1]}" -j fault list "$1"; }
fault_told() { cat "$work/${home[$1]}"; }
fault_lines() { log_since_mark; }

counter() { vnet_counter "${home[$1]}" "$@"; }
statistic() { vnet_statistic "${home[$1]}" "$@"; }
counter_is() { vnet_counter_is "${home[$1]}" "$@"; }
pings() { traffic_ping a 10.0.0.2 -c 5 -i 0.02 -W 5 "$@"; }
nothing_comes() { ! traffic_ping a 10.0.0.2 -c 2 -i 0.1 -W 0.5; }
# some_lost COUNT LOST: of so many pings. As the namespace counts the answers: to ping itself a late one is lost.
some_lost() {
  local before
  before=$(traffic_answers a 10.0.0.2)
  traffic_in a ping -n -q -c "$1" -i 0.02 -W 1 10.0.0.2
  traffic_wait 10 answers_are $((before + $1 - $2)) || answers_are $((before + $1 - $2))
}
answers_are() {
  local now
  now=$(traffic_answers a 10.0.0.2)
  echo "$now answers, $1 wanted"
  ((now == $1))
}
conserved() { impair_conserved a v0 b v1; }

# ---- the events and the log, from fault_pair on

fault_pair() { # [rawlink's words]
  local ns
  plain_pair "$@" && impair_neighbours a v0 10.0.0.1 b v1 10.0.0.2 || return 1
  sysctl -qw net.core.message_burst=10000 # no line is left out
  for ns in a b; do
    traffic_start $ns vnet -j monitor >"$work/$ns"
    monitors+=("$traffic_pid")
    traffic_wait 10 sleeps "$traffic_pid" || return 1
  done
}
sleeps() { [[ $(</proc/"$1"/wchan) == *poll* ]]; }
monitors=()
monitors_end() {
  local pid
  for pid in "${monitors[@]}"; do traffic_stop "$pid"; done
}
