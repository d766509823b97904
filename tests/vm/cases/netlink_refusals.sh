# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 600
# Generic netlink: each attribute at its limits and beyond, each command without what it needs. Every
# refusal has a text and names the attribute's place, and leaves all as it was.
source "$VNET_TESTS/vm/cases/lib/case.sh"
# shellcheck source=lib/refuse.sh
source "$VNET_TESTS/vm/cases/lib/refuse.sh"
# shellcheck source=lib/refuse_wire.sh
source "$VNET_TESTS/vm/cases/lib/refuse_wire.sh"

# Seen by root of all; what is there now and how it is set.
now() {
  nlvnet device-get dump
  traffic_in b nlvnet device-get dump
  nlvnet impair-get dump
  nlvnet fault-get dump
}
# bad TEXT PATTERN NLVNET'S WORDS...: refused, with text; and nothing of it stays, see unchanged.
bad() { refused "$@"; }
# unchanged TEXT: after all of TEXT's refusals everything is as before. (After each it would take three times as long.)
unchanged() {
  local after
  after=$(now)
  [[ $after == "$before" ]] || {
    fail "$1: something has changed"
    diff <(echo "$before") <(echo "$after")
    before=$after
  }
}
# The attribute stands at OFFSET behind the genlmsghdr.
at() { # OFFSET TEXT PATTERN COMMAND...
  local offset=$1
  shift
  bad "$1" "$2"$'\n'"offset $offset" "${@:3}"
}

# ifname=v0 takes 8 bytes with its header, and that of info 4 more.
info() {
  local name type size min max value between
  while read -r name type size min max; do
    for value in $((min - 1)) $((max + 1)); do
      ((value < 0 || value >= 1 << (8 * size))) && continue
      at 12 "$name $value" "EINVAL: *$name*must be *" \
        nlvnet device-set ifname=v0 "info.$type:$(bytes "$size" $value)"
      at 20 "$name $value, of the peer" "EINVAL: *$name*must be *" \
        nlvnet link-set device.ifname=v0 "peer.info.$type:$(bytes "$size" $value)"
      at 8 "$name $value, new" "EINVAL: *$name*must be *" \
        nlvnet link-new "device.info.$type:$(bytes "$size" $value)"
    done
    for value in 0 $((size - 1)) $((size + 1)) 200; do
      at 12 "$name of $value bytes" "EINVAL: *$name*must be*byte*" \
        nlvnet device-set ifname=v0 "info.$type:$( ((value)) && bytes "$value" 0 || echo -)"
    done
    between=pad=0
    [[ $name != pad ]] || between=lockup=0
    at 28 "$name twice" "EINVAL: *$name*twice*" nlvnet device-set ifname=v0 \
      "info.$type:$(bytes "$size" "$min")" "info.$between" "info.$type:$(bytes "$size" "$min")"
    at 12 "$name as a nest" "EINVAL: *$name*must be*" \
      nlvnet device-set ifname=v0 "info.$((type | 0x8000)):$(bytes "$size" "$min")"
    at 12 "$name in network order" "EINVAL: *order*" \
      nlvnet device-set ifname=v0 "info.$((type | 0x4000)):$(bytes "$size" "$min")"
    unchanged "$name"
    for value in "$min" "$max"; do
      [[ $name == queues && $value != 1 ]] && continue
      check "$name $value" nlvnet device-set ifname=v0 "info.$name=$value"
      equal "$name" "$(nlvnet device-get ifname=v0 | tr ' ' '\n' | sed -n "s/^info.$name=//p" | sed 's/offload/0/;s/wire/1/')" "$value"
    done
    restore
  done < <(printf '%s\n' 'csum 2 1 0 1' 'big-tcp 3 1 0 1' && info_numbers)
}
restore() {
  nlvnet link-set device.ifname=v0 device.info.csum=0 device.info.big-tcp=0 device.info.queues=2 \
    device.info.rx-ring=256 device.info.tx-ring=256 device.info.rx-usecs=0 device.info.rx-frames=0 \
    device.info.adaptive-rx=0 device.info.pad=0 device.info.lockup=0 device.info.timeout=1000
  before=$(now)
}

