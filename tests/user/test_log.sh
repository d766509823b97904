#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Logs of a living user-space pair: `vnet monitor --log`, `explain`, `diff` and `replay`.
# shellcheck source=tests/user/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/user/log.sh
. "$here/log.sh"

golden=$here/../traffic/lost_5_percent_seed_42.txt

differs() { expect_exit "$@"; }
# diff_says STATUS TEXT A B: exit status, and what it prints.
diff_says() {
  local wanted=$1 text=$2 status
  shift 2
  "$VNET" diff "$@" >"$work/out" 2>&1
  status=$?
  cat "$work/out"
  [[ $status == "$wanted" && $(<"$work/out") == *"$text"* ]]
}

must "log: the pair comes up" plain_pair "$one" "$two"
must "log: addresses" plain_pair_addresses "$one" $a "$two" $b

# ---- what is written

check "loss: 5 %" "$VNET" impair set v0 loss 5%
check "loss: seed 42 begins a run" "$VNET" seed set v0 42
check "log: begins" begin first
check "log: a numbered flow" flow 2000
check "log: ends at SIGINT" log_end
lost() { log_frames "$work/first.jsonl" lost | diff - "$golden"; }
check "log: has the frames that the contract says" lost
check "log: they are those that did not come" diff "$work/lost" "$golden"
check "log: each line is JSON, the last one is the end" bash -c "[[ \$(tail -1 '$work/first.jsonl' | jq -r .what) == end ]]"
check "log: how many frames there were" bash -c \
  "[[ \$(tail -1 '$work/first.jsonl' | jq '.wires[0].queues[0].frames') == 2000 ]]"
check "log: each line's class and stream" bash -c \
  "[[ \$(jq -c 'select(.what == \"lost\") | [.class, .stream]' '$work/first.jsonl' | sort -u) == '[\"stream\",\"loss\"]' ]]"

# ---- explain

check "explain: a frame that was lost" says "v0 tx queue 0 frame 41: lost; sent" "$VNET" explain v0 frame 41
check "explain: names stream, draw and threshold" says "loss        draw 0x939fae9 below 0xccccccd (5%): yes" \
  "$VNET" explain v0 frame 41
check "explain: from the other end" says "v1 rx queue 0 frame 41: lost" "$VNET" explain v1 frame 41 direction rx
check "explain: a frame that passed" says "frame 17: nothing befell it; sent" "$VNET" explain v0 frame 17
check "explain: a frame that is not sent yet" says "a prediction" "$VNET" explain v0 frame 2001
check "explain: by the log" says 'log: {"time":' "$VNET" explain v0 frame 41 log "$work/first.jsonl"
check "explain: agrees with the log, frame by frame" log_explained "$work/first.jsonl" "$one" v0 1000
check "explain: in JSON" bash -c "[[ \$('$VNET' -j explain v0 frame 41 | jq -c '.[0] | [.when, .outcome, .streams[0].stream]') == '[\"sent\",[\"lost\"],\"loss\"]' ]]"

# ---- diff

check "again: seed 42" "$VNET" seed set v0 42
check "again: recorded" begin second
check "again: the flow" flow 2000
check "again: ends" log_end
check "diff: two runs are equal" diff_says 0 "equal: 94 decisions" "$work/first.jsonl" "$work/second.jsonl"
sed 's/"frame":41,/"frame":42,/' "$work/second.jsonl" >"$work/mutated.jsonl"
check "diff: a mutation of one line is found" diff_says 1 "loss: frame 41: $work/first.jsonl:" \
  "$work/first.jsonl" "$work/mutated.jsonl"
