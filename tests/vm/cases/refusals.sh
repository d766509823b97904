# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 300
# Requests for pairs that must be refused: each with one clear error, and nothing left half-made.
source "$VNET_TESTS/vm/cases/lib/case.sh"
# shellcheck source=lib/refuse.sh
source "$VNET_TESTS/vm/cases/lib/refuse.sh"

# What is wrong with a namespace is the module's to say up to 6.12; in 7.x rtnetlink has looked before, and
# refuses without a text.
bad_namespace() { # TEXT ERROR PATTERN COMMAND...
  local what=$1 pattern="$2: $3"
  [[ $KRELEASE == 6.* ]] || pattern="$2:*"
  shift 3
  bad "$what" "$pattern" "$@"
}

names() {
  bad "peer name equal to its own" "EEXIST: *must differ*" rawlink v0 peer v0
  # In the caller's own namespace rtnetlink itself refuses, before us and without a text.
  bad "own name taken" "EEXIST:*" rawlink taken peer v1
  bad "own name taken, ip" "*File exists*" ip link add taken type vnet
  bad "peer name taken" "EEXIST: *name*" rawlink v0 peer taken
  bad "peer name taken in its namespace" "EEXIST: *name*" rawlink v0 peer there netns b
  bad_namespace "own name taken in its namespace" EEXIST "name*" rawlink there netns b peer v1
  local name
  for name in %d a/b / . .. "a b" a:b '%s' 'a%d%d' 'a%' ''; do
    bad "own name '$name'" "EINVAL: name*" rawlink "$name" peer v1
    bad "peer name '$name'" "EINVAL: name*" rawlink v0 peer "$name"
  done
  bad "own name of 16 characters" "E*: ?*" rawlink abcdefghijklmnop peer v1
  bad "peer name of 16 characters" "E*: ?*" rawlink v0 peer abcdefghijklmnop
  bad "own name %d, ip" "*name*" ip link add %d type vnet
  bad "own name of 16 characters, ip" "Error: ?*" ip link add abcdefghijklmnop type vnet
}

numbers() {
  local end mac
  # The first end, and the peer: the same words after "peer v1".
  for end in "" "peer v1"; do
    # shellcheck disable=SC2086 # words are meant
    bad "MTU 67 ${end:-own}" "EINVAL: mtu*" rawlink v0 $end mtu 67
    # shellcheck disable=SC2086
    bad "MTU 65536 ${end:-own}" "EINVAL: mtu*" rawlink v0 $end mtu 65536
    # shellcheck disable=SC2086
    bad "MTU 4294967295 ${end:-own}" "EINVAL: mtu*" rawlink v0 $end mtu 4294967295
    for mac in 00:00:00:00:00:00 01:00:00:00:00:01 ff:ff:ff:ff:ff:ff; do
      # shellcheck disable=SC2086
      bad "address $mac ${end:-own}" "EADDRNOTAVAIL: address*" rawlink v0 $end address $mac
    done
    # shellcheck disable=SC2086
    bad "address of 5 bytes ${end:-own}" "EINVAL: *" rawlink v0 $end address 02:00:00:00:00
    # shellcheck disable=SC2086
    bad "address of 8 bytes ${end:-own}" "E*: ?*" rawlink v0 $end address 02:00:00:00:00:00:00:00
    # shellcheck disable=SC2086
    bad "4 txqueues, 2 rxqueues ${end:-own}" "EINVAL: num*" rawlink v0 $end txqueues 4 rxqueues 2
    # shellcheck disable=SC2086
    bad "65 queues ${end:-own}" "EINVAL: num*" rawlink v0 $end txqueues 65 rxqueues 65
    # shellcheck disable=SC2086
    bad "5000 queues ${end:-own}" "EINVAL: ?*" rawlink v0 $end txqueues 5000 rxqueues 5000
    # shellcheck disable=SC2086
    bad "no queue ${end:-own}" "EINVAL: ?*" rawlink v0 $end txqueues 0 rxqueues 0
  done
  bad "ends with 4 and 2 queues" "EINVAL: both ends*" \
    rawlink v0 txqueues 4 rxqueues 4 peer v1 txqueues 2 rxqueues 2
  bad "MTU 67, ip" "*mtu*" ip link add v0 mtu 67 type vnet
  bad "multicast address, ip" "*address*" ip link add v0 address 01:00:00:00:00:01 type vnet
  bad "short VETH_INFO_PEER" "E*: ?*" rawlink v0 short
  bad "index taken" "E*:*" rawlink v0 peer v1 index 1
  bad_namespace "no such process" ESRCH "*namespace*" rawlink v0 peer v1 pid 999999
}

