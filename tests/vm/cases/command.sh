# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 600
# The command `vnet` and `ip` with its plugin on the module; the same words and the same JSON on both hosts.
source "$VNET_TESTS/vm/cases/lib/case.sh"

export VNET_RUN_DIR=/tmp/vnet-run
mkdir -p "$VNET_RUN_DIR"

# json FILTER WORDS...: what jq makes of the command's output.
json() {
  local filter=$1
  shift
  vnet -j "$@" | jq -c "$filter"
}
# status WANTED COMMAND...: its exit status.
status() {
  local wanted=$1
  shift
  "$@"
  local got=$?
  echo "exit status $got"
  ((got == wanted))
}

# ---- without the module

without_module() {
  refused "--kernel without the module" "vnet: the kernel module vnet is not loaded" vnet --kernel link
  refused "mode kernel without the module" "*not loaded*" vnet -n a link add x0 peer x1 mode kernel
  check "mode auto takes a process" vnet -n a -d link add x0 peer x1
  contains "and shows it" "$(vnet -d link show x0)" "host user instance x0"
  check "and deletes it" vnet link del x0
}

# ---- a pair of the module

pair() {
  check "link add" vnet -n a -d link add v0 queues 4 rx 512 seed 42 mac 02:00:00:00:00:01 mtu 2000 \
    peer v1 mac 02:00:00:00:00:02 mtu 3000 rx-usecs 20us netns b
  equal "its kind" "$(ip -n a -d -j link show v0 | jq -r '.[0].linkinfo.info_kind')" vnet
  equal "its MTUs" "$(ip -n a -j link show v0 | jq '.[0].mtu') $(ip -n b -j link show v1 | jq '.[0].mtu')" "2000 3000"
  check "addresses" pair_addresses
  check "ping" traffic_ping_both a b 10.0.0.1 10.0.0.2 -i 0.02
  contains "link show" "$(vnet -n a -d link show v0)" "rx 512 tx 256 rx-usecs 0us"
  contains "the peer's knobs" "$(vnet -n b -d link show v1)" "rx 256 tx 512 rx-usecs 20us"
  contains "who drives it" "$(vnet -n a -d link show v0)" "host kernel"
  contains "-br" "$(vnet -n a -br link)" "UP     02:00:00:00:00:01 <UP,LOWER_UP>"
  equal "in JSON" "$(vnet -n a -j link | jq -c '.[0] | [.ifname, .mac, .mtu, .open, .carrier, .info.queues, .info.seed]')" \
    '["v0","02:00:00:00:00:01",2000,true,true,4,"0x000000000000002a"]'
  equal "four queues" "$(vnet -n a -j queue show v0 | jq -c 'map(.queue)')" "[0,1,2,3]"
  check "stats are ethtool's" same_as_ethtool
  contains "registers" "$(vnet -n a regs show v0)" "<OPEN,LINK>"
  equal "as many as ethtool's" "$(vnet -n a -j regs show v0 | jq -c '.[0] | [.mtu, (.queue | length)]')" "[2000,4]"
  check "seed set" vnet -n b seed set v1 7
  equal "seed show at the other end" "$(vnet -n a seed show v0)" "v0: seed 0x0000000000000007"
}
same_as_ethtool() {
  local mine theirs
  mine=$(vnet -n a -j stats show v0 | jq '.[0].tx_frames')
  theirs=$(vnet_counter a v0 tx_frames)
  echo "$mine and $theirs"
  [[ -n $mine && $mine == "$theirs" ]]
}

