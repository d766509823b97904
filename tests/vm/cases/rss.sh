# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 600
# Which queue a frame arrives on: the sender's choice, or by ethtool -X the receiver's.
source "$VNET_TESTS/vm/cases/lib/case.sh"

between=(a b 10.0.0.1 10.0.0.2)

# ---- frames by hand: to v1, and to no address of its namespace, so that nobody answers

mac_of() { traffic_in "$1" cat "/sys/class/net/$2/address"; }
hex4() { # A.B.C.D
  local -a bytes
  IFS=. read -ra bytes <<<"$1"
  printf '%02x' "${bytes[@]}"
}
ip4() { # PROTOCOL SOURCE DESTINATION SOURCE-PORT PORT [FLAGS]: from the IPv4 header on
  printf '4500002e0000%s40%02x0000%s%s%04x%04x' "${6:-4000}" "$1" "$(hex4 "$2")" "$(hex4 "$3")" "$4" "$5"
}
ip6() { # PROTOCOL SOURCE DESTINATION (32 digits each) SOURCE-PORT PORT
  printf '60000000001a%02x40%s%s%04x%04x' "$@"
}
frame() { echo "${ethernet}$1$2:80"; } # TYPE BYTES
flows() { # PROTOCOL COUNT: of one pair of addresses
  local i
  for ((i = 0; i < $2; i++)); do
    frame 0800 "$(ip4 "$1" 198.18.0.1 198.18.0.2 $((2000 + 7 * i)) $((80 + i % 3)))"
  done
}
send() { traffic_in a send_raw v0 "$@"; }

# So that no ARP comes between.
neighbour() { # NS DEVICE ADDRESS OTHER-NS OTHER-DEVICE
  ip -n "$1" neigh replace "$3" dev "$2" lladdr "$(mac_of "$4" "$5")" nud permanent
}

# ---- what arrives where

received() { # NS DEVICE: frames per queue, "N N N N"
  traffic_in "$1" ethtool -S "$2" | sed -n 's/^ *q[0-9]*_rx_frames: //p' | xargs
}
have_arrived() { # NS DEVICE COUNT
  local -a now
  read -ra now < <(received "$1" "$2")
  ((now[0] + now[1] + now[2] + now[3] >= $3))
}
# arrivals NS DEVICE COUNT COMMAND...: of the COUNT frames that COMMAND brings, per queue.
arrivals() {
  local ns=$1 device=$2 count=$3
  local -a before after
  shift 3
  read -ra before < <(received "$ns" "$device")
  "$@" || return 1
  count=$((before[0] + before[1] + before[2] + before[3] + count))
  traffic_wait 10 have_arrived "$ns" "$device" "$count" || {
    echo "fewer frames than were sent"
    return 1
  }
  read -ra after < <(received "$ns" "$device")
  echo $((after[0] - before[0])) $((after[1] - before[1])) $((after[2] - before[2])) \
    $((after[3] - before[3]))
}
queues() { # ...: the queues that arrivals() sees
  local queue
  local -a counts
  read -ra counts < <(arrivals "$@")
  for queue in "${!counts[@]}"; do [[ ${counts[queue]} == 0 ]] || printf '%s ' "$queue"; done
}
hit() { # TEXT QUEUES FRAME...: exactly these queues receive
  local text=$1 wanted=$2
  shift 2
  equal "$text: queues" "$(queues b v1 $# send "$@")" "$wanted "
}

x() { traffic_in "${2:-b}" ethtool -x "${1:-v1}"; }
set_x() { traffic_in b ethtool -X v1 "$@"; }
set_n() { traffic_in b ethtool -N v1 rx-flow-hash "$@"; }
set_channels() { traffic_in "$1" ethtool -L "$2" combined "$3"; }
entries() { # the table in one line, "0 1 2 ..."; the key has no blanks
  x "$@" | sed -n 's/^ *[0-9]\+:  *//p' | xargs
}
table() { # TEXT WORDS [DEVICE NS]: WORDS again and again, 128 of them
  local text=$1 words got i wanted=
  read -ra words <<<"$2"
  got=$(entries "${@:3}")
  for ((i = 0; i < 128; i++)); do wanted+="${words[i % ${#words[@]}]} "; done
  if [[ "$got " == "$wanted" ]]; then echo "ok: $text is $2 ..."; else fail "$text is $got"; fi
}

