#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The command's objects on a living user-space pair, as a person uses them; its errors and exit statuses.
# shellcheck source=tests/user/lib.sh
. "$(dirname "$0")/lib.sh"

ns_new one one
ns_new two two
a=10.9.0.1
b=10.9.0.2

vnet() { "$VNET" "$@"; }

# says STATUS TEXT WORDS...: what the command says on stdout or stderr has TEXT in it.
says() {
  local wanted=$1 text=$2 status said
  shift 2
  said=$("$VNET" "$@" 2>&1 </dev/null)
  status=$?
  echo "status $status: $said"
  [[ $status == "$wanted" && $said == *"$text"* ]]
}
# wrong STATUS TEXT WORDS...: one line, on stderr.
wrong() {
  local status=$1 text=$2
  shift 2
  expect_exit "$status" "$text" "$VNET" "$@" && [[ ! -s $work/out ]]
}
# json FILTER WANTED WORDS...: what jq makes of the output.
json() {
  local filter=$1 wanted=$2 said
  shift 2
  said=$("$VNET" -j "$@" | jq -c "$filter") || return 1
  echo "$said"
  [[ $said == "$wanted" ]]
}

# ---- a pair is made, looked at, changed, and goes

add_both_namespaces() {
  vnet -d -n "$one" --user link add v0 mac 02:00:00:00:00:01 mtu 2000 rx 512 seed 42 lockup 0 \
    peer v1 mac 02:00:00:00:00:02 mtu 3000 rx-usecs 20us netns "$two" &&
    has_device "$one" v0 && has_device "$two" v1 &&
    [[ $(ip -n "$one" link show v0) == *"mtu 2000"*"02:00:00:00:00:01"* ]] &&
    [[ $(ip -n "$two" link show v1) == *"mtu 3000"*"02:00:00:00:00:02"* ]]
}
auto_takes_the_process() { # where the module cannot be loaded
  "$VNET" --kernel link 2>/dev/null && return 0
  vnet -d -n "$one" link add w0 peer w1 mode auto && "$VNET" link del w1 && has_no_device "$one" w0
}
shown() {
  local said
  said=$(vnet -d link show v0) || return 1
  echo "$said"
  [[ $said == *"v0@"*" mtu 2000 state UP"* && $said == *"link/ether 02:00:00:00:00:01"* ]] &&
    [[ $said == *" rx 512 tx 256 "* && $said == *" seed 0x000000000000002a"* ]] &&
    [[ $said == *"host user instance v0"* ]]
}
one_line_a_device() {
  [[ $(vnet -br link | grep -c .) == 2 && $(vnet -o -d -s link | grep -c .) == 2 ]]
}
keys_are_stable() {
  vnet -j -s link show v0 | jq -e '.[0] |
    (keys_unsorted | .[0:3] == ["ifindex", "ifname", "mac"]) and
    (.open | type) == "boolean" and (.info.pad | type) == "boolean" and
    .info.seed == "0x000000000000002a" and .info.csum == "offload" and .info.rx_ring == 512 and
    (.stats.tx_frames | type) == "number" and has("host") == false' &&
    vnet -j -d link | python3 -c '
import json, sys
devices = json.load(sys.stdin)
assert sorted(each["ifname"] for each in devices) == ["v0", "v1"], devices
assert all(each["host"] == "user" for each in devices), devices'
}
counters_are_the_traffic() { # ten pings more are at least ten frames more
  local before after
  before=$(vnet -j stats show v0 | jq '.[0].tx_frames')
  traffic_in "$one" ping -n -q -c 10 -i 0.02 "$b" >/dev/null || return 1
  after=$(vnet -j stats show v0 | jq '.[0].tx_frames')
  echo "$before, then $after"
  ((after >= before + 10)) && json '.[0].ring_size' 256 stats show v1
}
frames_add_up() { # what v0 sent is what v1 received, dropped, or still has
  vnet -j stats | jq -e '
    (map({(.ifname): .}) | add) as $d |
    def drops($dev; $way): [$d[$dev].drop[]? | select(.direction == $way) | .frames] | add // 0;
    ($d.v0.tx_frames == $d.v1.rx_frames + drops("v1"; "rx") + $d.v1.in_flight) and
    ($d.v1.tx_frames == $d.v0.rx_frames + drops("v0"; "rx") + $d.v0.in_flight)'
}
drops_have_reasons() { # longer than what v0 takes
  traffic_in "$two" ping -n -q -c 3 -i 0.02 -W 1 -s 2500 -M "do" "$a" >/dev/null
  vnet stats show v1
  vnet -j stats show v1 | jq -e '.[0].drop[] |
    select(.direction == "tx" and .reason == "too_long") | .frames >= 3' &&
    says 0 "drops: tx too_long" stats show v1
}
queues_add_up() {
  json 'map([.ifname, .queue])' '[["v0",0],["v1",0]]' queue &&
    [[ $(vnet queue show v0) == *"polls/irq"*"v0 "* ]]
}
registers_have_names() {
  says 0 "q0_irq_mask" regs show v0 && says 0 "<OPEN,LINK>" regs show v0 &&
    json '.[0] | [.mtu, .queues, (.queue | length)]' '[2000,1,1]' regs show v0
}
seeds() {
  says 0 "v1: seed 0x0000000000000007" seed set v1 7 && says 0 "v0: seed 0x0000000000000007" seed show v0 &&
    vnet seed set v0 && ! says 0 "0x0000000000000007" seed show v1 &&
    json '.[0].seed' '"0xffffffffffffffff"' seed set v0 0xffffffffffffffff
}
changed() {
  vnet link set v0 rx-usecs 10ms rx-frames 64 csum wire peer adaptive-rx on &&
    json '.[0].info | [.rx_usecs, .rx_frames, .csum, .adaptive_rx]' '[10000,64,"wire",false]' \
      link show v0 &&
    json '.[0].info | [.rx_usecs, .csum, .adaptive_rx]' '[20,"wire",true]' link show v1 &&
    vnet link set v0 rx-usecs 0 rx-frames 0 csum offload peer rx-usecs 0us adaptive-rx off
}
nothing_half_done() { # the second value is refused: the first is as it was
  wrong 2 "rx" link set v0 rx-usecs 5us rx 63 && json '.[0].info.rx_usecs' 0 link show v0
}
deleted() {
  vnet link del v1 && has_no_device "$one" v0 && has_no_device "$two" v1 &&
    [[ -z $(ls -A "$VNET_RUN_DIR") ]]
}

