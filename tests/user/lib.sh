# SPDX-License-Identifier: GPL-2.0-only
# What every test file of the user-space driver sources. A file prints PASS and FAIL lines; the
# runner counts them. Everything happens in network namespaces of the file's own.
#
# From the runner: VNET (the binary), SEND_RAW, CONTROL, SOCKFUZZ, UDP_NUMBERS, UDP_GSO.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/traffic/lib.sh
. "$here/../traffic/lib.sh"

work=$(mktemp -d /tmp/vnet-user.XXXXXX)
suffix=${work##*.}
export VNET_RUN_DIR=$work/run
mkdir "$VNET_RUN_DIR"
log=$work/driver.log
driver=
namespaces=()

clean_up() {
  local ns
  [[ -n $driver ]] && traffic_stop "$driver" KILL
  "$VNET" down >/dev/null 2>&1
  for ns in "${namespaces[@]}"; do ip netns del "$ns" 2>/dev/null; done
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# check NAME COMMAND...: PASS if it succeeds; what it says is shown, indented.
check() {
  local name=$1 status verdict=PASS line
  shift
  "$@" >"$work/said" 2>&1
  status=$?
  ((status == 0)) || verdict=FAIL
  echo "$verdict $name"
  while IFS= read -r line; do echo "     $line"; done <"$work/said"
  if ((status != 0)) && [[ -s $log ]]; then
    echo "     -- driver's log:"
    tail -n 60 "$log" | while IFS= read -r line; do echo "     $line"; done
  fi
  return "$status"
}
# The same, for what the rest of the file needs.
must() { check "$@" || exit 1; }

# ns_new VARIABLE NAME: a namespace with its loopback up.
ns_new() {
  local made="vnet-$suffix-$2"
  ip netns add "$made" || exit 1
  namespaces+=("$made")
  ip -n "$made" link set lo up
  printf -v "$1" %s "$made"
}

has_device() { ip -n "$1" link show dev "$2" >/dev/null 2>&1; }
has_no_device() { ! has_device "$@"; }
is_gone() { traffic_gone "$1"; }
log_says() { [[ -e $log && $(<"$log") == *"$1"* ]]; }
expect_log() {
  traffic_wait "$traffic_deadline" log_says "$1" || {
    echo "the log does not say: $1"
    return 1
  }
}

# driver_up NS OPTIONS...: `vnet up` in the foreground, in the background of this shell.
driver_up() {
  local ns=$1
  shift
  : >"$log"
  # Its own session: a Ctrl-C at the test is not one at the driver.
  traffic_start "$ns" setsid "$VNET" up "$@" >"$log" 2>&1
  driver=$traffic_pid
  traffic_wait "$traffic_deadline" log_says " created" || {
    echo "the driver did not start:"
    cat "$log"
    return 1
  }
}

# driver_down: ends it; its exit status is 0, and its devices were counted right to the end.
driver_down() {
  local pid=$driver
  [[ -n $pid ]] || return 1
  driver=
  kill -TERM "$pid"
  traffic_finish "$pid" "$traffic_deadline" || {
    echo "the driver's exit status was $?"
    return 1
  }
  conserved_in_log
}

conserved_in_log() {
  local line seen=0 text
  text=$(<"$log")
  while IFS= read -r line; do
    [[ $line == conservation:* ]] || continue
    seen=$((seen + 1))
    [[ $line == *": ok" ]] || {
      echo "$line"
      return 1
    }
  done <<<"$text"
  ((seen >= 2)) || {
    echo "no report"
    return 1
  }
}

reports() {
  local line n=0
  while IFS= read -r line; do [[ $line == conservation:* ]] && n=$((n + 1)); done <"$log"
  echo "$n"
}
more_reports_than() { (($(reports) >= $1 + 2)); }

# report: has the driver print its counters now.
report() {
  local before
  before=$(reports)
  kill -USR1 "$driver"
  traffic_wait "$traffic_deadline" more_reports_than "$before"
}

# counter DEVICE NAME: of the last report; 0 if it is not shown.
counter() {
  local line words block='' value=0
  while IFS= read -r line; do
    if [[ $line == *: && $line != " "* ]]; then
      block=${line%:}
      [[ $block == "$1" ]] && value=0
    fi
    read -r -a words <<<"$line"
    [[ $block == "$1" && ${words[0]-} == "$2" ]] && value=${words[1]}
  done <"$log"
  echo "$value"
}

conserved() { report && conserved_in_log; }

# expect_counter DEVICE NAME VALUE: now, or before the deadline.
counter_is() { report && [[ $(counter "$1" "$2") == "$3" ]]; }
expect_counter() {
  traffic_wait "$traffic_deadline" counter_is "$@" || {
    echo "$1 $2 is $(counter "$1" "$2"), not $3"
    return 1
  }
}

# ask COMMAND...: of the driver whose first device was made as `left`; tests/tools/control.cc.
ask() { timeout "$traffic_deadline" "$CONTROL" "$VNET_RUN_DIR/left.sock" "$@"; }

# expect_answer TEXT COMMAND...: a line of the answer contains TEXT, and the request succeeds.
expect_answer() {
  local wanted=$1 status
  shift
  ask "$@" >"$work/answer"
  status=$?
  cat "$work/answer"
  ((status == 0)) && traffic_file_says "$work/answer" "$wanted"
}

# expect_refusal CODE TEXT COMMAND...: an error with this errno value and text.
expect_refusal() {
  local code=$1 wanted=$2 status
  shift 2
  ask "$@" >"$work/answer"
  status=$?
  cat "$work/answer"
  ((status == 2)) && traffic_file_says "$work/answer" "error -$code " &&
    traffic_file_says "$work/answer" "$wanted"
}

# expect_exit STATUS TEXT COMMAND...: exit status, and one line on stderr that contains TEXT.
expect_exit() {
  local wanted=$1 text=$2 status said
  shift 2
  "$@" >"$work/out" 2>"$work/err" </dev/null
  status=$?
  said=$(<"$work/err")
  echo "status $status: $said"
  [[ $status == "$wanted" && $said == *"$text"* ]] || return 1
  [[ $wanted == 255 || -z $text || $(traffic_lines "$work/err") == 1 ]]
}

# The snull pair of the guide in one namespace, with `ip` or with `ifconfig`.
snull_addresses() {
  case ${2:-ip} in
    ip)
      ip -n "$1" addr add 192.168.0.1/24 dev snull0
      ip -n "$1" addr add 192.168.1.2/24 dev snull1
      ip -n "$1" link set snull0 up
      ip -n "$1" link set snull1 up
      ;;
    ifconfig)
      ip netns exec "$1" ifconfig snull0 192.168.0.1
      ip netns exec "$1" ifconfig snull1 192.168.1.2
      ;;
  esac
  traffic_link_up "$1" snull0 && traffic_link_up "$1" snull1
}

