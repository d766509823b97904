# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 900
# 10,000 pairs made, some of them used, and deleted: no more memory is kept than after the same with
# veth.
source "$VNET_TESTS/vm/cases/lib/case.sh"
source "$VNET_TESTS/vm/cases/lib/memory.sh"

rounds=5 groups=20 pairs=100

# The peers are named after the kind, with a number.
group_lines() { # KIND
  local i
  for ((i = 0; i < pairs; i++)); do echo "link add m$i group 7 type $1"; done
  # Opened and closed, one end or both, and one pair that stays open until it is deleted.
  for ((i = 0; i < 4; i++)); do echo "link set m$i up"; done
  echo "link set ${1}0 up"
  echo "link set ${1}1 up"
  for ((i = 1; i < 4; i++)); do echo "link set m$i down"; done
}

group() { # KIND
  group_lines "$1" | ip -batch - && traffic_link_up - m0 || return 1
  # 20 frames to everybody; some are still on their way when the pair goes.
  send_raw m0 ffffffffffff02000000000a88b5:1000x20 && ip link del group 7
}

# 2,000 pairs of each kind by turns, so that what both leave, or the machine, shows in both.
round() { # GROUPS
  local kind group
  for kind in vnet veth; do
    memory_read "before_$kind"
    for ((group = 0; group < $1; group++)); do group "$kind" || return 1; done
    memory_read "after_$kind"
    add_growth "$kind"
  done
}
add_growth() { # KIND
  local -n before_=before_$1 after_=after_$1 growth_=growth_$1
  local name
  for name in "${!after_[@]}"; do
    growth_[$name]=$((${growth_[$name]-0} + after_[$name] - before_[$name]))
  done
}

ten_thousand() {
  local i
  for ((i = 0; i < rounds; i++)); do round $groups || return 1; done
  echo "$((rounds * groups * pairs)) of each kind"
}

# What 10,000 of ours may leave more than 10,000 of veth's do: less than the smallest object of a
# device that could be forgotten, 64 bytes for each. (By itself memory moves by some 200 kB, and
# what happens to shrink beside veth is no measure.)
no_more_than_veth() { # NAME
  local veth=${growth_veth[$1]}
  echo "$1: +${growth_vnet[$1]} kB by vnet, +$veth kB by veth"
  ((growth_vnet[$1] <= (veth > 0 ? veth : 0) + 512))
}

declare -A before_vnet after_vnet growth_vnet before_veth after_veth growth_veth
traffic_no_ipv6 -
modprobe veth
load
require "some of each, for the caches" round 5
growth_vnet=() growth_veth=()
check "pairs made, used and deleted" ten_thousand
for name in objects Slab SUnreclaim Percpu VmallocUsed; do
  check "$name" no_more_than_veth "$name"
done
check "unload" rmmod vnet
finish
