# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 600
# expect-console: NETDEV WATCHDOG
# Generic netlink on real devices: each command, what it shows and what it changes.
source "$VNET_TESTS/vm/cases/lib/case.sh"

nl() { traffic_in "$1" nlvnet "${@:2}"; } # NS COMMAND...
# The value of one attribute in a reply: NS COMMAND NAME ITEM...
value() {
  local ns=$1 command=$2 name=$3
  shift 3
  nl "$ns" "$command" "$@" | tr ' ' '\n' | sed -n "s/^$name=//p"
}
device() { value "$1" device-get "$3" "ifname=$2"; }  # NS DEVICE NAME
info() { device "$1" "$2" "info.$3"; }
set_info() { nl "$1" device-set "ifname=$2" "${@:3}"; } # NS DEVICE info.NAME=VALUE...

ethtool_says() { traffic_in "$1" ethtool "${@:2}" | tr -s '\t ' ' '; } # NS OPTION DEVICE

# ---- link-new, link-del

new() {
  local said
  ip netns add a
  ip netns add b
  traffic_no_ipv6 a b
  check "link-new" nl a link-new device.ifname=v0 device.mac=02:00:00:00:00:01 device.mtu=1400 \
    device.info.queues=4 device.info.rx-ring=128 device.info.tx-ring=512 device.info.seed=42 \
    device.info.timeout=2000 device.info.pad=1 \
    peer.ifname=v1 peer.mac=02:00:00:00:00:02 peer.info.rx-usecs=50 peer.info.csum=1 \
    peer-netns-fd=@/run/netns/b
  said=$(nl a device-get ifname=v0)
  contains "its first end" "$said" "ifname=v0 mac=020000000001 mtu=1400 open=0 carrier=0 snull=0 queues-max=4 "
  contains "and its info" "$said" "info.csum=wire info.big-tcp=0 info.queues=4 info.rx-ring=128 info.tx-ring=512 info.rx-usecs=0 info.rx-frames=0 info.adaptive-rx=0 info.pad=1 info.lockup=0 info.timeout=2000 info.seed=42"
  said=$(nl b device-get ifname=v1)
  contains "its peer" "$said" "ifname=v1 mac=020000000002 mtu=1500 "
  contains "and the peer's info" "$said" "info.csum=wire info.big-tcp=0 info.queues=4 info.rx-ring=512 info.tx-ring=128 info.rx-usecs=50 info.rx-frames=0 info.adaptive-rx=0 info.pad=0 info.lockup=0 info.timeout=1000 info.seed=42"
  equal "v0 says v1's index" "$(device a v0 peer-ifindex)" "$(traffic_in b cat /sys/class/net/v1/ifindex)"
  equal "not its name, which is of another namespace" "$(device a v0 peer-ifname)" ""
  contains "but the namespace's number" "$(ip -n a netns list-id)" "nsid $(device a v0 peer-netnsid) "
  contains "ip knows its kind" "$(ip -n a -d link show v0)" " vnet "
  contains "and its queues" "$(ip -n b -d link show v1)" "numtxqueues 4"
  check "link-del from the other end" nl b link-del device.ifname=v1
  equal "both are gone" "$(nl a device-get dump)$(nl b device-get dump)" ""
  check "link-new of nothing" nl a link-new
  contains "names of its own" "$(nl a link-get dump)" "device.ifname=vnet0 *peer.ifname=vnet1 "
  contains "both here" "$(nl a device-get ifname=vnet1)" "peer-ifname=vnet0 "
  check "two seeds were drawn" nl a link-new device.ifname=w0 peer.ifname=w1
  [[ $(info a vnet0 seed) != "$(info a w0 seed)" ]] || fail "both links have the same seed"
  equal "the link's at both ends" "$(info a w0 seed)" "$(info a w1 seed)"
  nl a link-del device.ifname=w0
  check "link-del by index" nl a link-del "device.ifindex=$(device a vnet0 ifindex)"
  equal "nothing is left" "$(nl a device-get dump)" ""
}

# ---- device-set, link-set

