# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 300
# expect-console: bytes leftover after parsing attributes
# What stands in IFLA_INFO_DATA: every wrong form of it is refused with a text, and nothing is left.
source "$VNET_TESTS/vm/cases/lib/case.sh"
# shellcheck source=lib/refuse.sh
source "$VNET_TESTS/vm/cases/lib/refuse.sh"

# For a new pair, and for a change of one.
both_bad() { # TEXT PATTERN WORDS...
  local text=$1 pattern=$2
  shift 2
  bad "$text, new" "$pattern" rawlink v0 peer v1 "$@"
  bad "$text, change" "$pattern" rawlink old change omit-peer "$@"
}

attribute() { # NAME TYPE
  local value
  for value in 02 03 7f ff; do
    both_bad "$1 0x$value" "EINVAL: $1*must be 0 (*) or 1 (*)*" data "$2" $value
  done
  both_bad "$1 without payload" "EINVAL: $1*must be*1 byte*" data "$2" -
  both_bad "$1 of two bytes" "EINVAL: $1*must be*1 byte*" data "$2" 0000
  both_bad "$1 of four bytes" "EINVAL: $1*must be*1 byte*" data "$2" 01000000
  both_bad "$1 of 200 bytes" "EINVAL: $1*must be*1 byte*" data "$2" "$(printf '00%.0s' {1..200})"
  both_bad "$1 with an attribute inside" "EINVAL: $1*must be*" data $(($2 | 0x8000)) 0500020001000000
  both_bad "$1 twice" "EINVAL: *given twice*" data "$2" 00 data "$2" 01
  both_bad "$1 twice the same" "EINVAL: *given twice*" data "$2" 01 data "$2" 01
  both_bad "a good $1 and an unknown one" "EINVAL: unknown attribute*" data "$2" 01 data 14 00
}

# The others, which belong to one end, and the link's queues and seed: at their limits and beyond.
numbers() {
  local name type size min max value
  before=$(state)
  while read -r name type size min max; do
    for value in $((min - 1)) $((max + 1)); do
      # Beyond no limit there is no number.
      ((value < 0 || value >= 1 << (8 * size))) && continue
      both_bad "$name $value" "EINVAL: *$name*must be $min*$max*" data "$type" "$(bytes "$size" $value)"
    done
    both_bad "$name of $((size - 1)) bytes" "EINVAL: *$name*must be*" data "$type" "$(bytes $((size - 1)) 0)"
    both_bad "$name of $((size + 1)) bytes" "EINVAL: *$name*must be*" data "$type" "$(bytes $((size + 1)) "$min")"
    both_bad "$name twice" "EINVAL: *$name*given twice*" \
      data "$type" "$(bytes "$size" "$min")" data "$type" "$(bytes "$size" "$min")"
    for value in "$min" "$max"; do
      check "$name $value, new" rawlink v0 peer v1 data "$type" "$(bytes "$size" "$value")"
      ip link del v0
      [[ $name == queues && $value != 1 ]] ||
        check "$name $value, change" rawlink old change omit-peer data "$type" "$(bytes "$size" "$value")"
      before=$(state)
    done
  done < <(info_numbers)
  bad "queues unlike numtxqueues" "EINVAL: queues:*" \
    rawlink v0 txqueues 2 rxqueues 2 peer v1 data 4 "$(bytes 4 3)"
  bad "queues unlike the peer's" "EINVAL: both ends*" \
    rawlink v0 peer v1 txqueues 2 rxqueues 2 data 4 "$(bytes 4 3)"
  bad "more queues than there are" "EINVAL: queues:*" rawlink old change omit-peer data 4 "$(bytes 4 2)"
  check "a seed" rawlink v0 peer v1 data 13 1122334455667788
  contains "shown at both ends" "$(nlvnet seed-get ifname=v0; nlvnet seed-get ifname=v1)" \
    "ifname=v0 seed=9833440827789222417 "$'\n'"ifindex="
  contains "as given" "$(nlvnet seed-get ifname=v1)" "seed=9833440827789222417"
  ip link del v0
  both_bad "a seed of 4 bytes" "EINVAL: seed must be*" data 13 11223344
  restore_old
}
restore_old() {
  ip link del old
  check "a pair to be changed" rawlink old peer old2
  before=$(state)
}

