# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# The counters of the kernel's vnet devices, and whether they add up. Source lib.sh first.
#
# Functions and variables are named vnet_*; NS is as in lib.sh, "-" is the namespace we are in.

# vnet_counters NS DEVICE ARRAY: all of `ethtool -S` into an associative array.
vnet_counters() {
  local -n vnet_into=$3
  local key value
  vnet_into=()
  while IFS=': ' read -r key value; do
    [[ $value =~ ^[0-9]+$ ]] && vnet_into[$key]=$value
  done < <(traffic_in "$1" ethtool -S "$2")
  ((${#vnet_into[@]} > 0)) || {
    echo "$2: no counters"
    return 1
  }
}

# vnet_counter NS DEVICE NAME: one of them.
vnet_counter() {
  local -A vnet_all
  vnet_counters "$1" "$2" vnet_all || return 1
  echo "${vnet_all[$3]-missing}"
}

# vnet_counter_is NS DEVICE NAME VALUE: for traffic_wait; counters follow the traffic a moment later.
vnet_counter_is() { [[ $(vnet_counter "$1" "$2" "$3") == "$4" ]]; }

# vnet_statistic NS DEVICE NAME: rtnetlink's view (struct rtnl_link_stats64) of the same.
vnet_statistic() { traffic_in "$1" cat "/sys/class/net/$2/statistics/$3"; }

# vnet_grew NS DEVICE NAME BY COMMAND...: the counter grows by exactly BY while COMMAND runs.
vnet_grew() {
  local ns=$1 device=$2 name=$3 by=$4 before
  shift 4
  before=$(vnet_counter "$ns" "$device" "$name")
  "$@" || return 1
  traffic_wait 5 vnet_counter_is "$ns" "$device" "$name" $((before + by)) || {
    echo "$device $name: $before before, $(vnet_counter "$ns" "$device" "$name") after, wanted +$by"
    return 1
  }
  echo "$device $name: +$by"
}

# vnet_flows NS DEVICE: frames arrive there, more than ten between two looks.
vnet_flows() { traffic_wait 10 vnet_between_looks "$@"; }
vnet_between_looks() {
  local before
  before=$(vnet_counter "$1" "$2" rx_frames)
  sleep 0.1
  (($(vnet_counter "$1" "$2" rx_frames) > before + 10))
}

# The sum of the counters of ARRAY whose names begin with PREFIX.
vnet_sum() {
  local -n vnet_from=$1
  local key sum=0
  for key in "${!vnet_from[@]}"; do
    [[ $key == "$2"* ]] && sum=$((sum + vnet_from[$key]))
  done
  echo "$sum"
}

# vnet_duplicated NS DEVICE: how many frames the wire has made twice of those that DEVICE sent.
vnet_duplicated() {
  local twice
  twice=$(traffic_in "$1" "${VNET:-vnet}" -j impair show "$2" 2>/dev/null |
    jq -r 'map(select(.direction == "tx"))[0].duplicated // 0')
  echo "${twice:-0}"
}

# What A sent, and the wire made twice, is what B received, dropped or still holds. Where no frame is missing, no byte
# is, either: but for what a case has `truncate` cut off, of which it says in vnet_cut how much that may be.
vnet_cut=0
vnet_direction_conserved() { # A-ARRAY B-ARRAY TEXT DUPLICATED
  local -n vnet_sender=$1 vnet_receiver=$2
  local twice=$4 dropped sent=${vnet_sender[tx_frames]} held=${vnet_receiver[in_flight]}
  local missing=$((vnet_sender[tx_bytes] - vnet_receiver[rx_bytes]))
  dropped=$(vnet_sum "$2" rx_drop_)
  ((sent + twice == vnet_receiver[rx_frames] + dropped + held)) || {
    echo "$3: $sent sent, $twice twice, ${vnet_receiver[rx_frames]} received + $dropped dropped + $held in flight"
    return 1
  }
  if ((dropped + held + twice == 0 && (missing < 0 || missing > vnet_cut))); then
    echo "$3: ${vnet_sender[tx_bytes]} bytes sent, ${vnet_receiver[rx_bytes]} received"
    return 1
  fi
}

vnet_queues_add_up() { # ARRAY DEVICE
  local -n vnet_device=$1
  local key queue sum
  for key in "${!vnet_device[@]}"; do
    [[ $key =~ ^q[0-9]+_ ]] && continue
    sum=0
    for ((queue = 0; ; queue++)); do
      [[ -v vnet_device[q${queue}_$key] ]] || break
      sum=$((sum + vnet_device[q${queue}_$key]))
    done
    ((sum == vnet_device[$key])) || {
      echo "$2 $key: ${vnet_device[$key]}, but its $queue queues have $sum"
      return 1
    }
  done
}

# vnet_statistics NS DEVICE ARRAY: all of rtnetlink's.
vnet_statistics() {
  local -n vnet_stats_into=$3
  local file value
  vnet_stats_into=()
  while IFS=: read -r file value; do
    vnet_stats_into[${file##*/}]=$value
  done < <(traffic_in "$1" grep -r . "/sys/class/net/$2/statistics/")
}

# rtnetlink's numbers are these numbers; only its drops may be more, because the stack adds its own
# (an unknown protocol, a queue without carrier). What an impaired wire lost never came to the device, and what
# was missed is in rx_missed_errors alone.
vnet_statistics_agree() { # NS DEVICE ARRAY
  local -n vnet_ours=$3
  local -A vnet_theirs
  local pair drops name value
  vnet_statistics "$1" "$2" vnet_theirs
  for pair in tx_packets=tx_frames tx_bytes=tx_bytes rx_packets=rx_frames rx_bytes=rx_bytes \
    multicast=rx_multicast; do
    value=${vnet_theirs[${pair%=*}]}
    [[ $value == "${vnet_ours[${pair#*=}]}" ]] || {
      echo "$2: statistics say ${pair%=*} $value, ethtool ${pair#*=} ${vnet_ours[${pair#*=}]}"
      return 1
    }
  done
  value=$((vnet_ours[tx_timeouts] + vnet_ours[tx_drop_dma_error]))
  ((vnet_theirs[tx_errors] == value)) || {
    echo "$2: statistics say tx_errors ${vnet_theirs[tx_errors]}, ethtool $value"
    return 1
  }
  for name in tx rx; do
    drops=$(($(vnet_sum "$3" "${name}_drop_") - $(vnet_sum "$3" "${name}_drop_impair_") -
      $(vnet_sum "$3" "${name}_drop_rx_missed")))
    value=${vnet_theirs[${name}_dropped]}
    ((value >= drops)) || {
      echo "$2: statistics say ${name}_dropped $value, ethtool $drops"
      return 1
    }
  done
}

vnet_conserved_once() {
  local -A vnet_a vnet_b
  vnet_counters "$1" "$2" vnet_a && vnet_counters "$3" "$4" vnet_b &&
    vnet_direction_conserved vnet_a vnet_b "$2 to $4" "$(vnet_duplicated "$1" "$2")" &&
    vnet_direction_conserved vnet_b vnet_a "$4 to $2" "$(vnet_duplicated "$3" "$4")" &&
    vnet_queues_add_up vnet_a "$2" && vnet_queues_add_up vnet_b "$4" &&
    vnet_statistics_agree "$1" "$2" vnet_a && vnet_statistics_agree "$3" "$4" vnet_b &&
    echo "$2, $4: ${vnet_a[tx_frames]} and ${vnet_b[tx_frames]} frames sent, all accounted for"
}

# vnet_conserved NS_A DEVICE_A NS_B DEVICE_B: frames sent + duplicated = received + dropped + in flight, both
# ways, per queue and in sum. Repeated, because counters of a moving link are not read in one instant.
vnet_conserved() {
  local end=$((SECONDS + traffic_deadline)) said
  until said=$(vnet_conserved_once "$@"); do
    ((SECONDS <= end)) || {
      echo "$said"
      return 1
    }
    sleep 0.05
  done
  echo "$said"
}

# vnet_drops NS DEVICE: what it has dropped so far, both ways and for all reasons but one: what is for a group that
# nobody is in (IPv6 looks for routers at any time) was never to come.
vnet_drops() {
  local -A vnet_all
  vnet_counters "$1" "$2" vnet_all || return 1
  echo $(($(vnet_sum vnet_all tx_drop_) + $(vnet_sum vnet_all rx_drop_) - vnet_all[rx_drop_multicast_filter]))
}

# vnet_lossless NS_A DEVICE_A NS_B DEVICE_B COMMAND...: neither end drops a frame while COMMAND runs.
# (TCP's retransmits do not say so: a sender whose machine was busy with something else for 200 ms sends again what
# was never lost.)
vnet_lossless() {
  local ends=("${@:1:4}") before after
  shift 4
  before="$(vnet_drops "${ends[@]:0:2}") $(vnet_drops "${ends[@]:2}")"
  "$@" || return 1
  after="$(vnet_drops "${ends[@]:0:2}") $(vnet_drops "${ends[@]:2}")"
  [[ $before == "$after" ]] || {
    echo "${ends[1]} and ${ends[3]} had dropped $before frames before, $after after"
    return 1
  }
}
