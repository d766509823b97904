# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 600
# A lab from a file on the module: the same file as with a user-space driver. `vnet save` and `vnet apply` across namespaces.
source "$VNET_TESTS/vm/cases/lib/case.sh"

export VNET_RUN_DIR=/tmp/vnet-run
mkdir -p "$VNET_RUN_DIR"
require "insmod" insmod "$VNET_KO"

cat >/tmp/lab.vnet <<'EOF'
seed: 42
ipv6: no
namespaces: [client, server]
links:
  - a: client/v0
    b: server/v1
    mode: kernel
    queues: 2
    addresses: {a: 10.0.0.1/24, b: 10.0.0.2/24}
    impair: {tx: "delay 20ms 2ms loss 20%", rx: "delay 20ms"}
    faults: {b: ["rx-overrun nth 1000000 expire never"]}
    probe: 50ms
setup:
  - {in: server, start: "exec sleep 1000", as: background}
timeline:
  - {at: 0s, in: client, run: "ping -n -q -c 40 -i 0.05 -W 2 10.0.0.2", expect: {within: 60s}}
  - {at: 500ms, fault: "link-flap for 3s", on: client/v0}
  - {at: 700ms, expect: {carrier: {device: server/v1, is: down}, within: 200ms}}
  - {at: 3600ms, expect: {carrier: {device: server/v1, is: up}, within: 10s}}
  - {at: 3600ms, impair: "loss 50%", on: client/v0}
  - {expect: {drops: {device: server/v1, reason: impair-loss, at-least: 1}, within: 10s}}
  - {expect: {counter: {device: client/v0, name: rx-frames, at-least: 1}}}
EOF
logged() { jq -cs "$1" /tmp/run.jsonl; }
left() { ip netns list | grep -c '^lab-'; ls "$VNET_RUN_DIR"; }

check "the lab passes" vnet run /tmp/lab.vnet --log /tmp/run.jsonl --report /tmp/report.html
equal "what is left of it" "$(left)" 0
equal "who drove it" "$(logged '.[0].links | map(.host)')" '["kernel"]'
equal "the fault in the log" "$(logged '[.[].what // empty | select(startswith("fault_f") or startswith("fault_e"))]')" \
  '["fault_fired","fault_ended"]'
equal "lost frames are in the log" "$(logged 'map(select(.stream == "loss")) | length > 0')" true
contains "the report has the fault's span" "$(</tmp/report.html)" 'class="span fault"'

unmet() {
  sed 's/at-least: 1}}}/at-most: 0}}}/' /tmp/lab.vnet >/tmp/unmet.vnet
  vnet run /tmp/unmet.vnet
  (($? == 2))
}
check "one that fails exits with 2" unmet
interrupted() {
  vnet run /tmp/lab.vnet >/tmp/out &
  local pid=$!
  traffic_wait 120 grep -q ping /tmp/out && kill -INT $pid
  wait $pid
  (($? == 2)) && grep -q interrupted /tmp/out
}
check "an interrupted one exits with 2" interrupted
equal "what is left of these" "$(left)" 0

# ---- save and apply

ip netns add a
ip netns add b
check "a pair" vnet -n a link add v0 mode kernel queues 2 seed 7 peer v1 netns b
check "an impairment" vnet -n a impair set v0 delay 5ms loss 1%
check "a fault at the other end" vnet -n b fault add v1 irq-lost nth 1000000 expire never
ip -n a addr add 10.0.0.1/24 dev v0
check "save" vnet save -w /tmp/state
contains "has both ends" "$(</tmp/state)" 'b: "b/v1"'
contains "has the fault of the other namespace" "$(</tmp/state)" 'b: ["irq-lost nth 1000000 expire never"]'
equal "apply" "$(vnet apply /tmp/state)" "nothing to change"
check "another loss" vnet -n a impair set v0 loss 2%
check "no fault" vnet -n b fault del v1 all
check "apply puts it right" vnet apply /tmp/state
check "the same state" bash -c 'vnet save | diff /tmp/state -'
check "the pair goes" vnet -n a link del v0
check "apply makes it anew" vnet apply /tmp/state
check "the same state" bash -c 'vnet save | diff /tmp/state -'
check "the pair goes" vnet -n a link del v0

finish
