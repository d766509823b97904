#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Faults and impairments are decided for frames of the wire: super-frames are cut up on their way, those too that
# wait in the TAP already, and what they carry arrives.
# shellcheck source=tests/user/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/traffic/impair.sh
. "$here/../traffic/impair.sh"

ns_new one one
ns_new two two
a=10.9.0.1
b=10.9.0.2

fault() { "$VNET" fault "$@"; }
# fault_is FILTER WANTED: what jq makes of v1's first fault.
fault_is() {
  local got
  got=$("$VNET" -j fault show v1 | jq -c ".[0] | $1")
  echo "$got"
  [[ $got == "$2" ]]
}
drops() { # REASON: frames that v1 has lost for it
  "$VNET" -j stats show v1 | jq "[.[0].drop[]? | select(.direction == \"rx\" and .reason == \"$1\") | .frames] | add // 0"
}
# bulk CONDITION COMMAND...: COMMAND in the midst of TCP to two, when super-frames wait in the TAP. It goes on until
# CONDITION succeeds.
bulk() {
  local condition=$1 server client status=0
  shift
  traffic_next_port
  traffic_start "$two" iperf3 -s -1 -p "$traffic_port" >"$work/iperf3" 2>&1
  server=$traffic_pid
  traffic_wait "$traffic_deadline" traffic_listening "$two" tcp "$traffic_port"
  traffic_start "$one" iperf3 -c $b -p "$traffic_port" -t 100 >"$work/iperf3" 2>&1
  client=$traffic_pid
  traffic_wait "$traffic_deadline" flows && "$@" && traffic_wait "$traffic_deadline" "$condition" && flows_on ||
    status=1
  traffic_stop "$client" KILL
  traffic_stop "$server"
  return "$status"
}
received() { "$VNET" -j stats show v1 | jq '.[0].rx_frames'; }
flows() {
  local before
  before=$(received)
  sleep 0.1
  (($(received) > before + 100))
}
flows_on() { traffic_wait "$traffic_deadline" flows; }
is_done() { fault_is .state '"done"'; }
# lost_of REASON WANTED COMMAND...: exactly so many frames are lost for it while COMMAND runs.
lost_of() {
  local reason=$1 wanted=$2 before after
  shift 2
  before=$(drops "$reason")
  "$@" || return 1
  after=$(drops "$reason")
  echo "$((after - before)) frames lost: $reason"
  ((after - before == wanted))
}
# of_netstat NAME: two's counter, of /proc/net/netstat or snmp.
of_netstat() {
  traffic_in "$two" cat /proc/net/netstat /proc/net/snmp | awk -v name="$1" '
    !($1 in names) { names[$1] = $0; next }
    { count = split(names[$1], title); for (i = 2; i <= count; i++) if (title[i] == name) print $i }'
}
found_short() { (($(of_netstat InTruncatedPkts) == short + 20)); }
truncated() { # the stack finds each of 20 short
  short=$(of_netstat InTruncatedPkts)
  bulk is_done fault add v1 truncate after 1000 count 20 value 60 || return 1
  traffic_wait 5 found_short || {
    echo "$(($(of_netstat InTruncatedPkts) - short)) found short"
    return 1
  }
}
offloads() {
  local features
  features=$(traffic_in "$one" ethtool -k v0)
  grep -E '^(tx-checksumming|tcp-segmentation-offload):' <<<"$features"
  [[ $features == *"tx-checksumming: on"* && $features == *"tcp-segmentation-offload: on"* ]]
}
# Of a run that begins a moment later, lest its thousandth frame has come before.
has_lost() { (($(drops impair_loss) > 0)); }
lose_the_thousandth() { "$VNET" impair set v0 loss pattern 1000 && "$VNET" seed set v0 1; }
conserved_both() { conserved && impair_conserved "$one" v0 "$two" v1; }

ipv6_addresses() {
  local ns
  for ns in "$one" "$two"; do
    # shellcheck disable=SC2016 # expanded by the inner shell
    traffic_in "$ns" bash -c 'for f in /proc/sys/net/ipv6/conf/*/disable_ipv6; do echo 0 >$f; done'
  done
  ip -n "$one" addr add fd00:9::1/64 dev v0 nodad && ip -n "$two" addr add fd00:9::2/64 dev v1 nodad
}
datagrams() { # in super-frames of 10
  local receiver
  traffic_next_port
  traffic_start "$two" "$UDP_GSO" receive "$traffic_port" 1200 1000 >"$work/udp" 2>&1
  receiver=$traffic_pid
  traffic_wait "$traffic_deadline" traffic_file_says "$work/udp" ready || return 1
  traffic_in "$one" "$UDP_GSO" send $b "$traffic_port" 1200 10 1000 || return 1
  traffic_finish "$receiver" "$traffic_deadline"
}
arrives() { # what is sent in all the ways, unchanged
  traffic_file_once "$one" "$two" $b 3000000 && traffic_file_once "$one" "$two" fd00:9::2 3000000 && datagrams
}
no_bad_sums() { # COMMAND...
  local before now
  before="$(of_netstat InCsumErrors)"
  "$@" || return 1
  now="$(of_netstat InCsumErrors)"
  echo "checksums that are wrong, of each protocol: ${now//$'\n'/ }"
  [[ $now == "$before" ]]
}

must "cut: the pair comes up" plain_pair "$one" "$two"
must "cut: addresses" plain_pair_addresses "$one" $a "$two" $b
check "cut: super-frames cross" offloads

# ---- a fault begins with as many frames as was said

check "rx-overrun: in the midst of bulk, one frame of the wire is lost" lost_of rx_overrun 1 bulk is_done fault add v1 rx-overrun nth 1000
check "rx-overrun: has hit one" fault_is '[.state, .fired, .hits]' '["done",1,1]'
check "rx-overrun: super-frames cross again" offloads
check "rx-overrun: deleted" fault del v1 all
check "truncate: each hit is a frame that comes short" truncated
check "truncate: has hit 20" fault_is '[.state, .fired, .hits]' '["done",20,20]'
check "truncate: deleted" fault del v1 all
check "alloc-fail: with each hundredth frame, three times" lost_of no_memory 3 bulk is_done fault add v1 alloc-fail every 100 count 3
check "alloc-fail: has hit three" fault_is '[.state, .fired, .hits]' '["done",3,3]'
check "alloc-fail: deleted" fault del v1 all
check "loss: the wire loses one, too" lost_of impair_loss 1 bulk has_lost lose_the_thousandth
check "loss: the wire is plain again" "$VNET" impair del v0

# ---- the frames are those that the stack would have made

must "segments: addresses of IPv6" ipv6_addresses
check "segments: all is cut up, and nothing lost" fault add v1 rx-overrun nth 1000000000
check "segments: TCP over IPv4 and IPv6, UDP" arrives
check "segments: of each the sum is verified" fault add v1 csum bad prob 100%
check "segments: again" no_bad_sums arrives
check "segments: deleted" fault del v1 all
check "segments: frames are conserved" conserved_both

check "cut: it ends" driver_down
