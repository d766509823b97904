# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What the cases about a link's attributes share: v0 in a and v1 in b. Source it after case.sh.

between=(a b 10.0.0.1 10.0.0.2)
between6=(a b fd00::1 fd00::2)
object=/usr/share/vnet/xdp.o

shown() { traffic_in "$1" ip -d -o link show "$2"; }
attach() { traffic_in "$1" ip -force link set dev "$2" xdpdrv object $object program "$3"; }
detach() { traffic_in "$1" ip link set dev "$2" xdpdrv off; }
conserved() { vnet_conserved a v0 b v1; }

csum() { ip -n a link set v0 type vnet csum "$1"; }
big() { ip -n a link set v0 type vnet bigtcp "$1"; }

pair_with_ipv6() {
  local ns
  ip netns add a && ip netns add b &&
    ip link add v0 netns a type vnet csum wire bigtcp on peer name v1 mtu 1400 netns b || return 1
  ip -n b link set v1 mtu 1500
  pair_addresses || return 1
  ip -n a addr add fd00::1/64 dev v0 nodad && ip -n b addr add fd00::2/64 dev v1 nodad || return 1
  for ns in a b; do
    # Wide enough for several of the longest super-frames.
    traffic_in $ns sysctl -qw net.ipv4.tcp_wmem="4096 4000000 16000000" \
      net.ipv4.tcp_rmem="4096 4000000 16000000" || return 1
  done
}

# ---- what is seen

files() { traffic_file_once a b 10.0.0.2 300000 && traffic_file_once a b fd00::2 300000; }
# The longest frame of the last capture, from "length 1514: (tos".
longest() {
  sed -nE 's/.*ethertype [^,]*, length ([0-9]+): .*/\1/p' <<<"$traffic_captured" | sort -n | tail -n 1
}
captured_longest() { # COMMAND...: all checksums are right, no frame is longer than MTU 1500 allows
  traffic_checksums b v1 50 "$@" || return 1
  echo "the longest frame has $(longest) bytes"
  (($(longest) <= 1514))
}

background() { # iperf3 both ways, until stop_background
  traffic_next_port
  traffic_start b nice -n 10 iperf3 -s -p "$traffic_port" >/dev/null 2>&1
  jobs_=("$traffic_pid")
  traffic_wait "$traffic_deadline" traffic_listening b tcp "$traffic_port"
  traffic_start a nice -n 10 iperf3 -c 10.0.0.2 -p "$traffic_port" -t 200 --bidir >/dev/null 2>&1
  jobs_+=("$traffic_pid")
}
stop_background() {
  local pid
  for pid in "${jobs_[@]}"; do traffic_stop "$pid" KILL; done
  traffic_disconnect a b
}
switched() { # COMMAND WORD WORD: to and fro under load, which goes on each time
  local round
  background
  for ((round = 0; round < 5; round++)); do
    "$1" "$2" && vnet_flows b v1 && vnet_flows a v0 && "$1" "$3" && vnet_flows b v1 &&
      vnet_flows a v0 || break
  done
  stop_background
  ((round == 5)) && traffic_ping_both "${between[@]}" -i 0.02 && conserved
}
