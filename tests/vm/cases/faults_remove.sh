# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 600
# expect-console: NETDEV WATCHDOG
# The fault `remove` under traffic, of pairs and of devices made at load; faults that come and go under load; devices that
# go with faults that last.
source "$VNET_TESTS/vm/cases/lib/case.sh"
# shellcheck source=tests/vm/cases/lib/fault.sh
source "$VNET_TESTS/vm/cases/lib/fault.sh"

bus=/sys/bus/platform/drivers/vnet
missing() { ! traffic_in "$1" test -e "/sys/class/net/$2"; }
both_missing() { missing a v0 && missing b v1; }

flood_start() { # NS IP
  traffic_start "$1" ping -n -q -f -W 1 "$2" >/dev/null 2>&1
  flood=$traffic_pid
}

pair_anew() {
  traffic_in a ip link add v0 type vnet peer name v1 netns b && pair_addresses &&
    impair_neighbours a v0 10.0.0.1 b v1 10.0.0.2
}

removed() {
  adds v0 remove nth 50 expire never
  flood_start a 10.0.0.2
  check "the frame comes, both ends go" traffic_wait 20 both_missing
  traffic_stop "$flood" INT
  check "the event" traffic_wait 5 grep -q "\"fault_fired\".*\"v0\".*\"remove\"" "$work/a"
  check "the log" log_has "v0: fault $id: remove at 50 of queue 0"
  check "v1 is told of, too" traffic_wait 5 grep -q '"device_del".*"v1"' "$work/b"
  require "a pair again" pair_anew
  check "pings" pings
  flood_start a 10.0.0.2
  adds v1 remove at +500ms
  check "the time comes, both ends go" traffic_wait 20 both_missing
  traffic_stop "$flood" INT
  require "a pair again" pair_anew
  adds v1 remove every 1000000 frames
  check "fired by hand" fault fire v1 "$id"
  check "both ends go" traffic_wait 20 both_missing
}

# One of the faults of either end has fired.
struck() { (($({ fault_listed v0 && fault_listed v1; } | jq -s 'add | map(.fired) | add') > 0)); }
removed_while_faulty() {
  local what
  for what in "tx-stall" "rx-stall for 50s" "link-flap for 50s" "irq-storm for 50s" "dma-slow value 5s" "irq-lost for 50s" \
    "ring-corrupt"; do
    pair_anew || return 1
    # shellcheck disable=SC2086 # words
    fault add v0 $what && fault add v1 reset-fail for 50s || return 1
    # shellcheck disable=SC2086 # words
    [[ $what == "tx-stall" || $what == "link-flap"* ]] || fault add v1 $what || return 1
    flood_start a 10.0.0.2
    traffic_wait 10 struck || { echo "$what: has not begun" && return 1; }
    fault add v0 remove || return 1
    traffic_wait 20 both_missing || { echo "$what: still there" && return 1; }
    traffic_stop "$flood" INT
  done
}

# Each end by itself, as with unbind.
at_load() {
  check "unload" rmmod vnet
  load snull=1
  require "addresses" snull_addresses
  ping -n -q -f -W 1 192.168.0.2 >/dev/null 2>&1 &
  flood=$!
  check "snull1 is pulled out" vnet fault add snull1 remove nth 20
  check "snull1 goes" traffic_wait 20 not exists snull1
  check "snull0 stays" exists snull0
  check "without a carrier" test "$(</sys/class/net/snull0/carrier)" = 0
  check "its bus device has no driver" not test -e /sys/devices/platform/vnet.1/driver
  traffic_stop "$flood" INT
  check "bind brings it back" bind vnet.1
  require "addresses" snull_addresses
  check "pings" snull_ping -c 3
  check "both are pulled out" both_pulled
  check "bind" bind vnet.0
  check "rmmod with one end missing" rmmod vnet
  load pairs=1
  check "a plain one, never opened" vnet fault add vnet0 remove
  check "goes" traffic_wait 20 not exists vnet0
  check "the other stays" exists vnet1
}
bind() { echo "$1" >$bus/bind; }
both_pulled() {
  vnet fault add snull0 remove && vnet fault add snull1 remove && traffic_wait 20 not exists snull0 &&
    traffic_wait 20 not exists snull1
}

each_fault=("irq-lost prob 1%" "irq-spurious every 3ms" "irq-storm every 50ms for 5ms" "tx-stall every 200" "rx-stall every 300 for 3ms"
  "rx-overrun prob 1%" "csum good every 3" "truncate every 50" "dma-slow every 100 value 300us" "dma-error prob 1%" "ring-corrupt every 300"
  "alloc-fail prob 1%" "reset-fail prob 50%" "mac-filter leak" "mac-filter deaf" "link-flap every 300ms for 10ms")
under_load() {
  local round what end
  traffic_in a tc qdisc replace dev v0 root pfifo && vnet -n a link set v0 timeout 100ms || return 1
  flood_start a 10.0.0.2
  for round in 1 2; do
    ((round == 1)) || vnet -n a impair set v0 direction both delay 2ms || return 1 # and behind an impaired wire
    for what in "${each_fault[@]}"; do
      for end in v0 v1; do
        [[ "$end $what" == "v0 irq-storm"* || "$end $what" == "v1 irq-lost"* ]] && continue # exclude each other
        # shellcheck disable=SC2086 # words
        fault add "$end" $what >/dev/null || return 1
      done
    done
    traffic_in b ethtool -G v1 rx $((64 << round)) || return 1
    sleep 1
    fault del v0 all && fault del v1 all || return 1
  done
  traffic_stop "$flood" INT
  vnet -n a impair del v0 && none_left v0 && none_left v1
}

load
require "a pair" fault_pair
sysctl -qw net.core.message_burst=0 # of each fault only the first firing: thousands of lines would push out what is looked for
check "all faults at once under ping -f, twice" under_load
require "up again" traffic_link_up a v0
check "pings" pings
check "conserved" conserved
vnet_cut=1000000 # bytes; 98 - 20 of a ping
check "by ethtool, too" vnet_conserved a v0 b v1
ip -n a link del v0
require "a pair again" pair_anew
log_mark
removed
check "pulled out while other faults last" removed_while_faulty
monitors_end
at_load
check "rmmod" rmmod vnet
finish
