# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 600
# Faults of the receiver's interrupts and ring: irq-lost, irq-spurious, irq-storm, rx-stall, rx-overrun, ring-corrupt, alloc-fail,
# dma-slow; when they begin and end.
source "$VNET_TESTS/vm/cases/lib/case.sh"
# shellcheck source=tests/vm/cases/lib/fault.sh
source "$VNET_TESTS/vm/cases/lib/fault.sh"

# slowest MIN PINGS: the slowest of two pings takes MIN ms at least; both are answered. ping waits for the second answer no
# longer than their interval.
slowest() {
  local said time
  said=$(traffic_in a ping -n -c 2 -i 5 -W 5 10.0.0.2) || return 1
  echo "$said"
  time=$(sed -n 's|^rtt .* = [^/]*/[^/]*/\([0-9]*\).*|\1|p' <<<"$said")
  [[ $said == *" 0% packet loss"* ]] && ((time >= $1))
}
# is_over DEVICE FIRED HITS
is_over() { check "is over" comes_to "$1" '[.state, .fired, .hits]' "[\"done\",$2,$3]"; }

irq_lost() {
  adds v1 irq-lost nth 2
  check "the first frame comes" traffic_ping a 10.0.0.2 -c 1
  check "the second waits for the third" slowest 400
  is_over v1 1 1
  account v1 irq-lost 1
  adds v1 irq-lost for 60s
  check "for a time: nothing comes" nothing_comes
  check "deleted" vnet_grew b v1 rx_frames 2 fault del v1 "$id"
  check "pings" pings
}

irq_spurious() {
  local polls irqs
  polls=$(counter v1 polls)
  irqs=$(counter v1 rx_irqs)
  adds v1 irq-spurious every 100ms count 5
  is_over v1 5 5
  check "each became a poll at least" test "$(counter v1 polls)" -ge $((polls + 5))
  equal "interrupts that brought frames" "$(counter v1 rx_irqs)" "$irqs"
  account v1 irq-spurious 5
}

storm_polls() { # into $polls
  polls=$(counter v1 polls)
  fault add v1 irq-storm for 2s >"$work/added" || return 1
  read -r _ id _ < <(tail -n 1 "$work/added")
  comes_to v1 .state '"done"' || return 1
  polls=$(($(counter v1 polls) - polls))
  echo "$polls polls"
}
irq_storm() {
  local polls free
  check "a storm" storm_polls
  free=$polls
  account v1 irq-storm 1
  traffic_in b ethtool -C v1 rx-usecs 100000
  check "a storm that is moderated" storm_polls
  check "moderation holds it: $polls polls, not $free" test "$polls" -le 30 -a "$free" -gt $((2 * polls))
  traffic_in b ethtool -C v1 rx-usecs 0
  check "pings" pings
}

# Twice: under `noqueue`, and with byte queue limits above the sender.
rx_stall() {
  local missed errors dropped
  missed=$(counter v1 rx_drop_rx_missed)
  dropped=$(statistic v1 rx_dropped)
  errors=$(statistic v1 rx_missed_errors)
  adds v1 rx-stall for 600s expire never
  check "nothing comes" nothing_comes
  check "numbered datagrams are sent all the same" traffic_in a "$UDP_NUMBERS" send 10.0.0.2 9 200
  check "the ring is full" traffic_wait 5 counter_is v1 in_flight 64
  check "what found no room was missed" traffic_wait 5 counter_is v1 rx_drop_rx_missed $((missed + 200 + 2 - 64))
  equal "rx_missed_errors" "$(statistic v1 rx_missed_errors)" $((errors + 200 + 2 - 64))
  equal "rx_dropped, to which /proc/net/dev adds them," "$(statistic v1 rx_dropped)" "$dropped"
  check "the sender does not wait" not_stopped
  check "is active" of_is v1 '[.state, .fired]' '["active",1]'
  check "conserved while it lasts" conserved
  account v1 rx-stall 1
  check "deleted: what the ring had comes" vnet_grew b v1 rx_frames 64 fault del v1 "$id"
  check "pings" pings
}
not_stopped() { [[ $(vnet -n a -j regs show v0 | jq '.[0].queue[0].tx_state') == 0 ]]; }

rx_stalls() {
  traffic_in b ethtool -G v1 rx 64
  rx_stall
  check "a qdisc" traffic_in a tc qdisc replace dev v0 root pfifo limit 1000
  rx_stall
  equal "timeouts of the sender" "$(counter v0 tx_timeouts)" 0
  traffic_in b ethtool -G v1 rx 256
  adds v1 rx-stall
  check "the next frame begins it" pings -c 1
  check "a second, unless it is said" comes_to v1 .state '"done"'
  adds v1 rx-stall until reset
  check "nothing comes" nothing_comes
  check "down and up" ip -n b link set v1 down
  check "ended by the stop" comes_to v1 .state '"done"'
  ip -n b link set v1 up
  require "up again" traffic_link_up a v0
  check "pings" pings
}