structure() {
  local path=1 depth type
  for type in 0 14 255 16383; do
    at 12 "attribute $type of info" "EINVAL: unknown attribute: info has *" \
      nlvnet device-set ifname=v0 "info.$type:00"
  done
  for type in 0 13 255; do
    at 8 "attribute $type of a device" "EINVAL: unknown attribute: device has *" \
      nlvnet device-set ifname=v0 "$type:00"
  done
  at 8 "a name twice" "EINVAL: ifname is given twice" nlvnet device-get ifname=v0 ifname=v0
  at 8 "an attribute that device-get does not take" "EINVAL: *takes*" nlvnet device-get ifname=v0 mtu=1500
  # Linux 6.1 hands on the text of a refused dump, not the offset (netlink_dump_done()).
  bad "one that a dump does not take" "EINVAL: a dump of device-get takes no attributes*" \
    nlvnet device-get dump ifname=v0
  at 12 "one that link-set does not take" "EINVAL: *takes no such attribute*" \
    nlvnet link-set device.ifname=v0 device.mtu=1500
  at 4 "one that link-new does not take" "EINVAL: *takes no such attribute*" \
    nlvnet link-new device.carrier=1
  for ((depth = 0; depth < 40; depth++)); do path=1.$path; done
  at 8 "40 nests in a name" "EINVAL: *" nlvnet link-new "device.info.$path.1:00"
  bad "40 nests" "E*: ?*" nlvnet link-new "$path.1:00"
  at 8 "an attribute that is longer than the message" "EINVAL: *length*" nlvnet device-get ifname=v0 tail:10000100
  at 8 "one shorter than its header" "EINVAL: *length*" nlvnet device-get ifname=v0 tail:03000100
  bad "no such command" "EOPNOTSUPP:*" nlvnet 200
  bad "an event" "EOPNOTSUPP:*" nlvnet event
  bad "a dump of seeds" "EOPNOTSUPP:*" nlvnet seed-get dump
  bad "subscribe, which is user space's" "EOPNOTSUPP:*" nlvnet subscribe groups=1
}

devices() {
  local command name
  for command in device-get device-set stats-get regs-get seed-get seed-set; do
    at 0 "$command of no such name" "ENODEV: ifname: no such vnet device" nlvnet $command ifname=v9
    at 0 "$command of lo" "ENODEV: ifname: no such vnet device" nlvnet $command ifname=lo
    at 0 "$command of a veth" "ENODEV: ifname: no such vnet device" nlvnet $command ifname=other
    at 0 "$command of no such index" "ENODEV: ifindex: no such vnet device" nlvnet $command ifindex=99999
    at 0 "$command of an index 0" "EINVAL: ifindex must be 1 to 2147483647" nlvnet $command ifindex=0
    at 0 "$command of an index 2^31" "EINVAL: ifindex must be 1 to 2147483647" nlvnet $command ifindex=2147483648
    at 8 "$command of another's index" "ENODEV: ifindex: is another*" nlvnet $command ifname=v0 ifindex=1
    at 0 "$command of v1, which is elsewhere" "ENODEV:*" nlvnet $command ifname=v1
    bad "$command of nothing" "EINVAL: ifindex or ifname *" nlvnet $command
    for name in "" abcdefghijklmnop; do
      at 0 "$command of the name '$name'" "EINVAL: ifname must be a string of 1 to 15*" nlvnet $command "ifname=$name"
    done
  done
  for command in impair-get impair-set impair-del impair-trace fault-get fault-add fault-del fault-fire wire-get golden-get; do
    at 0 "$command of no such name" "ENODEV: ifname: no such vnet device" nlvnet $command ifname=v9
    at 0 "$command of v1, which is elsewhere" "ENODEV:*" nlvnet $command ifname=v1
    bad "$command of nothing" "EINVAL: ifindex or ifname *" nlvnet $command
  done
  for command in link-get link-set link-del; do
    at 4 "$command of no such name" "ENODEV: ifname: no such vnet device" nlvnet $command device.ifname=v9
    at 4 "$command of v1, which is elsewhere" "ENODEV:*" nlvnet $command device.ifname=v1
    bad "$command of nothing" "EINVAL: ifindex or ifname *" nlvnet $command
  done
  bad "statistics of all but one that is not" "ENODEV: ifname*" nlvnet stats-get dump ifname=v9
  for command in impair-get fault-get; do
    bad "a dump of $command of v1, which is elsewhere" "ENODEV: ifname*" nlvnet $command dump ifname=v1
  done
  at 8 "the third queue of two" "EINVAL: queue*" nlvnet stats-get ifname=v0 queue=2
  bad "link-del of a device made at load" "EOPNOTSUPP: *loaded*" nlvnet link-del device.ifname=vnet0
}

