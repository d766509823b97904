# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 1800
# The determinism contract inside the kernel: a million decisions of each stream for 16 seeds.
source "$VNET_TESTS/vm/cases/lib/case.sh"

# Lines as those of golden.txt: what the module says of each seed. The command compares them with its own.
all_computed() {
  for seed in "${seeds[@]}"; do
    vnet -n a -j verify v0 golden "0x$seed" || return 1
  done | jq -r '.[] | "\(.seed[2:]) \(.stream) \(.hash[2:])"' | sort >/tmp/computed
  echo "$(wc -l </tmp/computed) of a million decisions each"
}

golden=/usr/share/vnet/golden.txt
mapfile -t seeds < <(cut -d' ' -f1 "$golden" | sort -u)
load
plain_pair || finish
check "the module decides" all_computed
check "as was decided once" diff /tmp/computed <(sort "$golden")
check "the command agrees with the module" vnet -n a verify v0 golden 0x1 count 1000
refused "no privilege" "*Operation not permitted*" \
  traffic_in a setpriv --reuid 65534 --clear-groups vnet verify v0 golden 1 count 10
check "the pair goes" ip -n a link del v0
finish
