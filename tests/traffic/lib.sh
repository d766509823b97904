# SPDX-License-Identifier: GPL-2.0-only
# Traffic between two ends, for the user-space tests and the virtual machine's alike.
#
# Source this file; it sets nothing but functions and variables named traffic_*.
# Needs bash, iproute2 (ip, ss), iputils-ping, tcpdump, iperf3, socat or ncat, coreutils; the
# traffic_offload_* functions need ethtool.
#
# Arguments, where a function takes them:
#   NS_A NS_B   the namespaces of both ends (`ip netns`); "-" is the one we are in
#   IP_A IP_B   how B reaches A, and how A reaches B. On a plain pair these are the ends' own
#               addresses; on the snull pair 192.168.1.1 (IP_A) and 192.168.0.2 (IP_B).
# Each function returns 0 if all went well and prints a line with what it measured; otherwise it
# returns 1 and says why. Nothing it starts outlives it.

traffic_port=${traffic_port:-5301}
traffic_deadline=${traffic_deadline:-20} # seconds; slow machines set more

# traffic_no_ipv6 NS...: so that no frame crosses but the test's: neighbour discovery is IPv6's.
traffic_no_ipv6() {
  local ns
  for ns in "$@"; do
    # shellcheck disable=SC2016 # expanded by the inner shell
    traffic_in "$ns" bash -c 'for f in all default; do
      echo 1 >/proc/sys/net/ipv6/conf/$f/disable_ipv6; done' || return 1
  done
}

# traffic_wait SECONDS COMMAND...: until COMMAND succeeds; 1 after the deadline.
traffic_wait() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS <= end)) || return 1
    sleep 0.05
  done
}

# traffic_in NS COMMAND...: in the foreground.
traffic_in() {
  local ns=$1
  shift
  if [[ $ns == - ]]; then "$@"; else ip netns exec "$ns" "$@"; fi
}

# traffic_start NS COMMAND...: in the background; traffic_pid is the command itself, not a shell.
traffic_start() {
  local ns=$1
  shift
  if [[ $ns == - ]]; then "$@" & else ip netns exec "$ns" "$@" & fi
  traffic_pid=$!
}

# traffic_stop PID [SIGNAL]: ends and reaps it; what has not gone after 10 s is killed.
traffic_stop() {
  kill "-${2:-TERM}" "$1" 2>/dev/null
  traffic_wait 10 traffic_gone "$1" || kill -KILL "$1" 2>/dev/null
  wait "$1" 2>/dev/null
  return 0
}

traffic_gone() { ! kill -0 "$1" 2>/dev/null; }

# traffic_disconnect NS...: no TCP connection is left there. What killed processes have not sent their sockets would
# send later, at growing intervals.
traffic_disconnect() {
  local ns
  for ns in "$@"; do traffic_in "$ns" ss -HKt >/dev/null; done
}

# traffic_finish PID SECONDS: waits for a process of ours to end by itself; its exit status.
traffic_finish() {
  if ! traffic_wait "$2" traffic_gone "$1"; then
    traffic_stop "$1" KILL
    return 124
  fi
  wait "$1"
}

# traffic_listening NS tcp|udp PORT
traffic_listening() {
  local out
  out=$(traffic_in "$1" ss -Hnl "--$2" "sport = :$3") && [[ -n $out ]]
}

# A port nobody used before in this run: no waiting for TIME_WAIT.
traffic_next_port() { traffic_port=$((traffic_port + 1)); }

# traffic_lines FILE: how many; without wc, the guest's userland is small
traffic_lines() {
  local lines
  mapfile -t lines <"$1"
  echo "${#lines[@]}"
}

# traffic_link_up NS DEVICE: waits until the device has a carrier and is up.
traffic_link_up() {
  traffic_wait "$traffic_deadline" traffic_has_carrier "$1" "$2" || {
    echo "$2 has no link after $traffic_deadline s"
    return 1
  }
}
traffic_has_carrier() { [[ $(traffic_in "$1" ip -o link show dev "$2") == *LOWER_UP* ]]; }

