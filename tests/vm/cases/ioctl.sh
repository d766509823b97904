# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# The private ioctls: who may, what is refused, and that a raised interrupt is one.
source "$VNET_TESTS/vm/cases/lib/case.sh"

# Root in a user namespace of its own, but in the network namespace of the device.
other_root() { nobody unshare -Ur "$@"; }
register() { sioc "$1" registers | sed -n "s/^$2 //p"; }

readable() {
  equal "register abi" "$(register snull0 abi)" 1
  equal "register queues" "$(register snull0 queues)" 1
  equal "register mtu" "$(register snull0 mtu)" 1500
  equal "register irq_mask of an open device" "$(register snull0 q0_irq_mask)" 0
  check "registers as uid 65534" test "$(nobody sioc snull0 registers)" = "$(sioc snull0 registers)"
  # shellcheck disable=SC2046 # words are meant
  equal "the same as ethtool -d" "$(sioc snull0 registers | awk '{ print $2 }' | xargs)" \
    "$(ethtool -d snull0 raw on | od -An -v -tu4 | xargs)"
}

not_permitted() {
  local who
  for who in nobody other_root; do
    refused "raise as $who" EPERM "$who" sioc snull0 raise 0 1
    refused "lockup as $who" EPERM "$who" sioc snull0 lockup 3
    refused "raw 1 as $who" EPERM "$who" sioc snull0 raw 1
    refused "raw 3 as $who" EOPNOTSUPP "$who" sioc snull0 raw 3
  done
  equal "nothing was armed" "$(register snull0 lockup)" 0
}

# Who owns the network namespace may, though nobody outside it.
permitted_in_own_namespace() {
  # The device must be the namespace owner's: made by them, in it.
  check "root of its own network namespace may" nobody unshare -Urn bash -c '
    ip link add v0 type vnet && ip link set v0 up && ip link set vnet0 up &&
      sioc v0 lockup 5 && sioc v0 raise 0 1 && sioc v0 registers | grep -q "^lockup 5$"'
}

bad_requests() {
  local offset
  for ((offset = 3; offset < 16; offset++)); do
    refused "SIOCDEVPRIVATE+$offset" EOPNOTSUPP sioc snull0 raw $offset
  done
  refused "a queue that is not there" EINVAL sioc snull0 raise 1 1
  refused "queue 4294967295" EINVAL sioc snull0 raise 4294967295 1
  refused "no cause" EINVAL sioc snull0 raise 0 0
  refused "an unknown cause" EINVAL sioc snull0 raise 0 4
  refused "known and unknown causes" EINVAL sioc snull0 raise 0 7
  refused "registers to nowhere" EFAULT sioc snull0 raw 0 8
  refused "raise from nowhere" EFAULT sioc snull0 raw 1 8
  refused "lockup from nowhere" EFAULT sioc snull0 raw 2 8
  ip link set snull0 down
  refused "raise on a device that is down" ENETDOWN sioc snull0 raise 0 1
  check "registers of a device that is down" sioc snull0 registers
  equal "its interrupt is masked" "$(register snull0 q0_irq_mask)" 1
  ip link set snull0 up
}

raised() {
  traffic_link_up - snull0
  check "RX by hand is served" vnet_grew - snull0 rx_irqs 1 sioc snull0 raise 0 1
  check "TX by hand is served" vnet_grew - snull0 tx_irqs 1 sioc snull0 raise 0 2
  check "both at once: RX" vnet_grew - snull0 rx_irqs 1 sioc snull0 raise 0 3
  check "and one poll for both" vnet_grew - snull0 polls 1 sioc snull0 raise 0 3
  equal "interrupt status afterwards" "$(register snull0 q0_irq_status)" 0
  check "ping afterwards" snull_ping -c 2
}

traffic_no_ipv6 -
load snull=1
require "addresses" snull_addresses
readable
not_permitted
permitted_in_own_namespace
bad_requests
raised
finish
