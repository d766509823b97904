# SPDX-License-Identifier: GPL-2.0-only
# Instructions per window and function: "WINDOW LABEL KIND UNITS FUNCTION INSTRUCTIONS".
# Reads, sorted as text by address (run does it), "ADDRESS 0 NAME" of a function and "ADDRESS 1 WINDOW COUNT"
# of a translated block; before those "@ LABEL KIND UNITS", one per window in their order.
# Addresses are compared by sort alone: they do not fit into awk's numbers.

$1 == "@" {
	window[windows++] = $2 " " $3 " " $4
	next
}
$2 == 0 {
	name = $3
	sub(/\.(isra|constprop|part|cold)\..*/, "", name)
	next
}
{
	function_name = $1 < "8" ? "[user]" : name == "" ? "[unknown]" : name
	sum[$3 " " function_name] += $4
}
END {
	for (key in sum) {
		split(key, part, " ")
		printf "%d %s %s %.0f\n", part[1], window[part[1]], part[2], sum[key]
	}
}
