# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 900
# A device that goes away with a million frames on its wire: a clean end, every frame accounted for. VNET_HELD in
# tests/vm/cases/run's environment is another number.
source "$VNET_TESTS/vm/cases/lib/case.sh"
# shellcheck source=tests/vm/cases/lib/memory.sh
source "$VNET_TESTS/vm/cases/lib/memory.sh"
# shellcheck source=tests/traffic/impair.sh
source "$VNET_TESTS/traffic/impair.sh"

VNET=vnet
frames=1000000
[[ ! -s /usr/share/vnet/held-count ]] || frames=$(</usr/share/vnet/held-count)
freed=/sys/kernel/tracing/events/skb/kfree_skb

tx() { vnet -n a -j impair show v0 | jq "map(select(.direction == \"tx\"))[0].$1"; }
stopped() { vnet_counter b v1 rx_drop_stopped; }
conserved() { impair_conserved a v0 b v1; }
skbs() { awk '$1 == "skbuff_head_cache" { print $2 }' /proc/slabinfo; }
mem_free() { sed -n 's/^MemFree: *\([0-9]*\) kB/\1/p' /proc/meminfo; }

# Half of them, for the other half are their copies, which share their bytes. In super-frames, which the wire cuts
# up: 60 bytes each. None is late enough to leave.
pair_anew() {
  plain_pair && impair_neighbours a v0 10.0.0.1 b v1 10.0.0.2 &&
    vnet -n a impair set v0 delay 3600s duplicate 100%
}
fill() {
  local missing took=$SECONDS
  memory_trim
  skbs_before=$(skbs) mem_before=$(mem_free)
  while missing=$((frames - $(tx held))) && ((missing > 0)); do
    traffic_in a udp_gso send 10.0.0.2 7000 18 64 $(((missing + 1) / 2)) || return 1
  done
  held=$(tx held)
  memory_trim
  echo "$held held after $((SECONDS - took)) s, $(((mem_before - $(mem_free)) * 1024 / held)) bytes each"
  ((held >= frames && $(skbs) - skbs_before >= held))
}

# How many frames were freed for which reason (the tracepoint's number).
count_freed() {
  echo 'hist:keys=reason' >$freed/trigger
}
# The stack has frames of its own to let go of.
all_freed() {
  local number got
  number=$(sed -nE 's/.*\{ ([0-9]+), "DEV_READY" \}.*/\1/p' $freed/format)
  got=$(sed -nE "s/^\{ reason: +$number \} hitcount: +([0-9]+).*/\1/p" $freed/hist)
  echo '!hist:keys=reason' >$freed/trigger
  echo "${got:-none} freed of a device that is not ready, $held were held"
  ((got >= held && got <= held + 10))
}
# What is kept of a million is not one in a hundred.
memory_is_back() {
  local kept_skbs kept
  memory_trim
  kept_skbs=$(($(skbs) - skbs_before)) kept=$((mem_before - $(mem_free)))
  echo "$kept_skbs more skbs and $kept KiB less free than before"
  ((kept_skbs < held / 100 && kept < held / 100))
}
timed() {
  local start=$EPOCHREALTIME
  "$@" || return 1
  echo "$(((${EPOCHREALTIME/./} - ${start/./}) / 1000)) ms"
}
gone() { # WHAT COMMAND...
  local text=$1
  shift
  check "count what is freed" count_freed
  check "$text" timed "$@"
  check "all are freed" all_freed
  check "memory is back" memory_is_back
}

# What is on the wire stays there; what comes now overtakes it.
impairment_removed() {
  local before
  check "the impairment is removed" timed vnet -n a impair del v0
  equal "as many are held" "$(tx held)" "$held"
  check "pings pass" traffic_ping a 10.0.0.2 -c 3 -i 0.05
  equal "as many still" "$(tx held)" "$held"
  check "conserved with them on the wire" conserved
  before=$(stopped)
  gone "the receiver goes down" ip -n b link set v1 down
  equal "lost with the device" "$(($(stopped) - before))" "$held"
  equal "held" "$(tx held)" 0
  check "conserved" conserved
}

namespaces_gone() {
  ip netns del b
  traffic_wait 60 not traffic_in a test -e /sys/class/net/v0
}

load
require "a pair" pair_anew
require "a wire full of frames" fill
check "conserved" conserved
impairment_removed
check "up" ip -n b link set v1 up
check "the wire again" vnet -n a impair set v0 delay 3600s duplicate 100%
check "full again" fill
check "conserved with them" conserved
gone "the pair is deleted" ip -n a link del v0
check "no namespace" ip -all netns delete
require "a pair again" pair_anew
check "full once more" fill
check "conserved once more" conserved
gone "the receiver's namespace goes" namespaces_gone
check "rmmod" rmmod vnet
finish
