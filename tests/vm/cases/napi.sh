# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 300
# Receive runs under NAPI in each way that Linux can drive it, and GRO merges what comes in pieces.
source "$VNET_TESTS/vm/cases/lib/case.sh"

between=(a b 10.0.0.1 10.0.0.2)

in_sysfs() { # NS DEVICE FILE VALUE
  # shellcheck disable=SC2016 # expanded by the inner shell
  traffic_in "$1" sh -c 'echo "$2" >/sys/class/net/$1' sh "$2/$3" "$4"
}
both() { in_sysfs a v0 "$1" "$2" && in_sysfs b v1 "$1" "$2"; }

carries() { # TEXT
  check "$1: flood ping" traffic_flood "${between[@]}" 2000
  check "$1: TCP file" traffic_file "${between[@]}" 3000000
  check "$1: UDP" traffic_udp "${between[@]}" 3
  check "$1: all frames are accounted for" vnet_conserved a v0 b v1
}

threaded() {
  check "threaded NAPI" both threaded 1
  contains "its threads" "$(ps -e -o comm=)" napi/v
  carries "threaded"
  check "no threads" both threaded 0
}

# The poll is over for the driver, but not for NAPI: it comes back by a timer, the line stays masked.
deferred() {
  check "deferred interrupts" both napi_defer_hard_irqs 2
  check "a flush timeout" both gro_flush_timeout 200000
  carries "deferred"
  both napi_defer_hard_irqs 0
  both gro_flush_timeout 0
}

busy_polling() {
  echo 50 >/proc/sys/net/core/busy_read
  echo 50 >/proc/sys/net/core/busy_poll
  carries "busy polling"
  echo 0 >/proc/sys/net/core/busy_read
  echo 0 >/proc/sys/net/core/busy_poll
}

# The sender segments, so frames come in pieces; a receiver that merges sees fewer of them in its
# stack (Ip InReceives counts what GRO delivers).
received_by_ip() {
  local before after
  before=$(traffic_in b awk '/^Ip: [0-9]/ { print $4 }' /proc/net/snmp)
  traffic_file_once a b 10.0.0.2 2000000 || return 1
  after=$(traffic_in b awk '/^Ip: [0-9]/ { print $4 }' /proc/net/snmp)
  received=$((after - before))
}
gro() {
  traffic_in a ethtool -K v0 tso off
  contains "GRO is on by default" "$(traffic_in b ethtool -k v1)" "generic-receive-offload: on"
  check "a file with GRO" received_by_ip
  local merged=$received
  traffic_in b ethtool -K v1 gro off
  check "a file without GRO" received_by_ip
  check "GRO merges: $merged datagrams instead of $received" test $((3 * merged)) -lt "$received"
  traffic_in b ethtool -K v1 gro on
  traffic_in a ethtool -K v0 tso on
}

load
require "a pair" plain_pair
threaded
deferred
busy_polling
gro
check "all frames are accounted for" vnet_conserved a v0 b v1
check "unload" rmmod vnet
finish
