# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 300
# Everything is taken away while traffic runs: no warning, no leak, and what is left still works.
source "$VNET_TESTS/vm/cases/lib/case.sh"

between=(a b 10.0.0.1 10.0.0.2)

# Both ways, small and large frames, from either end; ends by stop_traffic. Nice, so that what is
# done meanwhile comes to its turn.
start_traffic() { # NS_A NS_B IP_A IP_B
  traffic_jobs=()
  traffic_next_port
  traffic_start "$2" nice -n 10 iperf3 -s -p "$traffic_port" >/dev/null 2>&1
  traffic_jobs+=("$traffic_pid")
  traffic_wait "$traffic_deadline" traffic_listening "$2" tcp "$traffic_port"
  traffic_start "$1" nice -n 10 iperf3 -c "$4" -p "$traffic_port" -t 60 --bidir >/dev/null 2>&1
  traffic_jobs+=("$traffic_pid")
  traffic_start "$2" nice -n 10 ping -q -n -f "$3" >/dev/null 2>&1
  traffic_jobs+=("$traffic_pid")
}
stop_traffic() {
  local pid
  for pid in "${traffic_jobs[@]}"; do traffic_stop "$pid" KILL; done
}
down_and_up() {
  local round end
  start_traffic "${between[@]}"
  for ((round = 0; round < 4; round++)); do
    for end in "a v0" "b v1"; do
      # shellcheck disable=SC2086 # words are meant
      set -- $end
      ip -n "$1" link set "$2" down && ip -n "$1" link set "$2" up || return 1
      ((round % 3)) || vnet_flows a v0 || { echo "round $round: no traffic" && return 1; }
    done
  done
  stop_traffic
  traffic_ping_both "${between[@]}" -i 0.02 && vnet_conserved a v0 b v1
}

changes() {
  local round
  start_traffic "${between[@]}"
  vnet_flows a v0 || return 1
  for ((round = 0; round < 3; round++)); do
    ip -n a link set v0 mtu $((1400 + round)) && ip -n b link set v1 mtu $((9000 - round)) &&
      ip -n a link set v0 promisc on && ip -n a link set v0 promisc off &&
      ip -n b link set v1 allmulticast on && ip -n b link set v1 allmulticast off || return 1
    traffic_in a ethtool --set-priv-flags v0 pad on && traffic_in a ethtool --set-priv-flags v0 pad off || return 1
    traffic_in b ethtool -K v1 tso off && traffic_in b ethtool -K v1 tso on || return 1
  done
  vnet_flows a v0 || return 1
  stop_traffic
  vnet_conserved a v0 b v1
}

gone() { ! traffic_in "$1" test -e "/sys/class/net/$2" 2>/dev/null; }

delete_under_traffic() { # delete | namespace | move
  local round
  for ((round = 0; round < 3; round++)); do
    if [[ ! -e /run/netns/a ]]; then
      plain_pair || return 1
    elif gone a v0; then
      rawlink v0 netns a peer v1 netns b && pair_addresses || return 1
    fi
    start_traffic "${between[@]}"
    vnet_flows a v0 || { echo "round $round: no traffic" && return 1; }
    case $1 in
    delete) ip -n b link del v1 ;;
    namespace) ip netns pids b | xargs -r kill -KILL; ip netns del b ;;
    move) ip -n b link set v1 netns 1 ;;
    esac || return 1
    stop_traffic
    case $1 in
    delete | namespace) traffic_wait 10 gone a v0 || { echo "v0 is still there" && return 1; } ;;
    move) ip link del v1 && gone a v0 || return 1 ;;
    esac
    [[ $1 != namespace ]] || ip netns del a
  done
  echo "$round rounds"
}

unload_under_traffic() {
  local round
  for ((round = 0; round < 3; round++)); do
    insmod "$VNET_KO" snull=1 pairs=1 && snull_addresses || return 1
    start_traffic - - 192.168.1.1 192.168.0.2
    vnet_flows - snull0 || { echo "round $round: no traffic" && return 1; }
    rmmod vnet || return 1
    stop_traffic
    exists snull0 && return 1
  done
  echo "$round rounds"
}

unbind_under_traffic() {
  local round driver=/sys/bus/platform/drivers/vnet
  insmod "$VNET_KO" snull=1 && snull_addresses || return 1
  for ((round = 0; round < 3; round++)); do
    start_traffic - - 192.168.1.1 192.168.0.2
    vnet_flows - snull0 || { echo "round $round: no traffic" && return 1; }
    echo vnet.$((round % 2)) >$driver/unbind || return 1
    stop_traffic
    echo vnet.$((round % 2)) >$driver/bind || return 1
    snull_addresses 2>/dev/null || return 1
  done
  snull_ping && rmmod vnet
}

# kB in use in the caches that frames and our own memory come from.
slab() {
  awk '/^(skbuff|kmalloc)/ { n += $2 * $4 } END { print int(n / 1024) }' /proc/slabinfo
}
leak_rounds() { # COUNT
  local round
  for ((round = 0; round < $1; round++)); do
    rawlink v0 netns a txqueues 2 rxqueues 2 peer v1 netns b && pair_addresses &&
      traffic_in a ping -q -n -f -c 20 10.0.0.2 >/dev/null &&
      traffic_in a send_raw v0 ffffffffffff02000000000a88b5:1000x100 &&
      ip -n a link del v0 || return 1
  done
}
# A pair of two queues is some 30 kB of rings, filters and devices; the frames are 130 kB.
no_leak() {
  local before
  leak_rounds 3 || return 1
  before=$(slab)
  leak_rounds 10 || return 1
  traffic_wait 10 slab_below $((before + 300)) || {
    echo "slab: $before kB before, $(slab) kB after 10 rounds"
    return 1
  }
  echo "slab: $before kB before, $(slab) kB after 10 rounds"
}
slab_below() { (($(slab) < $1)); }

insmod "$VNET_KO"
require "a pair" plain_pair
check "down and up under traffic" down_and_up
check "changes of MTU, filter, flags, features under traffic" changes
check "delete under traffic" delete_under_traffic delete
check "move and delete under traffic" delete_under_traffic move
# In new ones: orphaned connections of before keep theirs alive for minutes, with any driver.
ip -all netns delete
check "namespace deleted under traffic" delete_under_traffic namespace
ip netns add a
ip netns add b
check "no leak" no_leak
check "unload" rmmod vnet
check "unload under traffic" unload_under_traffic
check "unbind under traffic" unbind_under_traffic
finish
