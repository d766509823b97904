#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# `vnet save` and `vnet apply`: a state as a file, brought back, and what is so already left alone.
# shellcheck source=tests/user/lib.sh
. "$(dirname "$0")/lib.sh"

ns_new one one
ns_new two two
a=10.9.0.1
b=10.9.0.2

save() { "$VNET" save; }
apply() { "$VNET" apply "$1" "${@:2}" >"$work/out" && cat "$work/out"; }
says() { grep -qF -- "$1" "$work/out"; }
changes_nothing() { apply "$1" && [[ $(<"$work/out") == "nothing to change" ]]; }
saved_says() { save | tee "$work/out" && says "$1"; }
# the state, without what save has to draw: nothing is drawn of a pair with macs and seed
same_as() { diff "$1" <(save); }

check "save: nothing is there" saved_says "links: []"
make() {
  "$VNET" -n "$one" link add v0 mode user seed 42 rx 512 mac 02:00:00:00:00:01 peer v1 netns "$two" mac 02:00:00:00:00:02 &&
    plain_addresses "$one" v0 "$two" v1 && "$VNET" impair set v0 delay 5ms loss gemodel 1% 10% &&
    "$VNET" impair set v0 direction rx rate 10mbit && "$VNET" fault add v1 irq-lost nth 1000000 expire never
}
must "save: a pair is made" make
check "save: its ends and their namespaces" saved_says "a: \"$one/v0\""
check "save: its seed" says "seed: 0x000000000000002a"
check "save: addresses" says "addresses: {a: [\"10.9.0.1/24\", \"fd00:9::1/64\"]"
check "save: a ring" says 'rx: {a: "512", b: "256"}'
check "save: impairments of both directions" says \
  'impair: {tx: "delay 5ms loss gemodel 1% 10% 100% 0%", rx: "rate 10Mbit"}'
check "save: a fault" says 'b: ["irq-lost nth 1000000 expire never"]'
check "save: into a file" "$VNET" save -w "$work/state"
check "save: the same again" same_as "$work/state"

# Another lab's device of that name, MAC and index, and then of another index.
ns_new three three
index=$(ip -n "$one" -j link show v0 | jq '.[0].ifindex')
check "save: its double elsewhere" ip -n "$three" \
  link add v0 index "$index" address 02:00:00:00:00:01 type veth peer name w0 index $((index + 50))
check "save: is not guessed at" expect_exit 2 "two devices are called 'v0', with the MAC 02:00:00:00:00:01" "$VNET" save
check "save: the double goes" ip -n "$three" link del v0
check "save: one of another index" \
  ip -n "$three" link add v0 index $((index + 100)) address 02:00:00:00:00:01 type veth peer w0
check "save: is told apart" same_as "$work/state"

check "apply: what is so already is left alone" changes_nothing "$work/state"

# ---- each difference by itself

# differs WHAT TEXT COMMAND...: after the command apply says TEXT, and the state is the old one.
differs() {
  local what=$1 text=$2
  shift 2
  changed() { "$@" && apply "$work/state" && says "$text" && same_as "$work/state"; }
  check "apply: $what is put right" changed "$@"
  check "apply: then there is nothing to do" changes_nothing "$work/state"
}
differs "another loss" "impair set v0 direction tx loss gemodel" "$VNET" impair set v0 loss 50%
differs "a knob too many" "impair del v0 direction rx duplicate" "$VNET" impair set v0 direction rx duplicate 1%
differs "a rate taken away" "impair set v0 direction rx rate 10Mbit" "$VNET" impair del v0 direction rx
differs "another seed" "seed set v0 0x000000000000002a" "$VNET" seed set v0 43
differs "a ring" "link set v0 rx 512" "$VNET" link set v0 rx 256
differs "an address taken away" "addr add 10.9.0.2/24 dev v1" ip -n "$two" addr del 10.9.0.2/24 dev v1
differs "an address too many" "addr del 10.9.7.7/24 dev v0" ip -n "$one" addr add 10.9.7.7/24 dev v0
differs "another MTU" "link set v1 mtu 1500" ip -n "$two" link set v1 mtu 1400
differs "a fault taken away" "fault add v1 irq-lost nth 1000000" "$VNET" fault del v1 all
differs "a fault too many" "fault del v0" "$VNET" fault add v0 tx-stall nth 1000000 expire never

