# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What an impaired wire does to a numbered flow, alike for both hosts. Source lib.sh first.

# impair_neighbours NS DEVICE IP NS DEVICE IP: each end knows the other for good, so that a flow's frames are
# the only ones.
impair_neighbours() {
  local a b
  a=$(traffic_in "$1" cat "/sys/class/net/$2/address")
  b=$(traffic_in "$4" cat "/sys/class/net/$5/address")
  traffic_in "$1" ip neigh replace "$6" lladdr "$b" dev "$2" nud permanent &&
    traffic_in "$4" ip neigh replace "$3" lladdr "$a" dev "$5" nud permanent
}

# impair_lost FILE NS_A NS_B IP_B COUNT: which of so many datagrams to B did not come, into FILE. UDP_NUMBERS is
# tests/tools/udp_numbers.
impair_lost() {
  local receiver
  traffic_next_port
  traffic_start "$3" "$UDP_NUMBERS" receive "$traffic_port" "$5" >"$1.said"
  receiver=$traffic_pid
  traffic_wait "$traffic_deadline" traffic_file_says "$1.said" ready
  traffic_in "$2" "$UDP_NUMBERS" send "$4" "$traffic_port" "$5" || return 1
  traffic_finish "$receiver" "$traffic_deadline" || return 1
  grep -v ready "$1.said" >"$1"
  echo "$(traffic_lines "$1") of $5 lost"
}

# impair_switch NS DEVICE TIMES: changes all knobs but the loss, again and again, and never lets a frame overtake
# (which taking the delay away would): the last datagram ends a flow. VNET is the command.
impair_switch() {
  local i
  for ((i = 0; i < $3; i++)); do
    traffic_in "$1" "$VNET" impair set "$2" delay "$((i % 3 + 1))ms" 500us rate 1gbit limit 100000 || return 1
    traffic_in "$1" "$VNET" impair set "$2" corrupt 0.000001% duplicate 1% || return 1
    traffic_in "$1" "$VNET" impair del "$2" rate limit corrupt duplicate || return 1
  done
}

# impair_lost_meanwhile TIMES DEVICE FILE NS_A ...: impair_lost FILE NS_A ..., while the other knobs of NS_A's DEVICE
# are switched.
impair_lost_meanwhile() {
  local times=$1 device=$2 switch status
  shift 2
  impair_switch "$2" "$device" "$times" &
  switch=$!
  impair_lost "$@"
  status=$?
  wait "$switch" && return "$status"
}

# impair_rtts NS IP COUNT MIN MAX: of so many pings none is back before MIN microseconds, and the quickest before MAX
# (of the others a busy machine makes any number).
impair_rtts() {
  local said times time least=''
  said=$(traffic_in "$1" ping -n -c "$3" -i 0.02 -W 5 "$2") || {
    echo "$said"
    return 1
  }
  times=$(sed -n 's/.*time=\([0-9.]*\) ms/\1/p' <<<"$said" | awk '{ printf "%d\n", $1 * 1000 }')
  for time in $times; do
    [[ -z $least ]] && least=$time
    ((time < least)) && least=$time
  done
  echo "round trips from $least us"
  [[ -n $least ]] && ((least >= $4 && least <= $5))
}

# impair_conserved NS_A DEVICE NS_B DEVICE: what either sends, and what the wire makes twice of it, is
# received, lost for a reason, or under way. VNET is the command.
impair_conserved() {
  impair_accounted "$1" "$2" "$3" "$4" && impair_accounted "$3" "$4" "$1" "$2"
}
impair_accounted() {
  traffic_wait 5 impair_adds_up "$@" || impair_adds_up "$@"
}
impair_adds_up() {
  local sent twice arrived lost under
  sent=$(traffic_in "$1" "$VNET" -j stats show "$2" | jq '.[0].tx_frames')
  twice=$(traffic_in "$1" "$VNET" -j impair show "$2" | jq '.[0].duplicated')
  read -r arrived lost under < <(traffic_in "$3" "$VNET" -j stats show "$4" |
    jq -r '.[0] | "\(.rx_frames) \([.drop[]? | select(.direction == "rx") | .frames] | add // 0) \(.in_flight)"')
  echo "$2 to $4: $sent sent, $twice twice; $arrived received, $lost lost, $under under way"
  ((sent + twice == arrived + lost + under))
}

# impair_thrice COMMAND...: up to three times, for a busy machine makes frames late; 2 is what no machine makes, frames that
# are early.
impair_thrice() {
  local i status
  for i in 1 2 3; do
    "$@" && return
    status=$?
    ((status == 1)) || return
  done
  return 1
}

