#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Impairments of some frames only, that change with time, and of a distribution of one's own, on a living
# user-space pair.
# shellcheck source=tests/user/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/traffic/impair.sh
. "$here/../traffic/impair.sh"

ns_new one one
ns_new two two
a=10.9.0.1
b=10.9.0.2
golden=$here/../traffic/lost_5_percent_seed_42.txt

impair() { "$VNET" impair "$@"; }
# value DIRECTION KEY: what `vnet impair show v0` has in JSON.
value() { "$VNET" -j impair show v0 | jq -c "map(select(.direction == \"$1\"))[0].$2"; }
value_is() {
  local got
  got=$(value "$1" "$2")
  echo "$got"
  [[ $got == "$3" ]]
}
shown() {
  local said
  said=$(impair show v0)
  echo "$said"
  [[ $said == *"$1"* ]]
}
wrong() {
  local status=$1 text=$2
  shift 2
  expect_exit "$status" "$text" "$VNET" impair "$@"
}
pings() { traffic_ping "$one" $b -c 5 -i 0.02 -W 5; }
# grew_by KEY N COMMAND...: what v0's wire has done grows by so much.
grew_by() {
  local key=$1 by=$2 before
  shift 2
  before=$(value tx "$key")
  "$@" || return 1
  traffic_wait 5 value_is tx "$key" $((before + by)) || {
    echo "$key: $before before, $(value tx "$key") now, wanted $by more"
    return 1
  }
}
flow() { traffic_in "$one" "$UDP_NUMBERS" send $b "$1" "$2"; } # PORT COUNT
all_lost() { grew_by lost "$2" flow "$@"; }
none_lost() { grew_by lost 0 flow "$@"; }
hits_are() { [[ $("$VNET" -j fault show v1 | jq '.[0].hits') == "$1" ]]; }

must "files: the pair comes up" plain_pair "$one" "$two"
must "files: addresses" plain_pair_addresses "$one" $a "$two" $b

# ---- match

traffic_next_port
port=$traffic_port
check "match: one UDP port loses all" impair set v0 loss 100% match "udp port $port"
check "match: is shown, for a shell" shown "v0: tx loss 100% match 'udp port $port'"
check "match: and as it was given" value_is tx match_text "\"udp port $port\""
check "match: that flow is lost" all_lost "$port" 50
check "match: another is not" none_lost $((port + 1)) 50
check "match: nor a ping" pings
check "match: 50 are lost" value_is tx lost 50
check "match: is taken away by itself" impair del v0 match
check "match: all are lost" all_lost $((port + 2)) 20
check "match: first, then what is done" impair del v0
check "match: by itself" impair set v0 match udp
check "match: does nothing" none_lost $((port + 3)) 20
check "match: and stays" impair set v0 loss 5%
check "match: seed 42 begins a run" "$VNET" seed set v0 42
check "match: a flow that it takes" impair_lost "$work/golden" "$one" "$two" $b 2000
check "match: loses the frames that the contract says" diff "$work/golden" "$golden"
check "match: frames are conserved" conserved
check "match: what libpcap says of a wrong one" wrong 1 "syntax error" set v0 match "udp prot 53"
check "match: one argument" wrong 1 "the EXPR of 'match' is one argument, in quotes" set v0 match udp port 53
check "match: too long" wrong 1 "at most 255 characters" set v0 match "$(printf 'udp or %.0s' {1..40})udp"
check "match: refusals changed nothing" shown "v0: tx loss 5% match udp"
check "match: of a fault" "$VNET" fault add v1 rx-overrun match "udp port $port" expire never
check "match: the fault shows it" bash -c \
  "[[ \$('$VNET' -j fault show v1 | jq -r '.[0] | .when + \" \" + .match_text') == 'match udp port $port' ]]"
check "match: of a wrong fault" expect_exit 1 "syntax error" "$VNET" fault add v1 rx-overrun match "udp prot 53"
check "match: all is taken away" impair del v0
check "match: a flow that it meets" flow "$port" 20
check "match: meets it" traffic_wait 5 hits_are 20
check "match: another flow" flow $((port + 4)) 20
check "match: does not" hits_are 20
check "match: the fault goes" "$VNET" fault del v1 all
check "match: libpcap is not loaded without one" bash -c "[[ \$(ldd '$VNET') != *libpcap* ]]"

# ---- trace

impair_trace "$work/trace" 10000
check "trace: 10,000 rows" impair set v0 trace "$work/trace" loop
check "trace: all of them" value_is tx trace_count 10000
check "trace: is shown" shown "v0: tx trace $work/trace loop"
check "trace: 5 and 25 ms by turns" impair_alternates "$one" $b 60 5000 25000
check "trace: another knob leaves it" impair set v0 duplicate 0%
check "trace: it goes on" value_is tx trace_count 10000
impair_trace "$work/longest" 1048576
check "trace: as many rows as there may be" impair set v0 trace "$work/longest"
check "trace: all of those" value_is tx trace_count 1048576
check "trace: pings pass under it" pings
echo "1048576ms - - -" >>"$work/longest"
check "trace: one more" wrong 1 "$work/longest" set v0 trace "$work/longest"
check "trace: the others stay" value_is tx trace_count 1048576
check "trace: is taken away" impair del v0 trace
check "trace: is gone" value_is tx trace_count null
check "trace: pings are quick" impair_rtts "$one" $b 10 0 5000
printf '0 100mbit\n100ms - - 100%%\n10s\n' >"$work/outage"
check "trace: a rate, then an outage" impair set v0 trace "$work/outage" loop
lossy() { traffic_in "$one" ping -n -q -c 20 -i 0.02 -W 1 $b | tee "$work/said" | grep -q ' [1-9][0-9]*% packet loss'; }
check "trace: frames are lost" lossy
check "trace: and counted" bash -c "(( \$('$VNET' -j impair show v0 | jq '.[0].lost') > 70 ))"
printf '1\n1\n3\n' >"$work/cellular"
check "trace: of Mahimahi" impair set v0 direction both trace mahimahi "$work/cellular" loop sync train
check "trace: is shown with its form" shown "v0: rx trace mahimahi $work/cellular loop sync train"
check "trace: pings pass" pings
started() { [[ $(value tx trace_start) == $(value rx trace_start) && $(value tx trace_start) != null ]]; }
check "sync: one clock for both directions" started
check "sync: a trace that comes later" impair set v0 direction rx trace "$work/trace" loop sync train
check "sync: follows the clock of the first" started
check "sync: another group" impair set v0 direction rx trace "$work/trace" loop sync tram
check "sync: has another clock" expect_exit 1 "" started