# ---- what is written in more than one way

matched() {
  "$VNET" impair set v0 direction tx match 'udp port 53' && save >"$work/matched" && changes_nothing "$work/matched" &&
    "$VNET" impair del v0 direction tx match && apply "$work/matched" && says "match 'udp port 53'" && same_as "$work/matched"
}
check "apply: an expression of several words" matched
newline() {
  "$VNET" impair set v0 direction tx match $'udp\nport 53' && save >"$work/newline" && changes_nothing "$work/newline"
}
check "apply: an expression of two lines" newline
check "apply: it is taken away" apply "$work/state"
labelled() {
  ip -n "$one" addr add 10.9.7.7/24 dev v0 label v0:x && saved_says '"10.9.7.7/24"' && ip -n "$one" addr del 10.9.7.7/24 dev v0
}
check "save: an address with a label" labelled
addresses() {
  printf 'links:\n  - {a: %s/v0, b: %s/v1, addresses: {a: [10.9.0.1/24, "FD00:9:0::1/64", 10.9.8.8]}}\n' "$one" "$two" >"$work/addresses"
  apply "$work/addresses" && says "addr add 10.9.8.8/32 dev v0" && changes_nothing "$work/addresses" &&
    ip -n "$one" addr del 10.9.8.8/32 dev v0 && same_as "$work/state"
}
check "apply: addresses as one writes them" addresses
netmask() {
  printf 'links:\n  - {a: %s/v0, b: %s/v1, addresses: {a: [10.9.0.1/255.255.255.0, "fd00:9::1/64"]}}\n' "$one" "$two" >"$work/netmask"
  changes_nothing "$work/netmask"
}
check "apply: a netmask is a length" netmask
secondary() { # the deletion of a first address takes those of its network along
  printf 'links:\n  - {a: %s/v0, b: %s/v1, addresses: {a: [10.9.0.3/24, "fd00:9::1/64"]}}\n' "$one" "$two" >"$work/secondary"
  ip -n "$one" addr add 10.9.0.3/24 dev v0 && apply "$work/secondary" && changes_nothing "$work/secondary" &&
    apply "$work/state" && same_as "$work/state" && changes_nothing "$work/state"
}
check "apply: a second address outlives the first" secondary
both_go() {
  printf 'links:\n  - {a: %s/v0, b: %s/v1, addresses: {a: []}}\n' "$one" "$two" >"$work/bare"
  ip -n "$one" addr add 10.9.0.3/24 dev v0 && apply "$work/bare" && changes_nothing "$work/bare" &&
    apply "$work/state" && same_as "$work/state"
}
check "apply: a first and a second address go together" both_go
link_local() {
  printf 'links:\n  - {a: %s/v0, b: %s/v1, addresses: {b: [10.9.0.2/24, "fd00:9::2/64", "fe80::1/64"]}}\n' "$one" "$two" >"$work/local"
  apply "$work/local" && changes_nothing "$work/local" && ip -n "$two" addr del fe80::1/64 dev v1 && same_as "$work/state"
}
check "apply: a link-local address that the file names" link_local
set_down() { # the kernel takes addresses of IPv6 from a device that goes down
  sed 's/up: yes/up: no/' "$work/state" >"$work/down" && apply "$work/down" && changes_nothing "$work/down" &&
    apply "$work/state" && same_as "$work/state"
}
check "apply: addresses of a device that is set down" set_down

# ---- from nothing

from_nothing() { "$VNET" link del v0 && apply "$work/state" && same_as "$work/state"; }
check "apply: the pair is made anew" from_nothing
piped() { # the driver that it starts does not keep the pipe open
  "$VNET" link del v0 && timeout 20 bash -c "'$VNET' apply '$work/state' | cat" && same_as "$work/state"
}
check "apply: into a pipe" piped
check "apply: it carries frames" traffic_ping "$one" $b -c 2 -W 5
check "apply: the impairment is in force" bash -c "'$VNET' impair show v0 | grep -q 'delay 5ms'"

# ---- by hand

cat >"$work/hand" <<EOF
links:
  - a: $two/v1               # seen from the other end
    b: $one/v0
    rx: 300                  # is 512
    impair: {tx: "loss 1% delay 1000us"}
    faults: {b: ["tx-stall after 1000000"]}
