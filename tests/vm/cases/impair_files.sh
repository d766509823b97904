# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 600
# Impairments of some frames only, that change with time, and of a distribution of one's own, on the module.
source "$VNET_TESTS/vm/cases/lib/case.sh"
# shellcheck source=tests/traffic/impair.sh
source "$VNET_TESTS/traffic/impair.sh"

export VNET_RUN_DIR=/tmp/vnet-run
mkdir -p "$VNET_RUN_DIR"
UDP_NUMBERS=udp_numbers
VNET=vnet
golden=$VNET_TESTS/traffic/lost_5_percent_seed_42.txt

impair() { vnet -n a impair "$@"; }
value() { vnet -n a -j impair show v0 | jq -c "map(select(.direction == \"$1\"))[0].$2"; }
flow() { traffic_in a udp_numbers send 10.0.0.2 "$1" "$2"; } # PORT COUNT

match() {
  check "match: one UDP port loses all" impair set v0 loss 100% match 'udp port 5001'
  check "that flow is lost" vnet_grew b v1 rx_drop_impair_loss 50 flow 5001 50
  check "another is not" vnet_grew b v1 rx_drop_impair_loss 0 flow 5002 50
  check "nor a ping" traffic_ping a 10.0.0.2 -c 5 -i 0.02 -W 5
  contains "it is shown" "$(impair show v0)" "v0: tx loss 100% match 'udp port 5001'"
  check "it is taken away" impair del v0
  check "match: by itself" impair set v0 match udp
  check "and then what is done" impair set v0 loss 5%
  check "seed 42 begins a run" vnet -n a seed set v0 42
  check "a flow that it takes" impair_lost /tmp/lost a b 10.0.0.2 2000
  check "the frames that the contract says, as in user space" diff /tmp/lost "$golden"
  check "a TCP stream is cut up and matched" impair set v0 loss 2% match 'tcp dst port 5900'
  check "one that is not matched" traffic_file_once a b 10.0.0.2 1000000
  refused "a wrong expression" "*match: 'udp prot 53': *syntax error*" impair set v0 match 'udp prot 53'
  check "match: all is taken away" impair del v0
  check "a fault for some frames" vnet -n b fault add v1 rx-overrun match 'udp port 5001' expire never
  check "frames that it meets" flow 5001 20
  check "frames that it does not" flow 5002 20
  equal "its hits" "$(vnet -n b -j fault show v1 | jq -c '.[0] | [.hits, .match_text]')" '[20,"udp port 5001"]'
  check "the fault goes" vnet -n b fault del v1 all
}

trace() {
  impair_trace /tmp/trace 10000
  check "trace: 10,000 rows" impair set v0 trace /tmp/trace loop
  equal "rows" "$(value tx trace_count)" 10000
  check "5 and 25 ms by turns" impair_alternates a 10.0.0.2 60 5000 25000
  check "another knob leaves it" impair set v0 duplicate 0%
  equal "rows" "$(value tx trace_count)" 10000
  printf '1\n1\n3\n' >/tmp/cellular
  check "of Mahimahi, both directions" impair set v0 direction both trace mahimahi /tmp/cellular loop sync train
  check "pings pass" traffic_ping a 10.0.0.2 -c 5 -i 0.02 -W 5
  check "one that comes later" impair set v0 direction rx trace /tmp/trace loop sync train
  equal "follows the clock of the first" "$(value rx trace_start)" "$(value tx trace_start)"
  refused "loop of one row" "*a loop has two rows or more*" impair set v0 trace <(printf '0\n') loop
  refused "a malformed one" "*bad: line 2, column 4: 'fast' is not a rate*" bad_trace
  check "all is taken away" impair del v0
}
# Two links that have no namespace in common follow one clock all the same.
elsewhere() {
  local started
  ip netns add c
  ip netns add d
  check "a link between two other namespaces" vnet -n c link add w0 mode kernel peer w1 netns d
  check "sync: its trace" vnet -n c impair set w0 trace /tmp/trace loop sync far
  started=$(vnet -n c -j impair show w0 | jq -c 'map(select(.direction == "tx"))[0].trace_start')
  check "sync: ours, later" impair set v0 trace /tmp/trace loop sync far
  equal "its group and clock" "$(value tx trace_sync) $(value tx trace_start)" "\"far\" $started"
  check "sync: another group" impair set v0 trace /tmp/trace loop sync near
  check "has another clock" not test "$(value tx trace_start)" = "$started"
  check "all is taken away" impair del v0
  check "that link goes" vnet -n c link del w0
}
bad_trace() {
  printf '0 1mbit\n1s fast\n' >/tmp/bad
  impair set v0 trace /tmp/bad
}

table() {
  impair_table /tmp/table
  check "a table of delays" impair set v0 delay 10ms 4ms distribution table /tmp/table
  check "a run whose delays are known" vnet -n a seed set v0 42
  check "its median is 1.5 jitters more" impair_median a 10.0.0.2 100 10000 14500 26000
  check "all is taken away" impair del v0
}

# Who has no rights over the peer's namespace is not told what stands there.
foreign() {
  check "an impairment" impair set v0 direction both delay 1ms
  equal "who may, sees both" "$(vnet -n a -j impair show v0 | jq -c 'map(.direction)')" '["tx","rx"]'
  equal "who may not, sees what is here" \
    "$(traffic_in a setpriv --reuid 65534 --clear-groups vnet -j impair show v0 | jq -c 'map(.direction)')" '["rx"]'
  check "all is taken away" impair del v0
}

# Each refusal of the core names the place of its attribute, behind the genlmsghdr.
places() {
  refused "reorder" "EINVAL: reorder: needs a delay*"$'\n'"offset 16" \
    traffic_in a nlvnet impair-set ifname=v0 direction=0 reorder=1
  refused "jitter" "EINVAL: delay: the jitter is at most*"$'\n'"offset 28" \
    traffic_in a nlvnet impair-set ifname=v0 direction=0 delay=1000 jitter=2000
  refused "2^63" "EINVAL: delay*"$'\n'"offset 8" \
    traffic_in a nlvnet impair-set ifname=v0 delay=9223372036854775808
  refused "a trace that is not there" "EINVAL: trace (trace-upload)*"$'\n'"offset 8" \
    traffic_in a nlvnet impair-set ifname=v0 trace-upload=1
  refused "sync without a trace" "EINVAL: trace: sync*"$'\n'"offset 8" \
    traffic_in a nlvnet impair-set ifname=v0 trace-sync=train
  equal "nothing has changed" "$(impair show v0 | grep -c ': [rt]x -$')" 2
}

load
plain_pair || finish
check "neighbours" impair_neighbours a v0 10.0.0.1 b v1 10.0.0.2
match
trace
elsewhere
table
foreign
places
check "duplicates" impair set v0 duplicate 100%
check "ping" traffic_ping a 10.0.0.2 -c 5 -i 0.02 -W 5
check "conserved, with what came twice" vnet_conserved a v0 b v1
check "a trace and a program go with the pair" impair set v0 direction both trace /tmp/trace match icmp
check "the pair goes" ip -n a link del v0
check "rmmod" rmmod vnet
finish