# ---- Microsoft, "Verifying the RSS Hash Calculation"

suite_key=6d:5a:56:da:25:5b:0e:c2:41:67:25:3d:43:a3:8f:b0:d0:ca:2b:cb:ae:7b:30:b4:77:cb:2d:a3:80:30:f2:0c:6a:42:b7:3b:be:ac:01:fa
suite4=("66.9.149.187 161.142.100.80 2794 1766 323e8fc2 51ccc178"
  "199.92.111.2 65.69.140.83 14230 4739 d718262a c626b0ea"
  "24.19.198.95 12.22.207.184 12898 38024 d2d0a5de 5c2b394a"
  "38.27.205.30 209.142.163.6 48228 2217 82989176 afc7327f"
  "153.39.163.191 202.188.127.2 44251 1303 5d1809c5 10e828a2")
suite6=("3ffe250102001fff0000000000000007 3ffe2501020000030000000000000001 2794 1766 2cc18cd5 40207d3d"
  "3ffe050100080000026097fffe40efab ff020000000000000000000000000001 14230 4739 0f0c461c dde51bbf"
  "3ffe1900454500030200f8fffe2167cf fe800000000000000200f8fffe2167cf 44251 38024 4b61e985 02d1feef")

# All flows of one version, on the queues that HASH ("addresses" or "ports") says.
suite() { # HASH PROTOCOL TEXT [FLAGS]
  local from to source port addresses ports frames=() wanted=(0 0 0 0)
  while read -r from to source port addresses ports; do
    frames+=("$(frame 0800 "$(ip4 "$2" "$from" "$to" "$source" "$port" "${@:4}")")")
    ((wanted[0x${!1} % 128 % 4] += 1))
  done < <(printf '%s\n' "${suite4[@]}")
  equal "$3 over IPv4: frames per queue" "$(arrivals b v1 5 send "${frames[@]}")" "${wanted[*]}"
}
suite_v6() { # HASH PROTOCOL TEXT
  local from to source port addresses ports frames=() wanted=(0 0 0 0)
  while read -r from to source port addresses ports; do
    frames+=("$(frame 86dd "$(ip6 "$2" "$from" "$to" "$source" "$port")")")
    ((wanted[0x${!1} % 128 % 4] += 1))
  done < <(printf '%s\n' "${suite6[@]}")
  equal "$3 over IPv6: frames per queue" "$(arrivals b v1 3 send "${frames[@]}")" "${wanted[*]}"
}
suites() {
  suite ports 6 TCP
  suite addresses 6 "fragments of TCP" 2000
  suite addresses 17 UDP
  suite addresses 1 ICMP
  suite_v6 ports 6 TCP
  suite_v6 addresses 17 UDP
}

tags() {
  local from to source port addresses ports inner
  read -r from to source port addresses ports <<<"${suite4[1]}"
  inner=$(ip4 6 "$from" "$to" "$source" "$port")
  hit "behind a tag" $((0x$ports % 128 % 4)) "$(frame 8100 "00070800$inner")"
  hit "behind two" $((0x$ports % 128 % 4)) "$(frame 88a8 "0009810000070800$inner")"
  modprobe 8021q || return
  ip -n a link add v0.7 link v0 type vlan id 7 && ip -n a link set v0.7 up
  equal "with a tag beside it: queue" \
    "$(queues b v1 1 traffic_in a send_raw v0.7 "$(frame 0800 "$inner")")" "$((0x$ports % 128 % 4)) "
  ip -n a link del v0.7
}