# traffic_ping NS IP [PING OPTIONS...]: all echoes answered (5 of them unless told). ping itself waits for the last answer
# no longer than an interval or twice the slowest round trip (iputils' ping_common.c, pinger()): whether what it
# misses was lost or just late, the namespace's counter of answers says.
traffic_ping() {
  local ns=$1 ip=$2 out status before
  shift 2
  before=$(traffic_answers "$ns" "$ip")
  out=$(traffic_in "$ns" ping -n -c 5 -i 0.2 -W 5 "$@" "$ip" 2>&1)
  status=$?
  if ((status != 0)) || [[ $out != *" 0% packet loss"* ]]; then
    [[ $out =~ ([0-9]+)" packets transmitted, "[1-9] ]] &&
      traffic_wait 5 traffic_has_answers "$ns" "$ip" $((before + BASH_REMATCH[1])) || {
      printf '%s\n' "$out"
      return 1
    }
  fi
  traffic_ping_summary "$ip" "$out"
}
# traffic_answers NS IP: how many echo replies the namespace has received, of IP's family.
traffic_answers() {
  local -a names values
  local i
  if [[ $2 == *:* ]]; then
    traffic_in "$1" sed -n 's/^Icmp6InEchoReplies[[:space:]]*//p' /proc/net/snmp6
  else
    { read -ra names && read -ra values; } < <(traffic_in "$1" grep '^Icmp:' /proc/net/snmp)
    for ((i = 0; i < ${#names[@]}; i++)); do
      [[ ${names[i]} != InEchoReps ]] || echo "${values[i]}"
    done
  fi
}
traffic_has_answers() { (($(traffic_answers "$1" "$2") >= $3)); }
traffic_ping_summary() {
  local sent='' rtt='' line
  while read -r line; do
    [[ $line == *"transmitted"* ]] && sent=$line
    [[ $line == rtt* || $line == round-trip* ]] && rtt=$line
  done <<<"$2"
  echo "ping $1: ${sent%%, time*}; $rtt"
}

# traffic_ping_both NS_A NS_B IP_A IP_B [PING OPTIONS...]
traffic_ping_both() {
  local ns_a=$1 ns_b=$2 ip_a=$3 ip_b=$4
  shift 4
  traffic_ping "$ns_a" "$ip_b" "$@" && traffic_ping "$ns_b" "$ip_a" "$@"
}

# traffic_flood NS_A NS_B IP_A IP_B [COUNT]: `ping -f` both ways, not one echo lost.
traffic_flood() {
  traffic_ping_both "$1" "$2" "$3" "$4" -f -i 0 -c "${5:-10000}"
}

# traffic_iperf3_once SERVER_NS CLIENT_NS SERVER_IP SECONDS [IPERF3 OPTIONS...]
traffic_iperf3_once() {
  local server_ns=$1 client_ns=$2 ip=$3 seconds=$4 server out status
  shift 4
  traffic_next_port
  traffic_start "$server_ns" iperf3 -s -1 -p "$traffic_port" >/dev/null 2>&1
  server=$traffic_pid
  traffic_wait "$traffic_deadline" traffic_listening "$server_ns" tcp "$traffic_port"
  out=$(traffic_in "$client_ns" timeout $((seconds + 3 * traffic_deadline)) \
    iperf3 -f m -c "$ip" -p "$traffic_port" -t "$seconds" "$@" 2>&1)
  status=$?
  traffic_stop "$server"
  if ((status != 0)); then
    printf 'iperf3 -c %s %s: status %s\n%s\n' "$ip" "$*" "$status" "$out"
    return 1
  fi
  traffic_iperf3_summary "$out" "iperf3 -c $ip $*" "$seconds"
}

# Reads "[  5]   0.00-5.00   sec  3.03 GBytes  5200 Mbits/sec   12             sender".
traffic_iperf3_summary() {
  local line words i rate=0 retransmits=0
  while read -r line; do
    read -r -a words <<<"$line"
    for ((i = 1; i < ${#words[@]}; i++)); do
      [[ ${words[i]} == Mbits/sec ]] || continue
      [[ $line == *sender* ]] && [[ ${words[i + 1]} =~ ^[0-9]+$ ]] && retransmits=${words[i + 1]}
      [[ $line == *receiver* ]] && rate=${words[i - 1]}
    done
  done <<<"$1"
  traffic_rate=${rate%.*}
  traffic_retransmits=$retransmits
  echo "$2: $rate Mbit/s received, $retransmits retransmits in $3 s"
  ((traffic_rate > 0))
}

# traffic_iperf3 NS_A NS_B IP_A IP_B [SECONDS [RETRANSMITS_MAX]]: TCP from A to B, then from B to A.
traffic_iperf3() {
  local seconds=${5:-5} max=${6:-} way
  for way in "" -R; do
    # shellcheck disable=SC2086 # an empty $way is no argument
    traffic_iperf3_once "$2" "$1" "$4" "$seconds" $way || return 1
    if [[ -n $max ]] && ((traffic_retransmits > max)); then
      echo "$traffic_retransmits retransmits, more than $max"
      return 1
    fi
  done
}

traffic_random_file() { head -c "$2" /dev/urandom >"$1"; }
traffic_sha256() {
  local sum
  sum=$(sha256sum <"$1") && echo "${sum%% *}"
}

# traffic_receive NS IP PORT FILE / traffic_send NS IP PORT FILE: one TCP connection.
traffic_receive() {
  local tcp=TCP4
  [[ $2 == *:* ]] && tcp=TCP6
  if command -v socat >/dev/null; then
    traffic_start "$1" socat -u "$tcp-LISTEN:$3,reuseaddr" "OPEN:$4,creat,trunc"
  else
    traffic_start "$1" ncat -"${tcp#TCP}" --recv-only -l "$3" >"$4" </dev/null
  fi
}
traffic_send() {
  local tcp=TCP4 host=$2
  [[ $2 == *:* ]] && tcp=TCP6 host="[$2]"
  if command -v socat >/dev/null; then
    traffic_in "$1" timeout $((6 * traffic_deadline)) socat -u "OPEN:$4" "$tcp:$host:$3"
  else
    traffic_in "$1" timeout $((6 * traffic_deadline)) ncat --send-only "$2" "$3" <"$4"
  fi
}

# traffic_file_once FROM_NS TO_NS TO_IP BYTES: a random file arrives with the same SHA-256.
traffic_file_once() {
  local from=$1 to=$2 ip=$3 bytes=$4 dir receiver ok=1 sent got
  traffic_next_port
  dir=$(mktemp -d) || return 1
  traffic_random_file "$dir/sent" "$bytes"
  traffic_receive "$to" "$ip" "$traffic_port" "$dir/received"
  receiver=$traffic_pid
  if ! traffic_wait "$traffic_deadline" traffic_listening "$to" tcp "$traffic_port"; then
    echo "nobody listens on port $traffic_port"
    traffic_stop "$receiver"
  elif ! traffic_send "$from" "$ip" "$traffic_port" "$dir/sent"; then
    echo "sending to $ip port $traffic_port failed"
    traffic_stop "$receiver"
  elif ! traffic_finish "$receiver" "$traffic_deadline"; then
    echo "the receiver did not end well"
  else
    sent=$(traffic_sha256 "$dir/sent")
    got=$(traffic_sha256 "$dir/received")
    if [[ -n $sent && $sent == "$got" ]]; then ok=0; else echo "sent $sent, received $got"; fi
  fi
  rm -rf "$dir"
  ((ok == 0)) && echo "TCP file to $ip: $bytes bytes, SHA-256 equal (${sent:0:16}...)"
  return "$ok"
}

# traffic_file NS_A NS_B IP_A IP_B [BYTES]: TCP, both ways.
traffic_file() {
  local bytes=${5:-100000000}
  traffic_file_once "$1" "$2" "$4" "$bytes" && traffic_file_once "$2" "$1" "$3" "$bytes"
}

# traffic_udp_once CLIENT_NS SERVER_NS SERVER_IP [COUNT [SIZE]]: datagrams echoed one by one.
# SIZE is at most 4000: bash writes more than 4096 bytes in pieces.
traffic_udp_once() {
  local client=$1 server_ns=$2 ip=$3 count=${4:-20} size=${5:-1200} server out status udp=UDP4
  [[ $ip == *:* ]] && udp=UDP6
  traffic_next_port
  if command -v socat >/dev/null; then
    traffic_start "$server_ns" socat -b 65536 "$udp-LISTEN:$traffic_port" PIPE
  else
    traffic_start "$server_ns" ncat -"${udp#UDP}" -u -l "$traffic_port" -e /bin/cat
  fi
  server=$traffic_pid
  traffic_wait "$traffic_deadline" traffic_listening "$server_ns" udp "$traffic_port"
  # shellcheck disable=SC2016 # expanded by the inner shell
  out=$(traffic_in "$client" bash -c '
    exec 3<>"/dev/udp/$1/$2" || exit 1
    printf -v filler "%*s" "$4" ""
    for ((i = 0; i < $3; i++)); do
      printf "%06d%s\n" "$i" "${filler:7}" >&3
      # Not read: it takes byte by byte, and what is left of a datagram after the first is lost.
      answer=$(timeout 20 dd bs=65536 count=1 status=none <&3) ||
        { echo "datagram $i: no answer"; exit 1; }
      [[ $answer == "$(printf "%06d%s" "$i" "${filler:7}")" ]] ||
        { echo "datagram $i came back changed"; exit 1; }
    done' udp "$ip" "$traffic_port" "$count" "$size" 2>&1)
  status=$?
  traffic_stop "$server"
  if ((status != 0)); then
    printf 'UDP to %s: %s\n' "$ip" "$out"
    return 1
  fi
  echo "UDP to $ip: $count datagrams of $size bytes echoed"
}

# traffic_udp NS_A NS_B IP_A IP_B [COUNT [SIZE]]: both ways.
traffic_udp() {
  traffic_udp_once "$1" "$2" "$4" "${5:-20}" "${6:-1200}" &&
    traffic_udp_once "$2" "$1" "$3" "${5:-20}" "${6:-1200}"
}

# traffic_udp_refused NS IP: a connected socket hears that the port is closed (ICMP port unreachable).
traffic_udp_refused() {
  local said
  # shellcheck disable=SC2016 # expanded by the inner shell
  said=$(traffic_in "$1" bash -c \
    'exec 3<>"/dev/udp/$1/4444"; echo x >&3; read -r -t 5 -u 3' udp "$2" 2>&1)
  [[ $said == *"Connection refused"* ]] || {
    echo "no ECONNREFUSED from $2: $said"
    return 1
  }
}

# traffic_capture NS DEVICE FRAMES_MIN COMMAND...: captures on DEVICE while COMMAND runs and leaves
# tcpdump's -vv text in traffic_captured. At least FRAMES_MIN frames must have been seen.
traffic_capture() {
  local ns=$1 device=$2 frames_min=$3 dir tcpdump status
  shift 3
  dir=$(mktemp -d) || return 1
  chmod 755 "$dir"
  traffic_start "$ns" tcpdump -Z root --immediate-mode -U -n -s 0 -i "$device" -w "$dir/pcap" \
    2>"$dir/log"
  tcpdump=$traffic_pid
  traffic_wait "$traffic_deadline" traffic_file_says "$dir/log" "listening on"
  "$@"
  status=$?
  traffic_wait "$traffic_deadline" traffic_captured_frames "$dir/pcap" "$frames_min"
  traffic_stop "$tcpdump" INT
  tcpdump -n -e -vv -r "$dir/pcap" >"$dir/text" 2>/dev/null
  traffic_captured=$(<"$dir/text")
  if ((status == 0)) && ! traffic_captured_frames "$dir/pcap" "$frames_min"; then
    echo "$device: fewer than $frames_min frames captured"
    status=1
  fi
  rm -rf "$dir"
  return "$status"
}
traffic_file_says() { [[ $(<"$1") == *"$2"* ]]; }
traffic_captured_frames() {
  local lines
  mapfile -t lines < <(tcpdump -n -r "$1" 2>/dev/null)
  ((${#lines[@]} >= $2))
}

# traffic_checksums NS DEVICE FRAMES_MIN COMMAND...: every checksum that tcpdump can verify is
# right. Only meaningful while `ethtool -K ... tx off` holds at both ends: with checksum offload a
# capture on one machine shows the partial sums, which are "incorrect" by design.
traffic_checksums() {
  local line bad=0 seen=0
  traffic_capture "$@" || return 1
  while IFS= read -r line; do
    [[ $line == *"incorrect"* || $line == *"bad cksum"* || $line == *"bad udp cksum"* ||
      $line == *"wrong icmp"* || $line == *"bad hdr length"* ]] && {
      bad=$((bad + 1))
      ((bad <= 5)) && printf '%s\n' "$line"
    }
    [[ $line == *cksum* || $line == *"sum ok"* ]] && seen=$((seen + 1))
  done <<<"$traffic_captured"
  echo "$2: $seen lines with checksums, $bad bad"
  ((bad == 0))
}

# traffic_offload_off NS DEVICE: frames as on a wire: complete checksums, no super-frames.
traffic_offload_off() {
  traffic_in "$1" ethtool -K "$2" tx off tso off gso off gro off >/dev/null
}
traffic_offload_on() {
  traffic_in "$1" ethtool -K "$2" tx on tso on gso on gro on >/dev/null
}
