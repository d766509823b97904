# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 300
# `vnet monitor`, `capture`, `metrics` and `top` on the module: events, drops and counters as the kernel tells them.
source "$VNET_TESTS/vm/cases/lib/case.sh"

work=$(mktemp -d)
export VNET_RUN_DIR=$work/run

# ---- monitor

# It sleeps in poll() once it watches; before that it does not wait for anything.
monitor_start() { # NS OPTIONS...: its lines are in $work/NS
  traffic_start "$1" vnet "${@:2}" monitor >"$work/$1" 2>&1
  monitors+=("$traffic_pid")
  traffic_wait 10 sleeps "$traffic_pid"
}
# Its socket is in a group of the module, not only in the one that tells of families: only then it hears of devices.
has_joined() { traffic_in "$1" awk '$2 == 16 && $4 !~ /^0000[08]000$/ { n++ } END { exit !n }' /proc/net/netlink; }
have_joined() { traffic_wait "$traffic_deadline" has_joined a && traffic_wait "$traffic_deadline" has_joined b; }
sleeps() { [[ $(</proc/"$1"/wchan) == *poll* ]]; }
monitors=()
said() { [[ $(<"$work/$1") == *"$2"* ]]; }
expect() { # NS TEXT
  traffic_wait 10 said "$@" || {
    echo "$1 does not have '$2':"
    cat "$work/$1"
    return 1
  }
}
events_of() { jq -r 'select(.type == "device_new" or .type == "link_up" or .type == "link_down") | .type + " " + .ifname' "$work/a" | paste -sd ,; }
ups_and_downs="device_new v0,link_up v0,link_down v0,link_up v0"
in_order() { [[ $(events_of) == "$ups_and_downs" ]]; }

monitor() {
  check "monitor before the module is there" monitor_start a -j
  check "and in another namespace" monitor_start b -t
  load
  require "both have heard of it" have_joined
  require "a pair" vnet -n a link add v0 queues 2 peer v1 netns b
  require "addresses" pair_addresses
  check "the module that came is heard" expect a '"type":"device_new"'
  check "in the other namespace, too" expect b ": v1: link_up"
  ip -n b link set v1 down
  check "link down" expect a '"type":"link_down"'
  ip -n b link set v1 up
  traffic_link_up a v0
  traffic_wait 10 in_order
  equal "events in order" "$(events_of)" "$ups_and_downs"
  check "set is heard" vnet -n a link set v0 pad on
  check "as config_changed" expect a '"type":"config_changed"'
  equal "the seed that was drawn is told" "$(jq -r 'select(.type == "device_new").seed' "$work/a")" "$(seed_of v0)"
  check "set anew" vnet -n a seed set v0 0x1234
  check "is told, too" expect a '"seed":"0x0000000000001234"'
  vnet -n a link set v0 pad off
  check "each line is an event of this namespace" a_line_each
}
seed_of() { vnet -n a -j seed show "$1" | jq -r '.[0].seed'; }
a_line_each() { [[ $(jq -r .ifname "$work/a" | sort -u) == v0 ]] && ! grep -vE '^\[20[0-9-]+T[0-9:.]+\] [0-9]+: v1: [a-z_]+' "$work/b"; }
module_goes() { # and comes again
  check "the module goes" rmmod vnet
  check "the device's end is told" expect a '"type":"device_del"'
  : >"$work/a"
  load
  require "they have heard of it" have_joined
  check "a pair again" ip -n a link add w0 type vnet
  check "is heard by the same monitor" expect a '"ifname":"w0"'
  for pid in "${monitors[@]}"; do
    kill -TERM "$pid"
    check "SIGTERM ends it with 0" traffic_finish "$pid" 10
  done
}

# ---- capture

capture_start() { # NS NAME OPTIONS...: $work/NAME.pcapng, what it says is in $work/NAME.err
  traffic_start "$1" vnet capture "${@:3}" -w "$work/$2.pcapng" 2>"$work/$2.err"
  capture=$traffic_pid
  traffic_wait 10 test -s "$work/$2.pcapng"
}
capture_end() { # NAME
  kill -INT "$capture"
  traffic_finish "$capture" 10
  local status=$?
  cat "$work/$1.err"
  return "$status"
}
frames() { tcpdump -n -t -e -r "$work/$1" "${@:2}" 2>/dev/null | wc -l; }
comments() { grep -aoE "dropped: [a-z_]+" "$work/$1.pcapng" | sort | uniq -c | xargs; }
# The bytes, a line each, sorted: two processors may hand a sent and a received frame to two captures in either order.
packets() { tcpdump -n -t -xx -r "$work/$1" 2>/dev/null | awk '/^\t0x/ { sub(/.*: */, ""); printf "%s ", $0; next } { print "" } END { print "" }' | sort; }
stranger() { traffic_in a ping -q -c "$1" -i 0.02 -W 0.1 10.0.0.9; }