sed '/"frame":53,/d' "$work/second.jsonl" >"$work/shorter.jsonl"
check "diff: a line that is missing is found" diff_says 1 "frame 53:" "$work/first.jsonl" "$work/shorter.jsonl"
check "diff: by its line" bash -c "[[ \$('$VNET' -j diff '$work/first.jsonl' '$work/shorter.jsonl' | jq '.[0].differences[0].a_line') == 3 ]]"
sed 's/"loss 5%"/"loss 6%"/g' "$work/second.jsonl" >"$work/settings.jsonl"
check "diff: other settings" diff_says 1 "settings:" "$work/first.jsonl" "$work/settings.jsonl"
(sed '$d' "$work/second.jsonl" && echo '{"time":9,"what":"missed","device":"v0","direction":"tx","queue":0,"decisions":3}' &&
  tail -1 "$work/second.jsonl") >"$work/missed.jsonl"
check "diff: what a recorder missed is no equality" diff_says 2 "missed 3 decisions" "$work/first.jsonl" "$work/missed.jsonl"

# ---- malformed logs

bad() { # bad NAME LINE TEXT: the file, with LINE as its third, is refused with that line
  (sed -n 1,2p "$work/first.jsonl" && echo "$2") >"$work/bad.jsonl"
  check "malformed: $1" differs 2 "bad.jsonl:3: $3" "$VNET" diff "$work/first.jsonl" "$work/bad.jsonl"
}
bad "half a line" '{"time":1,"what":"lo' "this is not JSON"
bad "an array" '[1]' "this is not an object"
bad "no time" '{"what":"lost"}' "'time' is missing"
bad "a negative time" '{"time":-1,"what":"lost"}' "'time' is not a number from 0 on"
bad "no frame number" '{"time":1,"what":"lost","device":"v0","direction":"tx","queue":0,"run":1,"frame":"x","stream":"loss","class":"stream"}' \
  "'frame' is not a number"
bad "an unknown wire" '{"time":1,"what":"lost","device":"v7","direction":"tx","queue":0,"run":1,"frame":1,"stream":"loss","class":"stream"}' \
  "no link before has such a wire"
bad "no direction" '{"time":1,"what":"lost","device":"v0","direction":"up","queue":0,"run":1,"frame":1,"class":"stream"}' \
  "'direction' is neither tx nor rx"
echo '{"format":"other"}' >"$work/other.jsonl"
check "malformed: no log at all" differs 2 "other.jsonl:1: this is not a log of vnet" "$VNET" diff "$work/other.jsonl" "$work/first.jsonl"
: >"$work/empty.jsonl"
check "malformed: an empty file" differs 2 "the file is empty" "$VNET" diff "$work/first.jsonl" "$work/empty.jsonl"
check "malformed: no file" differs 2 "No such file" "$VNET" replay "$work/none.jsonl"
check "explain: no frame 0" differs 1 "'0' is not a number from 1 on" "$VNET" explain v0 frame 0
check "explain: no such queue" differs 2 "no such queue" "$VNET" explain v0 frame 1 queue 3
check "explain: no such device" differs 2 "no such device" "$VNET" explain nobody frame 1
check "explain: a log of other devices" differs 2 "has no tx queue 0 of 'v7'" "$VNET" explain v7 frame 1 log "$work/first.jsonl"

# ---- models that remember, alterations, time

# model NAME WORDS...: recorded, explained without the log, and the same a second time.
model() {
  local name=$1
  shift
  check "$name: set" "$VNET" impair set v0 "$@"
  check "$name: a run begins" "$VNET" seed set v0 7
  check "$name: recorded" begin "$name"
  check "$name: the flow" flow 1000
  check "$name: ends" log_end
  check "$name: some frames are hit" bash -c "(( \$(jq -c 'select(.class == \"stream\")' '$work/$name.jsonl' | wc -l) > 10 ))"
  check "$name: explained as recorded" log_explained "$work/$name.jsonl" "$one" v0 1000
  check "$name: the run again" "$VNET" seed set v0 7
  check "$name: recorded again" begin "$name-2"
  check "$name: the flow again" flow 1000
  check "$name: ends again" log_end
  check "$name: is the same" diff_says 0 equal "$work/$name.jsonl" "$work/$name-2.jsonl"
  check "$name: taken away" "$VNET" impair del v0
}
model gemodel loss gemodel 5% 30% 90% 1%
model burst loss burst rate 5% mean 4
model state loss state 5% 60% 10% 40% 1%
model gap delay 1ms reorder 40% gap 5
model corrupt corrupt 5% bits 3 duplicate 3% loss 2%
check "corrupt: which bits" bash -c \
  "[[ \$(jq -c 'select(.what == \"bit_turned\") | .stream' '$work/corrupt.jsonl' | sort | uniq -c) =~ ^\ *[1-9][0-9]*\ \\\"corrupt_bit\\\"$ ]]"
