#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# As nobody, in `unshare -Urn`: no privilege on the machine at all.
# shellcheck source=tests/user/lib.sh
. "$(dirname "$0")/lib.sh"

chmod 755 "$work"
install -m 755 "$VNET" "$work/vnet"
install -m 755 "$CONTROL" "$work/control"
mkdir "$work/home" && chown 65534:65534 "$work/home"
unset VNET_RUN_DIR

# What runs inside; $1 is a directory that nobody may write.
cat >"$work/inside" <<'INSIDE'
set -e
home=$1 vnet=$2
addresses() {
  ip addr add 192.168.0.1/24 dev snull0
  ip addr add 192.168.1.2/24 dev snull1
  ip link set snull0 up
  ip link set snull1 up
}
ip link set lo up
case $3 in
  runtime_dir) # a run directory of its own, detached
    export XDG_RUNTIME_DIR=$home
    "$vnet" up --snull --detach
    test -e "$home/vnet/snull0.pid"
    addresses
    ping -n -c 3 -i 0.2 192.168.0.2
    ping -n -c 3 -i 0.2 192.168.1.1
    "$4" "$home/vnet/snull0.sock" device-set ifname=snull1 info.rx-ring=512
    "$4" "$home/vnet/snull0.sock" device-get ifname=snull0 | grep " info.tx-ring=512 "
    "$vnet" down snull0
    test -z "$(ls "$home/vnet")"
    ! ip link show snull0 2>/dev/null
    ;;
  nowhere) # no directory to write: the foreground works without a pid file
    "$vnet" up --snull >"$home/log" 2>&1 &
    until grep -q created "$home/log"; do sleep 0.05; done
    grep "no run directory" "$home/log"
    addresses
    ping -n -c 3 -i 0.2 192.168.0.2
    kill %1
    wait %1
    ! ip link show snull0 2>/dev/null
    ;;
  moved) # into another namespace of the same user
    "$vnet" up --pair left right >"$home/log" 2>&1 &
    until grep -q created "$home/log"; do sleep 0.05; done
    unshare -n sleep 60 &
    other=$!
    until [ "$(readlink /proc/$other/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do
      sleep 0.05
    done
    ip link set right netns $other
    ip addr add 10.9.0.1/24 dev left
    ip link set left up
    nsenter -t $other -n ip addr add 10.9.0.2/24 dev right
    nsenter -t $other -n ip link set right up
    ping -n -c 3 -i 0.2 -W 5 10.9.0.2
    kill $other # the namespace ends, and so does the pair
    wait %1
    grep "right is gone" "$home/log"
    ;;
esac
INSIDE

as_nobody() {
  # shellcheck disable=SC2016 # expanded by the inner shell
  timeout 60 unshare -m bash -c '
    mount -t tmpfs none /dev/net && mknod -m 666 /dev/net/tun c 10 200 || exit 99
    exec setpriv --reuid 65534 --regid 65534 --clear-groups unshare -Urn bash "$@"' \
    sh "$work/inside" "$work/home" "$work/vnet" "$1" "$work/control"
}

check "rootless: a snull pair, detached, in XDG_RUNTIME_DIR" as_nobody runtime_dir
check "rootless: in the foreground without a run directory" as_nobody nowhere
check "rootless: an end moves to another namespace" as_nobody moved
