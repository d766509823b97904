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

# impair_rtts NS IP COUNT MIN MAX: the round trips of so many pings, in microseconds, are all in the range.
impair_rtts() {
  local said times time least='' most=0
  said=$(traffic_in "$1" ping -n -c "$3" -i 0.02 -W 5 "$2") || {
    echo "$said"
    return 1
  }
  times=$(sed -n 's/.*time=\([0-9.]*\) ms/\1/p' <<<"$said" | awk '{ printf "%d\n", $1 * 1000 }')
  for time in $times; do
    [[ -z $least ]] && least=$time
    ((time < least)) && least=$time
    ((time > most)) && most=$time
  done
  echo "round trips of $least to $most us"
  [[ -n $least ]] && ((least >= $4 && most <= $5))
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
