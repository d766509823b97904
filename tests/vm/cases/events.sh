# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 600
# expect-console: NETDEV WATCHDOG
# The multicast group `events`: what happens is told once, in the device's own namespace.
source "$VNET_TESTS/vm/cases/lib/case.sh"

declare -A heard listener
# hear NS: what is told in NS from now on is in the file heard[NS].
hear() {
  heard[$1]=$(mktemp)
  traffic_start "$1" nlvnet listen events 100000 1000 >"${heard[$1]}"
  listener[$1]=$traffic_pid
  traffic_wait 10 traffic_file_says "${heard[$1]}" listening
}
# It has read all that was sent: it waits for more.
listens() { [[ $(</proc/"${listener[$1]}"/wchan) == *poll* ]]; }
events() { sed -nE 's/^type=([a-z-]*) .* ifname=([^ ]*) .*/\1 \2/p' "${heard[$1]}"; }
# told TEXT NS WANTED COMMAND...: COMMAND makes NS hear WANTED, one "type name" a line, sorted.
told() {
  local text=$1 ns=$2 wanted=$3 mark
  shift 3
  traffic_wait 20 listens "$ns" # what came before is not this command's
  mark=$(wc -l <"${heard[$ns]}")
  "$@" >/dev/null || fail "$text: $* failed"
  said() { tail -n "+$((mark + 1))" "${heard[$ns]}" | sed -nE 's/^type=([a-z-]*) .* ifname=([^ ]*) .*/\1 \2/p' | sort | paste -sd ,; }
  as_wanted() { [[ $(said) == "$wanted" ]]; }
  traffic_wait 20 as_wanted
  sleep 0.1 # nothing more
  equal "$text: $ns hears" "$(said)" "$wanted"
}
last_is() { [[ $(events "$1" | tail -n 1) == "$2" ]]; }
# too NS WANTED: the other end of the link hears of it, too, sooner or later.
too() { traffic_wait 20 last_is "$@" || fail "$1 does not hear $2 at last"; }

load
ip netns add a
ip netns add b
traffic_no_ipv6 a b
hear a
hear b
told "a pair" a "device-new v0" traffic_in a nlvnet link-new device.ifname=v0 peer.ifname=v1 \
  peer-netns-fd=@/run/netns/b
seed_now() { traffic_in "$1" nlvnet seed-get ifname="$2" | grep -oE ' seed=[0-9]+ '; }
contains "its event has the seed that was drawn" "$(grep 'type=device-new' "${heard[a]}")" "$(seed_now a v0)"
told "by ip, both ends here" a "device-new w0,device-new w1" ip -n a link add w0 type vnet peer name w1
told "an end that leaves" a "device-del w1" ip -n a link set w1 netns b
told "a name" a "config-changed w2" ip -n a link set w0 name w2
told "the end of a pair" b "device-del w1" ip -n a link del w2
told "the first end up" a "" ip -n a link set v0 up
told "the second" a "link-up v0" ip -n b link set v1 up
too b "link-up v1"
told "the second down" b "link-down v1" ip -n b link set v1 down
too a "link-down v0"
told "up again" a "link-up v0" ip -n b link set v1 up
too b "link-up v1"
ip -n a addr add 10.0.0.1/24 dev v0
ip -n b addr add 10.0.0.2/24 dev v1
traffic_link_up a v0
told "device-set" a "config-changed v0" traffic_in a nlvnet device-set ifname=v0 info.pad=1
told "what is the link's, at the other end" b "config-changed v1" traffic_in a nlvnet device-set ifname=v0 info.seed=1
told "what is the device's, not there" b "" traffic_in a nlvnet device-set ifname=v0 info.rx-usecs=1
told "link-set" b "config-changed v1" traffic_in a nlvnet link-set device.ifname=v0 peer.info.rx-usecs=1
told "seed-set" a "config-changed v0" traffic_in b nlvnet seed-set ifname=v1
contains "its event has the seed that was drawn" "$(tail -n 1 "${heard[a]}")" "$(seed_now a v0)"
told "ip's csum" b "config-changed v1" ip -n a link set v0 type vnet csum wire
told "MTU" a "config-changed v0" ip -n a link set v0 mtu 1400
told "address" a "config-changed v0" ip -n a link set v0 address 02:00:00:00:00:77
told "ethtool -G" b "config-changed v1" traffic_in a ethtool -G v0 tx 512
told "ethtool -C" a "config-changed v0" traffic_in a ethtool -C v0 rx-usecs 3
told "ethtool --set-priv-flags" a "config-changed v0" traffic_in a ethtool --set-priv-flags v0 pad off
told "a refusal" a "" not traffic_in a nlvnet device-set ifname=v0 info.pad=0 info.rx-ring=1

# Lost transmit interrupts: the watchdog looks at a device with a queue above it.
traffic_in a tc qdisc add dev v0 root pfifo limit 1000
began=$EPOCHSECONDS
traffic_in a nlvnet device-set ifname=v0 info.csum=0 info.rx-usecs=0 info.lockup=2 info.timeout=100
hangs() {
  traffic_in a ping -c 6 -i 0.2 -W 1 10.0.0.2
  [[ $(events a) == *lockup*tx-timeout*tx-recovered* ]]
}
check "a lockup, the timeout and the recovery, in this order" traffic_wait 60 hangs
line=$(grep -m 1 type=lockup "${heard[a]}")
contains "with the queue and the frame's number" "$line" " queue=0 value="
in_time() {
  echo "between $began and $EPOCHSECONDS: $line"
  [[ $line =~ " time="([0-9]+) ]] && ((BASH_REMATCH[1] / 1000000000 >= began && BASH_REMATCH[1] / 1000000000 <= EPOCHSECONDS))
}
check "and the time" in_time
contains "a timeout's number" "$(grep -m 1 type=tx-timeout "${heard[a]}")" " queue=0 value=1 "
[[ $(events b) != *lockup* ]] || fail "b heard of what happened in a"
traffic_in a nlvnet device-set ifname=v0 info.lockup=0

# Who is too slow misses some, and is told; nobody waits for it.
# A small buffer, so that few events overrun it.
slow() {
  local i default
  default=$(sysctl -n net.core.rmem_default)
  sysctl -qw net.core.rmem_default=16384
  traffic_start a nlvnet listen events 100000 1000 >"${heard[a]}.slow"
  traffic_wait 10 traffic_file_says "${heard[a]}.slow" listening
  sysctl -qw net.core.rmem_default="$default"
  kill -STOP "$traffic_pid"
  for ((i = 0; i < 80; i++)); do echo "device-set ifname=v0 info.rx-frames=$i"; done |
    traffic_in a xargs -n 3 nlvnet
  kill -CONT "$traffic_pid"
  traffic_wait 10 traffic_file_says "${heard[a]}.slow" ENOBUFS
}
check "a listener that is too slow" slow
# With its last process.
traffic_stop "$traffic_pid"
traffic_stop "${listener[a]}"
told "a namespace that ends" b "device-del v1,link-down v1" ip netns del a
told "unload" b "" rmmod vnet
finish
