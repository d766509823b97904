#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What the control socket refuses: in words, and with nothing half done.
# shellcheck source=tests/user/lib.sh
. "$(dirname "$0")/lib.sh"

ns_new one one
ns_new two two

before() { ask dump link-get >"$work/before"; }
nothing_changed() { # but for the seed, which is not asked for here
  ask dump link-get >"$work/after" && diff "$work/before" "$work/after"
}
# refused CODE TEXT REQUEST...: and everything is as it was.
refused() {
  before && expect_refusal "$@" && nothing_changed
}

must "control refusals: the pair comes up" driver_up "$one" --pair left right
ip -n "$one" link set right netns "$two"
plain_addresses "$one" left "$two" right

set_left="device-set ifname=left"
# CODE|TEXT|REQUEST; 19 is ENODEV, 22 EINVAL, 95 EOPNOTSUPP.
while IFS='|' read -r code text request; do
  read -r -a words <<<"$request"
  check "refused: $request" refused "$code" "$text" "${words[@]}"
done <<CASES
19|ifname: no such device here|device-get ifname=nobody
19|ifindex: no such device here|device-get ifindex=4711
19|ifindex: no such device here|seed-get ifindex=4711
19|ifname: no such device here|device-set ifname=lo info.pad=1
19|ifname: no such device here|link-del device.ifname=lo
19|ifname: no such device here|dump stats-get ifname=lo
22|one of them is needed|device-get
22|one of them is needed|seed-set seed=1
22|1 to 15 characters|link-get device.ifname=
22|info: is needed|$set_left
22|info: is needed|link-set device.ifname=left
22|device: is needed|link-del
22|rx-ring|$set_left info.rx-ring=63
22|tx-ring|$set_left info.tx-ring=32769
22|rx-usecs|$set_left info.rx-usecs=100001
22|rx-frames|$set_left info.rx-frames=32769
22|adaptive-rx|$set_left info.adaptive-rx=2
22|pad|$set_left info.pad=2
22|timeout|$set_left info.timeout=9
22|timeout|$set_left info.timeout=600001
22|csum|$set_left info.csum=2
22|queues: must be 1|$set_left info.queues=2
22|queues|$set_left info.queues=0
95|bigtcp: only the kernel module|$set_left info.big-tcp=1
22|peer|$set_left info.peer=0x00000000000000000000000000000000
22|rx-ring|$set_left info.pad=1 info.csum=1 info.lockup=3 info.rx-ring=1
95|bigtcp|$set_left info.pad=1 info.csum=1 info.rx-ring=512 info.big-tcp=0
22|tx: is the other end's rx ring|link-set device.ifname=left device.info.tx-ring=64 peer.info.rx-ring=128
22|seed: is the link's|link-set device.ifname=left device.info.seed=1 peer.info.seed=2
22|csum: is the link's|link-set device.ifname=left device.info.csum=1 peer.info.csum=0
22|peer: is the same device|link-set device.ifname=left device.info.pad=1 peer.ifname=left
22|does not take|link-set device.ifname=left device.mtu=1400
22|does not take|link-set device.ifname=left device.info.pad=1 peer.mac=0x020000000001
22|does not take|link-del device.ifname=left device.info.pad=1
22|queue: must be 0|stats-get ifname=left queue=1
22|ifname|device-get ifname=0x
22|unknown attribute|device-get 77=5
22|takes only ifindex, ifname|device-get ifname=left mac=0x020000000001
22|groups: is needed|subscribe
22|groups|subscribe groups=8
22|40 reorder: needs a delay|impair-set ifname=left direction=0 reorder=1
22|52 delay: the jitter is at most|impair-set ifname=left direction=0 delay=1000 jitter=2000
22|32 delay|impair-set ifname=left delay=9223372036854775808
22|32 rate|impair-set ifname=left rate=0
22|32 loss-p1|impair-set ifname=left loss-p1=4294967297
22|32 loss-pattern must be 8 to 1024 bytes|impair-set ifname=left loss-pattern=0x00
22|32 match: not a valid program|impair-set ifname=left match=0x0000000000000000
22|32 trace (trace-upload): impair-trace has not|impair-set ifname=left trace-upload=1
22|trace-at and trace-rows are needed|impair-trace ifname=left trace-upload=1
22|32 trace: sync without a trace|impair-set ifname=left trace-sync=train
22|40 queue: must be less|fault-add ifname=left what=4 queue=5
22|48 nth: frames are numbered|fault-add ifname=left what=4 when=3 when-value=0
22|40 match: a program|fault-add ifname=left what=4 when=7
22|48 match: not a valid|fault-add ifname=left what=4 when=7 match=0x0000000000000000
22|what: is needed|fault-add ifname=left
2|32 id: the device has no such fault|fault-get ifname=left id=7
2|32 id: the device has no such fault|fault-fire ifname=left id=7
2|32 id: the device has no such fault|fault-del ifname=left id=7
2|40 queue: the device has no such queue|impair-get ifname=left direction=0 queue=2
2|40 queue: the receiver has no such queue|wire-get ifname=left direction=0 queue=2
22|direction: is needed|impair-get ifname=left
95|the pair is made when the driver starts|link-new device.ifname=new
95|no such command|event
95|has no dump|dump regs-get ifname=left
CASES

unprivileged() { # another user: the socket's mode keeps him out, or, where that was changed, we do
  install -m 755 "$CONTROL" "$work/control"
  chmod 755 "$work" "$VNET_RUN_DIR"
  local as_nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups "$work/control")
  "${as_nobody[@]}" "$VNET_RUN_DIR/left.sock" device-get ifname=left 2>"$work/said2"
  cat "$work/said2"
  traffic_file_says "$work/said2" "Permission denied" || return 1
  chmod 666 "$VNET_RUN_DIR/left.sock"
  "${as_nobody[@]}" "$VNET_RUN_DIR/left.sock" device-get ifname=left >"$work/said2" 2>&1
  cat "$work/said2"
  ! traffic_file_says "$work/said2" "ifindex=" && traffic_file_says "$work/said2" "own user may connect" && log_says "created"
}
check "refused: another user" unprivileged

check "refused, and frames go on" traffic_ping_both "$one" "$two" 10.9.0.1 10.9.0.2 -c 3
fuzzed() { "$SOCKFUZZ" "$VNET_RUN_DIR/left.sock" 1 20000; }
check "random and mutated messages: the driver answers each, and lives" fuzzed
check "random messages: frames go on" traffic_ping_both "$one" "$two" 10.9.0.1 10.9.0.2 -c 3
check "random messages: it ends, all conserved" driver_down

stale_socket() { # of a driver that was killed: replaced by the next one
  driver_up "$one" --pair left right || return 1
  traffic_stop "$driver" KILL
  driver=
  [[ -S $VNET_RUN_DIR/left.sock ]] || return 1
  driver_up "$one" --pair left right && expect_answer "ifname=left" device-get ifname=left
}
check "a killed driver's socket is replaced" stale_socket
check "it ends" driver_down
gone() { [[ -z $(ls -A "$VNET_RUN_DIR") ]]; }
check "and takes its socket along" gone
