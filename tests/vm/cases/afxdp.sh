# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 300
# AF_XDP sockets in copy mode: numbered datagrams arrive and leave by their rings, each once.
source "$VNET_TESTS/vm/cases/lib/case.sh"

object=/usr/share/vnet/xsk.o
dir=$(mktemp -d)

# One write is one datagram; a flow for each source port.
send() { # COUNT FLOWS
  # shellcheck disable=SC2016 # expanded by the inner shell
  traffic_in a bash -c '
    for ((flow = 0; flow < $2; flow++)); do
      exec 3<>/dev/udp/10.0.0.2/7777 || exit 1
      for ((i = flow; i < $1; i += $2)); do printf "%06d\n" "$i" >&3 || exit 1; done
    done' send "$@"
}

listen() { # VERB NUMBERS...: an AF_XDP receiver that is ready
  local verb=$1
  shift
  traffic_start b xsk "$verb" v1 $object "$@" >"$dir/said" 2>&1
  receiver=$traffic_pid
  traffic_wait "$traffic_deadline" traffic_file_says "$dir/said" ready || {
    cat "$dir/said"
    return 1
  }
}
heard() {
  traffic_finish "$receiver" 40
  local status=$?
  cat "$dir/said"
  return "$status"
}
gone() { traffic_in b ip link set dev v1 xdpdrv off; }

receive() { # COUNT QUEUES FLOWS
  listen receive "$2" "$1" && send "$1" "$3" && heard && gone
}
counted() { vnet_grew b v1 xdp_redirect "$@"; }

# Frames for which the socket has no buffer are errors of the program's, and nothing waits for them.
starved() {
  listen hold 64 && send 200 1 && traffic_wait 5 vnet_counter_is b v1 xdp_errors 136
  local status=$?
  traffic_stop "$receiver"
  gone && grep "64 of 64" "$dir/said" && return "$status"
}

transmit() { # COUNT QUEUE
  local mac receiver
  mac=$(traffic_in a cat /sys/class/net/v0/address)
  traffic_start a socat -u -b 2048 UDP4-RECV:7777 "OPEN:$dir/received,creat,trunc"
  receiver=$traffic_pid
  traffic_wait "$traffic_deadline" traffic_listening a udp 7777 || return 1
  traffic_in b xsk transmit v1 "$2" "$1" "$mac" || return 1
  traffic_wait "$traffic_deadline" has_lines "$1"
  traffic_stop "$receiver"
  sort "$dir/received" | diff -q - <(for ((i = 0; i < $1; i++)); do printf '%06d\n' "$i"; done)
}
has_lines() { (($(traffic_lines "$dir/received") >= $1)); }

modes() {
  refused "zero copy" "EOPNOTSUPP" traffic_in b xsk bind v1 zerocopy
  equal "any mode" "$(traffic_in b xsk bind v1 any)" copy
  equal "copy mode" "$(traffic_in b xsk bind v1 copy)" copy
  check "ping" traffic_ping_both a b 10.0.0.1 10.0.0.2 -i 0.02
}

one_queue() {
  check "2000 datagrams are received" counted 2000 receive 2000 1 4
  check "all frames are accounted for" vnet_conserved a v0 b v1
  check "2000 with their sums in them" plain_sums
  check "64 buffers for 200 datagrams" vnet_grew b v1 xdp_errors 136 counted 64 starved
  check "all frames are accounted for" vnet_conserved a v0 b v1
  check "3000 datagrams are sent" vnet_grew b v1 tx_frames 3000 transmit 3000 0
  check "into a ring of 64" small_ring
  check "all frames are accounted for" vnet_conserved a v0 b v1
}
plain_sums() {
  traffic_in a ethtool -K v0 tx off >/dev/null && counted 2000 receive 2000 1 4 &&
    traffic_in a ethtool -K v0 tx on >/dev/null
}
small_ring() {
  traffic_in a ethtool -G v0 rx 64 && transmit 3000 0 && traffic_in a ethtool -G v0 rx 256
}

# The sender's stack spreads flows over the queues: each socket has some.
four_queues() {
  check "2000 datagrams on four sockets" counted 2000 receive 2000 4 32
  local used
  used=$(sed -n 's/.*received://p' "$dir/said" | tr ' ' '\n' | grep -c '[1-9]')
  check "on $used queues" test "$used" -gt 1
  check "3000 datagrams are sent by queue 3" vnet_grew b v1 q3_tx_frames 3000 transmit 3000 3
  check "all frames are accounted for" vnet_conserved a v0 b v1
}

four_pair() {
  rawlink v0 netns a txqueues 4 rxqueues 4 peer v1 netns b txqueues 4 rxqueues 4 && pair_addresses
}

# A socket that nobody reads in time must not lose what the test counts.
echo 8000000 >/proc/sys/net/core/rmem_max
echo 8000000 >/proc/sys/net/core/rmem_default
trap 'rm -rf "$dir"' EXIT
load
require "a pair" plain_pair
modes
one_queue
ip -n a link del v0
require "a pair of four queues" four_pair
four_queues
check "unload" rmmod vnet
finish
