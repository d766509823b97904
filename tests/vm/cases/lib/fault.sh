# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What the cases about faults share: v0 in namespace a and v1 in b, `vnet fault`, and whether a fault's three
# accounts agree. Source it after case.sh.

# shellcheck source=../../../traffic/impair.sh
source "$VNET_TESTS/traffic/impair.sh"

export VNET_RUN_DIR=/tmp/vnet-run
mkdir -p "$VNET_RUN_DIR"
# shellcheck disable=SC2034 # impair.sh's
VNET=vnet UDP_NUMBERS=udp_numbers
work=$(mktemp -d)
declare -A home=([v0]=a [v1]=b)

# fault VERB DEVICE ...
fault() { vnet -n "${home[$2]}" fault "$@"; }
# adds DEVICE WHAT ...: its number is in $id.
adds() { check "$*" fault add "$@" && read -r _ id _ < <(tail -n 1 "$case_output"); }
# of DEVICE FILTER: what jq makes of the fault $id.
of() { vnet -n "${home[$1]}" -j fault list "$1" | jq -c ".[] | select(.id == $id) | $2"; }
of_is() { # DEVICE FILTER WANTED
  local got
  got=$(of "$1" "$2")
  echo "$got"
  [[ $got == "$3" ]]
}
comes_to() { traffic_wait "$traffic_deadline" of_is "$@" || of_is "$@"; }

none_left() { [[ $(vnet -n "${home[$1]}" -j fault list "$1" | jq length) == 0 ]]; }

counter() { vnet_counter "${home[$1]}" "$@"; }
statistic() { vnet_statistic "${home[$1]}" "$@"; }
counter_is() { vnet_counter_is "${home[$1]}" "$@"; }
pings() { traffic_ping a 10.0.0.2 -c 5 -i 0.02 -W 5 "$@"; }
nothing_comes() { ! traffic_ping a 10.0.0.2 -c 2 -i 0.1 -W 0.5; }
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

# Of the fault $id of DEVICE how often it was armed, fired and ended, by its events and by the log's lines. Without
# another process for each: those of an emulated machine take their time.
heard() { # DEVICE WORDS
  local type line news=(0 0 0) types=(armed fired ended)
  while read -r line; do
    for type in 0 1 2; do
      [[ $line == *"\"type\":\"fault_${types[type]}\""*"\"ifname\":\"$1\""*"\"fault\":$id,\"fault_what\":\"$2\""* ]] &&
        news[type]=$((news[type] + 1))
    done
  done <"$work/${home[$1]}"
  echo "${news[*]}"
}
logged() { # DEVICE WORDS FIRED
  local type line news=(0 0 0) texts=("armed" "at "[0-9]*" of queue " "over, fired $3 times")
  while read -r line; do
    [[ $line == *" $1: fault $id: $2 "* ]] || continue
    for type in 0 1 2; do
      # shellcheck disable=SC2053 # a glob is meant
      [[ $line == *" $2 "${texts[type]}* ]] && news[type]=$((news[type] + 1))
    done
  done < <(log_since_mark)
  echo "${news[*]}"
}
agrees() { # DEVICE WORDS FIRED
  local listed events lines
  listed=$(of "$1" '"1 \(.fired) \(if .state == "done" or .state == "expired" then 1 else 0 end) \(.what)"')
  events=$(heard "$@")
  lines=$(logged "$@")
  echo "armed, fired, ended: $listed in the list, $events by events, $lines by the log"
  [[ $listed == "\"1 $3 "?" $2\"" && $listed == "\"$events $2\"" && $lines == "$events" ]]
}
# account DEVICE WORDS FIRED: the list, the events and the log say the same of the fault $id.
account() { check "$2: list, events and log agree" agreed "$@"; }
agreed() { traffic_wait 10 agrees "$@" || agrees "$@"; }
