# SPDX-License-Identifier: GPL-2.0-only
# The tables. Reads the files categories, goals, notes (what load printed beside) and functions (by-function.awk),
# told apart by `file=` between them on the command line. Writes one table per scenario; the same figures,
# one per line, go to the file `-v figures=FILE`: "SCENARIO KIND MEASURE VALUE".

file == "categories" && NF == 2 && $1 !~ /^#/ {
	category[++rules] = $1
	pattern[rules] = "^(" $2 ")$"
}
file == "goals" && NF >= 4 && $1 !~ /^#/ {
	goal[++goals] = $0
}
file == "notes" && $2 == "memory" {
	number[$3, $4] = $5
	grown[$3, $4] = $6 " " $7 " " $8
}
file == "notes" && $2 == "wire" {
	sent[$3, $4] = $5
	arrived[$3, $4] = $6
}
# A scenario may have several windows per kind: they are added up, and the extremes kept.
file == "functions" && $2 != "calibration" {
	if (!($1 in seen_window)) {
		seen_window[$1] = 1
		windows[$2, $3]++
		window_units[$2, $3, windows[$2, $3]] = $4
		units[$2, $3] += $4
		if (!($2 in seen)) order[++scenarios] = $2
		seen[$2] = 1
		if (!($3 in seen_kind)) kind[++kinds] = $3
		seen_kind[$3] = 1
	}
	c = category_of($5)
	sum[$2, $3, c] += $6
	sum[$2, $3, "total"] += $6
	if (c != "user" && c != "copy") window_sum[$2, $3, windows[$2, $3]] += $6
}

function category_of(name, i) {
	if (!(name in known)) {
		known[name] = "other"
		for (i = 1; i <= rules; i++)
			if (name ~ pattern[i]) {
				known[name] = category[i]
				break
			}
	}
	return known[name]
}

# What is compared with the goals.
function device(s, k) {
	return sum[s, k, "driver-tx"] + sum[s, k, "hand-off"] + sum[s, k, "softirq"] + sum[s, k, "poll"] + \
		sum[s, k, "locks"]
}
function value(s, k, measure, v) {
	if (measure == "device") v = device(s, k)
	else if (measure == "device-xdp") v = device(s, k) + sum[s, k, "xdp"]
	else if (measure == "kernel") v = sum[s, k, "total"] - sum[s, k, "user"]
	else if (measure == "kernel-no-copy") v = sum[s, k, "total"] - sum[s, k, "user"] - sum[s, k, "copy"]
	else v = sum[s, k, measure]
	return v / units[s, k]
}

function row(s, text, measure, i, v, line) {
	line = sprintf("  %-44s", text)
	for (i = 1; i <= kinds; i++) {
		if (!((s, kind[i]) in units)) {
			line = line sprintf("%11s", "-")
			continue
		}
		v = value(s, kind[i], measure)
		line = line sprintf("%11.*f", v < 1000 ? 1 : 0, v)
		printf "%s %s %s %.2f\n", s, kind[i], measure, v >figures
	}
	if (((s, "vnet") in units) && value(s, "veth", measure) > 0)
		line = line sprintf("%12.3f", value(s, "vnet", measure) / value(s, "veth", measure))
	print line
}

function head(text, i, line) {
	line = sprintf("\n%-46s", text)
	for (i = 1; i <= kinds; i++) line = line sprintf("%11s", kind[i])
	print line sprintf("%12s", "vnet/veth")
}

function goal_name(s, measure) {
	return s ~ /^pairs/ ? substr(s, index(s, ".") + 1) : measure
}

function verdicts(s, i, part, ratio) {
	for (i = 1; i <= goals; i++) {
		split(goal[i], part, " ")
		if (part[1] != s || !((s, "vnet") in units)) continue
		if (part[3] ~ /^=/) {
			absolute(s, part[2], substr(part[3], 2))
			continue
		}
		ratio = value(s, "vnet", part[2]) / value(s, "veth", part[2])
		printf "  goal: %s at most %s of veth: %.3f, %s\n", goal_name(s, part[2]), part[3], ratio, ratio <= part[3] ? "met" : "NOT MET"
		printf "%s vnet goal-%s %s\n", s, part[2], ratio <= part[3] ? "met" : "missed" >figures
	}
}