check "command: no module, so a process" auto_takes_the_process
must "command: link add, both namespaces" add_both_namespaces
must "command: addresses" plain_addresses "$one" v0 "$two" v1
check "command: ping" traffic_ping_both "$one" "$two" "$a" "$b"
check "command: link show" shown
check "command: a line a device" one_line_a_device
check "command: abbreviated" says 0 "v1@" l sh v1
check "command: of a verb's two names an abbreviation is either" says 0 "v1@" l l v1
check "command: JSON" keys_are_stable
one_line() { [[ $("$VNET" -o "$@" | wc -l) == 1 ]]; }
check "command: -o: registers in a line" one_line regs show v0
check "command: -o: counters in a line" one_line stats show v0
impairment_in_a_line() { "$VNET" impair set v0 loss 1% && [[ $("$VNET" -o -s impair show v0 | wc -l) == 2 ]] && "$VNET" impair del v0 all; }
check "command: -o: an impairment in a line" impairment_in_a_line
check "command: metrics have no JSON" wrong 1 "Prometheus" -j metrics
check "command: nor has a capture" wrong 1 "tshark -T json" -j capture v0 -w "$work/none"
check "command: -p is the same JSON" [ "$(vnet -j seed show v0)" = "$(vnet -j -p seed show v0 | jq -c .)" ]
check "command: stats" counters_are_the_traffic
check "command: drops by reason" drops_have_reasons
check "command: queue" queues_add_up
check "command: regs" registers_have_names
check "command: seed" seeds
check "command: link set" changed
check "command: link set, refused" nothing_half_done
check "command: frames add up" frames_add_up

# ---- what is printed

