#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What is seen of each fault that test_fault.sh leaves out, as docs/faults.md has it; each `when` and `for`; and that the
# list, the events and the driver's log say the same of it.
# shellcheck source=tests/user/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/traffic/impair.sh
. "$here/../traffic/impair.sh"
# shellcheck source=tests/traffic/fault.sh
. "$here/../traffic/fault.sh"

ns_new one one
ns_new two two
a=10.9.0.1
b=10.9.0.2
id=

fault() { "$VNET" fault "$@"; }
fault_listed() { "$VNET" -j fault show "$1"; }
fault_told() { cat "$work/events"; }
fault_lines() { cat "$log"; }

monitored() {
  "$VNET" -j monitor >"$work/events" 2>&1 &
  monitor=$!
  traffic_wait "$traffic_deadline" watches "$monitor"
}
# The run directory, and then the driver: one poll later it is ready.
watches() { [[ $(ls -l "/proc/$1/fd") == *inotify* && $(<"/proc/$1/wchan") == *poll* ]]; }

# stat_of DEVICE FILTER: of its counters.
stat_of() { "$VNET" -j stats show "$1" | jq -r ".[0] | $2"; }
dropped() { stat_of "$1" "[.drop[]? | select(.direction == \"$2\" and .reason == \"$3\") | .frames] | add // 0"; }
dropped_is() { [[ $(dropped "$1" "$2" "$3") == "$4" ]]; }
# drops DEVICE DIRECTION REASON BY COMMAND...: exactly so many more frames are lost for it.
drops() {
  local which=("$1" "$2" "$3") by=$4 before
  shift 4
  before=$(dropped "${which[@]}")
  "$@" || return 1
  traffic_wait 5 dropped_is "${which[@]}" $((before + by)) || {
    echo "${which[*]}: $before frames before, $(dropped "${which[@]}") after"
    return 1
  }
}
# of_ip NAME: two's counter, of /proc/net/netstat.
of_ip() {
  traffic_in "$two" awk -v name="$1" '
    !($1 in names) { names[$1] = $0; next }
    { count = split(names[$1], title); for (i = 2; i <= count; i++) if (title[i] == name) print $i }' /proc/net/netstat
}
of_ip_is() { [[ $(of_ip "$1") == "$2" ]]; }

pings() { traffic_ping "$one" $b -c 3 -i 0.02 -W 5; }
# answers SENT ANSWERED: so many pings of so many are answered, however late.
answers() {
  local before now
  before=$(traffic_answers "$one" $b)
  traffic_in "$one" ping -n -q -c "$1" -i 0.02 -W 0.2 $b
  traffic_wait 5 traffic_has_answers "$one" $b $((before + $2))
  now=$(traffic_answers "$one" $b)
  echo "$((now - before)) answered"
  ((now == before + $2))
}
unheard() { ! traffic_in "$one" ping -n -q -c "$1" -i 0.02 -W 0.2 "$2"; }
is_over() { check "$1: is over" comes_to "$2" '[.state, .fired, .hits]' "[\"done\",$3,$4]"; } # NAME DEVICE FIRED HITS
both_up() { traffic_link_up "$one" v0 && traffic_link_up "$two" v1; }
told() { # TYPE DEVICE: how many events
  grep -c "\"type\":\"$1\".*\"ifname\":\"$2\"" "$work/events"
}
told_is() { traffic_wait 5 told_now "$@" || told_now "$@"; }
told_now() {
  echo "$(told "$1" "$2") told: $1"
  [[ $(told "$1" "$2") == "$3" ]]
}

must "effects: the pair comes up" plain_pair "$one" "$two" --timeout 100ms --ring 64
must "effects: addresses" plain_pair_addresses "$one" $a "$two" $b
must "effects: events are heard" monitored

# ---- interrupts

polls() { stat_of v1 .polls; }
idle_polls() { stat_of v1 '.polls - .rx_irqs'; } # those that no frame was behind
idled_since() { (($(idle_polls) >= $1)); }
polled_since() { (($(polls) >= $1)); }
spurious() { # and one when it is added
  local before
  before=$(idle_polls)
  fault_added v1 irq-spurious every 20ms count 5 && traffic_wait 5 idled_since $((before + 6))
}
check "irq-spurious: five polls without work" spurious
is_over irq-spurious v1 5 5
account v1 irq-spurious 5

