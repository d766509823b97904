# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 900
# expect-console: NETDEV WATCHDOG
# expect-console: pktgen: WARNING: trying to remove a running interface
# A minute of all changes at once under load, with readers beside them; devices taken away while a
# queue hangs; the module unloaded under load. No warning, and every frame is accounted for.
source "$VNET_TESTS/vm/cases/lib/case.sh"

seconds=60
between=(a b 10.0.0.1 10.0.0.2)
declare -A hammers
work=$(mktemp -d)
jobs_=()

# hammer NAME NS SCRIPT: SCRIPT over and over, $i counting, until rest_hammers. It says each time
# that it came through; what another hammer keeps it from is no fault.
hammer() {
  # shellcheck disable=SC2016 # expanded by the inner shell
  traffic_start "$2" bash -c 'i=0
    until [[ -e ${0%/*}/rest ]]; do
      i=$((i + 1))
      { '"$3"'; } >/dev/null 2>&1 && echo $i >>"$0"
    done' "$work/$1"
  hammers[$1]=$traffic_pid
  : >"$work/$1"
}
# The last change of each is over when this returns.
rest_hammers() {
  local name
  : >"$work/rest"
  for name in "${!hammers[@]}"; do
    traffic_finish "${hammers[$name]}" 60
    (($? != 124)) || { echo "$name does not end" && return 1; }
  done
}
stop_jobs() {
  local pid
  for pid in "${jobs_[@]}"; do traffic_stop "$pid" KILL; done
  jobs_=()
}

# ---- load

tcp_load() { # NS_A NS_B IP_B
  traffic_next_port
  traffic_start "$2" nice -n 10 iperf3 -s -p "$traffic_port" >/dev/null 2>&1
  jobs_+=("$traffic_pid")
  traffic_wait "$traffic_deadline" traffic_listening "$2" tcp "$traffic_port" || return 1
  traffic_start "$1" nice -n 10 iperf3 -c "$3" -p "$traffic_port" -P 2 -t 600 --bidir >/dev/null 2>&1
  jobs_+=("$traffic_pid")
}
# In short runs: pktgen ends one when the device goes down. Only to queue 0: it asks nobody whether
# the stack still has the others.
pktgen_load() { # NS DEVICE DESTINATION-MAC
  # shellcheck disable=SC2016 # expanded by the inner shell
  traffic_start "$1" bash -c 'cd /proc/net/pktgen
    while :; do
      echo rem_device_all >kpktgend_1
      echo "add_device $0" >kpktgend_1 || continue
      for word in "count 500" "delay 1000000" "pkt_size 300" "dst 10.0.0.2" "dst_mac $1"; do
        echo "$word" >"$0"
      done
      echo start >pgctrl
    done' "$2" "$3" >/dev/null 2>&1
  jobs_+=("$traffic_pid")
}

# ---- a minute of everything

# shellcheck disable=SC2016 # expanded by the hammers' shells
start_hammers() {
  hammer updown a 'ip link set v0 down; ip link set v0 up; sleep 0.3'
  hammer updown_peer b 'ip link set v1 down; ip link set v1 up; sleep 0.4'
  hammer rings b 'ethtool -G v1 rx $((64 << i % 8)) tx $((64 << i % 5))'
  hammer channels a 'ethtool -L v0 combined $((1 + i % 4))'
  hammer mtu a 'ip link set v0 mtu $((1400 + i % 2000))'
  hammer mtu_peer b 'ip link set v1 mtu $((1500 + i % 2000))'
  hammer features a 'ethtool -K v0 tso off sg off tx off rx off && ethtool -K v0 sg on tx on tso on rx on'
  hammer flags b 'ethtool --set-priv-flags v1 pad on && ethtool --set-priv-flags v1 pad off'
  hammer promisc b 'ip link set v1 promisc on && ip link set v1 promisc off'
  hammer xdp b 'ip -force link set dev v1 xdpdrv object /usr/share/vnet/xdp.o program pass &&
    ip link set dev v1 xdpdrv off'
  hammer reads_a a 'ip -s link show v0 && ethtool -S v0 && ethtool -d v0 && ethtool -g v0 &&
    cat /sys/class/net/v0/statistics/* /proc/net/dev'
  hammer reads_b b 'ip -s link show v1 && ethtool -S v1 && sioc v1 registers &&
    cat /sys/class/net/v1/statistics/* /proc/net/dev'
}

# A hammer that never came through has tested nothing: a slow machine gets more time.
each_came_through() { # TIMES
  local name rounds said=
  for name in "${!hammers[@]}"; do
    rounds=$(traffic_lines "$work/$name")
    said+="$name $rounds, "
    ((rounds >= $1)) || { echo "$name came through $rounds times" && return 1; }
  done
  echo "${said%, }"
}

quiet_again() {
  ip -n a link set v0 down mtu 1500 && ip -n b link set v1 down mtu 1500 &&
    traffic_in b ip link set dev v1 xdpdrv off &&
    traffic_in a ethtool -L v0 combined 4 && ip -n b link set v1 promisc off || return 1
  traffic_in a ethtool -K v0 sg on tx on tso on rx on >/dev/null
  ip -n a link set v0 up && ip -n b link set v1 up && traffic_link_up a v0
}

# What TCP still owes to ends that were killed comes by ones, at growing intervals.
conserved_at_last() {
  traffic_wait 60 vnet_conserved_once a v0 b v1
  vnet_conserved a v0 b v1
}

minute() {
  local sent
  tcp_load a b 10.0.0.2 && vnet_flows a v0 || return 1
  pktgen_load a v0 "$(traffic_in b cat /sys/class/net/v1/address)"
  start_hammers
  sleep "$seconds"
  traffic_wait 200 each_came_through 3
  rest_hammers || return 1
  stop_jobs
  sent=$(vnet_counter a v0 tx_frames)
  echo "$sent frames sent"
  ((sent > 10000))
}

# ---- taken away while a queue hangs

hangs() { [[ $(traffic_in a sioc v0 registers | sed -n 's/^q0_tx_state //p') == 3 ]]; }
gone() { ! traffic_in "$1" test -e "/sys/class/net/$2" 2>/dev/null; }

# v0's queue hangs, more frames wait in its qdisc, and the kernel's watchdog counts.
hang() {
  if [[ ! -e /run/netns/a ]]; then
    plain_pair || return 1
  else
    rawlink v0 netns a peer v1 netns b && pair_addresses || return 1
  fi
  traffic_in a sioc v0 lockup 1 || return 1
  traffic_in a send_raw v0 ffffffffffff02000000000a88b5:1000x5
  traffic_wait 5 hangs
}
while_hung() { # COMMAND...: takes both ends away
  hang || { echo "the queue does not hang" && return 1; }
  "$@" && traffic_wait 10 gone a v0 && traffic_wait 10 gone b v1
}
namespaces_go() { ip netns del "$1" && traffic_wait 10 gone "$2" "$3" && ip netns del "$2"; }

# ---- unload

# Pairs of both kinds, idle and busy, here and in namespaces, and a queue that hangs.
unload_under_load() {
  local round flow
  for ((round = 0; round < 3; round++)); do
    insmod "$VNET_KO" snull=1 pairs=3 && snull_addresses && plain_pair txqueues 4 rxqueues 4 || return 1
    ip link set vnet0 up && ip link set vnet1 up && ip link set vnet2 up && ip link set vnet3 up &&
      traffic_link_up - vnet0 && traffic_link_up - vnet2 || return 1
    tcp_load - - 192.168.0.2 && tcp_load a b 10.0.0.2 || return 1
    pktgen_load - vnet0 "$(</sys/class/net/vnet1/address)"
    sioc vnet2 lockup 1 && send_raw vnet2 ffffffffffff02000000000a88b5:1000x5
    for flow in "- snull0" "a v0" "- vnet1"; do
      # shellcheck disable=SC2086 # words are meant
      vnet_flows $flow || { echo "round $round: no traffic at $flow" && return 1; }
    done
    rmmod vnet || return 1
    stop_jobs
    traffic_disconnect - # or the rest would go through the next pair with these addresses
    gone - snull0 && gone - vnet0 && gone a v0 || return 1
    ip -all netns delete
  done
  echo "$round rounds"
}

modprobe pktgen
load
require "a pair of four queues" plain_pair txqueues 4 rxqueues 4
check "a minute of everything" minute
check "each change came through" each_came_through 3
check "all quiet" quiet_again
check "ping" traffic_ping_both "${between[@]}" -i 0.02
check "all frames are accounted for" conserved_at_last
check "a file" traffic_file_once a b 10.0.0.2 2000000
ip -n a link del v0

check "deleted while its queue hangs" while_hung ip -n a link del v0
check "its peer deleted" while_hung ip -n b link del v1
check "its namespace deleted" while_hung namespaces_go a b v1
ip -all netns delete
check "its peer's namespace deleted" while_hung namespaces_go b a v0
ip -all netns delete
check "unload" rmmod vnet
check "unload under load" unload_under_load
finish