function absolute(s, measure, most, v) {
	most += 0
	v = value(s, "vnet", measure)
	printf "  goal: %s at most %d: %.1f, %s\n", measure, most, v, v <= most ? "met" : "NOT MET"
	printf "%s vnet goal-%s %s\n", s, measure, v <= most ? "met" : "missed" >figures
}

function frames(s, text) {
	head(text)
	row(s, "driver tx", "driver-tx")
	row(s, "hand-off", "hand-off")
	row(s, "softirq machinery", "softirq")
	row(s, "poll", "poll")
	row(s, "locks, irq", "locks")
	row(s, "= device", "device")
	if (s == "xdp") {
		row(s, "XDP, and copies for it", "xdp")
		row(s, "= device with XDP", "device-xdp")
	}
	row(s, "GRO and list receive", "gro-list")
	row(s, "core rx", "core-rx")
	row(s, "all, with the sender and the drop", "total")
	verdicts(s)
}

# The least or the most that one window came to, without user space and copies.
function extreme(s, text, sign, i, w, v, best, line) {
	line = sprintf("  %-44s", text)
	for (i = 1; i <= kinds; i++) {
		best = ""
		for (w = 1; w <= windows[s, kind[i]]; w++) {
			v = window_sum[s, kind[i], w] / window_units[s, kind[i], w]
			if (best == "" || sign * v > sign * best) best = v
		}
		line = line sprintf("%11.1f", best)
	}
	print line
}

function bulk(s, text) {
	head(text)
	row(s, "kernel without copies", "kernel-no-copy")
	extreme(s, "of the connections the least", -1)
	extreme(s, "of the connections the most", 1)
	row(s, "of it device", "device")
	row(s, "GRO and list receive", "gro-list")
	row(s, "copies", "copy")
	row(s, "all", "total")
	verdicts(s)
}

function exchange(s, text) {
	head(text)
	row(s, "kernel", "kernel")
	row(s, "of it device", "device")
	row(s, "GRO and list receive", "gro-list")
	verdicts(s)
}

# What one of those that were made or held takes, in KiB / SCALE.
function memory_rows(label, unit, scale, i, part, j, name, line, v, base) {
	split("memory, " unit ";of it slab;of it per CPU", name, ";")
	for (j = 1; j <= 3; j++) {
		line = sprintf("  %-44s", name[j])
		for (i = 1; i <= kinds; i++) {
			if (!number[label, kind[i]]) {
				line = line sprintf("%11s", "-")
				continue
			}
			split(grown[label, kind[i]], part, " ")
			v = scale * part[j] / number[label, kind[i]]
			line = line sprintf("%11.2f", v)
			printf "%s %s memory-%d %.2f\n", label, kind[i], j, v >figures
			if (kind[i] == "veth") base = v
			if (kind[i] == "vnet" && base > 0) line = line sprintf("%12.3f", v / base)
		}
		print line
	}
}

# What a wire was seen to do: COUNTS by scenario and kind.
function wire_row(s, text, measure, counts, i, line) {
	line = sprintf("  %-44s", text)
	for (i = 1; i <= kinds; i++) {
		line = line sprintf("%11s", (s, kind[i]) in counts ? counts[s, kind[i]] : "-")
		if ((s, kind[i]) in counts) printf "%s %s %s %d\n", s, kind[i], measure, counts[s, kind[i]] >figures
	}
	print line
}

function impaired(s, text) {
	head(text)
	row(s, "kernel", "kernel")
	row(s, "all, with the sender and the drop", "total")
	wire_row(s, "frames sent", "sent", sent)
	wire_row(s, "arrived", "arrived", arrived)
	wire_row(s, "held at once, when the last was sent", "held", number)
	if (s == "impaired-100000") memory_rows(s, "bytes a held frame", 1024)
	verdicts(s)
	if (s == "impaired-100000") full(s)
}

# The scenario is what its name says only if so many were held.
function full(s, i, enough) {
	enough = 1
	for (i = 1; i <= kinds; i++)
		if (((s, kind[i]) in units) && number[s, kind[i]] < 100000) enough = 0
	printf "  goal: 100000 held: %s\n", enough ? "met" : "NOT MET"
	printf "%s vnet goal-held %s\n", s, enough ? "met" : "missed" >figures
}

