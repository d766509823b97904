# shellcheck shell=bash
# timeout: 1500
# Inside the guest: every scenario of /vnet/scenarios on every kind of pair, in one boot. Run by bench/vm/run.
set -e

FRAMES=2000 # per window of pktgen
CONNECTIONS=3

kinds=(veth)
modprobe veth
modprobe pktgen
modprobe sch_netem
if modprobe netkit 2>/dev/null; then kinds+=(netkit); fi # 6.7 and later
if [[ -n ${VNET_KO-} ]]; then
  insmod "$VNET_KO"
  kinds+=(vnet)
fi

# A pair, one end in namespace b, that nothing but our load uses.
pair_up() { # KIND
  ip netns add b
  load create "$1" p0 p1
  ip link set p1 netns b
  ip netns exec b sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
  ip addr add 10.9.0.1/24 dev p0
  ip -n b addr add 10.9.0.2/24 dev p1
  ip link set p0 up
  ip -n b link set p1 up
  ip -n b link set lo up
  mac=$(ip netns exec b cat /sys/class/net/p1/address)
  ip neigh replace 10.9.0.2 lladdr "$mac" dev p0 nud permanent
  ip -n b neigh replace 10.9.0.1 lladdr "$(</sys/class/net/p0/address)" dev p1 nud permanent
  # The peer's stack has no route to this one: it drops such frames as early as it can.
  ip neigh replace 10.9.9.9 lladdr "$mac" dev p0 nud permanent
  ip route add 10.9.9.9 dev p0
  sleep 1 # what follows a link's coming up is not to be counted
}

pair_down() {
  ip link del p0
  ip netns del b
  sleep 1
}

pktgen_set() { echo "$2" >"/proc/net/pktgen/$1"; }

pktgen_setup() { # FRAMES
  local line
  pktgen_set kpktgend_0 rem_device_all
  pktgen_set kpktgend_0 "add_device p0"
  for line in "count $1" "clone_skb 0" "pkt_size 60" "delay 0" "dst 10.9.9.9" "dst_mac $mac" "burst 1"; do
    pktgen_set p0 "$line"
  done
}

scenario_single() { # KIND
  pktgen_setup 500
  echo start >/proc/net/pktgen/pgctrl # a round to warm up
  pktgen_setup "$FRAMES"
  load pktgen "single $1" "$FRAMES"
  pktgen_set kpktgend_0 rem_device_all
}

scenario_burst() { # KIND
  ethtool -K p0 tx-udp-segmentation off # so the stack cuts, and says of each frame whether more follow
  load burst "burst $1" 10.9.9.9 200 16
}

# More than one, to see how far the figure can be trusted.
scenario_bulk() { # KIND
  local connection
  for ((connection = 0; connection < CONNECTIONS; connection++)); do
    load bulk "bulk $1" b 10.9.0.2 32
  done
}

# BIG TCP: 192 KiB in each end, for every kind, and windows that fill it.
scenario_bulk-192k() { # KIND
  local connection
  load sizes p0 196608
  ip netns exec b load sizes p1 196608
  sysctl -qw net.ipv4.tcp_wmem="4096 2097152 16777216" net.ipv4.tcp_rmem="4096 2097152 16777216"
  ip netns exec b sysctl -qw net.ipv4.tcp_rmem="4096 2097152 16777216"
  for ((connection = 0; connection < CONNECTIONS; connection++)); do
    load bulk "bulk-192k $1" b 10.9.0.2 32
  done
}

# As single, past a program at the receiver that passes each frame.
scenario_xdp() { # KIND
  ip -n b link set dev p1 xdp obj /usr/share/vnet/pass.o sec xdp
  pktgen_setup 500
  echo start >/proc/net/pktgen/pgctrl
  pktgen_setup "$FRAMES"
  load pktgen "xdp $1" "$FRAMES"
  pktgen_set kpktgend_0 rem_device_all
}

scenario_rr() { load rr "rr $1" b 10.9.0.2 2000; }

# Loss and delay: netem in front of veth, vnet's own wire.
impaired() { # SCENARIO KIND FRAMES MS
  local each
  if [[ $2 == vnet ]]; then
    vnet impair set p0 loss 1% delay "$4ms"
  else
    tc qdisc add dev p0 root netem limit 1000000 loss 1% delay "$4ms"
  fi
  for each in /sys/kernel/slab/*/shrink; do echo 1 >"$each"; done # memory is measured
  load held "$1 $2" b 10.9.9.9 "$3" "$4"
}
scenario_impaired() { impaired impaired "$1" 30000 10; }
scenario_impaired-100000() { impaired impaired-100000 "$1" 300000 1000; }

# Once before, for the caches that only grow; and sysfs numbers its files, whose tree is higher by
# a level from number 262,144 on: all kinds are measured above that.
scenario_pairs() { # KIND
  [[ $1 != veth ]] || load pairs pairs-warm-up "$1" 2000
  load pairs pairs-warm-up "$1" 20
  load pairs pairs-100 "$1" 100
  load pairs pairs-1000 "$1" 1000
}

scenario_dump() { # KIND
  local count
  # In a namespace of its own, which has but `lo`.
  ip netns add dump
  for count in 10 100 1000; do ip netns exec dump load dump "dump-$count $1" "$count"; done
  ip netns del dump
}

scenario_pairs-10000() { load pairs pairs-10000 "$1" 10000; }

sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
load calibrate "calibration none"
read -ra scenarios </vnet/scenarios
for scenario in "${scenarios[@]}"; do
  for kind in "${kinds[@]}"; do
    # It runs no native XDP; and with netem in front it is as veth.
    if [[ $kind == netkit && ($scenario == xdp || $scenario == impaired*) ]]; then continue; fi
    echo "$scenario on $kind" >/dev/kmsg
    if [[ $scenario == pairs* || $scenario == dump ]]; then
      "scenario_$scenario" "$kind"
    else
      pair_up "$kind"
      "scenario_$scenario" "$kind"
      pair_down
    fi
  done
done
# Addresses to functions; modules are where this boot has put them.
grep -i ' [tw] ' /proc/kallsyms | sed 's/^/= /'