changes() {
  check "csum and bigtcp" set_info a v0 info.csum=1 info.big-tcp=1
  equal "csum at v1" "$(info b v1 csum)" wire
  contains "ip says so, too" "$(ip -n b -d link show v1)" "csum wire bigtcp on"
  set_info a v0 info.csum=0 info.big-tcp=0
  check "two queues" set_info b v1 info.queues=2
  contains "ethtool says so, of the other end" "$(ethtool_says a -l v0)" "Combined: 2"
  check "four again" set_info a v0 info.queues=4
  check "rings" set_info a v0 info.rx-ring=100 info.tx-ring=1000
  contains "ethtool's rx" "$(ethtool_says a -g v0)" "RX: 128"
  contains "is v1's tx" "$(nl b device-get ifname=v1)" "info.rx-ring=1024 info.tx-ring=128 "
  check "moderation" set_info a v0 info.rx-usecs=30 info.rx-frames=16
  contains "ethtool's" "$(ethtool_says a -c v0)" "rx-usecs: 30"
  check "adaptive" set_info a v0 info.adaptive-rx=1
  contains "ethtool's adaptive" "$(ethtool_says a -c v0)" "Adaptive RX: on"
  set_info a v0 info.adaptive-rx=0 info.rx-usecs=0 info.rx-frames=0
  check "pad" set_info a v0 info.pad=1
  contains "ethtool's pad" "$(ethtool_says a --show-priv-flags v0)" "pad: on"
  check "a timeout that nobody would see" set_info a v0 info.timeout=600000
  check "timeout" set_info a v0 info.timeout=50
  # Without a queue above it nobody waits, and no watchdog runs.
  traffic_in a tc qdisc add dev v0 root pfifo limit 1000
  check "a lockup" set_info a v0 info.lockup=3
  traffic_in a ping -c 8 -i 0.1 -W 1 10.0.0.2 >/dev/null
  check "is found within the new timeout" traffic_wait 10 timed_out # the kernel's watchdog looks about once a second
  set_info a v0 info.lockup=0
  traffic_wait 10 traffic_in a ping -q -c 3 -i 0.1 -W 1 10.0.0.2 >/dev/null
  set_info a v0 info.timeout=1000 info.pad=0
  traffic_in a tc qdisc del dev v0 root
  check "both ends at once" nl a link-set device.ifname=v0 device.info.rx-usecs=20 device.info.big-tcp=1 \
    peer.info.rx-usecs=40 peer.info.csum=1 peer.info.tx-ring=64
  equal "v0's" "$(info a v0 rx-usecs) $(info a v0 csum) $(info a v0 rx-ring)" "20 wire 64"
  equal "v1's" "$(info b v1 rx-usecs) $(info b v1 big-tcp) $(info b v1 tx-ring)" "40 1 64"
  check "back" nl b link-set device.ifname=v1 device.info.rx-usecs=0 device.info.csum=0 \
    device.info.tx-ring=256 device.info.big-tcp=0 peer.info.rx-usecs=0
  check "a seed" nl b seed-set ifname=v1 seed=0xffffffffffffffff
  equal "at v0" "$(value a seed-get seed ifname=v0)" 18446744073709551615
  equal "one drawn, as replied" "$(value a seed-set seed ifname=v0)" "$(info b v1 seed)"
  check "all frames are accounted for" vnet_conserved a v0 b v1
}

timed_out() { (($(vnet_counter a v0 tx_timeouts) > 0)); }

under_load() {
  local round
  traffic_next_port
  traffic_start b nice -n 10 iperf3 -s -p "$traffic_port" >/dev/null 2>&1
  local server=$traffic_pid
  traffic_wait "$traffic_deadline" traffic_listening b tcp "$traffic_port"
  traffic_start a nice -n 10 iperf3 -c 10.0.0.2 -p "$traffic_port" -t 100 -P 4 --bidir >/dev/null 2>&1
  for ((round = 0; round < 5; round++)); do
    nl a link-set device.ifname=v0 device.info.queues=$((1 + round % 4)) device.info.rx-ring=$((64 << round)) \
      device.info.csum=$((round % 2)) device.info.rx-usecs=$((round * 10)) peer.info.rx-ring=$((64 << round)) &&
      nl a stats-get dump per-queue= >/dev/null && vnet_flows b v1 || break
  done
  traffic_stop "$traffic_pid" KILL
  traffic_stop "$server" KILL
  traffic_disconnect a b
  nl a link-set device.ifname=v0 device.info.queues=4 device.info.rx-ring=256 device.info.csum=0 \
    device.info.rx-usecs=0 peer.info.rx-ring=256
  ((round == 5)) && vnet_conserved a v0 b v1
}