function lifecycle(s, label) {
	label = s
	sub(/\.create$/, "", label)
	if (label == "pairs-warm-up") return
	head(substr(label, 7) " pairs, instructions a pair")
	row(s, "create", "kernel")
	row(label ".delete", "delete", "kernel")
	if (label != "pairs-100") memory_rows(label, "KiB a pair", 1) # too few to tell from what the allocators keep
	verdicts(s)
	verdicts(label ".delete")
}

# How much dearer a pair becomes by there being more of them.
function growth(few, many, what, i, line, any) {
	line = sprintf("  %-44s", what ", " few " to " many)
	for (i = 1; i <= kinds; i++)
		if ((("pairs-" many "." what), kind[i]) in units && ((("pairs-" few "." what), kind[i]) in units)) {
			any = 1
			line = line sprintf("%11.3f", value("pairs-" many "." what, kind[i], "kernel") / \
				value("pairs-" few "." what, kind[i], "kernel"))
		} else line = line sprintf("%11s", "-")
	if (!any) return
	print line
	if (("pairs-" many "." what, "vnet") in units) linear(what, few, many)
}

# "Linear": a tenfold number makes a pair at most a twentieth dearer.
function linear(what, few, many, ratio) {
	ratio = value("pairs-" many "." what, "vnet", "kernel") / value("pairs-" few "." what, "vnet", "kernel")
	printf "  goal: vnet at most 1.05: %.3f, %s\n", ratio, ratio <= 1.05 ? "met" : "NOT MET"
	printf "pairs-%s.%s vnet goal-growth %s\n", many, what, ratio <= 1.05 ? "met" : "missed" >figures
}

# What a dump costs a device, and beside it once: the line through 10 and 1,000 pairs, and how
# far 100 are from it.
function fit(i, line, few, middle, many, slope, base) {
	line = sprintf("  %-44s", "a device, by the line through 10 and 1000")
	for (i = 1; i <= kinds; i++) {
		few = value("dump-10", kind[i], "kernel") * units["dump-10", kind[i]]
		many = value("dump-1000", kind[i], "kernel") * units["dump-1000", kind[i]]
		slope = (many - few) / (units["dump-1000", kind[i]] - units["dump-10", kind[i]])
		line = line sprintf("%11.0f", slope)
		printf "dump %s slope %.2f\n", kind[i], slope >figures
	}
	print line
	middle = value("dump-100", "vnet", "kernel") * units["dump-100", "vnet"]
	few = value("dump-10", "vnet", "kernel") * units["dump-10", "vnet"]
	many = value("dump-1000", "vnet", "kernel") * units["dump-1000", "vnet"]
	slope = (many - few) / (units["dump-1000", "vnet"] - units["dump-10", "vnet"])
	base = few - slope * units["dump-10", "vnet"]
	printf "  vnet: %.0f + %.0f a device; 100 pairs are %.3f of it\n", base, slope, \
		middle / (base + slope * units["dump-100", "vnet"])
}

function dumps() {
	head("A dump of all devices, instructions a device")
	row("dump-10", "10 pairs", "kernel")
	row("dump-100", "100 pairs", "kernel")
	row("dump-1000", "1000 pairs", "kernel")
	if (("dump-1000", "vnet") in units) fit()
	verdicts("dump-1000")
}

END {
	print "Guest instructions, exact. Kernel " release ", one processor."
	for (n = 1; n <= scenarios; n++) {
		s = order[n]
		if (s == "single") frames(s, "One 60-byte frame a wake-up, a frame")
		else if (s == "burst") frames(s, "16 frames of 60 bytes in one burst, a frame")
		else if (s == "bulk") bulk(s, "TCP bulk, default sizes, a KiB")
		else if (s == "bulk-192k") bulk(s, "TCP bulk, super-frames of 192 KiB, a KiB")
		else if (s == "xdp") frames(s, "One frame a wake-up past XDP_PASS, a frame")
		else if (s == "rr") exchange(s, "UDP request/response, an exchange")
		else if (s == "impaired") impaired(s, "Loss 1 %, delay 10 ms, a frame")
		else if (s == "impaired-100000") impaired(s, "Loss 1 %, delay 1 s, a frame")
		else if (s ~ /\.create$/) lifecycle(s)
		else if (s == "dump-1000") dumps()
	}
	if (("pairs-1000.create" in seen)) {
		head("A pair's price as their number grows")
		growth(100, 1000, "create")
		growth(100, 1000, "delete")
		growth(1000, 10000, "create")
		growth(1000, 10000, "delete")
	}
}
