# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # one, two, a, b, work, here, log_recorder: lib.sh and ns_new set them
# What the tests of logs share: a pair between two namespaces, recorded, explained and replayed. Source lib.sh first.

# shellcheck source=tests/traffic/impair.sh
. "$here/../traffic/impair.sh"
# shellcheck source=tests/traffic/log.sh
. "$here/../traffic/log.sh"

ns_new one one
ns_new two two
a=10.9.0.1
b=10.9.0.2

flow() { impair_lost "$work/lost" "$one" "$two" $b "$1"; }
begin() { log_begin "$one" "$work/$1.jsonl" v0; }
# says WANTED COMMAND...: what the command says has the text in it.
says() {
  local wanted=$1 said
  shift
  said=$("$@" 2>&1)
  echo "$said"
  [[ $said == *"$wanted"* ]]
}
# replays STATUS TEXT FILE FLOW...: the flow is sent once it is set up.
replays() {
  local wanted=$1 text=$2 file=$3 status
  shift 3
  traffic_start "$one" "$VNET" replay "$file" patience "${patience-1s}" >"$work/replay.out" 2>&1
  status=$traffic_pid
  traffic_wait "$traffic_deadline" traffic_file_says "$work/replay.out" "the same traffic" || {
    cat "$work/replay.out"
    return 1
  }
  "$@" || return 1
  traffic_finish "$status" "$traffic_deadline"
  status=$?
  cat "$work/replay.out"
  [[ $status == "$wanted" && $(<"$work/replay.out") == *"$text"* ]]
}