three_bits() { (($(log_frames "$work/corrupt.jsonl" bit_turned | wc -l) == 3 * $(log_frames "$work/corrupt.jsonl" corrupted | wc -l))); }
check "corrupt: three of each" three_bits
model jitter delay 2ms 1ms distribution normal loss 1%

# Which bits: as a capture at the receiver has them, frame by frame.
cat >"$work/receive.py" <<'PYTHON'
import socket, sys
receiver = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
receiver.setsockopt(socket.SOL_SOCKET, 33, 32 << 20)  # SO_RCVBUFFORCE: on a busy machine it runs late
receiver.bind(("v1", 0))
receiver.settimeout(10)
print("ready", flush=True)
for _ in range(int(sys.argv[1])):
    print(receiver.recv(4096).hex(), flush=True)
PYTHON
cat >"$work/send.py" <<'PYTHON'
import socket, sys, time
sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
sender.bind(("v0", 0))
for number in range(1, int(sys.argv[1]) + 1):
    frame = bytes.fromhex("ffffffffffff02000000000188b5") + number.to_bytes(4, "big") + bytes(42 + number)
    sender.send(frame)
    print(frame.hex())
    time.sleep(0.0002)
PYTHON
raw_flow() { # raw_flow COUNT FILE: numbered frames of many lengths from v0; what v1 receives into FILE, one a line
  local receiver
  traffic_start "$two" python3 "$work/receive.py" "$1" >"$2"
  receiver=$traffic_pid
  traffic_wait "$traffic_deadline" traffic_file_says "$2" ready || return 1
  traffic_in "$one" python3 "$work/send.py" "$1" >"$2.sent" || return 1
  traffic_finish "$receiver" "$traffic_deadline"
}
# explained_bits FILE EXPLAIN...: of each frame of raw_flow, what explain says turned is what did. The commands'
# words stand behind the frame's number; LENGTH is replaced by its length.
explained_bits() {
  local file=$1 frame=0 sent
  shift
  while read -r sent; do
    frame=$((frame + 1))
    echo "explain v0 frame $frame ${*//LENGTH/$((${#sent} / 2))}"
  done <"$file.sent" >"$file.batch"
  "$VNET" -j -batch "$file.batch" >"$file.explained" || return 1
  python3 - "$file" <<'PYTHON'
import json, sys
name = sys.argv[1]
sent = open(name + ".sent").read().split()
came = open(name).read().split()[1:]
explained = [json.loads(line)[0] for line in open(name + ".explained")]
assert len(sent) == len(came) == len(explained), (len(sent), len(came), len(explained))
hit = 0
for a, b, said in zip(map(bytes.fromhex, sent), map(bytes.fromhex, came), explained):
    assert len(a) == len(b)
    found = {8 * at + bit for at in range(len(a)) for bit in range(8) if (a[at] ^ b[at]) << bit & 0x80}
    bits = {s["value"] for s in said["streams"] if s["stream"] == "corrupt_bit"}
    assert found == bits, (said["frame"], found, bits)
    hit += bool(bits)
print(hit, "frames with turned bits")
sys.exit(hit < 20)
PYTHON
}
check "bits: also frames for others are received" ip -n "$two" link set v1 promisc on
check "bits: set" "$VNET" impair set v0 corrupt 20% bits 3
check "bits: a run begins" "$VNET" seed set v0 11
check "bits: recorded" begin bits
check "bits: frames of many lengths" raw_flow 300 "$work/raw"
check "bits: ends" log_end
check "bits: explained by the log as they were turned" explained_bits "$work/raw" log "$work/bits.jsonl"
check "bits: explained by the length alone" explained_bits "$work/raw" length LENGTH
first_corrupt() { log_frames "$work/bits.jsonl" corrupted | head -1; }
check "bits: without it explain says what is missing" says "depends on the frame's length" \
  "$VNET" explain v0 frame "$(first_corrupt)"