EOF
check "by hand: is applied" apply "$work/hand"
check "by hand: twice changes nothing" changes_nothing "$work/hand"
check "by hand: what it does not speak of stays" saved_says 'tx: "delay 5ms loss gemodel 1% 10% 100% 0%"'
dry() { "$VNET" impair del v0 && save >"$work/before" && apply "$work/state" --dry-run && says "impair set" && same_as "$work/before"; }
check "--dry-run: says it, and does nothing" dry

# ---- what the host fills in: what is asked for settles

# settles KEY VALUE: applied twice, the second time there is nothing to change.
settles() {
  printf 'links:\n  - {a: %s/v0, b: %s/v1, %s: %s}\n' "$one" "$two" "$1" "$2" >"$work/settles"
  apply "$work/settles" && changes_nothing "$work/settles"
}
for words in "corrupt 1%" "corrupt 0% loss 1%" "dup 3% del 10ms" "delay 10ms reorder 5%" "delay 10ms 0ms" "limit-bytes 9000" \
  "rate 10mbit limit 100" "rate 10mbit burst 32kb" "gso keep loss 1%" "gso cut loss 1%" "delay 0" "loss 0%" "loss pattern 1,3" \
  "truncate 1% to 60" "loss burst rate 1% mean 3" "delay 5ms 1ms distribution normal jitter-reorder on"; do
  check "apply: '$words' settles" settles impair "{tx: \"$words\"}"
done
for words in truncate "truncate value 0" bad-length dma-slow; do
  check "apply: '$words' settles" settles faults "{a: [\"$words nth 1000000\"]}"
done
check "apply: tx settles, the other end's rx" settles tx 512
trace_goes_on() { # a knob beside it changes
  local start
  printf '0 - 1ms -\n1s\n' >"$work/rows"
  settles impair "{tx: \"trace $work/rows loop loss 1%\"}" || return 1
  start=$("$VNET" -j impair show v0 | jq '.[0].trace_start')
  settles impair "{tx: \"trace $work/rows loop duplicate 1%\"}" || return 1
  echo "began at $start"
  [[ $start != null && $("$VNET" -j impair show v0 | jq '.[0].trace_start') == "$start" ]]
}
check "apply: a trace goes on when a knob beside it changes" trace_goes_on
trace_is_gone() { # its file, while it is in force
  rm "$work/rows"
  settles impair "{tx: none}" && [[ $("$VNET" -j impair show v0 | jq '.[0].trace_start') == null ]]
}
check "apply: none takes a trace away whose file is gone" trace_is_gone
check "apply: 'gso keep'" settles impair "{tx: \"gso keep loss 1%\"}"
check "apply: 'gso cut' takes it back" settles impair "{tx: \"gso cut loss 1%\"}"
check "apply: it is in force" bash -c "! '$VNET' save | grep -q 'gso keep'"
check "apply: 'none' settles" settles impair "{tx: none}"

# ---- what cannot be

printf 'links:\n  - {a: %s/v0, b: %s/v1, queues: 3}\n' "$one" "$two" >"$work/queues"
check "refused: what is fixed when a pair is made" expect_exit 2 "link set v0 queues 3: 'v0': queues: must be 1" "$VNET" apply "$work/queues"
printf 'links:\n  - {a: %s/v0, b: %s/v1, mode: kernel}\n' "$one" "$two" >"$work/mode"
check "refused: another mode" expect_exit 2 "'mode' is user, and cannot be changed any more" "$VNET" apply "$work/mode"
printf 'links:\n  - {a: v0, b: v1, rxx: 3}\n' >"$work/bad"
check "a wrong word: line, column, and what was meant" expect_exit 1 \
  "bad:2:20: unknown key of a link 'rxx': did you mean 'rx'?" "$VNET" apply "$work/bad"
printf 'namespaces: [a]\nlinks: []\n' >"$work/lab"
check "a lab is no state" expect_exit 1 "unknown key of the file 'namespaces'" "$VNET" apply "$work/lab"
check "no such file" expect_exit 2 "No such file" "$VNET" apply "$work/none"
printf 'links:\n  - {a: %s/v2, b: %s/v3, mode: user, impair: {rx: "reorder 5%%"}}\n' "$one" "$two" >"$work/refused"
check "refused: what the host refuses is said with its command" expect_exit 2 "impair set v2 direction rx reorder 5% gap 1: " \
  "$VNET" apply "$work/refused"