second_link() { # w0 and w1, 10.9.1.1 and .2, of a driver process of their own
  traffic_in "$one" "$VNET" link add w0 peer w1 netns "$two" mode user &&
    ip -n "$one" addr add 10.9.1.1/24 dev w0 && ip -n "$two" addr add 10.9.1.2/24 dev w1 || return 1
  ip -n "$one" link set w0 up
  ip -n "$two" link set w1 up
  traffic_link_up "$one" w0 && traffic_link_up "$two" w1
}
# For 3 s a ping over each link, at the same time: they fail together and pass together.
together() {
  local i first second both=0 neither=0 one_of_them=0
  for ((i = 0; i < 60; i++)); do
    traffic_in "$one" ping -n -q -c 1 -W 0.2 10.9.1.2 >"$work/second" &
    second=$!
    traffic_in "$one" ping -n -q -c 1 -W 0.2 $b >"$work/first"
    first=$?
    wait "$second"
    case $first$? in
      00) both=$((both + 1)) && sleep 0.05 ;;
      11) neither=$((neither + 1)) ;;
      *) one_of_them=$((one_of_them + 1)) ;;
    esac
  done
  echo "$both on both links, $neither on neither, $one_of_them on one of them"
  ((both >= 7 && neither >= 7 && one_of_them <= 15))
}
printf '0 - - 0%%\n500ms - - 100%%\n1s\n' >"$work/tunnel"
check "sync: a second link" second_link
check "sync: its trace" impair set w0 trace "$work/tunnel" loop sync weather
check "sync: the first's, later" impair set v0 direction tx trace "$work/tunnel" loop sync weather
same_start() { [[ $("$VNET" -j impair show w0 | jq '.[0].trace_start') == $(value tx trace_start) ]]; }
check "sync: two links, one clock" same_start
check "sync: both are in the tunnel at the same time" together
check "sync: the second link goes" "$VNET" link del w0
printf '0 1mbit\n1s fast\n' >"$work/bad"
check "trace: a malformed one" wrong 1 "$work/bad: line 2, column 4: 'fast' is not a rate" set v0 trace "$work/bad"
check "trace: an unreadable one" wrong 1 "$work/none: No such file" set v0 trace "$work/none"
printf '0\n' >"$work/one"
check "trace: a loop of one row" wrong 2 "a loop has two rows or more" set v0 trace "$work/one" loop
check "trace: refusals changed nothing" value_is tx trace_count 3
check "trace: all is taken away" impair del v0
check "trace: loop without a trace" wrong 2 "a loop without a trace" set v0 loop

# ---- a table of delays

impair_table "$work/table"
check "table: a distribution of one's own" impair set v0 delay 10ms 4ms distribution table "$work/table"
check "table: is shown" shown "v0: tx delay 10ms 4ms distribution table $work/table"
check "table: a run whose delays are known" "$VNET" seed set v0 42
check "table: its median is 1.5 jitters more" impair_median "$one" $b 100 10000 14500 22000
printf '1 2\n2 1\n' >"$work/falls"
check "table: one that falls" wrong 1 "$work/falls: line 2, column 3: 1 is less than" \
  set v0 delay 1ms 1ms distribution table "$work/falls"
check "table: an unreadable one" wrong 1 "$work/none: No such file" \
  set v0 delay 1ms 1ms distribution table "$work/none"
check "table: another distribution" impair set v0 delay 1ms 1ms distribution normal
check "table: has none" value_is tx table_text null

# ---- bursts

check "burst: in the specification's words" impair set v0 loss burst rate 10% mean 5 rate 100mbit
check "burst: are shown" shown "loss burst rate 10% mean 5"
check "burst: beside a rate" shown "rate 100Mbit"
check "burst: the old words" wrong 1 "loss burst rate P mean N" set v0 loss burst 10% mean 5
check "burst: more than can be" wrong 2 "at most N / (N + 1)" set v0 loss burst rate 90% mean 2

switched() {
  local i flood
  traffic_in "$one" ping -n -f -c 10000 -W 2 $b >"$work/flood" &
  flood=$!
  for ((i = 0; i < 10; i++)); do
    impair set v0 trace "$work/trace" loop delay 1ms match 'icmp[7] & 1 = 1' || return 1
    impair set v0 direction both delay 1ms 500us distribution table "$work/table" || return 1
    impair set v0 match icmp trace mahimahi "$work/cellular" loop || return 1
    impair del v0 direction tx match trace || return 1
    impair del v0 || return 1
  done
  wait "$flood"
  tail -2 "$work/flood"
  [[ $(tail -2 "$work/flood") == *"packets transmitted"* ]]
}
check "load: all of it set, changed and removed under ping -f" switched
check "load: pings are answered afterwards" pings
check "load: frames are conserved" conserved

check "files: it ends" driver_down
