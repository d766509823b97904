# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Requests that must leave nothing behind. Source it after case.sh; set `before` to `$(state)` before a refusal that is to leave nothing.

# All links, here and in namespace b.
state() {
  ip -d -o link
  ip -n b -d -o link
}

# bad TEXT PATTERN COMMAND...: refused, with text, and both namespaces are as before.
bad() {
  local now
  refused "$@"
  now=$(state)
  [[ $now == "$before" ]] || {
    fail "$1: something is left"
    diff <(echo "$before") <(echo "$now")
    before=$now
  }
}

# What info holds, at both ends or at one: name, attribute, bytes, least, greatest.
info_numbers() {
  cat <<'END'
queues 4 4 1 64
rx-ring 5 4 64 32768
tx-ring 6 4 64 32768
rx-usecs 7 4 0 100000
rx-frames 8 4 0 32768
adaptive-rx 9 1 0 1
pad 10 1 0 1
lockup 11 4 0 4294967295
timeout 12 4 10 600000
END
}
bytes() { # SIZE NUMBER: in hexadecimal, the lowest byte first
  local i
  for ((i = 0; i < $1; i++)); do printf '%02x' $(($2 >> (8 * i) & 255)); done
}
