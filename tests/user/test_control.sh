#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Every command of the control socket, on a pair with traffic.
# shellcheck source=tests/user/lib.sh
. "$(dirname "$0")/lib.sh"

ns_new one one
ns_new two two

pair_up() {
  driver_up "$one" --pair left right && ip -n "$one" link set right netns "$two" &&
    plain_addresses "$one" left "$two" right
}
pings() { traffic_ping_both "$one" "$two" 10.9.0.1 10.9.0.2 -c 3; }
socket_is_private() {
  local mode
  mode=$(stat -c '%a %F' "$VNET_RUN_DIR/left.sock")
  echo "$mode"
  [[ $mode == "600 socket" ]]
}

# value ATTRIBUTE: of the last answer.
value() {
  local words word
  read -r -d '' -a words <"$work/answer"
  for word in "${words[@]}"; do
    [[ $word == "$1="* ]] && echo "${word#*=}" && return
  done
}
# is_after ATTRIBUTE VALUE DEVICE: what device-get says now.
is_now() {
  ask device-get "ifname=$3" >"$work/answer"
  echo "$3 $1 is $(value "$1")"
  [[ $(value "$1") == "$2" ]]
}
# set_and_ping DEVICE ATTRIBUTE VALUE [SHOWN]: it is set, shown, and frames go on.
set_and_ping() {
  ask device-set "ifname=$1" "$2=$3" && is_now "$2" "${4:-$3}" "$1" && pings
}

must "control: the pair comes up" pair_up
check "control: the socket is its owner's alone" socket_is_private

check "device-get: by name" expect_answer "device-get ifindex=" device-get ifname=left
index=$(value ifindex)
check "device-get: by index" expect_answer "ifname=left" device-get "ifindex=$index"
check "device-get: in another namespace" expect_answer "ifname=right" device-get ifname=right
check "device-get: the peer there has a netnsid" expect_answer "peer-netnsid=" device-get ifname=left
same_as_ip() {
  local mac
  mac=$(ip netns exec "$one" cat /sys/class/net/left/address)
  [[ $(value mac) == "${mac//:/}" && $(value mtu) == 1500 && $(value open) == 1 &&
    $(value carrier) == 1 && $(value queues-max) == 1 ]]
}
check "device-get: what ip says" same_as_ip
both_dumped() {
  ask dump device-get >"$work/answer"
  cat "$work/answer"
  (($(traffic_lines "$work/answer") == 3)) && traffic_file_says "$work/answer" "ifname=right" &&
    traffic_file_says "$work/answer" "ifname=left"
}
check "device-get: a dump has both" both_dumped

check "link-get: the end asked for is first" expect_answer "link-get device.ifindex=" \
  link-get device.ifname=right
check "link-get: and the other is the peer" traffic_file_says "$work/answer" "peer.ifname=left"
one_link() { ask dump link-get >"$work/answer" && (($(traffic_lines "$work/answer") == 2)); }
check "link-get: a dump has one link" one_link

for knob in rx-usecs=50 rx-frames=8 adaptive-rx=1 adaptive-rx=0 rx-usecs=0 rx-frames=0 pad=1 \
  timeout=250 lockup=7 lockup=0 queues=1; do
  check "device-set: $knob" set_and_ping right "info.${knob%=*}" "${knob#*=}"
done
check "device-set: rx is rounded up" set_and_ping left info.rx-ring 300 512
check "device-set: and is the peer's tx" is_now info.tx-ring 512 right
check "device-set: tx is the peer's rx" set_and_ping left info.tx-ring 64
check "device-set: shown there" is_now info.rx-ring 64 right
check "device-set: the largest rings" set_and_ping left info.rx-ring 32768

both_set() {
  ask link-set device.ifname=right device.info.rx-ring=128 device.info.pad=0 \
    peer.ifname=left peer.info.timeout=2000 peer.info.rx-ring=1024 &&
    is_now info.rx-ring 128 right && is_now info.timeout 2000 left && is_now info.pad 0 right &&
    is_now info.rx-ring 1024 left
}
check "link-set: both ends" both_set

check "seed-set: what is given" expect_answer "seed=18446744073709551615" \
  seed-set ifname=left seed=0xffffffffffffffff
check "seed-get: the link's, at both ends" expect_answer "seed=18446744073709551615" \
  seed-get ifname=right
drawn() {
  ask seed-set ifname=left >"$work/answer"
  local first
  first=$(value seed)
  ask seed-set ifname=right >"$work/answer"
  echo "$first, then $(value seed)"
  [[ -n $first && $(value seed) != "$first" ]]
}
check "seed-set: drawn without one" drawn
check "device-set: seed" set_and_ping left info.seed 5
check "device-set: seed, at the other end" is_now info.seed 5 right

# csum wire: what crosses has complete checksums and the wire's size, also while captured.
wire_frames() {
  traffic_checksums "$two" right 200 traffic_iperf3_once "$two" "$one" 10.9.0.2 1 || return 1
  local line length longest=0
  while IFS= read -r line; do
    [[ $line =~ ", length "([0-9]+)": " ]] || continue
    length=${BASH_REMATCH[1]}
    ((length > longest)) && longest=$length
  done <<<"$traffic_captured"
  echo "the longest frame has $longest bytes"
  ((longest > 1000 && longest <= 1514))
}
check "csum wire: set" set_and_ping left info.csum 1
check "csum wire: at both ends" is_now info.csum 1 right
check "csum wire: complete checksums, no super-frames" wire_frames
check "csum wire: a file gets through" traffic_file "$one" "$two" 10.9.0.1 10.9.0.2 2000000
check "csum wire: datagrams get through" traffic_udp "$one" "$two" 10.9.0.1 10.9.0.2
check "csum offload: set" set_and_ping right info.csum 0
has_super_frames() { ! wire_frames; }
check "csum offload: super-frames cross" has_super_frames

