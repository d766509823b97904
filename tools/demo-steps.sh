# SPDX-License-Identifier: GPL-2.0-only
# What `make demo` shows, the same on the module and on the user-space driver: the snull pair comes up,
# answers, loses a transmit interrupt, recovers, and goes. Fails unless each of it was seen.
#
# With VNET_KO the pair comes from that module (loaded here); otherwise from the command $VNET.
# It works in a network namespace of its own, so that no 192.168.0.0/24 of this machine is in the way.
#
# expect-console: NETDEV WATCHDOG
set -uo pipefail

lockup=40 timeout_ms=500
ns=vnet-demo-$$
work=$(mktemp -d)
failed=0

title() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
show() { printf '$ %s\n' "$*" && "$@"; }
in_ns() { printf '$ %s\n' "$*" && ip netns exec "$ns" "$@"; }
seen() { printf '   seen: %s\n' "$*"; }
missed() {
  printf '   NOT seen: %s\n' "$*"
  failed=1
}
check() { # check WHAT COMMAND...
  local what=$1
  shift
  if "$@"; then seen "$what"; else missed "$what"; fi
}

# ---- the two hosts

kernel_up() {
  in_ns insmod "$VNET_KO" snull=1 lockup=$lockup timeout=$timeout_ms
}
kernel_down() { show rmmod vnet; }
kernel_counters() {
  local device
  for device in snull0 snull1; do
    printf '%s:\n' "$device"
    ip netns exec "$ns" ethtool -S "$device" | grep -vE ': 0$|q0_|statistics'
  done
}
kernel_log() { dmesg | grep -E 'vnet.*(lost|timeout)' | head -n 8; }

user_up() {
  export VNET_RUN_DIR=$work/run
  in_ns "$VNET" up --snull --detach --lockup $lockup --timeout ${timeout_ms}ms
}
user_down() { in_ns "$VNET" down snull0; }
user_counters() {
  local log=$work/run/snull0.log before
  before=$(wc -l <"$log")
  kill -USR1 "$(head -n 1 "$work/run/snull0.pid")"
  until_seen grep -q conservation <(tail -n +"$((before + 1))" "$log")
  tail -n +"$((before + 1))" "$log"
}
user_log() { grep -E 'lost|timed out|recover' "$work/run/snull0.log" | head -n 8; }

# until_seen COMMAND...: up to 5 s.
until_seen() {
  local tries
  for ((tries = 0; tries < 100; tries++)); do
    "$@" && return 0
    sleep 0.05
  done
  return 1
}

host=user
[[ -n ${VNET_KO:-} ]] && host=kernel

cleanup() {
  jobs -p | while read -r pid; do kill "$pid" 2>/dev/null; done
  if ip -n "$ns" link show snull0 >/dev/null 2>&1; then "${host}_down" >/dev/null 2>&1; fi
  ip netns del "$ns" 2>/dev/null
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# ---- the steps

bring_up() {
  title "1. The pair comes up ($host)"
  show ip netns add "$ns" || exit 1
  "${host}_up" || { missed "snull0 and snull1"; exit 1; }
  in_ns ip addr add 192.168.0.1/24 dev snull0
  in_ns ip addr add 192.168.1.2/24 dev snull1
  in_ns ip link set snull0 up
  in_ns ip link set snull1 up
  until_seen link_is_up
  in_ns ip -br link
  check "the link is up" link_is_up
}
link_is_up() {
  [[ $(ip -n "$ns" link show snull0) == *LOWER_UP* && $(ip -n "$ns" link show snull1) == *LOWER_UP* ]]
}

captures() {
  title "2. Pings both ways, captured at both ends: the third octet toggles on the way"
  local device
  for device in snull0 snull1; do
    : >"$work/$device.err"
    ip netns exec "$ns" tcpdump -Z root --immediate-mode -l -n -vv -i $device icmp >"$work/$device" 2>"$work/$device.err" &
    until_seen grep -q 'listening on' "$work/$device.err"
  done
  check "192.168.0.2 answers" in_ns ping -n -c 3 -i 0.2 192.168.0.2
  check "192.168.1.1 answers" in_ns ping -n -c 3 -i 0.2 192.168.1.1
  until_seen captured snull1 '192.168.1.2 > 192.168.1.1: ICMP echo reply'
  for device in snull0 snull1; do
    printf '%s\n' "-- tcpdump -i $device" "$(grep 'echo' "$work/$device" | head -n 2)"
  done
  check "the request leaves snull0 for 192.168.0.2" captured snull0 '192.168.0.1 > 192.168.0.2: ICMP echo request'
  check "and enters snull1 for 192.168.1.2" captured snull1 '192.168.1.1 > 192.168.1.2: ICMP echo request'
  check "no checksum is wrong" no_bad_checksum
}
captured() { grep -q "$2" "$work/$1"; }
no_bad_checksum() { ! grep -qE 'bad cksum|wrong icmp' "$work/snull0" "$work/snull1"; }

lock_up() {
  title "3. Every ${lockup}th transmit interrupt is lost: the queue stops, the watchdog recovers it"
  check "pings go on, some of them late" in_ns ping -n -q -c 60 -i 0.05 -W 5 192.168.0.2
  "${host}_log"
  check "a lost interrupt in the log" log_has 'lost'
  check "a transmit timeout in the log" log_has 'timeout|timed out'
}
log_has() { "${host}_log" | grep -qE "$1"; }

counters() {
  title "4. The counters"
  "${host}_counters" | tee "$work/counters"
  check "tx_timeouts counted" grep -qE 'tx_timeouts:? +[1-9]' "$work/counters"
  in_ns ip -s link show snull0
}

bring_down() {
  title "5. The pair goes"
  check "the host takes it down" "${host}_down"
  check "nothing is left" nothing_left
}
nothing_left() { until_seen no_device; }
no_device() {
  ! ip -n "$ns" link show snull0 >/dev/null 2>&1 && ! ip -n "$ns" link show snull1 >/dev/null 2>&1 &&
    ! ip link show snull0 >/dev/null 2>&1
}

bring_up
captures
lock_up
counters
bring_down
title "$([[ $failed == 0 ]] && echo 'All of it was seen.' || echo 'Something was not seen.')"
exit $failed