storms() { traffic_wait 10 polled_since $(($(polls) + 1000)); }
calm() { # no poll between two looks
  local before
  before=$(polls)
  sleep 0.1
  [[ $(polls) == "$before" ]]
}
adds v1 irq-storm for 60s
check "irq-storm: polls, and polls" storms
check "irq-storm: frames come all the same" pings
account v1 irq-storm 1
check "irq-storm: moderated" "$VNET" link set v1 rx-usecs 100000
# moderated COUNT: so many polls take a tenth of a second each, or more.
moderated() {
  local begin end from to
  begin=${EPOCHREALTIME/[.,]/}
  from=$(polls)
  traffic_wait 10 polled_since $((from + $1))
  to=$(polls)
  end=${EPOCHREALTIME/[.,]/}
  echo "$((to - from)) polls in $((end - begin)) us"
  ((to - from >= $1 && to - from <= (end - begin) / 100000 + 2))
}
check "irq-storm: moderation holds it" moderated 5
check "irq-storm: not moderated" "$VNET" link set v1 rx-usecs 0
check "irq-storm: deleted" fault del v1 "$id"
check "irq-storm: is over" traffic_wait 5 calm

# ---- a reset that fails

resets() { # the frame whose descriptor is bad is lost, and the ring comes back by itself
  drops v1 rx bad_descriptor 1 unheard 1 $b
}
adds v1 reset-fail count 2
reset=$id
adds v1 ring-corrupt
check "ring-corrupt: its frame is lost" resets
account v1 ring-corrupt 1
id=$reset
check "reset-fail: two resets fail" comes_to v1 '[.state, .fired]' '["done",2]'
account v1 reset-fail 2
check "reset-fail: each is told" told_is reset_failed v1 2
check "reset-fail: the third is made" told_is ring_reset v1 1
check "reset-fail: frames come again" pings

timeouts() { stat_of v0 .tx_timeouts; }
recovers() { # the frame behind which the queue stops comes, and the next after three timeouts
  local before
  before=$(timeouts)
  answers 2 2 || return 1
  echo "$(($(timeouts) - before)) timeouts"
  (($(timeouts) == before + 3))
}
adds v0 reset-fail count 2
reset=$id
adds v0 tx-stall
check "tx-stall: the third timeout's reset ends it" recovers
account v0 tx-stall 1
id=$reset
account v0 reset-fail 2
check "reset-fail: each is told" told_is reset_failed v0 2

# ---- lengths, of frames of 98 bytes

errors() { traffic_in "$two" cat "/sys/class/net/v1/statistics/$1"; }
short() { # FRAMES: the stack finds so many shorter than they say
  local before
  before=$(of_ip InTruncatedPkts)
  answers 5 $((5 - $1)) && traffic_wait 5 of_ip_is InTruncatedPkts $((before + $1))
}
adds v1 truncate every 1 count 3 value 40
check "truncate: the stack finds them short" short 3
is_over truncate v1 3 3
account v1 truncate 3
adds v1 truncate value 13
check "truncate: less than a header is a runt" drops v1 rx runt 1 answers 2 1
account v1 truncate 1
adds v1 truncate value 9000
check "truncate: more than the frame has is no harm" pings
adds v1 bad-length prob 100% count 3
check "bad-length: found, and dropped" drops v1 rx bad_length 3 answers 5 2
is_over bad-length v1 3 3
account v1 bad-length 3

# ---- checksums

# sums LEAST MOST: as v1 gets them, so many of 20 datagrams have a checksum that is right (what stands where one is to be made
# may be right by chance).
sums() {
  local right
  traffic_capture "$two" v1 20 impair_lost "$work/lost" "$one" "$two" $b 20 || return 1
  right=$(grep -c "$b.$traffic_port: \[udp sum ok\]" <<<"$traffic_captured")
  echo "$right are right"
  ((right >= $1 && right <= $2))
}
check "csum bad: without, sums are left to be made" sums 0 1
adds v1 csum bad for 60s
check "csum bad: each is there, for the stack to verify" sums 20 20
account v1 "csum bad" 1
check "csum bad: deleted" fault del v1 "$id"

# ---- the filter

