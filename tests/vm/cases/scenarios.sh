# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 600
# expect-console: NETDEV WATCHDOG
# The scenarios of tests/scenario/ that want the kernel's devices, as a user plays them.
source "$VNET_TESTS/vm/cases/lib/case.sh"

played() {
  if vnet run "$VNET_TESTS/scenario/$1.vnet" 2>&1; then echo "ok: $1"; else fail "$1"; fi
}
nothing_left() { [[ -z $(ip netns) && -z $(ls -A /run/vnet) ]]; }

load
modprobe bonding
modprobe bridge
played bond
played checksum-offload
check "nothing is left" nothing_left
check "rmmod" rmmod vnet
finish
