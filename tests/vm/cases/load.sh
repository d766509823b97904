# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 300
# Load and unload: devices at load, refused parameters, nothing left behind, and what dyndbg says.
source "$VNET_TESTS/vm/cases/lib/case.sh"

nothing_left() {
  local left
  left=$(compgen -G '/sys/class/net/vnet*'; compgen -G '/sys/class/net/snull*'
    compgen -G '/sys/bus/platform/devices/vnet.*'; compgen -G '/sys/bus/platform/drivers/vnet'
    compgen -G '/sys/module/vnet')
  [[ -z $left ]] || {
    echo "left: $left"
    return 1
  }
}

bus_info() { ethtool -i "$1" | sed -n 's/^bus-info: //p'; }

plain_load() {
  load
  equal "links after a plain load" "$(link_count)" "$links_before"
  check "a pair can be made" ip link add type vnet
  check "the pair can be deleted" ip link del vnet0
  check "rmmod" rmmod vnet
  check "nothing is left" nothing_left
}

pairs_at_load() {
  local i
  load pairs=2
  for i in 0 1 2 3; do
    equal "bus-info of vnet$i" "$(bus_info vnet$i)" "vnet.$i"
  done
  equal "peer of vnet0" "$(</sys/class/net/vnet0/iflink)" "$(</sys/class/net/vnet1/ifindex)"
  equal "peer of vnet3" "$(</sys/class/net/vnet3/iflink)" "$(</sys/class/net/vnet2/ifindex)"
  check "rmmod with pairs" rmmod vnet
  check "nothing is left" nothing_left
  load snull=1 pairs=1
  equal "bus-info of snull1" "$(bus_info snull1)" vnet.1
  equal "bus-info of vnet0 beside snull" "$(bus_info vnet0)" vnet.2
  check "rmmod with snull and a pair" rmmod vnet
}

# The pair is made where its loader is, stays there, and ends there; `bind` makes it anew.
snull_namespace() {
  ip netns add lab
  ip netns add other
  check "insmod snull=1 in a namespace" ip netns exec lab insmod "$VNET_KO" snull=1
  equal "links there" "$(ip -n lab -o link | grep -c snull)" 2
  check "none here" not exists snull0
  refused "an end of it moved away" "*" ip -n lab link set snull0 netns other
  refused "moved here" "*" ip -n lab link set snull1 netns 1
  check "the namespace ends" ip netns del lab
  check "and the pair with it" traffic_wait 10 no_net
  check "none came here" not exists snull0
  check "its places on the bus stay" test -e /sys/bus/platform/devices/vnet.1
  echo vnet.0 >/sys/bus/platform/drivers/vnet/unbind
  echo vnet.0 >/sys/bus/platform/drivers/vnet/bind
  check "bound again it is here" exists snull0
  check "rmmod" rmmod vnet
  check "nothing is left" nothing_left
  ip netns del other
}
no_net() { [[ ! -e /sys/bus/platform/devices/vnet.0/net && ! -e /sys/bus/platform/devices/vnet.1/net ]]; }

# Installed as `make install` does it: found by name, and by the kind that `ip link` asks for.
by_name() {
  install -D -m 644 "$VNET_KO" "/lib/modules/$KRELEASE/updates/vnet.ko" && depmod -a
  check "modprobe vnet snull=1" modprobe vnet snull=1
  snull_addresses
  check "ping on what modprobe made" traffic_ping - 192.168.0.2 -c 1
  check "modprobe -r" modprobe -r vnet
  check "ip link add type vnet loads the module by itself" ip link add v0 type vnet
  check "and makes the pair" exists v0
  check "rmmod after that" rmmod vnet
  rm "/lib/modules/$KRELEASE/updates/vnet.ko" && depmod -a
}

refused_load() { # PATTERN-OF-THE-LOG PARAMETERS...
  local said=$1
  shift
  log_mark
  refused "insmod $*" "*" insmod "$VNET_KO" "$@"
  check "the log says why ($said)" log_has "$said"
  check "nothing is left" nothing_left
}

bad_parameters() {
  refused_load "banana. invalid for parameter .snull" snull=banana
  refused_load "invalid for parameter .pairs" pairs=-1
  refused_load "pairs=1025: must be 0 to 1024" pairs=1025
  refused_load "timeout=9: must be 10 to 600000 ms" timeout=9
  refused_load "timeout=600001: must be 10 to 600000 ms" snull=1 timeout=600001
  refused_load "lockup=3: needs snull=1" lockup=3
}

name_taken() {
  ip link add snull1 type veth peer name other
  log_mark
  refused "insmod snull=1 with snull1 taken" "*File exists*" insmod "$VNET_KO" snull=1
  check "the log says why" log_has "cannot register snull1.*cannot make snull1"
  check "the other snull1 is still there" exists snull1
  ip link del snull1
  check "nothing is left, snull0 neither" nothing_left
  load snull=1
  check "loads once the name is free" rmmod vnet
}

many_loads() {
  local round
  for ((round = 0; round < 20; round++)); do
    insmod "$VNET_KO" snull=1 pairs=2 && ip link set snull0 up && ip link set snull1 up &&
      ip link set vnet1 up && rmmod vnet && nothing_left || return 1
  done
  echo "$round rounds"
}

dynamic_debug() {
  log_mark
  load snull=1 dyndbg=+p
  snull_addresses
  check "ping with dynamic debug" traffic_ping - 192.168.0.2 -c 1
  send_raw snull0 02000000000900534e554c3088b5:60
  traffic_wait 5 log_has "drop:"
  ip link set snull1 down
  local line
  for line in "snull0: opened" "snull1: stopped" "snull0: tx: [0-9]+ bytes, protocol 0800" \
    "snull1: rx: [0-9]+ bytes, protocol 0800" "drop: 60 bytes, unicast_filter" \
    "snull0: link up" "snull0: link down"; do
    check "the log has '$line'" log_has "$line"
  done
  check "rmmod" rmmod vnet
}

modprobe veth
links_before=$(link_count)
plain_load
pairs_at_load
by_name
bad_parameters
name_taken
snull_namespace
check "20 loads and unloads" many_loads
dynamic_debug
finish