# ---- the cases

untold() {
  contains "-x without rules" "$(x)" "v1 with 4 RX ring(s)*toeplitz: on"
  table "its table" "0 1 2 3"
  equal "its key's length" "$(x | sed -n '/hash key/{n;s/[^:]//g;p}' | xargs | tr -d '\n' | wc -c)" 39
  contains "TCP by default" "$(traffic_in b ethtool -n v1 rx-flow-hash tcp6)" "L4 bytes 0 & 1"
  equal "UDP by default has no ports" \
    "$(traffic_in b ethtool -n v1 rx-flow-hash udp4 | sed -n '/L4/p')" ""
}

# All that v0 sends leaves on tx queue 2, from whichever processor.
xps() { # HEX-MASK
  # shellcheck disable=SC2016 # expanded by the inner shell
  traffic_in a bash -c 'echo "$1" >/sys/class/net/v0/queues/tx-2/xps_cpus' xps "$1"
}
senders_choice() {
  hit "$1: the sender's XPS" 2 "${tcp[@]}"
}

tables() {
  # By this key the flows reach all queues, by one that was drawn not always; it stays until the next.
  set_x hkey "$suite_key" equal 2 && hit "equal 2" "0 1" "${tcp[@]}"
  table "its table" "0 1"
  set_x start 2 equal 2 && hit "start 2 equal 2" "2 3" "${tcp[@]}"
  hit "ARP, by entry 0" 2 "${arp[@]}"
  set_x weight 0 0 0 1 && hit "weight 0 0 0 1" 3 "${tcp[@]}"
  set_x weight 1 0 3 0 && hit "weight 1 0 3 0" "0 2" "${tcp[@]}"
  equal "entries for queue 2 of 128" "$(entries | tr -cd 2 | wc -c)" 96
  table "v0's own table" "0 1 2 3" v0 a
  check "equal 4" set_x equal 4 && hit "equal 4" "0 1 2 3" "${tcp[@]}"
}

fields() {
  hit "UDP of two addresses" 1 "${udp[@]}" # by the suite's key
  check "udp4 sdfn" set_n udp4 sdfn
  hit "UDP over the ports" "0 1 2 3" "${udp[@]}"
  contains "udp4 now" "$(traffic_in b ethtool -n v1 rx-flow-hash udp4)" "L4 bytes 0 & 1"
  equal "udp6 still has no ports" \
    "$(traffic_in b ethtool -n v1 rx-flow-hash udp6 | sed -n '/L4/p')" ""
  suite ports 17 UDP
  suite addresses 17 "fragments of UDP" 2000
  suite_v6 addresses 17 UDP
  check "udp4 sd" set_n udp4 sd
  # ethtool says so, and exits with 0.
  contains "udp4 s refused" "$(set_n udp4 s 2>&1)" "Cannot change*Invalid argument"
  contains "udp4 v refused" "$(set_n udp4 v 2>&1)" "Cannot change*Invalid argument"
  contains "sctp4 sdfn refused" "$(set_n sctp4 sdfn 2>&1)" "Cannot change*Invalid argument"
  hit "UDP of two addresses" 1 "${udp[@]}" # by the suite's key
}

bad_input() {
  local before
  before=$(x)
  refused "a key of 39 bytes" "*ey is too short*" set_x hkey "${suite_key%:*}"
  refused "a key of 41 bytes" "*ey is too long*" set_x hkey "$suite_key:00"
  refused "queue 4 of 4" "*nvalid*" set_x equal 5
  refused "a weight for queue 4" "*nvalid*" set_x weight 1 1 1 1 1
  refused "hfunc xor" "*not supported*" set_x hfunc xor
  refused "as uid 65534" "*not permitted*" traffic_in b \
    setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all ethtool -X v1 equal 1
  check "the rules are as before" test "$(x)" == "$before"
}