check "bits: the byte, in words" says " of byte " "$VNET" explain v0 frame "$(first_corrupt)" log "$work/bits.jsonl"
check "bits: no such length" differs 1 "is not a number from 1 to" "$VNET" explain v0 frame 1 length 0
check "bits: frames for others no more" ip -n "$two" link set v1 promisc off
check "bits: taken away" "$VNET" impair del v0
check "cut: set" "$VNET" impair set v0 truncate 100% to 60
check "cut: a longer frame" says "frame 1000000: truncated" "$VNET" explain v0 frame 1000000 length 61
check "cut: one that is not longer" says "nothing befell it" "$VNET" explain v0 frame 1000000 length 60
check "cut: taken away" "$VNET" impair del v0

# What a frame's number does not say is said to be so, and the rest is explained.
ahead() { "$VNET" explain v0 frame 1000000; }
dist=$work/table.dist trace=$work/trace.csv
echo "-8192 0 8192" >"$dist"
printf '0 10mbit - 10%%\n1s\n' >"$trace"
check "match: set" "$VNET" impair set v0 match 'udp port 5001' loss 50%
check "match: explained of the frames that it takes" says "only of a frame that 'udp port 5001' takes" ahead
check "match: its stream, too" says "loss        draw" ahead
check "match: taken away" "$VNET" impair del v0
check "table: set" "$VNET" impair set v0 delay 10ms 1ms distribution table "$dist" loss 5%
check "table: explained without it" says "by a table that is not here" ahead
check "table: the losses, too" says "loss        draw" ahead
check "table: taken away" "$VNET" impair del v0
check "trace: set" "$VNET" impair set v0 trace "$trace" corrupt 5%
check "trace: explained without it" says "depends on time: a log has it" ahead
check "trace: the other streams, too" says "corrupt     draw" ahead
check "trace: taken away" "$VNET" impair del v0

check "overflow: a slow wire" "$VNET" impair set v0 rate 100kbit limit 5
check "overflow: recorded" begin overflow
check "overflow: the flow" flow 100
check "overflow: ends" log_end
overflows() {
  [[ $(jq -c 'select(.what == "overflow") | [.class, .stream]' "$work/overflow.jsonl" | sort -u) == '["timing",null]' ]]
}
check "overflow: depends on time" overflows
first_overflow() { log_frames "$work/overflow.jsonl" overflow | head -1; }
check "overflow: explained by the log" says overflow "$VNET" explain v0 frame "$(first_overflow)" log "$work/overflow.jsonl"
check "overflow: without it only that it may be" says "depends on time" "$VNET" explain v0 frame "$(first_overflow)"
check "overflow: taken away" "$VNET" impair del v0

# ---- settings and faults while it runs

check "changes: a run" "$VNET" seed set v0 9
check "changes: recorded" begin changes
check "changes: a fault" "$VNET" fault add v0 dma-error every 50 expire never
told() { log_told "$work/changes.jsonl" "$@"; }
check "changes: the recorder has seen it" told '"what":"fault_armed"'
check "changes: 200 frames without loss" flow 200
check "changes: loss" "$VNET" impair set v0 loss 10%
check "changes: is seen, too" told '"what":"settings"'
check "changes: 200 more" flow 200
check "changes: no loss any more" "$VNET" impair del v0
check "changes: ends" log_end
check "changes: the settings' lines" bash -c \
  "[[ \$(jq -c 'select(.what == \"settings\") | .words' '$work/changes.jsonl' | tr '\n' ' ') == '\"loss 10%\" \"\" ' ]]"