# ---- stats-get, regs-get

stats() {
  local said sum
  traffic_in a ping -q -c 20 -i 0.01 10.0.0.2 >/dev/null
  said=$(nl a stats-get ifname=v0)
  contains "the counters" "$said" "tx-frames=$(vnet_counter a v0 tx_frames) tx-bytes=$(vnet_counter a v0 tx_bytes) rx-frames=$(vnet_counter a v0 rx_frames) "
  contains "the ring" "$said" "ring-size=256"
  sum=$(nl a stats-get dump ifname=v0 per-queue= | sed -n 's/.* queue=.* tx-frames=\([0-9]*\) .*/\1/p' | paste -sd+)
  equal "the queues' sum" $((sum)) "$(vnet_counter a v0 tx_frames)"
  equal "messages for four queues" "$(nl a stats-get dump ifname=v0 per-queue= | wc -l)" 5
  contains "one queue" "$(nl a stats-get ifname=v0 queue=3)" "ifname=v0 queue=3 "
  # A frame for nobody.
  traffic_in a ip neigh replace 10.0.0.9 lladdr 02:00:00:00:99:99 dev v0
  traffic_in a ping -q -c 3 -i 0.01 -W 0.1 10.0.0.9 >/dev/null
  contains "drops by reason" "$(nl b stats-get ifname=v1)" "drop.direction=rx drop.reason=unicast-filter drop.frames=$(vnet_counter b v1 rx_drop_unicast_filter)"
  traffic_in b ip -force link set dev v1 xdpdrv object /usr/share/vnet/xdp.o program pass
  traffic_in a ping -q -c 3 -i 0.01 10.0.0.2 >/dev/null
  contains "the host's counters" "$(nl b stats-get ifname=v1)" "host-counter.name=xdp-pass host-counter.value=$(vnet_counter b v1 xdp_pass)"
  traffic_in b ip link set dev v1 xdpdrv off
  said=$(nl a regs-get ifname=v0)
  equal "registers" "$(sed 's/.*values=\([0-9a-f]*\).*/\1/' <<<"$said" | cut -c1-32)" \
    "01000000030000000400000000010000"
}

# ---- dumps

dumps() {
  local i ids
  ip netns add many
  for ((i = 0; i < 150; i++)); do nl many link-new device.info.queues=2 || break; done
  equal "devices in a dump" "$(nl many device-get dump | wc -l)" 300
  ids=$(nl many device-get dump | sed 's/ .*//')
  equal "each once" "$(sort -u <<<"$ids" | wc -l)" 300
  equal "links, each once" "$(nl many link-get dump | wc -l)" 150
  equal "messages with queues" "$(nl many stats-get dump per-queue= | wc -l)" 900
  contains "the lower index first" "$(nl many link-get dump | head -n 1)" "peer.ifname="
  check "an end that lives elsewhere" ip -n many link set vnet0 netns b
  equal "its link is still listed once" "$(nl many link-get dump | wc -l)" 150
  equal "and once there, beside v0's" "$(nl b link-get dump | wc -l)" 2
  equal "one device less" "$(nl many device-get dump | wc -l)" 299
  # Under changes: whatever comes of it ends, with all that stayed.
  nl many link-new device.ifname=stays
  churn() { for ((i = 0; i < 40; i++)); do nl many link-new device.ifname=c0 && nl many link-del device.ifname=c0; done; }
  churn &
  for ((i = 0; i < 20; i++)); do
    nl many device-get dump | grep -q " ifname=stays " || fail "a dump under changes left a device out"
  done
  wait $!
  ip netns del many
}

load
new
require "a pair" nl a link-new device.info.queues=4 device.ifname=v0 peer.ifname=v1 peer-netns-fd=@/run/netns/b
pair_addresses
changes
check "all of it under load" under_load
stats
dumps
check "a pair for the end" nl a link-new
check "unload" rmmod vnet
equal "no family any more" "$(nlvnet device-get dump 2>&1)" "no generic netlink family vnet"
finish
