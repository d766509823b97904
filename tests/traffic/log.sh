# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Logs of a numbered flow, alike for both hosts. Source lib.sh and impair.sh first. VNET is the command,
# log_ask NS WORDS... runs it where the devices are.

# log_begin NS FILE [DEVICE]: `vnet monitor --log` records; log_end ends it.
log_begin() {
  local ns=$1 file=$2
  shift 2
  rm -f "$file"
  traffic_start "$ns" "$VNET" monitor "$@" --log "$file" >"$file.events" 2>&1
  log_recorder=$traffic_pid
  traffic_wait "$traffic_deadline" log_has_header "$file"
}
log_has_header() { [[ -s $1 ]]; }
log_end() {
  kill -INT "$log_recorder" && traffic_finish "$log_recorder" "$traffic_deadline"
}

# log_told FILE PATTERN [COUNT]: waits until the recorder has written so many lines like it (1 unless told). How many frames
# had come at a change is what it counts then: the next ones are to be sent later.
log_told() { traffic_wait "$traffic_deadline" log_has_told "$@"; }
log_has_told() { (($(grep -c -- "$2" "$1") >= ${3:-1})); }

# log_drained FILE: the recorder has written what it was told so far: the file does not grow for 3 s, for it may stand still
# for one.
log_drained() {
  local before=-1 now same=0
  while ((same < 5)); do
    sleep 0.6
    now=$(stat -c %s "$1")
    same=$((now == before ? same + 1 : 0))
    before=$now
  done
}

# log_frames FILE WHAT: the numbers of the frames that this befell.
log_frames() { jq -r "select(.what == \"$2\") | .frame" "$1"; }

# log_delays FILE: in ns, of what the device that was recorded has sent.
log_delays() { jq -r 'select(.what == "delayed" and .direction == "tx") | .value' "$1"; }

# log_explained FILE NS DEVICE COUNT: of so many frames `vnet explain` says what the log says, without reading it.
log_explained() {
  local file=$1 ns=$2 device=$3 count=$4 frame
  for ((frame = 1; frame <= count; frame++)); do
    echo "explain $device frame $frame"
  done >"$file.batch"
  traffic_in "$ns" "$VNET" -j -batch "$file.batch" >"$file.explained" || return 1
  jq -r '.[0] | "\(.frame) \(.outcome | join(" "))"' "$file.explained" >"$file.by_command"
  jq -rs --argjson count "$count" '
    (map(select(.frame and .direction == "tx" and .class == "stream" and .what != "bit_turned")) |
      group_by(.frame) | map({key: (.[0].frame | tostring), value: (map(.what) | join(" "))}) | from_entries) as $by |
    range(1; $count + 1) | "\(.) \($by[tostring] // "")"' "$file" >"$file.by_log"
  diff "$file.by_command" "$file.by_log" && [[ $(wc -l <"$file.by_log") == "$count" ]]
}