check "changes: the fault's firings" bash -c \
  "[[ \$(jq -c 'select(.what == \"fault_fired\") | [.number, .class]' '$work/changes.jsonl' | head -2 | tr '\n' ' ') == '[50,\"stream\"] [100,\"stream\"] ' ]]"
check "explain: a frame from before the present settings" says "from before the present settings" "$VNET" explain v0 frame 1
first_loss() { log_frames "$work/changes.jsonl" lost | head -1; }
check "explain: unless the log has it" says "lost; sent" "$VNET" explain v0 frame "$(first_loss)" log "$work/changes.jsonl"
check "explain: a fault about then" says fault_fired "$VNET" explain v0 frame 60 log "$work/changes.jsonl"
check "changes: the fault goes" "$VNET" fault del v0 all

# ---- replay

patience=20s check "replay: the first run" replays 0 "equal: 94 decisions" "$work/first.jsonl" flow 2000
says_nothing_before() { ! traffic_file_says "$work/replay.out" "first difference so far"; }
check "replay: says of no difference while it runs" says_nothing_before
check "replay: sets what was set" says "v0: tx loss 5%" "$VNET" impair show v0
check "replay: and the seed" says "v0: seed 0x000000000000002a" "$VNET" seed show v0
check "replay: bursts" replays 0 equal "$work/burst.jsonl" flow 1000
check "replay: turned bits" replays 0 equal "$work/corrupt.jsonl" flow 1000
patience=20s check "replay: of a record that was mutated" replays 1 "frame 41:" "$work/mutated.jsonl" flow 2000
check "replay: says it while it runs" traffic_file_says "$work/replay.out" "first difference so far"
check "replay: less traffic is no difference" replays 0 "equal" "$work/first.jsonl" flow 500
check "replay: of a malformed log" differs 2 "bad.jsonl:3" "$VNET" replay "$work/bad.jsonl"
sed 's/"v0"/"v8"/g' "$work/first.jsonl" >"$work/nobody.jsonl"
check "replay: of devices that are not there" differs 2 "no such device: 'v8'" "$VNET" replay "$work/nobody.jsonl"
check "replay: not over its own record" differs 1 "would be overwritten" "$VNET" replay "$work/first.jsonl" --log "$work/first.jsonl"

# ---- a recorder that cannot follow

check "slow: each frame is a decision" "$VNET" impair set v0 delay 1us 1us
check "slow: recorded" begin slow
flooded() {
  kill -STOP "$log_recorder"
  traffic_in "$one" ping -n -q -f -c 5000 -W 1 $b >"$work/flood"
  kill -CONT "$log_recorder"
  log_drained "$work/slow.jsonl"
  flow 100 # behind the gap, so that it is seen
}
check "slow: it does not read while 5,000 frames pass" flooded
check "slow: ends" log_end
# decisions FILTER: how many of them.
decisions() { jq -s "map(select($1)) | length" "$work/slow.jsonl"; }
nothing_silently() {
  local told missed frames
  told=$(decisions '.what == "lost" or .what == "delayed"')
  missed=$(jq -s 'map(select(.what == "missed") | .decisions // 0) | add' "$work/slow.jsonl")
  frames=$(jq -s '.[-1].wires[0].queues[0].frames - .[0].links[0].wires[0].queues[0].frames' "$work/slow.jsonl")
  echo "$frames frames: $told told, $missed missed"
  ((missed > 0 && told + missed == frames))
}
check "slow: what it missed is counted" nothing_silently
check "slow: diff does not call it equal" diff_says 2 "was too slow" "$work/slow.jsonl" "$work/slow.jsonl"

check "log: it ends" driver_down
