# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What the cases beside this folder share. Source it first; end a case with `finish`.
#
# A case goes on after a failed check, so that one run shows all there is to see.

# shellcheck source=../../../traffic/lib.sh
source "$VNET_TESTS/traffic/lib.sh"
# shellcheck source=../../../traffic/vnet.sh
source "$VNET_TESTS/traffic/vnet.sh"

# One case's traffic_no_ipv6 is not the next one's: they share a boot.
for case_file in all default; do echo 0 >"/proc/sys/net/ipv6/conf/$case_file/disable_ipv6"; done

case_failures=0
case_output=$(mktemp)

fail() {
  echo "FAILED: $*"
  case_failures=$((case_failures + 1))
}

finish() {
  ((case_failures == 0)) || echo "$case_failures checks failed"
  exit $((case_failures > 0))
}

# check TEXT COMMAND...: COMMAND succeeds. Its output is shown if it fails, its last line if not.
# In this shell: what COMMAND sets stays set, and ports stay used.
check() {
  local text=$1 status start=$SECONDS took=
  shift
  "$@" >"$case_output" 2>&1
  status=$?
  ((SECONDS - start < 2)) || took=" [$((SECONDS - start)) s]"
  if ((status == 0)); then
    echo "ok: $text$(sed -n '$s/^/ (/;$s/$/)/;$p' "$case_output")$took"
  else
    fail "$text: $* returned $status$took"
    sed 's/^/    /' "$case_output"
  fi
  return "$status"
}

# require ...: as check, but the rest of the case would make no sense without it.
require() { check "$@" || finish; }

# refused TEXT PATTERN COMMAND...: COMMAND fails and says what matches PATTERN (a glob).
refused() {
  local text=$1 pattern=$2 status said
  shift 2
  "$@" >"$case_output" 2>&1
  status=$?
  said=$(<"$case_output")
  # shellcheck disable=SC2053 # a glob is meant
  if ((status == 0)); then
    fail "$text: $* was not refused"
  elif [[ $said != $pattern ]]; then
    fail "$text: $* said '$said', not '$pattern'"
  else
    echo "ok: $text refused (${said##*$'\n'})"
  fi
}

# What only shows in words.
equal() { # TEXT GOT WANTED
  if [[ $2 == "$3" ]]; then echo "ok: $1 is $2"; else fail "$1 is '$2', not '$3'"; fi
}
contains() { # TEXT GOT PATTERN
  # shellcheck disable=SC2053 # a glob is meant
  if [[ $2 == *$3* ]]; then echo "ok: $1"; else fail "$1: no '$3' in: $2"; fi
}
not() { ! "$@"; }

# As another user, without any capability.
as_nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all)
nobody() { "${as_nobody[@]}" "$@"; }

# ---- the kernel's log

log_mark() {
  case_mark="case-mark-$RANDOM$RANDOM"
  echo "<6>$case_mark" >/dev/kmsg
}
log_since_mark() { dmesg | sed "1,/$case_mark/d"; }
log_has() { [[ $(log_since_mark) =~ $1 ]]; } # an extended regular expression

# ---- the module and its devices

# A neighbour that is known does not get asked again, so that no frame crosses but the case's. For the devices that are
# there: later ones start as the first namespace's default says.
no_probes() { # NS...
  local ns
  for ns in "$@"; do
    # shellcheck disable=SC2016 # expanded by the inner shell
    traffic_in "$ns" bash -c 'for f in /proc/sys/net/ipv4/neigh/*/delay_first_probe_time; do
      echo 600 >$f; done'
  done
}

load() { require "insmod $*" insmod "$VNET_KO" "$@"; }

link_count() {
  local links=(/sys/class/net/*)
  echo "${#links[@]}"
}
exists() { [[ -e /sys/class/net/$1 ]]; }

# The guide's recipe, with `ip`.
snull_addresses() {
  ip addr add 192.168.0.1/24 dev snull0
  ip addr add 192.168.1.2/24 dev snull1
  ip link set snull0 up
  ip link set snull1 up
  traffic_link_up - snull0 && traffic_link_up - snull1
}
snull_ping() { traffic_ping_both - - 192.168.1.1 192.168.0.2 -i 0.02 "$@"; }

# A plain pair v0 in namespace a, v1 in namespace b, with addresses 10.0.0.1 and 10.0.0.2.
plain_pair() { # [rawlink's words]
  ip netns add a
  ip netns add b
  traffic_no_ipv6 a b
  if (($# > 0)); then
    rawlink v0 "$@" netns a peer v1 netns b "$@"
  else
    ip link add v0 type vnet && ip link set vnet0 name v1 &&
      ip link set v0 netns a && ip link set v1 netns b
  fi && pair_addresses
}
pair_addresses() {
  no_probes a b
  ip -n a addr add 10.0.0.1/24 dev v0
  ip -n b addr add 10.0.0.2/24 dev v1
  ip -n a link set v0 up
  ip -n b link set v1 up
  traffic_link_up a v0 && traffic_link_up b v1
}
