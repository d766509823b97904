#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What cannot be done is refused in one line, with the right exit status, and makes nothing.
# shellcheck source=tests/user/lib.sh
. "$(dirname "$0")/lib.sh"

ns_new ns refusals
ip -n "$ns" link add taken type dummy 2>/dev/null || ip -n "$ns" tuntap add dev taken mode tap

# refused STATUS TEXT OPTIONS...: of `vnet up`, in the foreground and detached.
refused() {
  local status=$1 text=$2
  shift 2
  expect_exit "$status" "$text" traffic_in "$ns" "$VNET" up "$@" || return 1
  expect_exit "$status" "$text" traffic_in "$ns" "$VNET" up "$@" --detach || return 1
  nothing_made
}
nothing_made() {
  local out
  out=$(ip -n "$ns" -o link)
  [[ $out != *": a:"* && $out != *": b:"* && $out != *snull* && -z $(ls -A "$VNET_RUN_DIR") ]]
}
bad_name() { check "refusals: the name '$1'" refused 2 "$2" --pair "$1" b; }

check "refusals: no command" expect_exit 255 "Usage: vnet" "$VNET"
check "refusals: an unknown command" expect_exit 255 "unknown object 'frobnicate'" \
  "$VNET" frobnicate
check "refusals: help is not an error" expect_exit 0 "" "$VNET" up --help
check "refusals: up without a pair" refused 1 "needs --snull or --pair A B"
check "refusals: --snull and --pair" refused 1 "excludes" --snull --pair a b
check "refusals: one name" expect_exit 1 "--pair" "$VNET" up --pair a
check "refusals: an unknown option" refused 1 "--frob" --pair a b --frob
check "refusals: mtu is not a number" refused 1 "'12x' is not a number" --pair a b --mtu 12x
check "refusals: time without a unit" refused 1 "'5' is not a time" --pair a b --timeout 5
check "refusals: pad maybe" refused 1 "'maybe' is not 'on' or 'off'" --pair a b --pad maybe
check "refusals: lockup -1" refused 1 "-1" --pair a b --lockup=-1

bad_name "sixteen-bytes-xx" "'sixteen-bytes-xx' is not a valid device name: it has more than 15"
bad_name "a/b" "'a/b' is not a valid device name: it contains '/'"
bad_name "a:b" "'a:b' is not a valid device name"
bad_name "a b" "'a b' is not a valid device name: it contains white space"
bad_name "." "'.' is not a valid device name"
bad_name ".." "'..' is not a valid device name"
bad_name "a%d" "'a%d' is not a valid device name: it contains '%'"
check "refusals: an empty name" refused 2 "it is empty" --pair "" b
check "refusals: the second name counts too" refused 2 "'a/b' is not a valid" --pair a a/b
check "refusals: twice the same name" refused 2 "both ends of the pair are named 'a'" --pair a a
check "refusals: first name taken" refused 2 \
  "refused: a network device named 'taken' exists already" --pair taken b
check "refusals: second name taken" refused 2 \
  "refused: a network device named 'taken' exists already" --pair a taken
for mtu in 0 67 65522 70000; do
  check "refusals: mtu $mtu" refused 2 "mtu $mtu is out of range (68 to 65521 bytes)" \
    --pair a b --mtu $mtu
done
for ring in 0 63 32769; do
  check "refusals: ring $ring" refused 2 "a: rx (rx-ring) must be 64 to 32768 frames" \
    --pair a b --ring $ring
done
check "refusals: timeout 9ms" refused 2 "a: timeout must be 10 to 600000 ms" --pair a b --timeout 9ms
check "refusals: timeout 601s" refused 2 "a: timeout must be 10 to 600000 ms" \
  --pair a b --timeout 601s
check "refusals: down of nobody" expect_exit 2 "no such instance: 'nobody'" "$VNET" down nobody
check "refusals: down of all, without any" expect_exit 0 "" "$VNET" down

# The limits themselves are accepted.
accepted() {
  driver_up "$ns" --pair a fifteen-bytes-x "$@" && driver_down
}
check "refusals: not the least values" accepted --mtu 68 --ring 64 --timeout 10ms --lockup 1
check "refusals: not the greatest values" accepted --mtu 65521 --ring 32768 --timeout 600s

without_tun() { # an empty /dev/net in a mount namespace of its own
  # shellcheck disable=SC2016 # expanded by the inner shell
  expect_exit 2 "/dev/net/tun: No such file or directory: the user-space driver needs the TUN/TAP" \
    traffic_in "$ns" unshare -m bash -c \
    'mount -t tmpfs none /dev/net && exec "$@"' sh "$VNET" up --pair a b "$@" && nothing_made
}
check "refusals: no /dev/net/tun" without_tun
check "refusals: no /dev/net/tun, detached" without_tun --detach

without_privilege() { # mode of /dev/net/tun, OPTIONS...
  local mode=$1
  shift
  # shellcheck disable=SC2016 # expanded by the inner shell
  expect_exit 2 "needs CAP_NET_ADMIN (run as root, or in 'unshare -Urn')" \
    traffic_in "$ns" unshare -m bash -c '
      mount -t tmpfs none /dev/net && mknod -m "$1" /dev/net/tun c 10 200 || exit 99
      shift
      exec setpriv --reuid 65534 --regid 65534 --clear-groups "$@"' \
    sh "$mode" "$work/vnet" up --pair a b "$@" && nothing_made
}
chmod 755 "$work"
chmod 1777 "$VNET_RUN_DIR"
install -m 755 "$VNET" "$work/vnet"
check "refusals: without privilege, tun 0600" without_privilege 600
check "refusals: without privilege, tun 0666" without_privilege 666
check "refusals: without privilege, detached" without_privilege 666 --detach

bad_run_dir() {
  VNET_RUN_DIR=$work/no/such expect_exit 2 "run directory $work/no/such" \
    traffic_in "$ns" "$VNET" up --pair a b "$@" && nothing_made
}
check "refusals: a run directory that cannot be" bad_run_dir
check "refusals: a run directory that cannot be, detached" bad_run_dir --detach

# The second TAP, or whatever comes after the first, cannot be made: descriptors run out one later
# each time.
half_made() {
  local limit refused=0
  if grep -q __ubsan_handle "$VNET"; then
    echo "not with UBSan: its vptr check needs descriptors of its own, and aborts"
    return 0
  fi
  for ((limit = 4; limit < 40; limit++)); do
    # shellcheck disable=SC2016 # expanded by the inner shell
    traffic_in "$ns" bash -c 'ulimit -n "$1"; shift; exec timeout 5 "$@"' sh "$limit" \
      "$VNET" up --pair a b --detach >"$work/out" 2>&1
    case $? in
      0) break ;;
      2) refused=$((refused + 1)) ;;
      *)
        cat "$work/out"
        return 1
        ;;
    esac
    nothing_made || {
      echo "something is left with $limit descriptors: $(ip -n "$ns" -o link)"
      return 1
    }
  done
  echo "refused with $refused limits, then it came up"
  "$VNET" down && ((refused > 3)) && nothing_made
}
check "refusals: no pair is half made" half_made

routes_warn() { # but the pair is made
  ip -n "$ns" link set lo up
  ip -n "$ns" route add 192.168.1.0/24 dev lo
  driver_up "$ns" --snull && expect_log "192.168.1.0/24 is routed here already" && driver_down
}
check "refusals: an existing route only warns" routes_warn
