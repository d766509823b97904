# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 900
# Logs of the module: what befalls frames is told and explained, and the same flow gives the same log on both hosts.
source "$VNET_TESTS/vm/cases/lib/case.sh"
# shellcheck source=tests/traffic/impair.sh
source "$VNET_TESTS/traffic/impair.sh"
# shellcheck source=tests/traffic/log.sh
source "$VNET_TESTS/traffic/log.sh"

export VNET_RUN_DIR=/tmp/vnet-run
mkdir -p "$VNET_RUN_DIR"
UDP_NUMBERS=udp_numbers
VNET=vnet
golden=$VNET_TESTS/traffic/lost_5_percent_seed_42.txt
everything=(loss gemodel 5% 30% 90% 1% corrupt 3% bits 2 duplicate 3% delay 1ms 200us reorder 20% gap 3)

flow() { impair_lost /tmp/lost a b 10.0.0.2 "$1"; }

# pair HOST: v0 in namespace a, v1 in namespace b.
pair() {
  vnet -n a "--$1" link add v0 seed 1 peer v1 && ip -n a link set v1 netns b && pair_addresses &&
    impair_neighbours a v0 10.0.0.1 b v1 10.0.0.2
}

# record FILE COUNT: a run of so many frames, as namespace a sees it.
record() {
  check "seed 42 begins a run" vnet -n a seed set v0 42
  check "recorded" log_begin a "$1" v0
  check "a numbered flow" flow "$2"
  check "ends at SIGINT" log_end
}

# runs_of HOST: both runs on a pair of this host.
runs_of() {
  require "a pair of the host $1" pair "$1"
  check "$1: loss" vnet -n a impair set v0 loss 5%
  record "/tmp/loss-$1" 2000
  check "$1: the frames that the contract says" diff <(log_frames "/tmp/loss-$1" lost) "$golden"
  check "$1: those that did not come" diff /tmp/lost "$golden"
  check "$1: explained as recorded" log_explained "/tmp/loss-$1" a v0 300
  contains "$1: by its stream" "$(vnet -n a explain v0 frame 41)" "loss        draw 0x939fae9 below 0xccccccd (5%): yes"
  check "$1: all at once" vnet -n a impair set v0 "${everything[@]}"
  record "/tmp/all-$1" 500
  check "$1: explained as recorded, too" log_explained "/tmp/all-$1" a v0 300
  equal "$1: the kinds of decisions" \
    "$(jq -r 'select(.class == "stream") | .what' "/tmp/all-$1" | sort -u | tr '\n' ' ')" \
    "bit_turned corrupted delayed duplicated lost reordered "
}

both_hosts() {
  runs_of kernel
  check "from the receiver's namespace the same is heard" from_the_other_end
  check "the pair goes" vnet -n a link del v0
  runs_of user
  contains "loss: the logs are equal" "$(vnet diff /tmp/loss-kernel /tmp/loss-user)" "equal: 94 decisions"
  contains "all: the logs are equal" "$(vnet diff /tmp/all-kernel /tmp/all-user)" "equal: "
  check "this pair goes, too" vnet -n a link del v0
}
# A recorder in namespace b hears v1's receiving, and one in a v0's sending: the same frames.
from_the_other_end() {
  vnet -n a impair del v0 && vnet -n a impair set v0 loss 5% && vnet -n a seed set v0 42 || return 1
  log_begin b /tmp/loss-b v1 && flow 500 && log_end || return 1
  jq -c 'select(.what == "lost") | [.device, .direction]' /tmp/loss-b | sort -u
  diff <(log_frames /tmp/loss-b lost) <(awk '$1 <= 500' "$golden")
}