# A pair's peer is what it is; a change that asks for nothing is granted.
changes() {
  bad "another peer" "EINVAL: peer*" rawlink taken change peer v1
  bad "another peer, in another namespace" "EINVAL: peer*" rawlink taken change peer v1 netns b
  bad "an empty peer" "EINVAL: peer*" rawlink taken change
  bad "a short peer" "E*: ?*" rawlink taken change short
  bad "a change of kind" "E*" rawlink taken change kind veth
  # The kernel's own words for the limits that a device gives: "mtu less than device minimum".
  bad "a change of the MTU to 67" "*mtu*minimum*" ip link set taken mtu 67
  bad "a change of the MTU to 65536" "*mtu*maximum*" ip link set taken mtu 65536
  check "to the least" ip link set taken mtu 68
  check "to the largest" ip link set taken mtu 65535
  ip link set taken mtu 1500
  check "a change of nothing" rawlink taken change omit-peer
  equal "afterwards" "$(state)" "$before"
}

privilege() {
  bad "as uid 65534, ip" "*not permitted*" nobody ip link add type vnet
  bad "as uid 65534" "EPERM:*" nobody rawlink v0 peer v1
  bad "as root of a user namespace only" "EPERM:*" nobody unshare -Ur rawlink v0 peer v1
  # Root of their own network namespace may make a pair there, but reach into no other.
  check "in their own network namespace" nobody unshare -Urn rawlink v0 peer v1
  exec 9</proc/self/ns/net
  bad_namespace "the peer in our namespace, by descriptor" EPERM "*CAP_NET_ADMIN*" \
    nobody unshare -Urn rawlink v0 peer v1 netns /proc/self/fd/9
  bad_namespace "the peer in our namespace, by process" EPERM "*CAP_NET_ADMIN*" \
    nobody unshare -Urn rawlink v0 peer v1 pid $$
  bad "the first end in our namespace" "EPERM:*" \
    nobody unshare -Urn rawlink v0 netns /proc/self/fd/9 peer v1
  exec 9<&-
  check "delete is refused, too" not nobody ip link del taken
}

# What belongs to both ends is for those who may change both.
owner() {
  "${as_nobody[@]}" unshare -Urn sleep 1000 & # no function: $! is the process itself
  local owner=$! here
  here=$(readlink /proc/self/ns/net)
  elsewhere() { [[ $(readlink "/proc/$owner/ns/net") != "$here" && $(<"/proc/$owner/comm") == sleep ]]; }
  require "a namespace of another user" traffic_wait 10 elsewhere
  there() { nsenter -t "$owner" -U -n "$@"; }
  check "its pair" there rawlink o0 peer o1
  check "can be changed there" there rawlink o0 change omit-peer data 2 01
  contains "at both ends" "$(there ip -d link show o1)" "csum wire"
  ip link add lent numtxqueues 2 numrxqueues 2 type vnet && ip link set lent netns "$owner"
  before=$(state)
  bad "a change there of a link that ends here" "EPERM: *CAP_NET_ADMIN*peer*" \
    there rawlink lent change omit-peer data 2 01
  bad "bigtcp, too" "EPERM: *CAP_NET_ADMIN*peer*" there rawlink lent change omit-peer data 3 01
  check "but not a change of nothing" there rawlink lent change omit-peer
  refused "rings of the end that is here" "*CAP_NET_ADMIN*" there ethtool -G lent tx 512
  check "but not its own" there ethtool -G lent rx 512
  refused "queues of both" "*not permitted*" there ethtool -L lent combined 1
  traffic_stop "$owner" KILL
}
devices() {
  bad "rings, as uid 65534" "*not permitted*" nobody ethtool -G taken rx 64
  bad "channels" "*not permitted*" nobody ethtool -L taken combined 1
  bad "features" "*not permitted*" nobody ethtool -K taken tx off
  bad "a change of the link" "EPERM:*" nobody rawlink taken change omit-peer data 2 01
}

load
ip netns add b
ip link add taken type vnet
rawlink there netns b peer there2 netns b
before=$(state)
names
numbers
changes
privilege
devices
owner
check "unload" rmmod vnet
finish