full_disk() { # what does not reach a file is no success
  "$VNET" -n "$one" "$@" 2>"$work/err" >/dev/full
  [[ $? == 2 && $(<"$work/err") == "vnet: stdout: No space left on device" ]]
}
nobody_reads() { "$VNET" "$@" 2>"$work/err" | true && [[ ! -s $work/err ]]; }
closed_stdout() { # what is printed does not go where something else was opened
  "$VNET" -n "$one" metrics -w "$work/metrics" >&- && grep -q '^vnet_' "$work/metrics" &&
    { "$VNET" link show v0 >&- 2>"$work/err"; [[ $? == 2 && $(<"$work/err") == "vnet: stdout: "* ]]; }
}
check "command: a full disk, text" full_disk link show v0
check "command: a full disk, JSON" full_disk -j link show v0
check "command: a full disk, help" full_disk help
check "command: a full disk, more than a buffer" full_disk link help
check "command: nobody reads" nobody_reads link help
check "command: stdout is closed" closed_stdout

# ---- errors

check "command: no object" expect_exit 255 "Usage: vnet" "$VNET"
check "command: unknown object" expect_exit 255 "unknown object 'lnik': did you mean 'link'?" "$VNET" lnik
check "command: help on an unknown object" expect_exit 255 "unknown object 'lnik': did you mean 'link'?" "$VNET" help lnik
check "command: ambiguous object" wrong 1 "object 's' is ambiguous: 'stats', 'seed' or 'save'" s
check "command: unknown verb" wrong 1 "unknown verb 'shwo': did you mean 'show'?" link shwo
check "command: ambiguous verb" wrong 1 "verb 's' is ambiguous: 'show' or 'set'" link s
check "command: unknown keyword" wrong 1 "unknown keyword 'quues': did you mean 'queues'?" link set v0 quues 4
check "command: ip's keyword" wrong 1 "ip link set DEV mtu" link set v0 mtu 1500
check "command: no value" wrong 1 "'rx' needs a value" link set v0 rx
check "command: nothing to set" wrong 1 "nothing to set" link set v0
check "command: a keyword twice" wrong 1 "'rx' is given twice" link set v0 rx 64 rx 64
check "command: no device" wrong 1 "DEV is missing" regs
check "command: not a number" wrong 1 "rx: '12x' is not a number, 64 to 32768 frames" link set v0 rx 12x
check "command: beyond 32 bits" wrong 1 "out of range (64 to 32768 frames)" link set v0 rx 4294967296
check "command: out of range" wrong 2 "64 to 32768" link set v0 rx 32769
check "command: not on or off" wrong 1 "'maybe' is not 'on' or 'off'" link set v0 pad maybe
check "command: a time" wrong 1 "rx-usecs: '1h' is not a time" link set v0 rx-usecs 1h
check "command: the module's alone" wrong 2 "bigtcp" link set v0 bigtcp on
check "command: no such device" wrong 2 "no such device: 'nobody'" link show nobody
check "command: a device of others" wrong 2 "'lo' is not a device of vnet" link show lo
check "command: a device, but of no driver" wrong 2 "'lo' is not a device of a user-space driver" --user link show lo
check "command: a name too long" wrong 2 "no such device" seed show sixteen-bytes-xx
check "command: no such queue" wrong 2 "'v0': queue" stats show v0 queue 1
check "command: no such namespace" wrong 2 "network namespace 'nowhere'" -n nowhere link
check "command: an unknown option" wrong 1 "unknown option '--jsno': did you mean '-json'?" --jsno link
check "command: two hosts at once" wrong 1 "--kernel excludes --user" --kernel --user link
check "command: mode and host" wrong 1 "mode kernel excludes --user" --user link add x peer y mode kernel
check "command: the peer's netns" wrong 1 "'netns' is the peer's" link add x netns y peer z
check "command: no peer" wrong 1 "needs 'peer NAME'" -n "$one" --user link add x
check "command: a bad MAC" wrong 1 "mac: '02:00' is not a hardware address" link add x mac 02:00 peer y
check "command: add, refused" wrong 2 "64 to 32768" -n "$one" --user link add x rx 63 peer y
check "command: the peer's MTU, refused" wrong 2 "'y': " -n "$one" --user link add x peer y mtu 70000
check "command: nothing is left of it" has_no_device "$one" x
check "command: help" says 0 "Usage: vnet link add NAME" link add help
check "command: help by option" says 0 "lose every N-th transmit interrupt" up --help
grammar_is_complete() {
  vnet -j help | jq -e '([.objects[].name] | contains(["link", "stats", "queue", "regs", "seed", "up", "down"])) and
    ([.knobs[].keyword] | contains(["csum", "queues", "rx", "seed"])) and
    (.objects[0].verbs | map(.names[0]) == ["show", "add", "set", "del", "monitor"])'
}
check "command: the grammar as JSON" grammar_is_complete
check "command: version" says 0 "vnet 0." -V