changes() {
  check "link set" vnet -n a link set v0 rx 1k rx-usecs 1ms csum wire peer adaptive-rx on
  equal "here" "$(vnet -n a -j link show v0 | jq -c '.[0].info | [.rx_ring, .rx_usecs, .csum, .adaptive_rx]')" '[1024,1000,"wire",false]'
  equal "there" "$(vnet -n b -j link show v1 | jq -c '.[0].info | [.tx_ring, .csum, .adaptive_rx]')" '[1024,"wire",true]'
  check "queues" vnet -n a link set v0 queues 2
  equal "two queues" "$(vnet -n b -j link show v1 | jq '.[0].info.queues')" 2
  check "ping" traffic_ping_both a b 10.0.0.1 10.0.0.2 -i 0.02
  refused "a ring too small" "vnet: 'v0': *rx*64 to 32768*" vnet -n a link set v0 rx 63
  refused "more queues than there are" "vnet: 'v0': *queues*" vnet -n a link set v0 queues 5
  refused "a new pair's ring" "vnet: 'w0': *64 to 32768*" vnet -n a link add w0 rx 63 peer w1
  refused "the peer's knob" "vnet: 'w0': peer: *100000*" vnet -n a --kernel link add w0 peer w1 rx-usecs 1s
  check "and nothing is left of it" not traffic_in a ip link show w0
  refused "a name that is taken" "vnet: 'v0': *" vnet -n a --kernel link add v0 peer w1
  refused "no such device" "vnet: no such device: 'nobody'" vnet -n a stats show nobody
  refused "no device of ours" "vnet: 'lo' is not a device of vnet" vnet link show lo
  check "a refusal's status is 2" status 2 vnet -n a link set v0 rx 63
  check "a wrong word's status is 1" status 1 vnet -n a link set v0 rxx 63
  refused "without privilege" "*Operation not permitted*" \
    traffic_in a setpriv --reuid 65534 --clear-groups vnet link set v0 rx 64
}

# ---- iproute2's plugin

plugin() {
  contains "ip link help vnet" "$(ip link help vnet 2>&1)" "queues       { 1 to 64 queues }"
  check "ip link add" ip -n a link add p0 type vnet queues 4 rx 512 rx-usecs 50us timeout 2s seed 42 pad on \
    peer name p1 netns b
  contains "ip -d link show" "$(ip -n a -d link show p0)" \
    "queues 4 rx 512 tx 256 rx-usecs 50us rx-frames 0 adaptive-rx off pad on lockup 0 timeout 2000ms seed 0x000000000000002a"
  contains "its peer" "$(ip -n b -d link show p1)" "queues 4 rx 256 tx 512"
  contains "numtxqueues" "$(ip -n a -d link show p0)" "numtxqueues 4"
  equal "in JSON" "$(ip -n a -d -j link show p0 | jq -c '.[0].linkinfo.info_data | [.queues, .rx, .rx_usecs, .pad, .seed]')" \
    '[4,512,50,true,"0x000000000000002a"]'
  equal "the command agrees" "$(vnet -n a -j link show p0 | jq -c '.[0].info | [.queues, .rx_ring, .rx_usecs, .pad, .timeout]')" \
    '[4,512,50,true,2000]'
  check "ip link set" ip -n a link set p0 type vnet rx 1024 adaptive-rx on
  equal "is set" "$(vnet -n a -j link show p0 | jq -c '.[0].info | [.rx_ring, .adaptive_rx]')" '[1024,true]'
  check "values as the command spells them" ip -n a link set p0 type vnet rx 1K rx-usecs 0.02MS timeout 1.5s
  equal "are set" "$(vnet -n a -j link show p0 | jq -c '.[0].info | [.rx_ring, .rx_usecs, .timeout]')" '[1024,20,1500]'
  refused "out of range" "*64 to 32768*" ip -n a link set p0 type vnet rx 63
  refused "a wrong time" '*timeout must be { a time, 10 to 600000 ms }*' ip -n a link set p0 type vnet timeout 5
  refused "twice" '*duplicate "rx"*' ip -n a link set p0 type vnet rx 64 rx 64
  check "vnet link del" vnet -n a link del p0
  check "takes the peer along" not traffic_in b ip link show p1
}

# ---- one name at two hosts, two hosts with one state

user_pair() { vnet -n "$1" --user link add "${@:2}"; }

