# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 300
# expect-console: NETDEV WATCHDOG
# Faults of the link and of the transmitter: link-flap, tx-stall, dma-error, reset-fail, on real traffic.
source "$VNET_TESTS/vm/cases/lib/case.sh"
# shellcheck source=tests/vm/cases/lib/fault.sh
source "$VNET_TESTS/vm/cases/lib/fault.sh"

carrier_changes() { traffic_in "${home[$1]}" cat "/sys/class/net/$1/carrier_changes"; }
operstate() { traffic_in "${home[$1]}" cat "/sys/class/net/$1/operstate"; }
# shellcheck disable=SC2053 # a glob is meant
operstate_is() { [[ $(operstate "$1") == $2 ]]; }
# Linux 6.1 says lowerlayerdown of a device that has a peer.
both_down() { traffic_wait 5 operstate_is v0 "*down" && traffic_wait 5 operstate_is v1 "*down"; }
both_up() { traffic_wait 60 operstate_is v0 up && traffic_wait 5 operstate_is v1 up; }
# One after the other: a single call of ping waits for the last answer no longer than two round trips.
each_answered() { # COUNT
  local i
  for ((i = 0; i < $1; i++)); do traffic_ping a 10.0.0.2 -c 1 -W 10 || return 1; done
}
# The next frame passes, and hangs the transmitter behind it.
hangs() { traffic_ping a 10.0.0.2 -c 1 -W 10 && traffic_wait 5 register_is v0 3 && register_is v0 3; }
register() { vnet -n "${home[$1]}" -j regs show "$1" | jq ".[0].queue[0].tx_state"; }
register_is() { [[ $(register "$1") == "$2" ]]; }

flap() {
  local changes
  changes=$(carrier_changes v0)
  adds v0 link-flap for 30s
  check "operstate: down at both ends" both_down
  check "nothing comes" nothing_comes
  check "is active" of_is v0 .state '"active"'
  check "operstate: up at both ends" both_up
  check "is over" comes_to v0 '[.state, .fired]' '["done",1]'
  equal "carrier_changes" "$(carrier_changes v0)" $((changes + 2))
  equal "at the other end, too" "$(carrier_changes v1)" $((changes + 2))
  account v0 link-flap 1
  check "pings" pings
  check "fired a second time: refused" not fault fire v0 "$id"
  adds v1 link-flap at +3600s until reset expire never
  check "nothing yet" pings
  check "fired" fault fire v1 "$id"
  check "both ends lose the carrier" both_down
  check "deleted while it lasts" fault del v1 "$id"
  check "both have it again" both_up
  check "pings" pings
}

# Few frames, or none, get as far as to be lost for it: the stack keeps them once it has heard of the carrier.
flaps_under_load() {
  local flood changes
  changes=$(carrier_changes v0)
  traffic_in a ping -n -q -f -c 4000 -W 1 10.0.0.2 >"$work/flood" &
  flood=$!
  fault add v0 link-flap every 100ms for 30ms || return 1
  traffic_wait 30 has_changed $((changes + 20)) || return 1
  fault del v0 all || return 1
  traffic_stop "$flood" INT
  both_up || return 1
  echo "$(counter v0 tx_drop_link_flap) frames lost for it"
  pings && conserved
}
has_changed() { (($(carrier_changes v0) >= $1)); }
at_least() { (($(counter "$1" "$2") >= $3)); }

stall() {
  local timeouts
  # The watchdog looks at a device with a queue above it.
  require "a qdisc" traffic_in a tc qdisc replace dev v0 root pfifo limit 1000
  require "a timeout of 300 ms" vnet -n a link set v0 timeout 300ms
  adds v0 tx-stall nth 3
  timeouts=$(counter v0 tx_timeouts)
  check "pings are answered, if late" each_answered 6
  check "the watchdog has seen it" test "$(counter v0 tx_timeouts)" = $((timeouts + 1))
  equal "tx_errors" "$(statistic v0 tx_errors)" "$(counter v0 tx_timeouts)"
  check "the kernel's watchdog said so" log_has "NETDEV WATCHDOG: .*transmit queue 0 timed out"
  check "the reset ended it" comes_to v0 '[.state, .fired]' '["done",1]'
  account v0 tx-stall 1
  check "pings" pings
  # No reset in the way: each lets one more frame pass.
  check "a timeout of a minute" vnet -n a link set v0 timeout 60s
  adds v0 tx-stall for 50s
  check "the queue stops behind the next frame" hangs
  check "nothing comes" nothing_comes
  check "deleted while it lasts" fault del v0 "$id"
  check "pings go on" pings
  adds v0 tx-stall
  check "hangs" hangs
  check "down while it hangs" ip -n a link set v0 down
  check "ended by the stop" comes_to v0 .state '"done"'
  ip -n a link set v0 up
  require "up again" both_up
  check "pings" pings
  require "a timeout of 300 ms" vnet -n a link set v0 timeout 300ms
}

resets_fail() {
  local timeouts errors
  errors=$(statistic v0 tx_errors)
  timeouts=$(counter v0 tx_timeouts)
  adds v0 reset-fail now count 2
  local reset=$id
  adds v0 tx-stall
  check "pings are answered after the third reset" each_answered 2
  check "three timeouts" test "$(counter v0 tx_timeouts)" = $((timeouts + 3))
  equal "tx_errors" "$(statistic v0 tx_errors)" $((errors + 3))
  account v0 tx-stall 1
  id=$reset
  check "two failed" comes_to v0 '[.state, .fired]' '["done",2]'
  account v0 reset-fail 2
  adds v0 reset-fail for 50s
  adds v0 tx-stall for 50s
  check "hangs, and no reset helps" hangs_for_good
  check "a stop does not" timeout 30 ip -n a link set v0 down
  check "all deleted" fault del v0 all
  ip -n a link set v0 up
  require "up again" both_up
  check "pings" pings
}

hangs_for_good() {
  local before
  hangs || return 1
  before=$(counter v0 tx_timeouts)
  traffic_wait 10 at_least v0 tx_timeouts $((before + 2)) && register_is v0 3 && nothing_comes
}

dma_error() {
  local errors
  errors=$(statistic v0 tx_errors)
  adds v0 dma-error every 2 frames
  check "half of the pings are lost" some_lost 10 5
  equal "tx_drop_dma_error" "$(counter v0 tx_drop_dma_error)" 5
  equal "tx_errors" "$(statistic v0 tx_errors)" $((errors + 5))
  account v0 dma-error 5
  check "deleted" fault del v0 "$id"
  adds v1 dma-error prob 100% count 3
  check "no answer is sent" nothing_comes
  check "one more" not traffic_ping a 10.0.0.2 -c 1 -W 0.5
  check "is over" comes_to v1 '[.state, .fired, .hits]' '["done",3,3]'
  account v1 dma-error 3
  check "pings" pings
}

log_mark
load
require "a pair" fault_pair
flap
check "flaps under load" flaps_under_load
stall
resets_fail
dma_error
check "conserved" conserved
check "by ethtool, too" vnet_conserved a v0 b v1
monitors_end
check "a fault that lasts goes with its device" fault add v0 link-flap for 50s
check "the pair goes" ip -n a link del v0
check "rmmod" rmmod vnet
finish