channels() {
  check "equal 3" set_x equal 3
  refused "2 channels under a table of 3 queues" "*nvalid*" set_channels b v1 2
  log_mark
  refused "the same at the other end" "*nvalid*" set_channels a v0 2
  check "the log says why" log_has "too few for the RSS table of the peer, v1"
  check "3 channels" set_channels a v0 3
  table "the table as it was" "0 1 2"
  check "4 channels" set_channels b v1 4
  table "the table as it was" "0 1 2"
  check "default" set_x default
  check "2 channels" set_channels a v0 2
  table "the default table of 2 queues" "0 1"
  check "a key alone" set_x hkey "$suite_key"
  hit "over 2 queues" "0 1" "${tcp[@]}"
  check "4 channels" set_channels a v0 4
  table "the default table of 4 queues" "0 1 2 3"
  hit "over 4 queues" "0 1 2 3" "${tcp[@]}"
  check "1 channel" set_channels b v1 1
  hit "over one queue" 0 "${tcp[@]}"
  check "4 channels" set_channels b v1 4
}

# A flow of super-frames stays on one queue: the others get a handful (ARP, other flows).
one_flow() {
  local queue many=0
  local -A before after
  vnet_counters b v1 before
  traffic_file_once a b 10.0.0.2 2000000 || return 1
  vnet_counters b v1 after
  for queue in 0 1 2 3; do
    ((after[q${queue}_rx_frames] - before[q${queue}_rx_frames] < 100)) || many=$((many + 1))
  done
  echo "$many queue used"
  ((many == 1))
}

under_traffic() {
  local round jobs=() words
  local -a rules=("equal 4" "weight 1 0 0 7" "default" "start 1 equal 2" "hkey $suite_key"
    "equal 1" "hfunc toeplitz" "weight 3 2 1 0 hkey ${suite_key//[0-9]/5}")
  traffic_next_port
  traffic_start b nice -n 10 iperf3 -s -p "$traffic_port" >/dev/null 2>&1
  jobs+=("$traffic_pid")
  traffic_wait "$traffic_deadline" traffic_listening b tcp "$traffic_port" || return 1
  traffic_start a nice -n 10 iperf3 -c 10.0.0.2 -p "$traffic_port" -P 8 -t 300 --bidir >/dev/null 2>&1
  jobs+=("$traffic_pid")
  # shellcheck disable=SC2016 # expanded by the inner shell
  traffic_start b nice -n 5 bash -c 'while :; do ethtool -x v1; ethtool -n v1 rx-flow-hash tcp4; done' \
    >/dev/null 2>&1
  jobs+=("$traffic_pid")
  vnet_flows b v1 || { echo "no traffic at first" && return 1; }
  for ((round = 0; round < 24; round++)); do
    read -ra words <<<"${rules[round % ${#rules[@]}]}"
    set_x "${words[@]}" && set_n tcp4 "$( ((round % 3)) && echo sdfn || echo sd)" || return 1
    ((round % 12)) || vnet_flows b v1 || { echo "round $round: no traffic" && return 1; }
  done
  vnet_flows b v1 || { echo "no traffic at last" && return 1; }
  for round in "${jobs[@]}"; do traffic_stop "$round" KILL; done
  set_n tcp4 sdfn
  local -A at
  vnet_counters b v1 at
  (($(vnet_sum at rx_drop_) == 0)) || { echo "frames dropped" && return 1; }
  vnet_conserved a v0 b v1
}

