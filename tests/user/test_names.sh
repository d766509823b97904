#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Devices whose names tell little: two ends of one name and one index, a name that is no text, one that changes.
# shellcheck source=tests/user/lib.sh
. "$(dirname "$0")/lib.sh"

ns_new one one
ns_new two two
promtool=$("$here/../../tools/fetch-promtool") || exit 1

# Both ends are `twin`, and have the index that the first one has.
twins() {
  local index i
  driver_up "$one" --pair twin other || return 1
  index=$(ip -n "$one" -j link show twin | jq '.[0].ifindex')
  for ((i = 2; i < 32; i++)); do # all but that one are taken
    ((i == index)) || ip -n "$two" link add "taken$i" index "$i" type veth peer name "peer$i" index "$((i + 100))"
  done
  ip -n "$one" link set other netns "$two" name twin || return 1
  for ((i = 2; i < 32; i++)); do
    ((i == index)) || ip -n "$two" link del "taken$i"
  done
  echo "index $index and $(ip -n "$two" -j link show twin | jq '.[0].ifindex')"
  [[ $(ip -n "$two" -j link show twin | jq '.[0].ifindex') == "$index" ]]
}
# Five frames one way only: the ends differ.
one_way() {
  plain_addresses "$one" twin "$two" twin || return 1
  ip -n "$one" neigh replace 10.9.0.9 lladdr "$(ip -n "$two" -j link show twin | jq -r '.[0].address')" dev twin
  ip netns exec "$one" ping -n -q -c 5 -i 0.02 -W 0.1 10.9.0.9 >/dev/null
  [[ $("$VNET" -j stats show | jq '.[0].tx_frames > .[1].tx_frames') == true ]]
}
shown() { # a frame may come between the two
  traffic_wait "$traffic_deadline" same_counters || same_counters
}
same_counters() {
  local links stats
  links=$("$VNET" -j -s link show | jq -c '[.[].stats.tx_frames]')
  stats=$("$VNET" -j stats show | jq -c '[.[].tx_frames]')
  echo "$links, $stats"
  [[ $links == "$stats" ]]
}
# A sample that is there twice is none for Prometheus, though promtool says nothing of it.
metrics() {
  local said twice
  said=$("$VNET" metrics) && "$promtool" check metrics <<<"$said" || return 1
  twice=$(grep -v '^#' <<<"$said" | sed 's/ [^ ]*$//' | sort | uniq -d)
  echo "$said" | grep vnet_frames_total
  [[ -z $twice && $said == *'vnet_frames_total{device="twin",driver="twin",end="b",direction="rx"}'* ]]
}
top() { # both have a rate
  local table
  traffic_start "$one" ping -n -q -i 0.01 10.9.0.2 >/dev/null
  traffic_wait "$traffic_deadline" vnet_moves
  table=$("$VNET" top --interval 2s --count 1)
  traffic_stop "$traffic_pid"
  echo "$table"
  [[ $(awk '$1 == "twin" && $2 > 0 && $4 > 0' <<<"$table" | wc -l) == 2 ]]
}
vnet_moves() { [[ $("$VNET" -j stats show | jq '.[1].tx_frames > 10') == true ]]; }

# ---- a new name, which is no UTF-8

no_text() {
  "$VNET" -j monitor >"$work/events" 2>&1 &
  monitor=$!
  traffic_wait "$traffic_deadline" watches "$monitor" || return 1
  ip -n "$one" link set twin name $'t\xff' || return 1
  traffic_wait "$traffic_deadline" grep -q '"type":"config_changed".*"ifname":"t�"' "$work/events"
  cat "$work/events"
  traffic_stop "$monitor" && grep -q '"type":"config_changed".*"ifname":"t�"' "$work/events"
}
watches() { [[ $(ls -l "/proc/$1/fd") == *inotify* ]] && [[ $(<"/proc/$1/wchan") == *poll* ]]; }
no_text_metrics() {
  local said
  said=$("$VNET" metrics) && "$promtool" check metrics <<<"$said" && [[ $said == *'device="t�"'* ]]
}

# ---- who looks does not turn away who starts

looked_at() { # the lock is there before it starts: later it would be waited for as long as it runs
  local looked starter
  exec {looked}>"$VNET_RUN_DIR/seen.pid"
  flock -s "$looked"
  ip netns exec "$one" "$VNET" up --pair seen unseen --detach {looked}>&- &
  starter=$!
  sleep 0.05
  exec {looked}>&-
  wait "$starter" && "$VNET" down seen
}

must "names: twins" twins
must "names: frames one way" one_way
check "names: -s link show has each end's own counters" shown
check "names: no sample is there twice" metrics
check "names: top has both ends' rates" top
check "names: a new name is an event, also one that is no text" no_text
check "names: metrics can be read all the same" no_text_metrics
check "names: frames are conserved" conserved
check "names: the pair ends" driver_down
check "names: an instance starts while somebody looks" looked_at
