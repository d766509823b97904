# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 300
# Impairments with lists and states, queues that are full, super-frames that stay whole, on the module.
source "$VNET_TESTS/vm/cases/lib/case.sh"
# shellcheck source=tests/traffic/impair.sh
source "$VNET_TESTS/traffic/impair.sh"
# shellcheck source=tests/traffic/log.sh
source "$VNET_TESTS/traffic/log.sh"

export VNET_RUN_DIR=/tmp/vnet-run
mkdir -p "$VNET_RUN_DIR"
UDP_NUMBERS=udp_numbers
VNET=vnet

impair() { vnet -n a impair "$@"; }
wire() { vnet -n a -j impair show v0 | jq -c "map(select(.direction == \"tx\"))[0] | [$1]"; }
loses() { impair_loses /tmp/lost v0 a b 10.0.0.2 "$1"; }
flow() { traffic_in a udp_numbers send 10.0.0.2 5001 "$1"; } # COUNT
neighbours() { impair_neighbours a v0 10.0.0.1 b v1 10.0.0.2; }
# Frames of a udp_numbers flow have 106 bytes.
emptied() { ip -n b link set v1 down && ip -n b link set v1 up && traffic_link_up a v0 && neighbours; }

limits() {
  check "1060 bytes under way" impair set v0 delay 100s limit-bytes 1060
  check "of 50 frames the others find no room" vnet_grew b v1 rx_drop_impair_queue 40 flow 50
  equal "ten are held" "$(wire ".held, .held_bytes, .overflowed")" "[10,1060,40]"
  check "they go with the device" emptied
  check "five frames beside that" impair set v0 limit 5
  check "the others" vnet_grew b v1 rx_drop_impair_queue 45 flow 50
  equal "five are held" "$(wire ".held, .held_bytes, .overflowed")" "[5,530,85]"
  check "they go, too" emptied
  check "no limits" impair del v0
}

super_frames() {
  local whole=(traffic_in a udp_gso send 10.0.0.2 7777 1200 10 50) # five of ten
  check "the eleventh frame is lost" impair set v0 loss pattern 11
  check "of a new run" vnet -n a seed set v0 42
  check "super-frames are cut up: one frame" vnet_grew b v1 rx_drop_impair_loss 1 "${whole[@]}"
  check "they stay whole" impair set v0 gso keep
  check "in a new run" vnet -n a seed set v0 42
  check "the second one is lost" vnet_grew b v1 rx_drop_impair_loss 10 "${whole[@]}"
  check "no loss, and cut up again" impair del v0
}

times() {
  check "1 Mbit/s, and 894 bytes more to each frame" impair set v0 rate 1mbit overhead 894
  check "100 frames of 1000 bytes" impair_takes 792 /tmp/lost a b 10.0.0.2 100
  check "no rate" impair del v0
  check "paretonormal" impair set v0 delay 20ms 8ms distribution paretonormal
  check "the delays that seed 42 has, as in user space" impair_delays /tmp/log v0 a 10.0.0.2 9773125 31479176 14683759 22112396
  check "no delay" impair del v0
}

load
plain_pair || finish
check "neighbours" neighbours
impair_loss_models
limits
super_frames
times
check "conserved" impair_conserved a v0 b v1
check "the pair goes" ip -n a link del v0
check "rmmod" rmmod vnet
finish