# Rings change while TCP runs: what is in the old one is lost, and sent again.
changes_under_load() {
  traffic_start "$two" iperf3 -s -1 -p 5999 >/dev/null 2>&1
  local server=$traffic_pid client i=0 rings=(64 4096 256 32768)
  traffic_wait "$traffic_deadline" traffic_listening "$two" tcp 5999
  traffic_start "$one" iperf3 -c 10.9.0.2 -p 5999 -t 4 >"$work/iperf3" 2>&1
  client=$traffic_pid
  while ! traffic_gone "$client"; do
    ask device-set ifname=left "info.rx-ring=${rings[i % 4]}" "info.tx-ring=${rings[(i + 1) % 4]}" \
      "info.rx-usecs=$((i % 3 * 40))" "info.csum=$((i % 2))" "info.pad=$((i % 2))" || return 1
    i=$((i + 1))
    sleep 0.02
  done >/dev/null
  wait "$client"
  local status=$?
  traffic_stop "$server"
  tail -n 4 "$work/iperf3"
  echo "$i changes"
  ((status == 0 && i > 20))
}
check "device-set: many times under load" changes_under_load
check "device-set: frames are conserved" conserved

counted() {
  ask stats-get ifname=left >"$work/answer" || return 1
  local tx
  tx=$(value tx-frames)
  traffic_ping "$one" 10.9.0.2 -c 5 || return 1
  ask stats-get ifname=left >"$work/answer" || return 1
  cat "$work/answer"
  (($(value tx-frames) >= tx + 5 && $(value tx-bytes) > 0 && $(value ring-size) > 0))
}
check "stats-get: counts" counted
check "stats-get: of the queue" expect_answer "queue=0" stats-get ifname=left queue=0
per_queue() {
  ask dump stats-get per-queue= >"$work/answer"
  cat "$work/answer"
  (($(traffic_lines "$work/answer") == 5))
}
check "stats-get: a dump with queues" per_queue
one_dumped() { ask dump stats-get ifname=right >"$work/answer" && (($(traffic_lines "$work/answer") == 2)); }
check "stats-get: a dump of one device" one_dumped
registers() { # VNET_REG_QUEUES, the third, is 1
  ask regs-get ifname=left >"$work/answer"
  cat "$work/answer"
  [[ $(value values) == ????????????????01000000* ]]
}
check "regs-get: the registers" registers

# Events: a listener in the background, what it prints in a file.
listen() {
  "$CONTROL" "$VNET_RUN_DIR/left.sock" listen "$1" >"$work/events" 2>&1 &
  listener=$!
  traffic_wait "$traffic_deadline" traffic_file_says "$work/events" ack
}
heard() {
  traffic_wait "$traffic_deadline" traffic_file_says "$work/events" "$1" && return
  echo "not heard: $1"
  tail -n 20 "$work/events"
  return 1
}
must "events: subscribed" listen 3
changes_heard() {
  ask device-set ifname=left info.timeout=777 && heard "event type=7 " && heard "ifname=left"
}
check "events: config-changed" changes_heard
changed_by_ip() { ip -n "$two" link set right mtu 1400 && heard "ifname=right"; }
check "events: config-changed, by ip" changed_by_ip
unchanged_unheard() {
  local before
  before=$(traffic_lines "$work/events")
  ask device-set ifname=left info.timeout=777 && ask subscribe groups=0 && pings &&
    [[ $(traffic_lines "$work/events") == "$before" ]]
}
check "events: none where nothing changes" unchanged_unheard
link_heard() {
  ip -n "$one" link set left down && heard "event type=3 " &&
    ip -n "$one" link set left up && heard "event type=2 "
}
check "events: link-down and link-up" link_heard
lockup_heard() {
  ask device-set ifname=left info.lockup=3 info.timeout=50 || return 1
  traffic_ping "$one" 10.9.0.2 -c 5 -i 0.2 -W 5
  heard "event type=4 " && heard "event type=5 " && heard "event type=6 " || return 1
  ask device-set ifname=left info.lockup=0
}
check "events: lockup, tx-timeout, tx-recovered" lockup_heard
drop_heard() { # a frame that is not for right's MAC: unicast-filter (5), going in (1)
  traffic_in "$one" "$SEND_RAW" left 02aabbccddee02010101010188b5:64 &&
    heard "dropped time=" && heard "queue=0 direction=1 reason=5 length=64 data=02aabbccddee"
}
check "events: a dropped frame, with its bytes" drop_heard

check "link-del: it is acknowledged" expect_answer ack link-del device.ifname=right
ended() {
  local pid=$driver
  traffic_finish "$pid" "$traffic_deadline" || return 1
  driver=
  conserved_in_log && [[ -z $(ls -A "$VNET_RUN_DIR") ]]
}
check "link-del: and the driver ends, with its socket" ended
check "events: device-del" heard "event type=1 "
wait "$listener"