# are_told TYPE COUNT: so many events of v1.
are_told() {
  local told
  told=$(grep -c "\"type\":\"$1\".*\"ifname\":\"v1\"" "$work/b")
  echo "$told told"
  ((told == $2))
}
come_to_be_told() { traffic_wait 10 are_told "$@" || are_told "$@"; }
losses() {
  adds v1 rx-overrun nth 3 count 2
  check "two of eight are lost" some_lost 8 2
  is_over v1 2 2
  equal "rx_drop_rx_overrun" "$(counter v1 rx_drop_rx_overrun)" 2
  equal "rx_fifo_errors" "$(statistic v1 rx_fifo_errors)" 2
  equal "rx_errors" "$(statistic v1 rx_errors)" 2
  account v1 rx-overrun 2

  local dropped
  dropped=$(statistic v1 rx_dropped)
  adds v1 alloc-fail after 2 once
  check "one of five is lost" some_lost 5 1
  equal "rx_drop_no_memory" "$(counter v1 rx_drop_no_memory)" 1
  equal "rx_dropped" "$(statistic v1 rx_dropped)" $((dropped + 1))
  account v1 alloc-fail 1

  adds v1 ring-corrupt every 4 frames count 2
  check "two of eight are lost" some_lost 8 2
  equal "rx_drop_bad_descriptor" "$(counter v1 rx_drop_bad_descriptor)" 2
  equal "rx_errors" "$(statistic v1 rx_errors)" 4
  check "ring_resets are told" come_to_be_told ring_reset 2
  account v1 ring-corrupt 2
  adds v1 ring-corrupt
  local corrupt=$id
  adds v1 reset-fail count 3
  check "the ring comes back by itself" some_lost 1 1
  check "after three resets that failed" comes_to v1 '[.state, .fired]' '["done",3]'
  check "they are told" come_to_be_told reset_failed 3
  account v1 reset-fail 3
  id=$corrupt
  account v1 ring-corrupt 1
  check "pings" pings

  adds v1 dma-slow value 300ms nth 2
  check "a ping takes so long" slowest 300
  account v1 dma-slow 1
}

begins_and_ends() {
  adds v1 rx-overrun at +20s once
  check "not yet" pings
  sleep 20
  check "the time has come: one is lost" some_lost 3 1
  account v1 rx-overrun 1
  adds v1 rx-overrun every 1s for 1ms expire 20s
  check "at each second" fires_again
  check "its time is up" traffic_wait 60 of_is v1 .state '"expired"'
  check "list, events and log agree" agreed v1 rx-overrun "$(of v1 .fired)"
  check "nothing is lost any more" pings
  adds v1 rx-overrun prob 50% expire never
  check "by chance" by_chance
  check "list, events and log agree" agreed v1 rx-overrun "$(of v1 .fired)"
  check "deleted" fault del v1 "$id"
  adds v1 rx-overrun nth 1000000
  check "fired by hand" fault fire v1 "$id"
  check "one is lost" some_lost 3 1
  account v1 rx-overrun 1
  refused "an id that is not there" "vnet: 'v1': id: the device has no such fault" fault fire v1 9999
  refused "two that exclude each other" "*truncate: excludes bad-length*" excluded
  check "all deleted" fault del v1 all
  check "none is left" none_left v1
  check "pings" pings
}
fires_again() {
  traffic_in a ping -n -q -c 100 -i 0.05 -W 1 10.0.0.2
  [[ $(of v1 .fired) -ge 2 ]]
}
by_chance() {
  local fired
  traffic_in a ping -n -q -c 40 -i 0.01 -W 1 10.0.0.2
  fired=$(of v1 .fired)
  ((fired >= 4 && fired <= 36))
}
excluded() { fault add v1 bad-length && fault add v1 truncate; }

log_mark
load
require "a pair" fault_pair
irq_lost
irq_spurious
irq_storm
rx_stalls
losses
begins_and_ends
check "conserved" conserved
check "by ethtool, too" vnet_conserved a v0 b v1
monitors_end
check "a fault that lasts goes with its device" fault add v1 rx-stall for 50s
check "and what it holds" nothing_comes
check "the pair goes" ip -n a link del v0
check "rmmod" rmmod vnet
finish