# ---- batches

batch_stops() {
  printf '%s\n' '# a comment' 'seed set v0 1' '' 'seed set v0 x # wrong' 'seed set v0 3' >"$work/batch"
  wrong 1 "$work/batch:4: seed set: 'x'" -b "$work/batch"
  [[ $(<"$work/err") == *"$work/batch:4: "* ]] && says 0 "0x0000000000000001" seed show v0
}
batch_lines_go_on() { # as in `ip -batch`; the number is that of the first
  printf '%s\n' 'seed set \' '  v0 7' 'seed set v0 \' 'x' >"$work/batch"
  expect_exit 1 "$work/batch:3: seed set: 'x'" "$VNET" -b "$work/batch" && says 0 "0x0000000000000007" seed show v0
}
batch_goes_on() {
  "$VNET" -force -b "$work/batch" 2>"$work/err"
  [[ $? == 1 && $(<"$work/err") == *":4: "* ]] && says 0 "0x0000000000000003" seed show v0
}
batch_from_stdin() {
  printf 'link show v0\nstats show v0\n' | "$VNET" -br -b - | grep -q '^v0@'
}
batch_makes_pairs() { # a detached driver does not run the rest of the batch a second time
  printf '%s\n' 'link add b0 peer b1' 'seed set b0 5' 'link del b0' >"$work/batch"
  vnet -n "$one" --user -b "$work/batch" && has_no_device "$one" b0
}
batch_says_once() { # a driver has nothing to say of what was said before
  printf '%s\n' 'seed help' 'link add b0 peer b1' 'link add b2 peer b1' >"$work/batch"
  ! vnet -n "$one" --user -b "$work/batch" >"$work/out" && "$VNET" down b0 || return 1
  cat "$work/out"
  [[ $(grep -c "Usage: vnet seed show" "$work/out") == 1 ]]
}
batch_ends_by_signal() { # also behind a command that has read signals itself
  local status
  { echo "top --count 1 --interval 100ms" && sleep 6; } | timeout --preserve-status -s INT 3 "$VNET" -b - >"$work/out"
  status=${PIPESTATUS[1]}
  echo "status $status"
  [[ $status == 130 ]]
}
check "command: a batch stops at its first error" batch_stops
check "command: with -force it goes on" batch_goes_on
check "command: lines of a batch go on behind a backslash" batch_lines_go_on
check "command: a batch from stdin" batch_from_stdin
check "command: a batch with a pair" batch_makes_pairs
check "command: a batch says what it says once" batch_says_once
check "command: SIGINT ends a batch" batch_ends_by_signal
check "command: a folder is no batch" wrong 2 "Is a directory" -b "$work"
check "command: no such batch" wrong 2 "No such file" -b "$work/nothing"

# ---- drivers that end, and that hang

stopped_driver() {
  local pid
  pid=$(head -n 1 "$VNET_RUN_DIR/v0.pid")
  kill -STOP "$pid"
  wrong 2 "instance 'v0' does not answer" link show v0
  local status=$?
  kill -CONT "$pid"
  return $status
}
killed_driver() {
  vnet -n "$one" --user link add k0 peer k1 || return 1
  kill -KILL "$(head -n 1 "$VNET_RUN_DIR/k0.pid")"
  # Its devices may go before its socket and its lock do.
  traffic_wait "$traffic_deadline" wrong 2 "no such device: 'k0'" link show k0 && json 'map(.ifname)' '["v0","v1"]' link
}
for_the_owner_alone() {
  setpriv --reuid 65534 --clear-groups "$VNET" link show v0 >"$work/out" 2>"$work/err"
  [[ $? == 2 && $(<"$work/err") == *"Permission denied"* ]]
}
check "command: a driver that does not answer" stopped_driver
check "command: a driver that was killed" killed_driver
chmod 711 "$work"
check "command: the socket is its owner's" for_the_owner_alone
check "command: link del" deleted
check "command: link show without any" json . '[]' --user link
