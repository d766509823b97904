#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# `vnet capture`: delivered and dropped frames in one pcapng that tshark reads.
# shellcheck source=tests/user/lib.sh
. "$(dirname "$0")/lib.sh"

ns_new one one
ns_new two two
capture=

# capture_start NAME NS OPTIONS...: into $work/NAME.pcapng, what it says into $work/NAME.err. It is
# ready when its head is written, since the ring and the drops are there before.
capture_start() {
  local name=$1 ns=$2
  shift 2
  traffic_start "$ns" "$VNET" capture "$@" -w "$work/$name.pcapng" 2>"$work/$name.err"
  capture=$traffic_pid
  traffic_wait "$traffic_deadline" test -s "$work/$name.pcapng"
}
capture_end() { # NAME: its exit status is 0
  kill -INT "$capture"
  traffic_finish "$capture" "$traffic_deadline"
  local status=$?
  cat "$work/$1.err"
  return "$status"
}
# rows NAME FIELD...: a line a frame.
rows() {
  local name=$1 field args=()
  shift
  for field; do args+=(-e "$field"); done
  tshark -n -r "$work/$name" -T fields -E separator=, "${args[@]}" 2>>"$work/tshark.err"
}
count() { # NAME [DISPLAY FILTER]
  tshark -n -r "$work/$1" ${2+-Y "$2"} -T fields -e frame.number 2>>"$work/tshark.err" | grep -c .
}
expect_count() { # NAME FILTER N
  local n
  n=$(count "$1" "$2")
  [[ $n == "$3" ]] || {
    echo "$n frames of '$2', not $3"
    tshark -n -r "$work/$1" 2>&1 | head -n 40
    return 1
  }
}
send() { # NS DEVICE HEX...: frames as they are
  ip netns exec "$1" python3 - "${@:2}" <<'PYTHON'
import socket, sys
sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
sender.bind((sys.argv[1], 0))
for frame in sys.argv[2:]:
    sender.send(bytes.fromhex(frame))
PYTHON
}
foreign() { # NS DEVICE: three unicast frames that are not for the other end, and a broadcast one
  local to frames=()
  for to in 02000000ee00 02000000ee01 02000000ee02 ffffffffffff; do
    frames+=("${to}02000000000188b5$(printf 'ab%.0s' {1..50})")
  done
  send "$1" "$2" "${frames[@]}"
}