foreign=10.9.0.9
traffic_in "$one" ip neigh replace $foreign lladdr 02:00:00:00:99:99 dev v0 nud permanent
traffic_in "$one" ip route add 224.0.0.0/4 dev v0
leaks() { # frames for another come, as such
  local before
  before=$(others)
  drops v1 rx unicast_filter 0 unheard 3 $foreign || return 1
  traffic_wait 5 others_since $((before + 3)) || echo "$(others) of another host, $before before"
  others_since $((before + 3))
}
others() { ip -n "$two" -s -s -j link show v1 | jq '.[0].stats64.rx.otherhost // 0'; }
others_since() { (($(others) >= $1)); }
check "mac-filter leak: without, frames for another are refused" drops v1 rx unicast_filter 3 unheard 3 $foreign
adds v1 mac-filter leak for 60s
check "mac-filter leak: they come, as for another host" leaks
account v1 "mac-filter leak" 1
check "mac-filter leak: deleted" fault del v1 "$id"
check "mac-filter leak: they are refused again" drops v1 rx unicast_filter 3 unheard 3 $foreign

multicast() { stat_of v1 .rx_multicast; }
multicast_since() { (($(multicast) >= $1)); }
group_comes() {
  local before
  before=$(multicast)
  unheard 3 224.0.0.1
  traffic_wait 5 multicast_since $((before + 3))
}
check "mac-filter deaf: without, a group's frames come" group_comes
adds v1 mac-filter deaf every 1 count 2
check "mac-filter deaf: two are refused" drops v1 rx multicast_filter 2 unheard 3 224.0.0.1
check "mac-filter deaf: not a ping" pings
is_over "mac-filter deaf" v1 2 2
account v1 "mac-filter deaf" 2
check "mac-filter deaf: the next ones come" group_comes

# ---- dma-slow

slow() { # a ping is answered, after so many milliseconds
  local said time
  said=$(traffic_in "$one" ping -n -c 1 -W 10 $b)
  echo "$said"
  time=$(sed -n 's/.*time=\([0-9]*\).*/\1/p' <<<"$said")
  [[ $said == *" 0% packet loss"* ]] && ((time >= $1))
}
adds v1 dma-slow value 300ms nth 2
check "dma-slow: the first frame comes" traffic_ping "$one" $b -c 1
check "dma-slow: the second takes so long" slow 300
account v1 dma-slow 1

# ---- when, and for how long

adds v1 alloc-fail after 2 once
check "after, once: the third is lost" drops v1 rx no_memory 1 answers 5 4
is_over "after, once" v1 1 1
account v1 alloc-fail 1

every_time() {
  local pings status
  traffic_start "$one" ping -n -q -i 0.01 $b >"$work/ping"
  pings=$traffic_pid
  comes_to v1 '[.state, .fired, .hits]' '["done",3,3]'
  status=$?
  traffic_stop "$pings"
  return "$status"
}
adds v1 rx-overrun every 100ms count 3
check "every TIME: three frames are lost" drops v1 rx rx_overrun 3 every_time
account v1 rx-overrun 3

adds v1 rx-stall until reset expire never
check "until reset: nothing comes" answers 2 0
check "until reset: is active" of_is v1 '[.state, .fired]' '["active",1]'
check "until reset: the device goes down" ip -n "$two" link set v1 down
check "until reset: which ends it" comes_to v1 .state '"done"'
account v1 rx-stall 1
check "until reset: and up" ip -n "$two" link set v1 up
check "until reset: both have a carrier" both_up
check "until reset: pings" pings

adds v1 rx-overrun nth 1000000 expire 500ms
check "expire: of one that never fired" comes_to v1 '[.state, .fired, .hits]' '["expired",0,0]'
account v1 rx-overrun 0
changes() { traffic_in "$one" cat /sys/class/net/v0/carrier_changes; }
before=$(changes)
adds v0 link-flap for 60s expire 500ms
check "expire: of one that lasts" comes_to v0 '[.state, .fired]' '["expired",1]'
account v0 link-flap 1
check "expire: what it did is put right" both_up
check "expire: the carrier had gone" test "$(changes)" -ge $((before + 2))
check "expire: pings" pings

check "effects: frames are conserved" conserved
check "effects: in the command's numbers, too" impair_conserved "$one" v0 "$two" v1
traffic_stop "$monitor"
check "effects: it ends" driver_down
