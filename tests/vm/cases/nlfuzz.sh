# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 7200
# Random and mutated messages to the generic netlink family while traffic runs: each is answered, the
# kernel does not mind, and the traffic goes on. VNET_NLFUZZ in tests/vm/cases/run's environment says
# how many.
source "$VNET_TESTS/vm/cases/lib/case.sh"
# shellcheck source=tests/traffic/impair.sh
source "$VNET_TESTS/traffic/impair.sh"

VNET=vnet

count=12000
[[ ! -s /usr/share/vnet/nlfuzz-count ]] || count=$(</usr/share/vnet/nlfuzz-count)
# Then a new namespace: what was made meanwhile goes with the old one.
chunk=$((count < 100000 ? 4000 : 20000))
seed=${VNET_TEST_SEED:-$RANDOM}

# v0 carries traffic; w0 and those that come of link-new do not.
begin() {
  ip netns add b
  ip netns add a
  traffic_no_ipv6 a b
  traffic_in a nlvnet link-new device.ifname=v0 device.info.queues=4 peer.ifname=v1 peer-netns-fd=@/run/netns/b &&
    pair_addresses && traffic_in a nlvnet link-new device.ifname=w0 device.info.queues=2 peer.ifname=w1 || return 1
  traffic_start a ping -q -i 0.005 10.0.0.2 >/dev/null
}
# Faults and impairments of a device that none was added to are none to take away.
harmless() {
  local direction
  traffic_in a nlvnet fault-del ifname=v0
  for direction in 0 1; do traffic_in a nlvnet impair-del ifname=v0 direction=$direction; done
  traffic_in a nlvnet link-set device.ifname=v0 device.info.lockup=0 device.info.csum=0 device.info.rx-usecs=0 \
    peer.info.rx-usecs=0 peer.info.lockup=0
}
# Down and up again, queues that hang for want of an interrupt are ready; without a qdisc nobody watches them.
reopened() { # NS DEVICE
  ip -n "$1" link set "$2" down && ip -n "$1" link set "$2" up
}
# A random seed, timeout or ring is in force: frames still arrive.
goes_on() {
  harmless && reopened a v0 && reopened b v1 && traffic_link_up a v0 && vnet_flows b v1
}
# Some were doubled on their way, some lost by faults.
finish_round() {
  traffic_stop "$traffic_pid"
  impair_conserved a v0 b v1 || return 1
  ip netns del a && ip netns del b
}

load
echo "seed $seed"
for ((done_ = 0; done_ < count; done_ += chunk)); do
  require "devices" begin
  check "$chunk messages" traffic_in a nlfuzz $chunk $((seed + done_)) v0 w0 w1 x0 x1 x2
  check "the traffic goes on" goes_on
  check "all frames are accounted for" finish_round
done
equal "devices that are left" "$(nlvnet device-get dump)" ""
check "unload" rmmod vnet
finish
