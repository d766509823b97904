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
    both_bad "$1 0x$value" "EINVAL: $1: must be 0 (*) or 1 (*)*" data "$2" $value
  done
  both_bad "$1 without payload" "EINVAL: $1: must be*one byte" data "$2" -
  both_bad "$1 of two bytes" "EINVAL: $1: must be*one byte" data "$2" 0000
  both_bad "$1 of four bytes" "EINVAL: $1: must be*one byte" data "$2" 01000000
  both_bad "$1 of 200 bytes" "EINVAL: $1: must be*one byte" data "$2" "$(printf '00%.0s' {1..200})"
  both_bad "$1 with an attribute inside" "EINVAL: $1: must be*" data $(($2 | 0x8000)) 0500020001000000
  both_bad "$1 twice" "EINVAL: *given twice*" data "$2" 00 data "$2" 01
  both_bad "$1 twice the same" "EINVAL: *given twice*" data "$2" 01 data "$2" 01
  both_bad "a good $1 and an unknown one" "EINVAL: unknown attribute*" data "$2" 01 data 4 00
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
  for type in 0 4 255 16383; do
    both_bad "attribute $type" "EINVAL: unknown attribute*peer*csum*bigtcp*" data $type 01
  done
  both_bad "an unknown nest, 20 deep" "EINVAL: unknown attribute*" data 0x8009 "$(nest 9)"
  both_bad "csum as a nest, 20 deep" "EINVAL: csum: must be*" data 0x8002 "$(nest 2)"
  both_bad "too few bytes for an attribute" "EINVAL: *lengths*" tail 02000200
  both_bad "an attribute longer than the list" "EINVAL: *lengths*" tail 4000020001000000
  # libmnl pads the tail with zeros: a header of length 0 is none.
  both_bad "zeros behind the last attribute" "EINVAL: *lengths*" tail 00000000
}

peers() {
  local bytes
  for bytes in - 00 00000000 "$(printf '00%.0s' {1..15})"; do
    bad "a peer of '$bytes'" "EINVAL: peer: *16 bytes*" rawlink v0 omit-peer data 1 "$bytes"
    bad "a peer of '$bytes', change" "EINVAL: peer: *16 bytes*" rawlink old change omit-peer data 1 "$bytes"
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
check "unload" rmmod vnet
finish