# impair_median NS IP COUNT LEAST FROM TO: of so many pings none is back before LEAST microseconds, and the median is
# in the range.
impair_median() { impair_thrice impair_median_once "$@"; }
impair_median_once() {
  local least median
  read -r least median < <(traffic_in "$1" ping -n -c "$3" -i 0.02 -W 5 "$2" | sed -n 's/.*time=\([0-9.]*\) ms/\1/p' |
    sort -n | awk '{ us[NR] = $1 * 1000 } END { printf "%d %d\n", us[1], us[int((NR + 1) / 2)] }')
  echo "round trips from $least us, half of them up to $median us"
  ((least >= $4)) || return 2
  ((median >= $5 && median <= $6))
}

# impair_alternates NS IP COUNT SHORT LONG: round trips are of SHORT, and of LONG, neither less than a fifth of them.
impair_alternates() { impair_thrice impair_alternates_once "$@"; }
impair_alternates_once() {
  local early short long
  read -r early short long < <(traffic_in "$1" ping -n -c "$3" -i 0.02 -W 5 "$2" |
    sed -n 's/.*time=\([0-9.]*\) ms/\1/p' | awk -v short="$4" -v long="$5" \
    '{ t = $1 * 1000; if (t < short) early++; else if (t < long) a++; else b++ }
      END { printf "%d %d %d\n", early, a, b }')
  echo "$early early, $short shorter, $long longer"
  ((early == 0)) || return 2
  ((short * 5 >= $3 && long * 5 >= $3))
}

# impair_trace FILE ROWS: a trace of so many milliseconds, 5 and 25 ms of delay by turns of 200 ms.
impair_trace() {
  awk -v rows="$2" 'BEGIN {
    print "time rate delay loss"
    for (i = 0; i < rows; i++) printf "%dms - %dms -\n", i, int(i / 200) % 2 ? 25 : 5
  }' >"$1"
}

# impair_table FILE: even between the delay and three times the jitter beyond it, half of that on average.
impair_table() { printf '# none is early\n0\n24576\n' >"$1"; }

# impair_loses FILE DEVICE NS_A NS_B IP_B NUMBERS: of a new run's ten datagrams exactly these do not come.
impair_loses() {
  traffic_in "$3" "$VNET" seed set "$2" 42 && impair_lost "$1" "$3" "$4" "$5" 10 || return 1
  echo "lost: $(paste -sd ' ' "$1")"
  [[ $(paste -sd ' ' "$1") == "$6" ]]
}

# impair_delays FILE DEVICE NS IP NS...: a new run's first frames are delayed by so many nanoseconds, as the log has it,
# and the pings in them are not back before (ping may not wait for the last one). Source log.sh, too.
impair_delays() {
  local file=$1 device=$2 ns=$3 ip=$4
  shift 4
  traffic_in "$ns" "$VNET" seed set "$device" 42 && log_begin "$ns" "$file" "$device" || return 1
  traffic_in "$ns" ping -n -c $# -i 0.1 -W 5 "$ip" >"$file.pings"
  log_end || return 1
  paste <(log_delays "$file") <(sed -n 's/.*time=\([0-9.]*\) ms/\1/p' "$file.pings") | tee "$file.both"
  [[ $(cut -f 1 "$file.both" | paste -sd ' ') == "$*" ]] && # ping has tenths of a millisecond
    awk 'NF == 2 { rows++; if ($2 * 1000000 < $1 - 50000) early = 1 } END { exit early || rows < 3 }' "$file.both"
}

# impair_takes MS FILE NS_A NS_B IP_B COUNT: all of so many datagrams come, the last no sooner than that.
impair_takes() {
  local least=$1 begin=$EPOCHREALTIME took
  shift
  impair_lost "$@" || return 1
  took=$(((${EPOCHREALTIME/[.,]/} - ${begin/[.,]/}) / 1000))
  echo "$took ms"
  ((took >= least)) && [[ ! -s $1 ]]
}

# impair_loss_models: v0 loses by lists and states whose losses are known. Who sources this has `impair VERB DEVICE ...` and
# `loses NUMBERS`, of a flow from v0.
impair_loss_models() {
  check "a pattern" impair set v0 loss pattern 2,5,9
  check "its frames are lost" loses "2 5 9"
  check "states: lost in bursts of one, between them one" impair set v0 loss state 100% 100%
  check "each other frame is lost" loses "1 3 5 7 9"
  check "lost once, then good within the burst for ever" impair set v0 loss state 100% 0% 100% 0%
  check "the first frame is lost" loses "1"
  check "lost alone" impair set v0 loss state 0% 0% 0% 0% 100%
  check "each other frame is lost, again" loses "1 3 5 7 9"
  check "no loss" impair del v0 loss
}
