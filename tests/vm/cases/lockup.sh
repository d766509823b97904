# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 300
# expect-console: NETDEV WATCHDOG
# Every 5th transmit interrupt is lost: the watchdog finds it, the device recovers, traffic goes on.
source "$VNET_TESTS/vm/cases/lib/case.sh"

register() { sioc "$1" registers | sed -n "s/^$2 //p"; }

# As many timeouts as lost interrupts: every 5th frame of a device, once the last has been found.
timeouts_follow() { # DEVICE EVERY
  local frames
  frames=$(vnet_counter - "$1" tx_frames)
  echo "$frames frames, $(vnet_counter - "$1" tx_timeouts) timeouts"
  [[ $(vnet_counter - "$1" tx_timeouts) == $((frames / $2)) ]]
}

timeouts() { # DEVICE EVERY
  traffic_wait 10 timeouts_follow "$@"
  check "$1: one timeout per $2 frames" timeouts_follow "$@"
  equal "$1: tx_errors" "$(vnet_statistic - "$1" tx_errors)" "$(vnet_counter - "$1" tx_timeouts)"
}

# One after the other: a single call of ping waits for the last answer no longer than two round
# trips.
pings() { # COUNT
  local i
  for ((i = 0; i < $1; i++)); do
    traffic_ping - 192.168.0.2 -c 1 -W 10 || return 1
  done
  echo "$i answered"
}

not_stopped() { [[ $(register "$1" q0_tx_state) == 0 ]]; }

lost_interrupts() {
  check "12 pings, though every 5th interrupt is lost" pings 12
  timeouts snull0 5
  timeouts snull1 5
  check "there were some" test "$(vnet_counter - snull0 tx_timeouts)" -ge 2
  check "the log names the lost interrupt" \
    log_has "snull0: queue 0: transmit interrupt of frame 5 lost, queue stopped"
  check "the log names the recovery" log_has "snull0: queue 0: transmit timeout 1, recovering"
  check "the kernel's watchdog saw it" log_has "NETDEV WATCHDOG: .*transmit queue 0 timed out"
}

disarmed() {
  local dev before
  for dev in snull0 snull1; do
    check "disarm $dev" sioc "$dev" lockup 0
    check "$dev recovers" traffic_wait 5 not_stopped "$dev"
    equal "lockup register of $dev" "$(register $dev lockup)" 0
  done
  before=$(vnet_counter - snull0 tx_timeouts)
  check "30 pings, nothing lost" traffic_ping - 192.168.0.2 -c 30 -i 0.01
  equal "timeouts of snull0 when disarmed" "$(vnet_counter - snull0 tx_timeouts)" "$before"
}

# Armed by hand: the next frame whose ordinal is a multiple of 7 hangs the queue for up to 1 s.
rearmed() {
  local before frames
  before=$(vnet_counter - snull0 tx_timeouts)
  frames=$(vnet_counter - snull0 tx_frames)
  check "re-arm" sioc snull0 lockup 7
  equal "lockup register" "$(register snull0 lockup)" 7
  check "7 pings" pings 7
  traffic_wait 10 more_follow "$before" "$frames"
  check "a timeout more for each 7th frame" more_follow "$before" "$frames"
  check "disarm" sioc snull0 lockup 0
}
# One of the 7 pings is a 7th frame; what ARP asks or answers meanwhile may be another.
more_follow() { # TIMEOUTS FRAMES, as they were
  local frames timeouts
  frames=$(vnet_counter - snull0 tx_frames)
  timeouts=$(vnet_counter - snull0 tx_timeouts)
  echo "frames $2 to $frames, timeouts $1 to $timeouts"
  ((frames >= $2 + 7 && timeouts == $1 + frames / 7 - $2 / 7))
}

# A hung queue must not keep its device from stopping, nor come back hung.
down_while_hung() {
  check "every interrupt lost" sioc snull0 lockup 1
  ping -n -c 10 -i 0.2 -W 1 192.168.0.2 >/dev/null & # each hangs it for half a second or more
  check "the queue hangs" traffic_wait 5 not not_stopped snull0
  check "down" ip link set snull0 down
  check "not hung any more" not_stopped snull0
  wait $!
  sioc snull0 lockup 0
  ip link set snull0 up
  traffic_link_up - snull0
  check "ping after down and up" snull_ping -c 3
}

traffic_no_ipv6 -
log_mark
load snull=1 lockup=5 timeout=500
require "addresses" snull_addresses
equal "timeout register" "$(register snull0 timeout_ms)" 500
lost_interrupts
disarmed
rearmed
down_while_hung
check "flood ping afterwards" traffic_flood - - 192.168.1.1 192.168.0.2 500
check "all frames are accounted for" vnet_conserved - snull0 - snull1

# Unloaded while a queue hangs.
sioc snull0 lockup 1
ping -n -c 1 -W 1 192.168.0.2 >/dev/null
check "unload while a queue hangs" rmmod vnet
finish
