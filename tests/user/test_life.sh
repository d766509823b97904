#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Births, renames, moves and deaths: nothing is left behind.
# shellcheck source=tests/user/lib.sh
. "$(dirname "$0")/lib.sh"

ns_new one one
ns_new two two

pair_up() { # in two namespaces, with addresses
  driver_up "$one" --pair left right && ip -n "$one" link set right netns "$two" &&
    plain_addresses "$one" left "$two" right
}
driver_ends() { # by itself, with exit status 0; neither device is left
  local pid=$driver
  traffic_finish "$pid" "$traffic_deadline" || {
    echo "exit status $?"
    return 1
  }
  driver=
  nothing_left && conserved_in_log
}
nothing_left() {
  local ns device left
  for ns in "${namespaces[@]}"; do
    [[ -e /run/netns/$ns ]] || continue
    for device in left right third; do
      has_no_device "$ns" "$device" || {
        echo "$device is left in $ns"
        return 1
      }
    done
  done
  left=$(ls -A "$VNET_RUN_DIR")
  [[ -z $left ]] || {
    echo "left in the run directory: $left"
    return 1
  }
}
ends_by_signal() {
  pair_up || return 1
  traffic_ping "$one" 10.9.0.2 -c 2 || return 1
  kill "-$1" "$driver"
  driver_ends
}
killed() {
  pair_up || return 1
  traffic_stop "$driver" KILL
  driver=
  has_no_device "$one" left && has_no_device "$two" right && [[ -e $VNET_RUN_DIR/left.pid ]]
}
stale_pid_file() { # the file of the killed driver is no obstacle
  pair_up && driver_down && nothing_left
}
stale_seen_by_down() {
  echo "1" >"$VNET_RUN_DIR/left.pid"
  expect_exit 2 "no such instance" "$VNET" down left && nothing_left
}
renamed() { # both ends, one of them in another namespace
  pair_up || return 1
  ip -n "$one" link set left down
  ip -n "$one" link set left name third
  ip -n "$one" link set third up
  expect_log "left: renamed to third" || return 1
  ip -n "$two" link set right down
  ip -n "$two" link set right name left
  ip -n "$two" link set left up
  expect_log "right: renamed to left" || return 1
  traffic_link_up "$one" third
  ip -n "$two" addr replace 10.9.0.2/24 dev left
  traffic_ping_both "$one" "$two" 10.9.0.1 10.9.0.2 || return 1
  traffic_in "$one" "$VNET" down third || return 1
  driver_ends
}
one_end_deleted() {
  pair_up || return 1
  ip -n "$one" link del left
  expect_log "left is gone" && driver_ends
}
moved_end_deleted() {
  pair_up || return 1
  ip -n "$two" link del right
  expect_log "right is gone" && driver_ends
}
down_end_deleted() { # no frame wakes the driver: the device never was up
  driver_up "$one" --pair left right || return 1
  ip -n "$one" link del right
  driver_ends
}
netns_deleted() {
  ns_new gone gone
  driver_up "$one" --pair left right && ip -n "$one" link set right netns "$gone" &&
    plain_addresses "$one" left "$gone" right || return 1
  traffic_ping "$one" 10.9.0.2 || return 1
  ip netns del "$gone"
  driver_ends
}
traffic_while_deleted() { # a flood under way when its device goes
  pair_up || return 1
  traffic_start "$one" ping -f -w 20 10.9.0.2 >/dev/null 2>&1
  local ping=$traffic_pid
  traffic_wait "$traffic_deadline" much_traffic
  ip -n "$two" link del right
  driver_ends
  local status=$?
  traffic_stop "$ping"
  return $status
}
much_traffic() { report && (($(counter left tx_frames) > 1000)); }
detached() {
  traffic_in "$one" "$VNET" up --pair left right --detach >"$work/out" 2>&1 || return 1
  has_device "$one" left && has_device "$one" right || return 1
  [[ ! -s $work/out && -e $VNET_RUN_DIR/left.pid && -e $VNET_RUN_DIR/left.log ]] || return 1
  ip -n "$one" link set right netns "$two"
  plain_addresses "$one" left "$two" right && traffic_ping "$one" 10.9.0.2
}
second_refused() {
  expect_exit 2 "refused: a network device named 'left' exists already" \
    traffic_in "$one" "$VNET" up --pair left right --detach
}
same_instance_refused() { # in another namespace the name is free, in the run directory it is not
  ns_new other other
  expect_exit 2 "refused: an instance named 'left' is running already" \
    traffic_in "$other" "$VNET" up --pair left third --detach
}
down_by_second_name() {
  "$VNET" down right && nothing_left
}
down_all() {
  traffic_in "$one" "$VNET" up --pair left right --detach &&
    traffic_in "$one" "$VNET" up --snull --detach && "$VNET" down && nothing_left &&
    has_no_device "$one" snull0
}

for signal in TERM INT HUP; do
  check "life: SIG$signal ends it, nothing is left" ends_by_signal $signal
done
check "life: SIGKILL leaves no device" killed
check "life: a stale pid file is replaced" stale_pid_file
check "life: a stale pid file is no instance" stale_seen_by_down
check "life: renames are followed" renamed
check "life: deleting one end ends the pair" one_end_deleted
check "life: deleting the moved end ends the pair" moved_end_deleted
check "life: deleting an end that never was up" down_end_deleted
check "life: deleting a namespace ends the pair" netns_deleted
check "life: deleting an end under a flood" traffic_while_deleted
check "life: --detach returns when both devices exist" detached
check "life: the same pair again is refused" second_refused
check "life: the same instance elsewhere is refused" same_instance_refused
check "life: vnet down by the second device's name" down_by_second_name
check "life: vnet down ends all instances" down_all