ambiguous() {
  check "a process with the same name" user_pair c v0 peer v9
  refused "which one" "*'v0' is ambiguous: *--kernel or --user" vnet -n a link show v0
  equal "--kernel" "$(vnet -n a -d -j --kernel link show v0 | jq -r '.[0].host')" kernel
  equal "--user" "$(vnet -n a -d -j --user link show v0 | jq -r '.[0].host')" user
  check "its end" vnet --user link del v0
}

# What is of this machine, not of the state.
normal='map(del(.ifindex, .ifname, .peer_ifindex, .peer_ifname, .mac, .seed, .expires_in) |
  if .info then .info |= del(.seed) else . end)'
same_json() { # WORDS...: DEV stands for the device
  local kernel user
  kernel=$(vnet -j --kernel "${@/DEV/k0}" | jq "$normal")
  user=$(vnet -j --user "${@/DEV/u0}" | jq "$normal")
  diff <(echo "$kernel") <(echo "$user") && [[ $kernel == *"{"* ]]
}
same_state() {
  local knobs=(rx 512 rx-usecs 30us rx-frames 8 pad on lockup 0 timeout 2s mtu 1400)
  traffic_no_ipv6 d
  check "a pair of the module" vnet -n d --kernel link add k0 "${knobs[@]}" peer k1 tx 512 pad on
  check "a pair of a process" vnet -n d --user link add u0 "${knobs[@]}" peer u1 tx 512 pad on
  check "down: link show" traffic_in d bash -c "$(declare -f same_json); normal='$normal'; same_json link show DEV"
  for device in k0 k1 u0 u1; do ip -n d link set "$device" arp off up; done
  traffic_link_up d k0 && traffic_link_up d u0
  for device in k0 u0; do
    vnet -n d impair set $device both delay 10ms loss 1%
    vnet -n d fault add $device rx-overrun nth 1000000 expire never
  done
  for words in "link show DEV" "-s link show DEV" "stats show DEV" "queue show DEV" "regs show DEV" \
    "seed show DEV" "impair show DEV" "fault list DEV"; do
    check "up: $words" traffic_in d bash -c "$(declare -f same_json); normal='$normal'; same_json $words"
  done
  check "the seeds are drawn" drawn
  check "their ends" vnet -n d -force -b - <<<$'link del k0\nlink del u1'
}
drawn() {
  local k u
  k=$(vnet -n d seed show k0) u=$(vnet -n d seed show u0)
  echo "$k, $u"
  [[ ${k#k0} != "${u#u0}" ]]
}

# ---- devices that vanish

vanishing() {
  local tries out wrong=0 seen=0
  (for ((i = 0; i < 20; i++)); do ip -n a link add t0 type vnet peer name t1 && ip -n a link del t0; done) 2>/dev/null &
  for ((tries = 0; tries < 20; tries++)); do
    if out=$(vnet -n a -j -s link show t0 2>&1); then
      [[ $(jq -r '.[0].ifname' <<<"$out") == t0 ]] && seen=$((seen + 1)) || wrong=$((wrong + 1))
    elif [[ $out != "vnet: no such device: 't0'" && $out != "vnet: 't0': "* ]]; then
      echo "$out"
      wrong=$((wrong + 1))
    fi
    vnet -n a -j link >/dev/null || wrong=$((wrong + 1))
  done
  wait
  echo "seen $seen times, wrong $wrong times"
  ((wrong == 0))
}

batch() {
  printf '%s\n' "link add e0 peer e1" "seed set e0 1" "link set e0 rx 63" "link del e0" >/tmp/batch
  refused "a batch stops" "*/tmp/batch:3: 'e0': *64 to 32768*" vnet -n a -b /tmp/batch
  check "with -force it does not" status 2 vnet -n a -force -b - <<<$'link set e0 rx 63\nlink del e0'
  check "the pair is gone" not traffic_in a ip link show e0
}

for ns in a b c d; do ip netns add $ns; done
traffic_no_ipv6 a b
require "TUN" modprobe tun
without_module
load
pair
changes
plugin
ambiguous
same_state
check "devices that vanish" vanishing
batch
check "all frames are accounted for" vnet_conserved a v0 b v1
check "link del" vnet -n b link del v1
check "unload" rmmod vnet
finish
