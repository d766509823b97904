# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 900
# No memory, at each step that needs some: one clear error, nothing half-made, and the next attempt
# succeeds. With the test build of the module, whose N-th step can be made to fail (kernel/fail.h).
source "$VNET_TESTS/vm/cases/lib/case.sh"
source "$VNET_TESTS/vm/cases/lib/memory.sh"

module=/usr/share/vnet/vnet-fail.ko
queues=4
next_failure=/sys/module/vnet/parameters/fail_alloc

# ---- the walk

# All that may not change by what failed. v0 is here, v1 in namespace b.
state() {
  ip -d -o link
  ip -n b -d -o link
  compgen -G '/sys/bus/platform/d*/vnet*'
  [[ ! -e /sys/class/net/v0 ]] || {
    cat /sys/class/net/v0/carrier_changes
    compgen -G '/sys/class/net/v0/queues/*'
    nlvnet device-get ifname=v0
    ethtool -g v0
    ethtool -k v0
  }
}

# attempt N COMMAND...: with its N-th step failing. Sets said, left (the steps not reached).
attempt() {
  local n=$1 status
  shift
  [[ ! -e $next_failure ]] || echo "$n" >$next_failure
  said=$(failing=$n "$@" 2>&1)
  status=$?
  # A load that has failed leaves nothing to ask.
  left=0
  if [[ -e $next_failure ]]; then
    left=$(<$next_failure)
    echo 0 >$next_failure
  fi
  return "$status"
}

# walk STEPS-AT-LEAST UNDO COMMAND...: N = 1, 2, 3 ... until COMMAND comes through without the N-th
# step, and each failure is one. Says how many there were.
walk() {
  local steps=$1 undo=$2 n before after
  shift 2
  for ((n = 1; ; n++)); do
    before=$(state)
    if attempt "$n" "$@"; then
      ((left == n)) || ((left > 0)) || { echo "step $n failed, and nobody said so" && return 1; }
      $undo || { echo "step $n: $undo failed" && return 1; }
      break
    fi
    [[ $said == *memory* || $said == *ENOMEM* || $said == *"cannot be registered"* ]] || { echo "step $n: said '$said'" && return 1; }
    ((left == 0)) || { echo "step $n: failed before it ($said)" && return 1; }
    after=$(state)
    [[ $after == "$before" ]] || {
      echo "step $n: something has changed"
      diff <(echo "$before") <(echo "$after")
      return 1
    }
    flowing || { echo "step $n: the traffic has ended" && return 1; }
    attempt 0 "$@" || { echo "after step $n: $said" && return 1; }
    $undo || { echo "after step $n: $undo failed" && return 1; }
  done
  steps_walked=$((n - 1))
  echo "$steps_walked steps"
  ((steps_walked >= steps))
}

# ---- what is walked

flowing() { [[ -z ${traffic_jobs-} ]] || vnet_flows - v0; }

add_pair() { rawlink v0 txqueues $queues rxqueues $queues peer v1 netns b; }
delete_pair() { ip link del v0; }
add_open() { ip link add x0 up numtxqueues 2 numrxqueues 2 type vnet; }
delete_open() { ip link del x0; }
open_end() { ip link set v0 up; }
close_end() { ip link set v0 down; }
registers() { sioc v0 registers; }
resize() { ethtool -G v0 rx 1024 tx 512; }
resize_back() { ethtool -G v0 rx 256 tx 256; }
more_queues() { ethtool -L v0 combined $queues; }
fewer_queues() { ethtool -L v0 combined 1; }
add_by_netlink() {
  nlvnet link-new device.ifname=x0 device.info.queues=2 device.info.csum=1 peer.ifname=x1 peer-netns-fd=@/run/netns/b
}
delete_by_netlink() { nlvnet link-del device.ifname=x0; }
set_link() {
  nlvnet link-set device.ifname=v0 device.info.queues=$queues device.info.rx-ring=1024 device.info.pad=1 \
    peer.info.rx-ring=512 peer.info.rx-usecs=1
}
set_link_back() {
  nlvnet link-set device.ifname=v0 device.info.queues=1 device.info.rx-ring=256 device.info.pad=0 \
    peer.info.rx-ring=256 peer.info.rx-usecs=0
}
get_all() {
  nlvnet device-get ifname=v0 && nlvnet device-get dump && nlvnet link-get dump && nlvnet stats-get ifname=v0 &&
    nlvnet stats-get dump per-queue= && nlvnet regs-get ifname=v0 && nlvnet seed-get ifname=v0
}
attach() { ip link set dev v0 xdpdrv object /usr/share/vnet/xdp.o program pass; }
add_with_program() { add_pair && { attach || { delete_pair && false; }; }; }
detach() { ip link set dev v0 xdpdrv off; }
# shellcheck disable=SC2154 # attempt() sets it
load_snull() { insmod $module snull=1 fail_alloc="$failing"; }
unload() { rmmod vnet; }

