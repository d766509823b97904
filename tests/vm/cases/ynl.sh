# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 600
# The kernel's own client of YAML specifications (tools/net/ynl, as Debian's 6.12 has it) drives the
# module with spec/vnet.yaml, which it checks by the kernel's schema first.
source "$VNET_TESTS/vm/cases/lib/case.sh"

tree=/usr/share/ynl # as the kernel's
specs=$tree/Documentation/netlink/specs

ynl() { traffic_in "$1" python3 "$tree/tools/net/ynl/cli.py" --spec $specs/vnet.yaml --output-json "${@:2}"; }
# KEY: what PYTHON says of the JSON on standard input, as `it`.
of() { python3 -c "import json, sys; it = json.load(sys.stdin); print($1)"; }

load
ip netns add a
ip netns add b
require "the specification is valid" ynl a --list-ops
fd() { ynl a --do link-new --json '{"device": {"ifname": "v0", "mtu": 1400, "info": {"queues": 2, "seed": 42, "rx-ring": 512}}, "peer": {"ifname": "v1", "info": {"csum": "wire"}}}'; }
check "link-new" fd
said=$(ynl a --do device-get --json '{"ifname": "v0"}')
equal "device-get" "$(of '"%s %d %s %d %d %d" % (it["ifname"], it["mtu"], it["info"]["csum"], it["info"]["queues"], it["info"]["rx-ring"], it["info"]["seed"])' <<<"$said")" \
  "v0 1400 wire 2 512 42"
equal "its address" "$(of 'it["mac"].replace(":", "")' <<<"$said")" "$(traffic_in a cat /sys/class/net/v0/address | tr -d :)"
check "device-set" ynl a --do device-set --json '{"ifname": "v0", "info": {"rx-usecs": 25, "csum": "offload"}}'
equal "a dump of devices" "$(ynl a --dump device-get | of '[(each["ifname"], each["peer-ifname"], each["info"]["rx-usecs"]) for each in it]')" \
  "[('v1', 'v0', 0), ('v0', 'v1', 25)]"
equal "a dump of links" "$(ynl a --dump link-get | of '[(each["device"]["ifname"], each["peer"]["ifname"]) for each in it]')" \
  "[('v1', 'v0')]"
check "link-set" ynl a --do link-set --json '{"device": {"ifname": "v0"}, "peer": {"info": {"pad": 1}}}'
ip -n a link set v1 netns b
traffic_no_ipv6 a b
pair_addresses
traffic_in a ping -q -c 5 -i 0.02 10.0.0.2 >/dev/null
said=$(ynl a --dump stats-get --json '{"ifname": "v0", "per-queue": true}')
equal "a dump of statistics" "$(of 'len(it), it[0]["tx-frames"], sum(each["tx-frames"] for each in it[1:])' <<<"$said")" \
  "3 $(vnet_counter a v0 tx_frames) $(vnet_counter a v0 tx_frames)"
traffic_in a ip neigh replace 10.0.0.9 lladdr 02:00:00:00:99:99 dev v0
traffic_in a ping -q -c 2 -i 0.02 -W 0.1 10.0.0.9 >/dev/null
equal "drops by reason" "$(ynl b --do stats-get --json '{"ifname": "v1"}' | of 'it["drop"]')" \
  "[{'direction': 'rx', 'reason': 'unicast-filter', 'frames': 2}]"
equal "registers" "$(ynl a --do regs-get --json '{"ifname": "v0"}' | of 'it["values"][:4] if isinstance(it["values"], list) else it["values"]')" \
  "[1, 3, 2, 512]"
equal "seed-set" "$(ynl a --do seed-set --json '{"ifname": "v0", "seed": 7}' | of 'it["seed"]')" 7
equal "seed-get at the other end" "$(ynl b --do seed-get --json '{"ifname": "v1"}' | of 'it["seed"]')" 7
refused "a bad value" "*Invalid argument*rx (rx-ring) must be 64 to 32768*" \
  ynl a --do device-set --json '{"ifname": "v0", "info": {"rx-ring": 1}}'
refused "no such device" "*No such device*no such vnet device*" ynl a --do device-get --json '{"ifname": "v9"}'

# Events: they go on happening until the client, which sleeps before it looks, has ended.
heard=$(mktemp)
traffic_start a python3 "$tree/tools/net/ynl/cli.py" --spec $specs/vnet.yaml --output-json --subscribe events --sleep 5 >"$heard"
client=$traffic_pid
while ! traffic_gone "$client"; do
  traffic_in a nlvnet device-set ifname=v0 info.pad=1
  sleep 0.5
done
check "the client ends" wait "$client"
contains "events" "$(<"$heard")" '"type": "config-changed"'
contains "with the link's seed" "$(<"$heard")" '"seed": 7'
check "link-del" ynl b --do link-del --json '{"device": {"ifname": "v1"}}'
equal "nothing is left" "$(ynl a --dump device-get | tr -d ' \n')" "[]"
check "unload" rmmod vnet
finish
