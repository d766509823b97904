# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 300
# The platform bus: where a device hangs, what unbind does to it and to the other end, registers.
source "$VNET_TESTS/vm/cases/lib/case.sh"

work=$(mktemp -d)
export VNET_RUN_DIR=$work/run
bus=/sys/bus/platform/drivers/vnet
unbind() { echo "$1" >$bus/unbind; }
bind() { echo "$1" >$bus/bind; }
info() { ethtool -i "$1" | sed -n "s/^$2: //p"; }

places() {
  equal "snull0's bus device" "$(readlink -f /sys/class/net/snull0/device)" \
    /sys/devices/platform/vnet.0
  equal "its driver" "$(readlink -f /sys/class/net/snull0/device/driver)" $bus
  equal "driver of snull1" "$(info snull1 driver)" vnet
  equal "bus-info of snull1" "$(info snull1 bus-info)" vnet.1
  contains "a version" "$(info snull1 version)" "."
}

# Words 0 to 10 as <vnet/types.h> has them: 7 of the device, then 4 per queue.
register_dump() {
  local words
  # shellcheck disable=SC2207 # words are meant
  words=($(ethtool -d snull0 raw on | od -An -v -tu4))
  equal "number of registers" "${#words[@]}" 11
  equal "register ABI" "${words[0]}" 1
  equal "register CONTROL: open, link, snull, pad" "${words[1]}" $((1 | 2 | 4 | 8))
  equal "register QUEUES" "${words[2]}" 1
  equal "register RING_SIZE" "${words[3]}" 256
  equal "register MTU" "${words[4]}" 1500
  equal "register LOCKUP" "${words[5]}" 0
  equal "register TIMEOUT_MS" "${words[6]}" 1000
  contains "ethtool -d without raw" "$(ethtool -d snull0)" "0x0000:"
}

no_carrier() { [[ $(<"/sys/class/net/$1/carrier") == 0 ]]; }

hot_removal() {
  local sent
  unbind vnet.1
  check "unbind takes snull1 away" not exists snull1
  check "snull0 has no carrier" no_carrier snull0
  equal "snull0's iflink without a peer, as veth's" "$(</sys/class/net/snull0/iflink)" 0
  sent=$(vnet_counter - snull0 tx_frames)
  send_raw snull0 00534e554c3100534e554c3088b5:60x5 >/dev/null
  equal "frames of snull0 that count as sent" "$(vnet_counter - snull0 tx_frames)" "$sent"
  equal "frames of snull0 in flight" "$(vnet_counter - snull0 in_flight)" 0

  check "bind" bind vnet.1
  check "snull1 is back" exists snull1
  equal "its MAC" "$(</sys/class/net/snull1/address)" 00:53:4e:55:4c:31
  ip addr add 192.168.1.2/24 dev snull1
  ip link set snull1 up
  check "the link is back" traffic_link_up - snull0
  check "ping" snull_ping -c 3
  refused "a second bind" "*" bind vnet.1
}

# A link has one seed: that of the end that stays, whichever that is.
seed_stays() {
  local monitor end
  vnet -j monitor >"$work/events" &
  monitor=$!
  traffic_wait 10 sleeps $monitor
  vnet seed set snull0 0x1234
  for end in 1 0; do
    unbind vnet.$end && bind vnet.$end || return 1
    traffic_wait 10 grep -q "device_new.*\"snull$end\",\"seed\":\"0x0000000000001234\"" "$work/events" || break
  done
  traffic_stop $monitor
  cat "$work/events"
  for end in 0 1; do
    [[ $(vnet seed show snull$end) == "snull$end: seed 0x0000000000001234" ]] || return 1
  done
  snull_addresses
}
sleeps() { [[ $(</proc/"$1"/wchan) == *poll* ]]; }

under_flood() {
  local round flood
  for ((round = 0; round < 5; round++)); do
    ping -n -q -f -W 1 192.168.0.2 >/dev/null 2>&1 &
    flood=$!
    traffic_wait 5 vnet_moves snull0
    unbind vnet.$((round % 2)) || return 1
    exists snull$((round % 2)) && return 1
    traffic_stop $flood INT
    bind vnet.$((round % 2)) || return 1
    snull_addresses 2>/dev/null || return 1
  done
  snull_ping -c 2
}
# The counter was read before, and differs now.
vnet_moves() {
  local now
  now=$(vnet_counter - "$1" tx_frames)
  [[ ${vnet_last-$now} != "$now" ]] && unset vnet_last && return 0
  vnet_last=$now
  return 1
}

# Any platform device can be forced upon any driver.
foreign_device() {
  local device
  for device in /sys/bus/platform/devices/*; do
    [[ -e $device/driver ]] || break
  done
  echo vnet >"$device/driver_override" || return 1
  bind "${device##*/}" 2>/dev/null && return 1
  echo >"$device/driver_override"
  echo "${device##*/} refused"
}

# What one end asks of its sender holds for another that takes the sender's place.
bound_anew() {
  check "a program at snull1" ip link set dev snull1 xdpdrv object /usr/share/vnet/xdp.o program pass
  unbind vnet.0 && bind vnet.0
  contains "the new snull0 does not segment for it" "$(ethtool -k snull0)" \
    "tcp-segmentation-offload: off"
  check "no program" ip link set dev snull1 xdpdrv off
  require "addresses" snull_addresses
  check "ping" snull_ping -c 3
}

both_removed() {
  unbind vnet.0
  unbind vnet.1
  check "both ends unbound" not exists snull0
  check "bind the second first" bind vnet.1
  check "then the first" bind vnet.0
  require "addresses" snull_addresses
  check "ping" snull_ping -c 3
  check "all frames are accounted for" vnet_conserved - snull0 - snull1
  unbind vnet.0
  check "unload with one end unbound" rmmod vnet
}

load snull=1
require "addresses" snull_addresses
places
register_dump
check "ping" snull_ping -c 2
hot_removal
check "who comes anew takes the link's seed, and tells it" seed_stays
check "unbind under flood ping, 5 rounds" under_flood
check "a platform device that is not ours is refused" foreign_device
bound_anew
both_removed
finish
