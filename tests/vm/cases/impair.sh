# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 600
# `vnet impair` on the module: what is asked is what happens to frames, and the same frames as in user space.
source "$VNET_TESTS/vm/cases/lib/case.sh"
# shellcheck source=tests/traffic/impair.sh
source "$VNET_TESTS/traffic/impair.sh"

export VNET_RUN_DIR=/tmp/vnet-run
mkdir -p "$VNET_RUN_DIR"
UDP_NUMBERS=udp_numbers
VNET=vnet
golden=$VNET_TESTS/traffic/lost_5_percent_seed_42.txt

impair() { vnet -n a impair "$@"; }
knob() { vnet -n a -j impair show v0 | jq -c "map(select(.direction == \"$1\"))[0].$2"; }
nothing_comes() { ! traffic_ping a 10.0.0.2 -c 2 -i 0.1 -W 1; }
conserved() { impair_conserved a v0 b v1; }

same_frames() {
  check "loss" impair set v0 loss 5%
  check "seed 42 begins a run" vnet -n a seed set v0 42
  check "a numbered flow" impair_lost /tmp/first a b 10.0.0.2 2000
  check "the frames that the contract says, as in user space" diff /tmp/first "$golden"
  check "another seed" vnet -n a seed set v0 43
  check "the flow again" impair_lost /tmp/other a b 10.0.0.2 2000
  check "other frames" not diff -q /tmp/first /tmp/other
  check "jitter beside it" impair set v0 delay 2ms 1ms
  check "seed 42 again" vnet -n a seed set v0 42
  check "the flow once more" impair_lost /tmp/second a b 10.0.0.2 2000
  check "the same frames, whatever the delay" diff /tmp/second "$golden"
  check "another seed, for the same one begins no run" vnet -n a seed set v0 43
  check "seed 42 once more" vnet -n a seed set v0 42
  check "the flow while all else changes 60 times" impair_lost_meanwhile 20 v0 /tmp/third a b 10.0.0.2 2000
  check "still the same frames" diff /tmp/third "$golden"
  check "jitter again" impair set v0 delay 2ms 1ms
  equal "what is missing is what is counted" "$(knob tx lost)" "$(cat /tmp/first /tmp/other /tmp/second /tmp/third | wc -l)"
  equal "by ethtool, too" "$(vnet_counter b v1 rx_drop_impair_loss)" "$(knob tx lost)"
  check "conserved" conserved
}

each_knob() {
  check "the delay is taken away" impair del v0 delay
  equal "the loss stays" "$(vnet -n a -j impair show v0 | jq -c '.[0] | [.delay, .loss_p1]')" "[null,214748365]"
  check "all is taken away" impair del v0
  check "20 ms each way" impair set v0 direction both delay 20ms
  check "pings take 40 ms" impair_rtts a 10.0.0.2 20 40000 60000
  equal "the peer's view" "$(vnet -n b -j impair show v1 | jq -c 'map([.direction, .delay])')" \
    '[["tx",20000000],["rx",20000000]]'
  check "from the other end" vnet -n b impair set v1 direction rx delay 1ms
  equal "has changed" "$(knob tx delay)" 1000000
  check "all frames lost" impair set v0 loss 100%
  check "nothing comes" nothing_comes
  check "taken away" impair del v0
  check "duplicates" impair set v0 duplicate 100%
  check "come twice" vnet_grew b v1 rx_frames 20 traffic_in a ping -n -q -c 10 -i 0.02 10.0.0.2
  check "no duplicates" impair del v0
  check "a TCP stream is cut up" impair set v0 loss 1% corrupt 0.1% delay 1ms 100us distribution pareto
  check "and arrives" traffic_file_once a b 10.0.0.2 3000000
  check "taken away again" impair del v0
  check "conserved after each" conserved
}

switched() {
  local i flood
  traffic_in a ping -n -q -f -c 3000 -W 2 10.0.0.2 >/tmp/flood &
  flood=$!
  for ((i = 0; i < 10; i++)); do
    impair set v0 delay 1ms 500us distribution normal loss 2% duplicate 1% corrupt 1% bits 2 reorder 10% gap 3 || return 1
    impair set v0 direction rx loss gemodel 1% 30% truncate 1% to 60 || return 1
    impair del v0 direction tx delay reorder || return 1
    impair set v0 loss burst rate 1% mean 3 rate 100mbit || return 1
    impair del v0 || return 1
  done
  wait "$flood"
  tail -2 /tmp/flood
}

gone_under_way() {
  check "a wire full of frames" impair set v0 delay 100s
  check "none comes" nothing_comes
  equal "they are held" "$(knob tx held)" 2
  check "down" ip -n b link set v1 down
  equal "lost with the device" "$(knob tx held)" 0
  check "up" ip -n b link set v1 up
  traffic_link_up a v0
  check "frames on the wire again" nothing_comes
  check "conserved with frames on the wire" conserved
}

refusals() {
  refused "loss P CORR" "*loss burst rate P mean N*" impair set v0 loss 5% 25%
  refused "a jitter above the delay" "vnet: 'v0': delay: the jitter is at most the delay*" impair set v0 delay 1ms 2ms
  refused "rate 0" "vnet: 'v0': *rate*" impair set v0 rate 0
  refused "no device of ours" "*not a device of vnet*" vnet impair set lo loss 1%
  refused "without privilege" "*Operation not permitted*" \
    traffic_in a setpriv --reuid 65534 --clear-groups vnet impair set v0 loss 1%
  equal "changed nothing" "$(knob tx delay)" 100000000000
}

load
plain_pair || finish
check "neighbours" impair_neighbours a v0 10.0.0.1 b v1 10.0.0.2
same_frames
each_knob
check "set, changed and removed under ping -f" switched
check "ping" traffic_ping_both a b 10.0.0.1 10.0.0.2 -i 0.02
check "conserved after that" conserved
gone_under_way
refusals
check "the pair goes with frames on its wire" ip -n a link del v0
check "rmmod" rmmod vnet
finish