# plain_addresses NS_A A NS_B B: 10.9.0.1 and .2, fd00:9::1 and ::2.
plain_addresses() {
  ip -n "$1" addr add 10.9.0.1/24 dev "$2"
  ip -n "$3" addr add 10.9.0.2/24 dev "$4"
  ip -n "$1" addr add fd00:9::1/64 dev "$2" nodad
  ip -n "$3" addr add fd00:9::2/64 dev "$4" nodad
  ip -n "$1" link set "$2" up
  ip -n "$3" link set "$4" up
  traffic_link_up "$1" "$2" && traffic_link_up "$3" "$4"
}

# plain_pair NS_A NS_B [OPTIONS...]: v0 and v1, which no frame crosses but the test's.
plain_pair() {
  local a=$1 b=$2
  shift 2
  traffic_no_ipv6 "$a" "$b" && driver_up "$a" --pair v0 v1 "$@" && ip -n "$a" link set v1 netns "$b"
}
plain_pair_up() {
  ip -n "$1" link set v0 up
  ip -n "$2" link set v1 up
  traffic_link_up "$1" v0 && traffic_link_up "$2" v1
}
# plain_pair_addresses NS_A IP_A NS_B IP_B: and each knows the other for good. Source traffic/impair.sh too.
plain_pair_addresses() {
  ip -n "$1" addr add "$2/24" dev v0
  ip -n "$3" addr add "$4/24" dev v1
  plain_pair_up "$1" "$3" && impair_neighbours "$1" v0 "$2" "$3" v1 "$4"
}