# Of frames that did not come the fault's firings have the numbers, and explain names it; what is fired and deleted
# by hand is in the log.
faults() {
  check "no impairment but a delay" vnet -n a impair del v0
  check "of 2 ms" vnet -n a impair set v0 delay 2ms
  check "a fault of the receiver, by chance" vnet -n b fault add v1 alloc-fail prob 4% expire never
  check "the run begins" vnet -n a seed set v0 5
  check "recorded in the receiver's namespace" log_begin b /tmp/faults v1
  check "the flow" flow 1000
  cp /tmp/lost /tmp/lost-by-fault
  check "another fault" vnet -n b fault add v1 csum bad nth 1000000 expire never
  check "is fired" vnet -n b fault fire v1 2
  check "a frame for it" flow 1
  check "is over; the first one is deleted" vnet -n b fault del v1 1
  check "ends" log_end
  jq -r 'select(.what == "fault_fired" and .fault == 1) | .frame' /tmp/faults >/tmp/hit
  check "the frames that did not come are those that the fault met" diff /tmp/hit /tmp/lost-by-fault
  contains "explain names it" "$(vnet explain v1 direction rx frame "$(head -1 /tmp/hit)" log /tmp/faults)" \
    "hit by fault 1 of v1 (alloc-fail prob 4% expire never), at "
  equal "what was done by hand" "$(jq -c 'select(.what == "fault_forced" or .deleted) | [.what, .fault]' /tmp/faults | tr '\n' ' ')" \
    '["fault_forced",2] ["fault_ended",1] '
}

replayed() {
  traffic_start a vnet replay /tmp/loss-user patience 20s >/tmp/replay.out 2>&1
  local replay=$traffic_pid
  traffic_wait "$traffic_deadline" traffic_file_says /tmp/replay.out "the same traffic" || return 1
  flow 2000 || return 1
  traffic_finish "$replay" "$traffic_deadline"
  local status=$?
  cat /tmp/replay.out
  ((status == 0)) && traffic_file_says /tmp/replay.out "equal: 94 decisions"
}

privilege() {
  refused "decisions are for the privileged" "*Operation not permitted*" \
    traffic_in a setpriv --reuid 65534 --clear-groups vnet monitor v0 --log /tmp/nobody.jsonl
}

slow() {
  check "each frame is a decision" vnet -n a impair set v0 delay 1us 1us
  check "recorded" log_begin a /tmp/slow v0
  check "it does not read while frames pass" flooded
  check "ends" log_end
  check "what it missed is counted" nothing_silently
}
flooded() {
  kill -STOP "$log_recorder"
  traffic_in a ping -n -q -f -c 15000 -W 1 10.0.0.2 >/tmp/flood
  kill -CONT "$log_recorder"
  log_drained /tmp/slow
  flow 50
}
nothing_silently() {
  local told missed frames
  told=$(jq -s 'map(select(.what == "lost" or .what == "delayed")) | length' /tmp/slow)
  missed=$(jq -s 'map(select(.what == "missed") | .decisions // 0) | add' /tmp/slow)
  frames=$(jq -s '.[-1].wires[0].queues[0].frames - .[0].links[0].wires[0].queues[0].frames' /tmp/slow)
  echo "$frames frames: $told told, $missed missed"
  ((missed > 0 && told + missed == frames))
}

# A run that begins under a flood begins with frame 1, whatever a poll had taken. The flood pauses, so that the recorder
# misses nothing.
runs_under_load() {
  local seed sender
  traffic_start a bash -c 'while :; do send_raw v0 ffffffffffff02000000000188b5:60x500; sleep 0.05; done'
  sender=$traffic_pid
  for seed in 1 2 3 4 5 6 7 8; do
    traffic_wait 10 lost_more || return 1
    vnet -n a seed set v0 $seed || return 1
  done
  traffic_wait 10 lost_more
  traffic_stop "$sender"
}
lost_more() { # than before
  local now
  now=$(vnet -n a -j impair show v0 | jq '.[0].lost')
  ((now > ${lost_before:-0})) && lost_before=$now
}
first_of_each_run() {
  jq -r 'select(.what == "lost") | "\(.run) \(.frame)"' /tmp/runs |
    awk '!($1 in least) || $2 < least[$1] { least[$1] = $2 } END { for (run in least) print least[run] }' | sort | uniq -c
}
runs() {
  check "each frame is lost" vnet -n a impair set v0 loss 100%
  check "recorded" log_begin a /tmp/runs v0
  check "8 runs" runs_under_load
  check "end" log_end
  equal "the first frame of each, but of the first, which was there," "$(first_of_each_run | awk '$2 == 1 { print ($1 >= 8) }')" 1
}

require "TUN" modprobe tun
load
for ns in a b; do ip netns add $ns; done
traffic_no_ipv6 a b
both_hosts
require "a pair of the module again" pair kernel
check "a run of the process, replayed on the module" replayed
privilege
faults
slow
runs
check "the pair goes with a listener" vnet -n a link del v0
check "rmmod" rmmod vnet
finish