# 20 attributes, each in the one before it: TYPE of the innermost.
nest() {
  local bytes=01 i
  for ((i = 0; i < 20; i++)); do
    while ((${#bytes} % 8)); do bytes+=00; done
    bytes=$(printf '%02x%02x%02x80' $(((${#bytes} / 2 + 4) % 256)) $(((${#bytes} / 2 + 4) / 256)) "$1")$bytes
  done
  echo "$bytes"
}

structure() {
  local type
  for type in 0 14 255 16383; do
    both_bad "attribute $type" "EINVAL: unknown attribute*peer*csum*big-tcp*" data $type 01
  done
  both_bad "an unknown nest, 20 deep" "EINVAL: unknown attribute*" data 0x8063 "$(nest 99)"
  both_bad "csum as a nest, 20 deep" "EINVAL: csum must be*" data 0x8002 "$(nest 2)"
  both_bad "too few bytes for an attribute" "EINVAL: *length*" tail 02000200
  both_bad "an attribute longer than the list" "EINVAL: *length*" tail 4000020001000000
  # libmnl pads the tail with zeros: a header of length 0 is none.
  both_bad "zeros behind the last attribute" "EINVAL: *length*" tail 00000000
}

peers() {
  local bytes
  for bytes in - 00 00000000 "$(printf '00%.0s' {1..15})"; do
    bad "a peer of '$bytes'" "EINVAL: peer *16 bytes*" rawlink v0 omit-peer data 1 "$bytes"
    bad "a peer of '$bytes', change" "EINVAL: peer *16 bytes*" rawlink old change omit-peer data 1 "$bytes"
  done
  bad "two peers" "EINVAL: *given twice*" rawlink v0 peer v1 data 1 "$(printf '00%.0s' {1..16})"
  # IFLA_LINKINFO (18) with IFLA_INFO_DATA (2) with csum (2).
  bad "csum in the peer" "EINVAL: peer: *beside it*" \
    rawlink v0 peer v1 peerdata 0x8012 0c0002800500020001000000
  bad "a kind in the peer" "EINVAL: peer: *beside it*" rawlink v0 peer v1 peerdata 0x8012 08000100766e6574
  bad "link information in the peer, 20 deep" "EINVAL: peer: *beside it*" \
    rawlink v0 peer v1 peerdata 0x8012 "$(nest 2)"
}

# The words are in hexadecimal: csum is 2, bigtcp is 3.
good() {
  local csum big
  for csum in 00 01; do
    for big in 00 01; do
      check "csum $csum, bigtcp $big, new" rawlink v0 peer v1 netns b data 2 $csum data 3 $big
      shown_at_both $csum $big
      ip link del v0
      check "csum $csum, bigtcp $big, change" rawlink old change omit-peer data 3 $big data 2 $csum
      equal "old's csum and bigtcp" "$(settings - old)" "$(said $csum $big)"
    done
  done
  check "csum alone, without a peer" rawlink v0 omit-peer data 2 01
  equal "its csum and bigtcp" "$(settings - v0)" "csum wire bigtcp off"
  ip link del v0
  check "a peer of nothing but its header" rawlink v0 omit-peer data 1 "$(printf '00%.0s' {1..16})"
  ip link del v0
}
said() { echo "csum $([[ $1 == 00 ]] && echo offload || echo wire) bigtcp $([[ $2 == 00 ]] && echo off || echo on)"; }
settings() { traffic_in "$1" ip -d -o link show "$2" | sed -nE 's/.* (csum [a-z]+ bigtcp [a-z]+) .*/\1/p'; }
shown_at_both() {
  equal "v0's csum and bigtcp" "$(settings - v0)" "$(said "$1" "$2")"
  equal "v1's, in another namespace" "$(settings b v1)" "$(said "$1" "$2")"
}

load
ip netns add b
check "a pair to be changed" rawlink old peer old2
before=$(state)
attribute csum 2
attribute bigtcp 3
structure
peers
good
numbers
check "unload" rmmod vnet
finish
