# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 1800
# The determinism contract inside the kernel: a million decisions of each stream for 16 seeds.
source "$VNET_TESTS/vm/cases/lib/case.sh"

# The committed hashes, as `vnet verify DEV golden` prints them.
wanted() {
  local seed stream hash
  while read -r seed stream hash; do
    printf 'seed 0x%016x stream %d hash 0x%016x: valid\n' "0x$seed" "$stream" "0x$hash"
  done <"$VNET_TESTS/stat/golden.txt" | sort
}
computed() {
  local seed
  cut -d' ' -f1 "$VNET_TESTS/stat/golden.txt" | sort -u | while read -r seed; do
    vnet -n a verify v0 golden "0x$seed" || return 1
  done | sort >/tmp/computed
  wc -l </tmp/computed
}

load
plain_pair || finish
check "the module decides as the command does" computed
check "and as was decided once" diff /tmp/computed <(wanted)
refused "no privilege" "*Operation not permitted*" \
  traffic_in a setpriv --reuid 65534 --clear-groups vnet verify v0 golden 1 count 10
check "the pair goes" ip -n a link del v0
finish