limits() {
  at 12 "more queues than there are" "EINVAL: queues: *queues-max*" nlvnet device-set ifname=v0 info.queues=3
  at 24 "two values for what both share" "EINVAL: *both ends share" \
    nlvnet link-set device.ifname=v0 device.info.pad=1 device.info.seed=1 peer.info.seed=2
  bad "two sizes for one ring" "EINVAL: *both ends share*" \
    nlvnet link-set device.ifname=v0 device.info.rx-ring=64 peer.info.tx-ring=128
  bad "two values, new" "EINVAL: *both ends share*" nlvnet link-new device.info.csum=1 peer.info.csum=0
  check "the same twice is one" nlvnet link-set device.ifname=v0 device.info.rx-ring=256 peer.info.tx-ring=256
  bad "a good value before a bad one" "EINVAL: queues:*" \
    nlvnet device-set ifname=v0 info.pad=1 info.rx-ring=1024 info.queues=3
  bad "queues that a table needs" "EINVAL: queues: too few*" table_in_the_way
  ethtool -X v0 default
  bad "a peer in info" "EINVAL: peer stands *" nlvnet device-set ifname=v0 "info.1:$(bytes 16 0)"
  bad "a peer in info, new" "EINVAL: peer stands *" nlvnet link-new "device.info.1:$(bytes 16 0)"
}
table_in_the_way() { ethtool -X v0 equal 2 && nlvnet device-set ifname=v0 info.queues=1; }

pairs() {
  local name
  for name in %d a/b / . .. "a b" a:b '%s' 'a%d%d' 'a%'; do
    at 4 "name '$name'" "EINVAL: ifname: *" nlvnet link-new "device.ifname=$name"
    at 4 "peer name '$name'" "EINVAL: ifname: *" nlvnet link-new "peer.ifname=$name"
  done
  bad "a name that is taken" "EEXIST: name*" nlvnet link-new device.ifname=v0
  bad "a peer's name that is taken" "EEXIST: peer name*" nlvnet link-new peer.ifname=other
  bad "a peer's name that is taken there" "EEXIST: peer name*" nlvnet link-new peer.ifname=v1 peer-netns-fd=@/run/netns/b
  bad "one name for both" "EEXIST: peer name: must differ*" nlvnet link-new device.ifname=x peer.ifname=x
  at 4 "a multicast address" "EINVAL: mac: *" nlvnet link-new device.mac=01:00:00:00:00:01
  at 4 "no address" "EINVAL: mac: *" nlvnet link-new peer.mac=00:00:00:00:00:00
  at 4 "an address of five bytes" "EINVAL: mac must be 6 bytes" nlvnet link-new device.3:0200000000
  for name in 67 65536; do
    at 4 "MTU $name" "EINVAL: mtu must be 68 to 65535" nlvnet link-new "device.mtu=$name"
  done
  at 0 "a namespace that is none" "E*: peer-netns-fd: *" nlvnet link-new peer-netns-fd=@/dev/null
  at 0 "a descriptor that is none" "E*: peer-netns-fd: *" nlvnet link-new peer-netns-fd=999
}

# ---- privilege

privilege() {
  local words
  for words in "device-set ifname=v0 info.pad=1" "link-set device.ifname=v0 device.info.csum=1" "link-new" \
    "link-del device.ifname=v0" "seed-set ifname=v0" "impair-set ifname=v0 direction=0 delay=1" \
    "impair-del ifname=v0 direction=0" "impair-trace ifname=v0 trace-upload=1" \
    "wire-get ifname=v0 direction=0 queue=0" "golden-get ifname=v0 stream=0 count=1" "fault-add ifname=v0 what=0" "fault-del ifname=v0" "fault-fire ifname=v0 id=1"; do
    # shellcheck disable=SC2086 # words are meant
    bad "$words, as uid 65534" "EPERM:*" nobody nlvnet $words
    # shellcheck disable=SC2086
    bad "$words, as root of a user namespace only" "EPERM:*" nobody unshare -Ur nlvnet $words
  done
  for words in "device-get ifname=v0" "link-get dump" "stats-get dump" "regs-get ifname=v0" "seed-get ifname=v0" \
    "impair-get dump" "fault-get dump"; do
    # shellcheck disable=SC2086
    check "$words, as uid 65534" nobody nlvnet $words
  done
  bad "in a network namespace of their own there is no v0" "ENODEV:*" nobody unshare -Urn nlvnet device-get ifname=v0
  check "there they make a pair" nobody unshare -Urn nlvnet link-new
  exec 9</proc/self/ns/net
  bad "but not into ours" "EPERM: peer-netns-fd: needs CAP_NET_ADMIN*" \
    nobody unshare -Urn nlvnet link-new peer-netns-fd=@/proc/self/fd/9
  exec 9<&-
}