addresses() {
  ip addr add 10.0.0.1/24 dev v0
  ip -n b addr add 10.0.0.2/24 dev v1
  ip link set v0 up
  ip -n b link set v1 up
  traffic_link_up - v0
}
# Not much: it has to go on, and the rest to come to its turn.
start_traffic() {
  traffic_next_port
  traffic_start b nice -n 10 iperf3 -s -p "$traffic_port" >/dev/null 2>&1
  traffic_jobs=("$traffic_pid")
  traffic_wait "$traffic_deadline" traffic_listening b tcp "$traffic_port" || return 1
  traffic_start - nice -n 10 iperf3 -c 10.0.0.2 -p "$traffic_port" -t 300 -b 20M --bidir >/dev/null 2>&1
  traffic_jobs+=("$traffic_pid")
  flowing
}
stop_traffic() {
  local pid
  for pid in "${traffic_jobs[@]}"; do traffic_stop "$pid" KILL; done
  traffic_jobs=()
}

# Each step of making a pair, and of what is done to one, fails once.
fail_all() {
  local n
  for ((n = 1; n <= pair_steps; n++)); do not attempt "$n" add_pair || return 1; done
  add_pair && ip -n b link set v1 up || return 1
  not attempt 1 open_end && open_end && not attempt 1 resize && not attempt 2 resize &&
    not attempt 8 attach && fewer_queues && not attempt 4 more_queues || return 1
  delete_pair
}
# What is forgotten grows with each batch of rounds; what only waits somewhere does not.
no_leak() {
  fail_all && { batch_level || batch_level || batch_level; }
}
batch_level() {
  local -A before after
  local round
  memory_read before && memory_caches /tmp/before
  for ((round = 0; round < 10; round++)); do fail_all || return 1; done
  traffic_wait 10 is_level # what waits somewhere, a busy machine's more than an idle one's, goes by itself
  memory_caches /tmp/after
  echo "objects: ${before[objects]} kB before, ${after[objects]} kB after $round rounds"
  ((after[objects] < before[objects] + 32)) || { memory_grown /tmp/before /tmp/after && return 1; }
}

is_level() { memory_read after && ((after[objects] < before[objects] + 32)); }

# The same of link-new, whose devices are ours to free, at whatever step. A net_device is of a size that little else has.
no_device_left() {
  local batch
  for batch in 1 2 3; do devices_level && return; done
}
devices_level() {
  local before after round n
  before=$(objects_of_4k)
  for ((round = 0; round < 10; round++)); do
    for ((n = 1; n <= netlink_steps; n++)); do not attempt "$n" add_by_netlink || return 1; done
  done
  after=$(objects_of_4k)
  echo "$before objects of 4 kB before, $after after $round rounds"
  ((after < before + 5))
}
objects_of_4k() {
  memory_trim
  awk '/^kmalloc.*-4k / { objects += $2 } END { print objects }' /proc/slabinfo
}

check "the other module has nothing of this" not grep -q fail_alloc "$VNET_KO"
check "this one has" grep -q fail_alloc $module
traffic_no_ipv6 -
ip netns add b
traffic_no_ipv6 b
check "snull at load" walk 16 unload load_snull

insmod $module
check "a pair of four queues" walk 11 delete_pair add_pair
pair_steps=$steps_walked
check "an open end from the start" walk 15 delete_open add_open
check "a pair by generic netlink" walk 8 delete_by_netlink add_by_netlink
netlink_steps=$steps_walked
check "no device of it is forgotten" no_device_left
queues=2 # XDP alone has four steps for each, and a program takes its time to load
check "a program for a device that was never opened" walk $((pair_steps + 10)) delete_pair add_with_program
add_pair && ip -n b link set v1 up
check "open" walk 1 close_end open_end
check "registers" walk 1 true registers
check "all that can be asked" walk 7 true get_all
require "addresses" addresses
require "traffic" start_traffic
check "ring sizes under traffic" walk 2 resize_back resize
fewer_queues
check "all of a link under traffic" walk 7 set_link_back set_link
more_queues
check "XDP under traffic" walk 8 detach attach
fewer_queues
check "more queues under traffic" walk 4 fewer_queues more_queues
more_queues
stop_traffic
check "ping" traffic_ping_both - b 10.0.0.1 10.0.0.2 -i 0.02
check "all frames are accounted for" vnet_conserved - v0 b v1
delete_pair
check "nothing is forgotten" no_leak
check "unload" rmmod vnet
finish
