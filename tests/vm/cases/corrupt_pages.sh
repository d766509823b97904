# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 300
# Corruption of frames whose payload is in pages: the bits are turned in the frame's own copy, never in the pages of
# who sends it, and the receiver's checksum finds them.
source "$VNET_TESTS/vm/cases/lib/case.sh"
# shellcheck source=tests/traffic/impair.sh
source "$VNET_TESTS/traffic/impair.sh"

export VNET_RUN_DIR=/tmp/vnet-run
mkdir -p "$VNET_RUN_DIR"
# shellcheck disable=SC2034 # impair.sh's
VNET=vnet
impair() { vnet -n a impair "$@"; }
corrupted() { vnet -n a -j impair show v0 | jq 'map(select(.direction == "tx"))[0].corrupted'; }
# snmp PROTOCOL: what b found a wrong checksum in.
snmp() {
  traffic_in b awk -v protocol="$1:" '$1 == protocol && !at { for (i = 2; i <= NF; i++) if ($i == "InCsumErrors") at = i
    next } $1 == protocol { print $at }' /proc/net/snmp
}
# found PROTOCOL BEFORE TURNED AT_LEAST: of the frames with turned bits at least AT_LEAST % had a wrong checksum. The
# others were turned in their Ethernet or IP header.
found() {
  local errors=$(($(snmp "$1") - $2))
  echo "$errors checksum errors, $3 corrupted"
  ((errors <= $3 && errors * 100 >= $3 * $4))
}

sent_from_its_pages() {
  local receiver
  traffic_next_port
  traffic_receive b 10.0.0.2 "$traffic_port" /tmp/received
  receiver=$traffic_pid
  traffic_wait "$traffic_deadline" traffic_listening b tcp "$traffic_port" &&
    traffic_in a timeout 200 send_file /tmp/sent 10.0.0.2 "$traffic_port" &&
    traffic_finish "$receiver" "$traffic_deadline"
}

# Also what TCP sends again comes from these pages: a bit that was turned there would have a right checksum then.
file() {
  local sum errors turned
  traffic_random_file /tmp/sent 2000000
  sum=$(traffic_sha256 /tmp/sent)
  errors=$(snmp Tcp)
  turned=$(corrupted)
  check "a tenth of the frames corrupted" impair set v0 corrupt 10%
  check "a file, sent from its own pages" sent_from_its_pages
  check "not corrupted any more" impair del v0 corrupt
  equal "what has arrived" "$(traffic_sha256 /tmp/received)" "$sum"
  equal "the file, in the sender's pages," "$(traffic_sha256 /tmp/sent)" "$sum"
  turned=$(($(corrupted) - turned))
  check "$turned frames were corrupted" test "$turned" -ge 50
  check "the checksum found them" found Tcp "$errors" "$turned" 85
}

# Nobody listens: UDP looks at the checksum before it says so.
datagrams() {
  local errors turned
  errors=$(snmp Udp)
  turned=$(corrupted)
  check "all frames corrupted" impair set v0 corrupt 100%
  check "super-frames of ten datagrams" traffic_in a udp_gso send 10.0.0.2 9 1400 10 300
  check "each of them is corrupted" traffic_wait 10 corrupted_are $((turned + 300))
  check "the checksum found them" traffic_wait 10 found Udp "$errors" 300 90
  check "not corrupted any more" impair del v0 corrupt
}
corrupted_are() { [[ $(corrupted) == "$1" ]]; }

load
plain_pair || finish
check "neighbours" impair_neighbours a v0 10.0.0.1 b v1 10.0.0.2
# Else the counters are not there until the first impairment.
check "an impairment" impair set v0 loss 0.0000001%
file
datagrams
check "ping" traffic_ping_both a b 10.0.0.1 10.0.0.2 -i 0.02
check "conserved" impair_conserved a v0 b v1
ip -n a link del v0
check "rmmod" rmmod vnet
finish
