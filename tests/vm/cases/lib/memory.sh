# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What the kernel's memory is used for, apart from what it keeps for speed. Source after case.sh.

# Gives back what only waits: names in caches, what kfree_rcu() collects for seconds (it has a
# shrinker, too), and partly filled slabs, which would count as full. The end of any device brings
# an rcu_barrier() (net/core/dev.c, netdev_run_todo()).
memory_trim() {
  local shrink
  for shrink in 1 2; do
    echo 2 >/proc/sys/vm/drop_caches
    ip link add trim0 type veth && ip link del trim0
  done
  for shrink in /sys/kernel/slab/*/shrink; do echo 1 >"$shrink"; done
}

# memory_read ARRAY: kB. "objects" is what is in use of the slab caches that devices and frames
# come from; others follow the processes that run.
memory_read() {
  local -n memory_into=$1
  local name value
  memory_trim
  while read -r name value; do memory_into[$name]=$value; done < <(
    sed -nE 's/^(Slab|SUnreclaim|Percpu|VmallocUsed|KernelStack|PageTables): *([0-9]+) kB/\1 \2/p' \
      /proc/meminfo
    awk '/^(kmalloc|skbuff|kernfs)/ { bytes += $2 * $4 } END { print "objects", int(bytes / 1024) }' /proc/slabinfo
  )
}

# memory_caches FILE: the objects in use of each cache, for a look at what has grown.
memory_caches() { awk 'NR > 2 { print $1, $2, $4 }' /proc/slabinfo | sort >"$1"; }

# memory_grown BEFORE AFTER: which caches have, the largest first.
memory_grown() {
  join "$1" "$2" | awk '$4 != $2 { print int(($4 - $2) * $3 / 1024), "kB", $1, $2, "->", $4 }' |
    sort -nr | head -n 8
}