# From a over b to c: what arrived on queue N of v1 leaves on queue N, and arrives there at c.
forwarded() {
  local port
  for ((port = 7000; port < 7032; port++)); do
    traffic_in a bash -c "echo x >/dev/udp/10.1.0.3/$port"
  done
}
recorded() {
  ip netns add c
  traffic_no_ipv6 c
  rawlink w0 netns b txqueues 4 rxqueues 4 peer w1 netns c txqueues 4 rxqueues 4 &&
    ip -n b addr add 10.1.0.2/24 dev w0 && ip -n c addr add 10.1.0.3/24 dev w1 &&
    ip -n b link set w0 up && ip -n c link set w1 up && traffic_link_up b w0 && traffic_link_up c w1 &&
    ip -n a route add 10.1.0.0/24 via 10.0.0.2 && ip -n c route add 10.0.0.0/24 via 10.1.0.2 &&
    neighbour b w0 10.1.0.3 c w1 && neighbour c w1 10.1.0.2 b w0 &&
    traffic_in b sysctl -qw net.ipv4.ip_forward=1 && traffic_ping_both a c 10.0.0.1 10.1.0.3 -i 0.02
}

hash_in_metadata() {
  local from to source port addresses ports flow fragment
  read -r from to source port addresses ports <<<"${suite4[0]}"
  flow=$(frame 0800 "$(ip4 6 "$from" "$to" "$source" "$port")")
  fragment=$(frame 0800 "$(ip4 6 "$from" "$to" "$source" "$port" 2000)")
  check "a program that knows the suite's first flow" \
    traffic_in b xdp_load v1 /usr/share/vnet/meta.o suite
  check "sees its hash" vnet_grew b v1 xdp_drop 1 send "$flow"
  check "and not that of another" vnet_grew b v1 xdp_pass 1 send "${tcp[0]}"
  check "and of a fragment none over ports" vnet_grew b v1 xdp_pass 1 send "$fragment"
  check "rxhash off" traffic_in b ethtool -K v1 rxhash off
  check "sees it no more" vnet_grew b v1 xdp_pass 1 send "$flow"
  traffic_in b ethtool -K v1 rxhash on
  ip -n b link set dev v1 xdpdrv off
}

load
require "a pair of four queues" plain_pair txqueues 4 rxqueues 4
neighbour a v0 10.0.0.2 b v1 && neighbour b v1 10.0.0.1 a v0
ethernet=$(mac_of b v1)$(mac_of a v0)
ethernet=${ethernet//:/}
mapfile -t tcp < <(flows 6 48)
mapfile -t udp < <(flows 17 48)
arp=("$(frame 0806 0001080006040001)" "$(frame 88b5 01)")

untold
check "all processors to tx queue 2" xps 3
senders_choice "without rules"
check "udp4 sdfn, which are rules but no table" set_n udp4 sdfn
senders_choice "with fields set"
set_n udp4 sd
tables
check "default" set_x default
senders_choice "-X default"
check "hfunc toeplitz" set_x hfunc toeplitz
hit "hfunc alone" "0 1 2 3" "${tcp[@]}"
check "default" set_x default
check "the suite's key" set_x hkey "$suite_key"
contains "-x shows it" "$(x)" "$suite_key"
suites
tags
fields
bad_input
check "equal 4" set_x equal 4
[[ $KRELEASE == 6.1.* ]] || hash_in_metadata
check "a flow stays on its queue" one_flow
channels
check "default" set_x default
check "XPS again, which fewer queues have ended" xps 3
senders_choice "-X default after a key"
check "no XPS" xps 0
check "rules change under traffic" under_traffic

require "a third namespace" recorded
check "start 3 equal 1" set_x start 3 equal 1
equal "the recorded queue, through a second pair" "$(queues c w1 32 forwarded)" "3 "
check "w1 wants another" traffic_in c ethtool -X w1 start 1 equal 1
equal "the far receiver's table" "$(queues c w1 32 forwarded)" "1 "
check "all frames are accounted for" vnet_conserved b w0 c w1
check "all frames are accounted for" vnet_conserved a v0 b v1
traffic_start a nice -n 10 ping -q -n -f 10.1.0.3 >/dev/null 2>&1
check "traffic by these rules" vnet_flows c w1
check "unload under it" rmmod vnet
traffic_stop "$traffic_pid" KILL
finish