# tcpdump hands its last frames over by and by.
as_many_as_ours() {
  traffic_captured_frames "$work/tcpdump.pcap" "$(tcpdump -n -r "$work/like.pcapng" 2>/dev/null | wc -l)"
}
like_tcpdump() { # the same traffic: the same frames, byte by byte, in both directions
  ip netns exec "$one" tcpdump -p -U -B 65536 -i left -w "$work/tcpdump.pcap" 2>"$work/tcpdump.err" &
  local tcpdump=$!
  traffic_wait "$traffic_deadline" grep -q listening "$work/tcpdump.err" || return 1
  capture_start like "$one" left || return 1
  ip -n "$one" neigh flush dev left
  traffic_ping "$one" 10.9.0.2 -c 50 -i 0.01 -s 1200 >/dev/null &&
    traffic_file "$one" "$two" 10.9.0.1 10.9.0.2 2000000 || return 1
  capture_end like || return 1
  traffic_wait "$traffic_deadline" as_many_as_ours
  traffic_stop "$tcpdump" INT
  grep "dropped by kernel" "$work/tcpdump.err"
  rows tcpdump.pcap frame.len frame.cap_len eth.src eth.dst ip.id tcp.seq_raw icmp.seq tcp.checksum | sort >"$work/theirs"
  rows like.pcapng frame.len frame.cap_len eth.src eth.dst ip.id tcp.seq_raw icmp.seq tcp.checksum | sort >"$work/ours"
  diff "$work/theirs" "$work/ours" | head -n 20
  cmp "$work/theirs" "$work/ours" && python3 - "$work" <<'PYTHON'
import subprocess, sys
def frames(name):  # all bytes, as tcpdump itself reads them
    out = subprocess.run(["tcpdump", "-n", "-t", "-xx", "-r", f"{sys.argv[1]}/{name}"],
                         capture_output=True, text=True, check=True).stdout
    packets = []
    for line in out.splitlines():
        if line.startswith("\t0x"):
            packets[-1] += line.split(":")[1].replace(" ", "")
        else:
            packets.append("")
    return sorted(packets)
ours, theirs = frames("like.pcapng"), frames("tcpdump.pcap")
print(len(ours), "frames")
assert ours == theirs and len(ours) > 100
PYTHON
}
directions() { # every request of left's goes out, every reply comes in
  local sent got
  sent=$(count like.pcapng "icmp.type == 8 && frame.packet_flags_direction == 2")
  got=$(count like.pcapng "icmp.type == 0 && frame.packet_flags_direction == 1")
  echo "$sent out, $got in"
  ((sent == 50 && got == 50)) && expect_count like.pcapng "!frame.packet_flags_direction" 0
}
heads() { # who wrote it, of what, and what it missed
  local said
  said=$(capinfos "$work/like.pcapng")
  echo "$said" | grep -E 'application|Name|precision|order'
  [[ $said == *"Capture application: vnet "* && $said == *"Name = left"* &&
    $said == *"nanoseconds (9)"* && $said == *"Strict time order:   True"* &&
    $said == *"Number of stat entries = 1"* ]]
}
# captured NAME N: what was sent lies in a TAP until its driver runs; a capture that ends does not wait for that.
captured() { traffic_wait "$traffic_deadline" traffic_captured_frames "$work/$1.pcapng" "$2"; }
dropped_at_receiver() {
  capture_start receiver "$two" right --with-drops || return 1
  foreign "$one" left && captured receiver 4
  capture_end receiver || return 1
  expect_count receiver.pcapng 'frame.comment == "dropped: unicast_filter"' 3 &&
    expect_count receiver.pcapng "eth.type == 0x88b5" 4 &&
    expect_count receiver.pcapng "frame.comment && frame.packet_flags_direction == 1 && frame.interface_queue == 0" 3 &&
    expect_count receiver.pcapng "eth.dst == ff:ff:ff:ff:ff:ff && eth.type == 0x88b5 && !frame.comment" 1 &&
    [[ $(<"$work/receiver.err") == *" 3 dropped by vnet"* ]]
}
sent_all_the_same() { # what the receiver drops was transmitted
  capture_start sender "$one" left --with-drops || return 1
  foreign "$one" left && captured sender 4
  capture_end sender || return 1
  expect_count sender.pcapng "eth.type == 0x88b5 && frame.packet_flags_direction == 2" 4 &&
    expect_count sender.pcapng "frame.comment" 0
}
dropped_at_sender() { # seen by the stack's tap as well, but shown once
  ip -n "$one" link set left mtu 3000
  capture_start refused "$one" left --with-drops || return 1
  ip netns exec "$one" ping -n -c 5 -i 0.02 -W 0.2 -s 2000 -M "do" 10.9.0.2 >/dev/null
  traffic_ping "$one" 10.9.0.2 -c 5 -i 0.02 >/dev/null || return 1
  capture_end refused || return 1
  ip -n "$one" link set left mtu 1500
  expect_count refused.pcapng 'frame.comment == "dropped: too_long" && frame.packet_flags_direction == 2 && frame.interface_queue == 0' 5 &&
    expect_count refused.pcapng "frame.len == 2042" 5 &&
    expect_count refused.pcapng "icmp.type == 8 && !frame.comment" 5
}
as_counted() { # the capture has as many drops as the counters
  local before after n
  before=$("$VNET" -j stats show right | python3 -c 'import json, sys
print(sum(d["frames"] for s in json.load(sys.stdin) for d in s.get("drop", [])))')
  capture_start counted "$two" right --with-drops || return 1
  foreign "$one" left && foreign "$one" left && captured counted 8
  capture_end counted || return 1
  after=$("$VNET" -j stats show right | python3 -c 'import json, sys
print(sum(d["frames"] for s in json.load(sys.stdin) for d in s.get("drop", [])))')
  n=$(count counted.pcapng frame.comment)
  echo "counters $before to $after, capture $n"
  ((after - before == n && n == 6))
}
in_order() { # of both sources
  local file
  for file in receiver refused counted; do
    rows "$file.pcapng" frame.time_epoch >"$work/times"
    sort -c "$work/times" || return 1
  done
}
piped() { # as it comes, and --count ends it
  # shellcheck disable=SC2016 # expanded by the inner shell
  ip netns exec "$one" timeout 30 bash -c '"$VNET" capture left --count 6 -w - | tshark -n -l -r - -T fields -e frame.number' \
    >"$work/piped" 2>>"$work/tshark.err" &
  local reader=$!
  until traffic_gone "$reader"; do traffic_ping "$one" 10.9.0.2 -c 2 -i 0.05 >/dev/null || return 1; done
  wait "$reader" || return 1
  [[ $(grep -c . "$work/piped") == 6 ]]
}
reader_goes() {
  local status
  { ip netns exec "$one" timeout 20 "$VNET" capture left; echo "$?" >"$work/status"; } | head -c 10 >/dev/null
  status=$(<"$work/status")
  echo "status $status"
  [[ $status == 0 ]]
}
short() { # --snaplen cuts what is delivered and what is dropped
  capture_start short "$two" right --with-drops --snaplen 60 || return 1
  foreign "$one" left
  traffic_ping "$one" 10.9.0.2 -c 2 -i 0.05 -s 500 >/dev/null || return 1
  capture_end short || return 1
  expect_count short.pcapng "frame.cap_len > 60" 0 && expect_count short.pcapng "icmp && frame.len == 542" 4
}
tags() { # the stack takes a VLAN tag out of the frame; in the capture it is where it was
  local frame
  frame=ffffffffffff0200000000018100000788b5$(printf 'ab%.0s' {1..50})
  capture_start tagged "$two" right || return 1
  send "$one" left "$frame" && captured tagged 1
  capture_end tagged || return 1
  expect_count tagged.pcapng "vlan.id == 7 && vlan.etype == 0x88b5 && frame.len == 68" 1 &&
    [[ $(tcpdump -n -t -xx -r "$work/tagged.pcapng" 2>/dev/null | sed -n 's/.*0x[0-9a-f]*: *//p' | tr -d ' \n') == "$frame" ]]
}
down_and_up() { # it outlives the device's being down
  capture_start down "$two" right || return 1
  ip -n "$two" link set right down
  ip -n "$two" link set right up
  traffic_link_up "$two" right && traffic_ping "$one" 10.9.0.2 -c 3 >/dev/null || return 1
  capture_end down && expect_count down.pcapng "icmp.type == 8" 3
}
device_ends() { # with the device, with 0
  capture_start last "$two" right || return 1
  driver_down || return 1
  traffic_finish "$capture" "$traffic_deadline"
}

must "capture: the devices come up" driver_up "$one" --pair left right
must "capture: one end moves" ip -n "$one" link set right netns "$two"
traffic_no_ipv6 "$one" "$two"
plain_up() {
  ip -n "$one" addr add 10.9.0.1/24 dev left && ip -n "$two" addr add 10.9.0.2/24 dev right
  ip -n "$one" link set left up && ip -n "$two" link set right up
  traffic_link_up "$one" left && traffic_link_up "$two" right
}
must "capture: addresses" plain_up
check "capture: the frames are tcpdump's" like_tcpdump
check "capture: directions" directions
check "capture: section, interface and statistics" heads
check "capture: a frame dropped at the receiver" dropped_at_receiver
check "capture: was transmitted" sent_all_the_same
check "capture: a frame dropped at the sender is shown once" dropped_at_sender
check "capture: as many drops as the counters say" as_counted
check "capture: time order" in_order
check "capture: a pipe, and --count" piped
check "capture: it ends when nobody reads" reader_goes
check "capture: --snaplen" short
check "capture: VLAN tags" tags
check "capture: the device goes down and up" down_and_up
check "capture: no such device" expect_exit 2 "no such device" "$VNET" capture nothing -w "$work/none"
check "capture: elsewhere" expect_exit 2 "another network namespace" "$VNET" capture left -w "$work/none"
check "capture: --count 0" expect_exit 1 "--count '0'" "$VNET" capture left --count 0
check "capture: --snaplen x" expect_exit 1 "--snaplen 'x'" "$VNET" capture left --snaplen x
check "capture: no file is left of what was refused" test ! -e "$work/none"
check "capture: frames are conserved" conserved
check "capture: it ends with its device" device_ends
