#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Clients of the control socket that are slow, dead or many: none of them holds up frames.
# shellcheck source=tests/user/lib.sh
. "$(dirname "$0")/lib.sh"

ns_new one one
ns_new two two
clients=()

socket=$VNET_RUN_DIR/left.sock
end_clients() {
  local pid
  for pid in "${clients[@]}"; do traffic_stop "$pid" KILL; done
  clients=()
}
# client FILE ARGUMENTS...: in the background, its output in FILE.
client() {
  local out=$1
  shift
  "$CONTROL" "$@" >"$out" 2>&1 &
  clients+=("$!")
}
flood() { traffic_flood "$one" "$two" 10.9.0.1 10.9.0.2 2000; }
answers() { expect_answer "ifname=right" device-get ifname=right; }

must "clients: the pair comes up" driver_up "$one" --pair left right
ip -n "$one" link set right netns "$two"
must "clients: addresses" plain_addresses "$one" left "$two" right

# A listener that is stopped; 20000 drops of 1000 bytes are more than its socket and buffer hold.
slow_client() {
  client "$work/slow" "$socket" listen 2
  local slow=${clients[-1]}
  traffic_wait "$traffic_deadline" traffic_file_says "$work/slow" ack || return 1
  kill -STOP "$slow"
  traffic_in "$one" "$SEND_RAW" left 02aabbccddee02010101010188b5:1000x20000 || return 1
  flood && answers || return 1
  kill -CONT "$slow"
  traffic_wait "$traffic_deadline" lost_told
}
lost_told() { traffic_file_says "$work/slow" "event type=8 "; }
told_or_lost() { # each drop was told or counted as lost, once
  local line told=0 lost=0 dropped
  while IFS= read -r line; do
    [[ $line == dropped* ]] && told=$((told + 1))
    [[ $line =~ ^event\ type=8\ .*value=([0-9]+) ]] && lost=$((lost + BASH_REMATCH[1]))
  done <"$work/slow"
  report
  dropped=$(counter right rx_drop_unicast_filter)
  echo "$told told, $lost lost, $dropped dropped"
  ((lost > 0 && told > 0 && told + lost == dropped))
}
check "a slow listener: frames go on, and it hears what it lost" slow_client
check "a slow listener: what it was not told is counted" traffic_wait "$traffic_deadline" told_or_lost
told_or_lost
end_clients

killed_listener() {
  client "$work/dead" "$socket" listen 3
  traffic_wait "$traffic_deadline" traffic_file_says "$work/dead" ack || return 1
  kill -KILL "${clients[-1]}"
  traffic_in "$one" "$SEND_RAW" left 02aabbccddee02010101010188b5:1000x1000 && flood && answers
}
check "a listener that is killed" killed_listener
end_clients

# A client whose buffer is smaller than an answer loses the rest of that answer, as every reader of datagrams, and
# nothing else: the next ones are whole, and of its own messages.
small_buffer() {
  python3 - "$socket" <<'PYTHON'
import socket, struct, sys
STATS_GET, FAMILY, REQUEST, DUMP = 7, 0x7F0, 1, 0x300
client = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
client.settimeout(20)
client.connect(sys.argv[1])
def ask(sequence, flags):
    client.send(struct.pack("=IHHIIBBH", 20, FAMILY, REQUEST | flags, sequence, 0, STATS_GET, 1, 0))
def messages(datagram):
    while datagram:
        length, kind, _, sequence, _ = struct.unpack_from("=IHHII", datagram)
        assert 16 <= length <= len(datagram), (length, len(datagram))
        yield kind, sequence
        datagram = datagram[(length + 3) & ~3:]
ask(1, DUMP)
cut, _, flags, _ = client.recvmsg(64)
assert len(cut) == 64 and flags & socket.MSG_TRUNC, (len(cut), flags)
ask(2, DUMP)
seen = []
while not seen or seen[-1] != (3, 2):  # NLMSG_DONE
    whole, _, flags, _ = client.recvmsg(1 << 20)
    assert not flags & socket.MSG_TRUNC
    seen += messages(whole)
answers = [sequence for kind, sequence in seen if kind == FAMILY and sequence == 2]
print(len(answers), "answers behind one that was cut off")
sys.exit(len(answers) != 2)
PYTHON
}
check "a client whose buffer an answer does not fit" small_buffer
check "the others hear no less" answers