like_tcpdump() {
  local theirs ours
  traffic_start a tcpdump -p -U -B 16384 -i v0 -w "$work/tcpdump.pcap" 2>"$work/tcpdump.err"
  theirs=$traffic_pid
  traffic_wait 10 grep -q listening "$work/tcpdump.err"
  capture_start a like v0 || return 1
  traffic_ping_both a b 10.0.0.1 10.0.0.2 -c 20 -i 0.02 -s 1000 || return 1
  traffic_file a b 10.0.0.1 10.0.0.2 300000 || return 1
  sleep 1 # the connections' last frames
  capture_end like || return 1
  ours=$(frames like.pcapng)
  traffic_wait 10 tcpdump_has "$ours"
  traffic_stop "$theirs" INT
  echo "$ours frames"
  diff <(packets tcpdump.pcap) <(packets like.pcapng) && ((ours > 80))
}
tcpdump_has() { (($(frames tcpdump.pcap) >= $1)); }
capture() {
  traffic_in a ip neigh replace 10.0.0.9 lladdr 02:00:00:00:99:99 dev v0
  check "the frames are tcpdump's, byte by byte" like_tcpdump

  check "a capture at the receiver" capture_start b receiver v1 --with-drops
  stranger 5 >/dev/null
  traffic_ping a 10.0.0.2 -c 3 -i 0.02 >/dev/null
  check "ends" capture_end receiver
  equal "its drops" "$(comments receiver)" "5 dropped: unicast_filter"
  equal "frames that it has of them" "$(frames receiver.pcapng dst 10.0.0.9)" 5
  equal "delivered ones" "$(frames receiver.pcapng icmp and host 10.0.0.2)" 6
  check "in the order of time" ordered receiver

  check "a capture at the sender" capture_start a sender v0 --with-drops
  stranger 5 >/dev/null
  check "ends" capture_end sender
  equal "what the receiver drops was sent" "$(frames sender.pcapng dst 10.0.0.9)" 5
  equal "and is no drop here" "$(comments sender)" ""

  traffic_in a ip link set v0 mtu 3000
  check "a capture of refused frames" capture_start a refused v0 --with-drops
  traffic_in a ping -q -c 4 -i 0.02 -W 0.1 -s 2000 -M "do" 10.0.0.2 >/dev/null
  traffic_ping a 10.0.0.2 -c 2 -i 0.02 >/dev/null
  check "ends" capture_end refused
  traffic_in a ip link set v0 mtu 1500
  equal "their reason" "$(comments refused)" "4 dropped: too_long"
  equal "each is shown once" "$(frames refused.pcapng icmp and greater 2000)" 4
  equal "the others once, too" "$(frames refused.pcapng icmp and less 200)" 4

  traffic_in a ip link add link v0 name v0.7 type vlan id 7
  traffic_in a ip addr add 10.7.0.1/24 dev v0.7
  traffic_in a ip link set v0.7 up
  traffic_in a ip neigh replace 10.7.0.9 lladdr 02:00:00:00:99:99 dev v0.7
  check "a capture of tagged frames" capture_start a tagged v0
  traffic_in a ping -q -c 2 -i 0.02 -W 0.1 10.7.0.9 >/dev/null
  check "ends" capture_end tagged
  equal "the tag is in the frame" "$(frames tagged.pcapng vlan 7 and icmp)" 2
  traffic_in a ip link del v0.7
  check "a capture ends with its device" ends_with_device
}
ordered() { tcpdump -n -tt -r "$work/$1.pcapng" 2>/dev/null | awk '{print $1}' | sort -c; }
ends_with_device() {
  ip -n a link add x0 type vnet && capture_start a gone x0 --with-drops && ip -n a link del x0 &&
    traffic_finish "$capture" 10
}

# ---- metrics and top

sample() { sed -n "s/^$1 //p" "$work/metrics"; }
stat_of() { traffic_in a ethtool -S v0 | sed -n "s/^ *$1: //p"; }
metrics() {
  vnet -n a metrics >"$work/metrics"
  equal "frames as ethtool has them" "$(sample 'vnet_frames_total{netns="a",device="v0",direction="tx"}')" "$(stat_of tx_frames)"
  equal "drops as ethtool has them" "$(sample 'vnet_drops_total{netns="a",device="v0",direction="tx",reason="too_long"}')" 4
  equal "both queues" "$(grep -c '^vnet_polls_total' "$work/metrics")" 2
  equal "carrier" "$(sample 'vnet_carrier{netns="a",device="v0"}')" 1
  contains "who drives it" "$(<"$work/metrics")" 'vnet_info{netns="a",device="v0",host="kernel",mac='
  check "into a file" vnet -n a metrics -w "$work/vnet.prom"
  equal "has as many lines" "$(wc -l <"$work/vnet.prom")" "$(wc -l <"$work/metrics")"
  check "over HTTP" scraped
}
scraped() {
  ip link set lo up
  vnet -n a metrics --listen 127.0.0.1:9100 &
  local server=$! answer
  traffic_in a ip link set lo up
  traffic_wait 10 traffic_listening a tcp 9100
  # shellcheck disable=SC2016 # expanded by the inner shell
  answer=$(traffic_in a bash -c 'exec {fd}<>/dev/tcp/127.0.0.1/9100
    printf "GET /metrics HTTP/1.0\r\n\r\n" >&$fd; cat <&$fd')
  traffic_stop "$server"
  [[ $answer == "HTTP/1."*" 200 "* && $answer == *'vnet_carrier{netns="a",device="v0"} 1'* ]]
}
top() {
  local table
  traffic_start a ping -q -i 0.01 10.0.0.2 >/dev/null
  check "frames flow" vnet_flows b v1
  table=$(vnet -n a -d top --interval 3s)
  traffic_stop "$traffic_pid"
  echo "$table"
  check "top has the device and its queues" top_rows
}
top_rows() { [[ $(awk '$1 == "v0" && $2 > 0 && $4 > 0 { n++ } $1 == "queue" { n++ } END { print n }' <<<"$table") == 3 ]]; }

for each in a b; do
  ip netns add $each
  traffic_no_ipv6 $each
done
monitor
capture
metrics
top
check "frames are conserved" vnet_conserved a v0 b v1
module_goes
finish
