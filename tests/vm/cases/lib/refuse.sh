# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Requests that must leave nothing behind. Source it after case.sh; set `before` to `$(state)` first.

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

# As another user, without any capability.
as_nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all)
nobody() { "${as_nobody[@]}" "$@"; }
