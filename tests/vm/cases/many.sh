# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 300
# Thousands of pairs: made and deleted, what each costs beside veth's, and nothing left in the slab.
source "$VNET_TESTS/vm/cases/lib/case.sh"

pairs=2000

available() { sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo; }
slab() { sed -n 's/^Slab: *\([0-9]*\) kB/\1/p' /proc/meminfo; }
ms() { echo $((($(date +%s%N) - $1) / 1000000)); }

# Says what a pair costs that nobody opened: a device has its rings only while it is open.
round() { # KIND PAIRS
  local kind=$1 count=$2 i links before after begin made
  links=$(link_count)
  before=$(available)
  begin=$(date +%s%N)
  for ((i = 0; i < count; i++)); do echo "link add m$i group 7 type $kind"; done |
    ip -batch - || return 1
  made=$(ms "$begin")
  after=$(available)
  (($(link_count) == links + 2 * count)) || { echo "not all were made" && return 1; }
  begin=$(date +%s%N)
  ip link del group 7 || return 1
  echo "$kind, $count pairs: $(((before - after) / count)) KiB each, made in $made ms," \
    "deleted in $(ms "$begin") ms"
  (($(link_count) == links)) || { echo "not all went" && return 1; }
}

no_growth() {
  local before after said
  before=$(slab)
  said=$(round vnet "$pairs") || { echo "$said" && return 1; }
  after=$(slab)
  echo "$said; slab: $before KiB before, $after KiB after"
  ((after < before + 2048))
}

load
modprobe veth
check "pairs, for the caches" round vnet "$pairs"
check "veth's, for the caches" round veth 200
check "again: the slab does not grow" no_growth
check "veth's" round veth "$pairs"
check "unload" rmmod vnet
finish
