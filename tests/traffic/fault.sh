# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # id, work: adds and the test set them
# A fault's account in three places, alike for both hosts: whether the list, the events and the log say the same.
# Source lib.sh first. Of the test's own: check, $work (a folder), and
#   fault VERB DEVICE ...     `vnet fault`
#   fault_listed DEVICE       its faults as JSON
#   fault_told DEVICE         what `vnet -j monitor` has said of it so far
#   fault_lines               what is in the log so far

# adds DEVICE WHAT ...: its number is in $id.
adds() { check "$*" fault_added "$@"; }
fault_added() {
  fault add "$@" >"$work/added" && read -r _ id _ < <(tail -n 1 "$work/added") && tail -n 1 "$work/added"
}
# of DEVICE FILTER: what jq makes of the fault $id.
of() { fault_listed "$1" | jq -c ".[] | select(.id == $id) | $2"; }
of_is() { # DEVICE FILTER WANTED
  local got
  got=$(of "$1" "$2")
  echo "$got"
  [[ $got == "$3" ]]
}
comes_to() { traffic_wait "$traffic_deadline" of_is "$@" || of_is "$@"; }
none_left() { [[ $(fault_listed "$1" | jq length) == 0 ]]; }

# Of the fault $id of DEVICE how often it was armed, fired and ended, by its events and by the log's lines. Without
# another process for each: those of an emulated machine take their time.
heard() { # DEVICE WORDS
  local type line news=(0 0 0) types=(armed fired ended)
  while read -r line; do
    for type in 0 1 2; do
      [[ $line == *"\"type\":\"fault_${types[type]}\""*"\"ifname\":\"$1\""*"\"fault\":$id,\"fault_what\":\"$2\""* ]] &&
        news[type]=$((news[type] + 1))
    done
  done < <(fault_told "$1")
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
  done < <(fault_lines)
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