# Root of a network namespace, to whom one end of a pair is lent.
owner() {
  local here said words
  "${as_nobody[@]}" unshare -Urn sleep 1000 & # the process itself
  local owner=$!
  here=$(readlink /proc/self/ns/net)
  elsewhere() { [[ $(readlink "/proc/$owner/ns/net") != "$here" && $(<"/proc/$owner/comm") == sleep ]]; }
  require "a namespace of another user" traffic_wait 10 elsewhere
  there() { nsenter -t "$owner" -U -n "$@"; }
  nlvnet link-new device.ifname=lent device.info.queues=2 peer.ifname=kept && ip link set lent netns "$owner"
  before=$(now)
  for words in info.csum=1 info.big-tcp=1 info.queues=1 info.tx-ring=512 info.seed=1; do
    bad "$words at an end that is lent" "EPERM: *CAP_NET_ADMIN*peer*" there nlvnet device-set ifname=lent $words
  done
  bad "the peer's pad" "EPERM: *CAP_NET_ADMIN*" there nlvnet link-set device.ifname=lent peer.info.pad=1
  bad "its seed" "EPERM: *CAP_NET_ADMIN*" there nlvnet seed-set ifname=lent
  bad "an impairment of the wire" "EPERM: *CAP_NET_ADMIN*" there nlvnet impair-set ifname=lent direction=0 delay=1
  bad "the wire's state, for which polls pause" "EPERM: *CAP_NET_ADMIN*" there nlvnet wire-get ifname=lent direction=0 queue=0
  bad "a fault, which may take the link" "EPERM: *CAP_NET_ADMIN*" there nlvnet fault-add ifname=lent what=0
  bad "the pair's end" "EPERM: *CAP_NET_ADMIN*" there nlvnet link-del device.ifname=lent
  unchanged "an end that is lent"
  said=$(there nlvnet link-get device.ifname=lent)
  contains "there the peer is a number" "$said" "peer.ifindex=$(</sys/class/net/kept/ifindex)"
  [[ $said != *kept* ]] || fail "its name is told, too: $said"
  check "but what is the end's own" there nlvnet device-set ifname=lent info.pad=1 info.rx-usecs=5
  # By root, over a socket that the owner opened and handed on.
  handed_on() { nlvnet of "$opener" "$socket" "$@"; }
  traffic_start - nsenter -t "$owner" -U -n nlvnet listen events 100 1000 >"$case_output.heard"
  local opener=$traffic_pid socket
  require "a socket of the owner's" traffic_wait 10 traffic_file_says "$case_output.heard" listening
  kill -STOP "$opener" # the answers are for another
  socket=$(find "/proc/$opener/fd" -lname 'socket:*' -printf %f)
  check "by it the end's own is set" handed_on device-set ifname=lent info.rx-frames=3
  before=$(now)
  for words in "device-set ifname=lent info.csum=1" "link-set device.ifname=lent peer.info.pad=1" "seed-set ifname=lent" \
    "impair-set ifname=lent direction=0 delay=1" "impair-del ifname=lent direction=0" "wire-get ifname=lent direction=0 queue=0" \
    "fault-add ifname=lent what=0" "fault-del ifname=lent" "link-del device.ifname=lent" "link-new peer-netns-fd=@/proc/self/ns/net"; do
    # shellcheck disable=SC2086 # words are meant
    bad "by it: $words" "EPERM: *CAP_NET_ADMIN*" handed_on $words
  done
  unchanged "by that socket"
  traffic_stop "$opener" KILL
  equal "is set there" "$(there nlvnet device-get ifname=lent | tr ' ' '\n' | grep -E '^info.(pad|rx-usecs)=' | paste -sd ' ')" \
    "info.rx-usecs=5 info.pad=1"
  nlvnet link-del device.ifname=kept
  traffic_stop "$owner" KILL
  before=$(now)
}

# Requests for devices that come and go: each is answered, by one of two answers.
vanishing() {
  local answers
  churn() {
    local i
    for ((i = 0; i < 50; i++)); do ip link add gone type vnet && ip link del gone; done
  }
  churn &
  answers=$(while kill -0 $! 2>/dev/null; do
    nlvnet device-set ifname=gone info.rx-ring=512 info.csum=1
    nlvnet seed-set ifname=gone
    nlvnet stats-get dump ifname=gone per-queue=
    nlvnet link-del device.ifname=gone
  done | sed 's/^ifindex=.*/shown/;s/^offset.*//;s/^$//' | grep . | sort -u)
  wait $!
  nlvnet link-del device.ifname=gone >/dev/null
  contains "there is no such device at times" "$answers" "ENODEV: ifname: no such vnet device"
  contains "at times there is" "$answers" shown
  equal "no third answer" "$(grep -cvE '^(shown|ENODEV: ifname: no such vnet device)' <<<"$answers")" 0
}

load pairs=1
ip netns add b
ip link add other type veth
require "a pair" nlvnet link-new device.ifname=v0 device.info.queues=2 device.info.seed=1 peer.ifname=v1 \
  peer-netns-fd=@/run/netns/b
ip link set v0 up
ip -n b link set v1 up
before=$(now)
info
for part in structure devices limits pairs impairments faults privilege; do
  "$part"
  unchanged "$part"
done
owner
check "devices that vanish" vanishing
ip link del other
check "unload" rmmod vnet
finish
