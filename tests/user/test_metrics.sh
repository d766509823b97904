#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# `vnet metrics`: once, into a file, and over HTTP; promtool agrees.
# shellcheck source=tests/user/lib.sh
. "$(dirname "$0")/lib.sh"

ns_new one one
ns_new two two
promtool=$("$here/../../tools/fetch-promtool") || exit 1

# value TEXT SERIES: of the one sample.
value() {
  local line n=0 found=
  while IFS= read -r line; do
    [[ $line == "$2 "* ]] || continue
    found=${line##* }
    n=$((n + 1))
  done <<<"$1"
  ((n == 1)) && echo "$found"
}
url() { # of the server that says so
  local line
  read -r line <"$work/server.err" && echo "${line##* }"
}
server_up() { # OPTIONS...
  : >"$work/server.err" # what the one before it said is not this one's
  "$VNET" metrics --listen "$@" 2>"$work/server.err" &
  server=$!
  traffic_wait "$traffic_deadline" grep -q "listening on" "$work/server.err"
}

no_host() { # the command says who it is, and no more
  local said
  said=$("$VNET" metrics) && [[ $said == *vnet_build_info* && $said != *vnet_carrier* ]]
}
promtool_agrees() { "$VNET" metrics | "$promtool" check metrics; }
# The counters of `vnet stats`; a router solicitation may come between the two.
as_stats() { same_as_stats || same_as_stats; }
same_as_stats() {
  "$VNET" -j stats show >"$work/stats" && "$VNET" metrics >"$work/metrics" && python3 - "$work" <<'PYTHON'
import json, re, sys
samples = {}
for line in open(sys.argv[1] + "/metrics"):
    match = re.fullmatch(r'(\w+)\{(.*)\} (\d+)\n', line)
    if match:
        key = (match[1], *sorted(re.findall(r'(\w+)="([^"]*)"', match[2])))
        assert key not in samples, line
        samples[key] = int(match[3])
checked = 0
def same(name, labels, value):
    global checked
    assert samples[(name, *sorted(labels.items()))] == value, (name, labels, value)
    checked += 1
for stats in json.load(open(sys.argv[1] + "/stats")):
    device = {"device": stats["ifname"], "driver": "left", "end": {"left": "a", "right": "b"}[stats["ifname"]]}
    for way in "tx", "rx":
        same("vnet_frames_total", {**device, "direction": way}, stats[way + "_frames"])
        same("vnet_bytes_total", {**device, "direction": way}, stats[way + "_bytes"])
        same("vnet_interrupts_total", {**device, "queue": "0", "cause": way}, stats[way + "_irqs"])
    same("vnet_polls_total", {**device, "queue": "0"}, stats["polls"])
    same("vnet_ring_size_frames", {**device, "queue": "0"}, stats["ring_size"])
    for drop in stats.get("drop", []):
        same("vnet_drops_total", {**device, "direction": drop["direction"], "reason": drop["reason"]}, drop["frames"])
print(checked, "samples are those of vnet stats")
assert checked >= 17
PYTHON
}
drops() { # counted under their reason; the other reasons are there, and 0
  local before after
  before=$(value "$("$VNET" metrics)" 'vnet_drops_total{device="left",driver="left",end="a",direction="tx",reason="too_long"}')
  ip -n "$one" link set left mtu 3000
  ip netns exec "$one" ping -n -c 3 -i 0.02 -W 0.1 -s 2000 -M "do" 10.9.0.2 >/dev/null
  ip -n "$one" link set left mtu 1500
  after=$("$VNET" metrics)
  echo "$before, then $(value "$after" 'vnet_drops_total{device="left",driver="left",end="a",direction="tx",reason="too_long"}')"
  (($(value "$after" 'vnet_drops_total{device="left",driver="left",end="a",direction="tx",reason="too_long"}') == before + 3)) &&
    [[ $(value "$after" 'vnet_drops_total{device="left",driver="left",end="a",direction="rx",reason="ring_full"}') == 0 ]]
}
gauges() {
  local said
  ip -n "$two" link set right down
  said=$("$VNET" metrics)
  ip -n "$two" link set right up
  traffic_link_up "$one" left || return 1
  [[ $(value "$said" 'vnet_carrier{device="left",driver="left",end="a"}') == 0 && $(value "$said" 'vnet_open{device="left",driver="left",end="a"}') == 1 &&
    $(value "$said" 'vnet_open{device="right",driver="left",end="b"}') == 0 && $(value "$("$VNET" metrics)" 'vnet_carrier{device="left",driver="left",end="a"}') == 1 ]]
}
netns_label() {
  local said
  said=$("$VNET" -n "$one" metrics) && "$promtool" check metrics <<<"$said" &&
    [[ $(value "$said" "vnet_carrier{netns=\"$one\",device=\"left\",driver=\"left\",end=\"a\"}") == 1 ]]
}
into_file() { # replaced at once: a reader never sees a part of it
  local i
  "$VNET" metrics -w "$work/vnet.prom" || return 1
  [[ $(stat -c %a "$work/vnet.prom") == 644 ]] || return 1
  for ((i = 0; i < 20; i++)); do "$VNET" metrics -w "$work/vnet.prom"; done &
  for ((i = 0; i < 200; i++)); do
    [[ $(tail -n 1 "$work/vnet.prom") == vnet_ring_fill_frames* ]] || {
      echo "a part: $(tail -n 1 "$work/vnet.prom")"
      return 1
    }
  done
  wait $!
  [[ $(ls "$work"/vnet.prom*) == "$work/vnet.prom" ]] && "$promtool" check metrics <"$work/vnet.prom"
}
listens() { # on loopback only, unless told
  server_up 0 || return 1
  [[ $(url) == http://127.0.0.1:*/metrics ]] && curl -sf "$(url)" | "$promtool" check metrics &&
    [[ $(curl -s -o /dev/null -w '%{http_code} %{content_type}' "$(url)") == "200 text/plain; version=0.0.4; charset=utf-8" ]] &&
    [[ $(curl -s -o /dev/null -w '%{http_code}' "$(url)x") == 404 ]] &&
    [[ $(curl -s -o /dev/null -w '%{http_code}' -X POST -d x "$(url)") == 405 ]]
}
slow_clients() { # 30 that never end their request hinder nobody
  local port i fds=() fd
  port=$(url)
  port=${port#http://127.0.0.1:}
  port=${port%/metrics}
  for ((i = 0; i < 30; i++)); do
    exec {fd}<>"/dev/tcp/127.0.0.1/$port" || return 1
    fds+=("$fd")
    printf 'GET /metr' >&"$fd"
  done
  curl -sf -m 20 "$(url)" >/dev/null
  local status=$?
  for fd in "${fds[@]}"; do exec {fd}>&-; done
  return "$status"
}
fresh() { # each scrape looks anew: instances come and go
  ip netns exec "$one" "$VNET" up --pair more less --detach || return 1
  [[ $(curl -sf "$(url)") == *'device="more"'* ]] && "$VNET" down more &&
    [[ $(curl -sf "$(url)") != *'device="more"'* ]]
}
sleeps() { traffic_wait 20 sleeps_now || sleeps_now; }
sleeps_now() {
  local before after
  before=$(grep -E '^voluntary' "/proc/$server/status")
  sleep 1
  after=$(grep -E '^voluntary' "/proc/$server/status")
  echo "$before, $after"
  [[ $before == "$after" ]]
}
server_ends() {
  kill -TERM "$server"
  traffic_finish "$server" "$traffic_deadline"
}
taken() {
  server_up 127.0.0.1:0 || return 1
  local port
  port=$(url)
  port=${port#http://}
  expect_exit 2 "Address already in use" "$VNET" metrics --listen "${port%/metrics}"
  local status=$?
  server_ends && return "$status"
}

check "metrics: without a host" no_host
must "metrics: the devices come up" driver_up "$one" --pair left right
must "metrics: one end moves" ip -n "$one" link set right netns "$two"
must "metrics: addresses" plain_addresses "$one" left "$two" right
check "metrics: some traffic" traffic_ping "$one" 10.9.0.2
check "metrics: promtool check metrics" promtool_agrees
check "metrics: drops by reason" drops
check "metrics: the numbers are those of vnet stats" as_stats
check "metrics: carrier, open" gauges
check "metrics: -n is a label" netns_label
check "metrics: into a file, at once" into_file
check "metrics: a file that cannot be" expect_exit 2 "No such file or directory" "$VNET" metrics -w "$work/none/vnet.prom"
check "metrics: over HTTP" listens
check "metrics: slow clients" slow_clients
check "metrics: each scrape looks anew" fresh
check "metrics: it sleeps between scrapes" sleeps
check "metrics: SIGTERM ends it with 0" server_ends
check "metrics: a port that is taken" taken
check "metrics: an address that is none" expect_exit 1 "'localhost:80' is not ADDRESS:PORT" "$VNET" metrics --listen localhost:80
check "metrics: --listen excludes -w" expect_exit 1 "excludes" "$VNET" metrics --listen 0 -w "$work/x"
check "metrics: frames are conserved" conserved
check "metrics: the pair ends" driver_down