# Thousands of dumps that nobody reads: the client blocks, and is killed in the middle of one.
killed_in_dump() {
  local i
  traffic_ping "$one" 10.9.0.2 -q -i 0.001 -c 3000 >"$work/ping" 2>&1 &
  local ping=$!
  for i in 1 2 3 4 5; do
    client "$work/dump" -n 100000 "$socket" dump stats-get per-queue=
    sleep 0.3
    answers >/dev/null || return 1
    kill -KILL "${clients[-1]}"
  done
  wait "$ping" || {
    cat "$work/ping"
    return 1
  }
  answers
}
check "clients killed in dumps, while ping runs" killed_in_dump
end_clients

slow_dump() { # stopped, and woken: every dump is complete
  client "$work/dump" -n 100 "$socket" dump stats-get per-queue=
  local slow=${clients[-1]} done
  kill -STOP "$slow"
  flood || return 1
  kill -CONT "$slow"
  wait "$slow" || return 1
  mapfile -t done < <(grep -x done "$work/dump")
  echo "$(traffic_lines "$work/dump") lines"
  [[ ${#done[@]} == 100 && $(traffic_lines "$work/dump") == 500 ]]
}
check "a hundred dumps of a slow client are whole" slow_dump
end_clients

twenty_clients() {
  local i
  for i in {1..20}; do client "$work/client$i" "$socket" listen 1; done
  for i in {1..20}; do
    traffic_wait "$traffic_deadline" traffic_file_says "$work/client$i" ack || return 1
  done
  flood && ask device-set ifname=left info.pad=1 || return 1
  for i in {1..20}; do
    traffic_wait "$traffic_deadline" traffic_file_says "$work/client$i" "event type=7 " || {
      echo "client $i heard nothing"
      return 1
    }
  done
}
check "twenty clients hear a change" twenty_clients
limit_is_told() { # 32 at once
  local i
  for i in {21..32}; do
    client "$work/client$i" "$socket" listen 1
    traffic_wait "$traffic_deadline" traffic_file_says "$work/client$i" ack || return 1
  done
  ask device-get ifname=left >"$work/answer"
  cat "$work/answer"
  traffic_file_says "$work/answer" "32 clients are connected, which is the limit"
}
check "one more than the limit is refused in words" limit_is_told
limit="instance 'left': 32 clients are connected, which is the limit"
check "the command says so, of a device" expect_exit 2 "$limit" "$VNET" --user link show left
check "the command says so, of all" expect_exit 2 "$limit" "$VNET" --user link show
end_clients
check "and served when they are gone" traffic_wait "$traffic_deadline" answers
churn() {
  local i
  for i in {1..200}; do ask device-get ifname=left >/dev/null || return 1; done
}
check "two hundred, one after the other" churn
descriptors() {
  local open
  open=$(find "/proc/$driver/fd" -type l | wc -l)
  echo "$open descriptors"
  ((open < 40))
}
check "no descriptor is left" descriptors
check "it ends, all conserved" driver_down

# A device is deleted while a request waits: either it is refused, or the driver has ended before.
deleted_meanwhile() {
  local pid
  driver_up "$one" --pair left right || return 1
  pid=$driver
  kill -STOP "$pid"
  client "$work/late" "$socket" device-set ifname=left info.rx-ring=4096
  local late=${clients[-1]}
  traffic_wait "$traffic_deadline" waits_for_answer "$late"
  ip -n "$one" link del left
  kill -CONT "$pid"
  wait "$late"
  cat "$work/late"
  traffic_finish "$pid" "$traffic_deadline" || return 1
  driver=
  conserved_in_log && { traffic_file_says "$work/late" "error -19" ||
    traffic_file_says "$work/late" closed; }
}
waits_for_answer() { [[ $(<"/proc/$1/wchan") == *recv* || $(<"/proc/$1/stat") == *" S "* ]]; }
check "a device that is deleted while a request waits" deleted_meanwhile
