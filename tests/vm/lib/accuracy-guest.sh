# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 2800
# The guest's side of tests/vm/accuracy.
source "$VNET_TESTS/vm/cases/lib/case.sh"

impair() { vnet -n a impair "$@"; }
# times COUNT APART_US LENGTH BASE_NS DELAY_NS: of so many frames from v0 to v1.
times() {
  traffic_in a wire_times v0 b v1 "$@" >/tmp/times || return 1
  tr '\n' ' ' </tmp/times
}
value() { sed -n "s/^$1 //p" /tmp/times; }
# within NAME LEAST MOST
within() {
  local got
  got=$(value "$1")
  echo "$1 $got, $2 to $3 allowed"
  awk -v got="$got" -v least="$2" -v most="$3" 'BEGIN { exit !(got != "" && got >= least && got <= most) }'
}
all_came_in_order() { [[ $(value came) == "$(value sent)" && $(value inverted) == 0 ]]; }
all_came() { [[ $(value came) == "$(value sent)" ]]; }

# The delays are no multiples of 53 us: a frame is due at any moment between two that are sent.
delays() {
  local delay base=$1
  for delay in 1 10; do
    check "a delay of $delay ms" impair set v0 delay "${delay}ms"
    check "20,000 frames" times 20000 53 60 "$base" $((delay * 1000000))
    check "the error's median" within p50 0 3000
    check "99.9 % of them" within p99.9 0 25000
    check "never early" within least "-$base" 25000
    check "all, in order" all_came_in_order
  done
}

# Of a normal distribution's percentiles and of a uniform one's.
jitter() {
  local base=$1
  check "a normal jitter of 1 ms, in any order" impair set v0 delay 10ms 1ms distribution normal jitter-reorder on
  check "100,000 frames" times 100000 50 60 "$base" 10000000
  check "the deviation" within deviation 980000 1020000
  check "the first percentile" within p1 -2372875 -2279821
  check "the last percentile" within p99 2279821 2372875
  check "all came" all_came
  check "a uniform jitter of 1 ms, in order" impair set v0 delay 10ms 1ms
  check "100,000 frames, far enough apart" times 100000 2100 60 "$base" 10000000
  check "the deviation" within deviation 565803 588897
  check "the first percentile" within p1 -999600 -960400
  check "the last percentile" within p99 960400 999600
  check "all, in order" all_came_in_order
}

rates() {
  check "10 Mbit/s" impair set v0 rate 10mbit limit 100000
  check "5 s of more than that" times 7500 667 1000 0 0
  check "the rate" within rate 9999000 10001000
  check "all, in order" all_came_in_order
}

verified() { # JQ COMMAND...
  local want=$1 got
  shift
  vnet -n a -j verify v0 "$@" >/tmp/verdict
  got=$(jq -r '.[0] | "\(.verdict): \([.checks[] | "\(.check) \(.measured)"] | join(", "))"' /tmp/verdict)
  echo "$got"
  [[ $got == "$want"* ]]
}

verdicts() {
  check "much at once" impair set v0 delay 10ms 1ms distribution normal jitter-reorder on loss 1% duplicate 2% corrupt 3% reorder 5% gap 3
  check "is valid" verified valid probe 2000 time 4s
  check "gemodel, truncated" impair set v0 loss gemodel 2% 30% delay 3ms truncate 10% to 40
  check "reorder goes" impair del v0 reorder
  check "is valid, too" verified valid probe 2000 time 4s
  check "10 Mbit/s" impair set v0 rate 10mbit
  check "the rest goes" impair del v0 loss delay duplicate corrupt truncate
  check "is valid over 12 s" verified valid time 12s
  check "in order and too close for their jitter" impair set v0 delay 10ms 5ms distribution normal
  check "no rate" impair del v0 rate
  check "frames do not have it" verified invalid probe 2000 time 2s
  check "too few" verified undetermined probe 10 time 1s
}

load
plain_pair || finish
require "the same draws each time" vnet -n a seed set v0 1
check "the bare path" times 5000 100 60 0 0
base=$(value p50)
delays "$base"
check "plain again" impair del v0
jitter "$base"
check "plain once more" impair del v0
rates
check "plain at last" impair del v0
verdicts
check "the pair goes" ip -n a link del v0
finish
