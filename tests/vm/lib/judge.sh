# shellcheck shell=bash disable=SC2154 # variables of run, see below
# The verdict of a run, from what the guest left on the host. Sourced by run; uses its variables out, name,
# tests, work, here, verbose, shell. Sets passed and failed.

# Every test must have a line of its own, and the end must have been reached.
judge_verdict() { # QEMU-STATUS
	local file=$out/$name.verdict missing
	passed=$(grep -c '^PASS ' "$file" || true)
	failed=$(grep -c '^FAIL ' "$file" || true)
	grep -E '^(PASS|FAIL) ' "$file" || true
	missing=$((${#tests[@]} - passed - failed))
	if ((missing > 0)); then
		echo "FAIL: $missing of ${#tests[@]} tests gave no verdict"
		failed=$((failed + missing))
	fi
	if ! grep -qx DONE "$file"; then
		case $1 in
		124 | 137) echo "FAIL: the guest was ended by the timeout of $seconds s" ;;
		*) echo "FAIL: the guest ended without DONE (qemu's exit status $1)" ;;
		esac
		((failed > 0)) || failed=1
	fi
}

judge_console() {
	local log=$out/$name.console.log events number title _
	events=$("$here/guest/scan-console" "$work/expect-console" <"$log")
	grep -q '^unexpected ' <<<"$events" || return 0
	while read -r _ number title; do
		printf 'FAIL: console line %s: %s\n' "$number" "$title"
	done < <(grep '^unexpected ' <<<"$events")
	read -r _ number _ < <(grep '^unexpected ' <<<"$events")
	sed -n "$((number > 3 ? number - 3 : 1)),$((number + 40))p" "$log" | tr -d '\r' | sed 's/^/    | /'
	# A test that already failed for it has been counted.
	((failed > 0)) || failed=1
}

# What to read after a failure that left no console event of its own.
show_logs() {
	grep -A 3 '^FAILED: ' "$out/$name.output.log" | cut -c 1-300 | head -n 40 || true
	echo "--- output of the tests (end; all of it: $out/$name.output.log)"
	[[ $verbose == 1 ]] || tail -n 200 "$out/$name.output.log"
	if ! grep -qx DONE "$out/$name.verdict"; then
		echo "--- console (end; all of it: $out/$name.console.log)"
		tail -n 40 "$out/$name.console.log" | tr -d '\r'
		cat "$out/$name.qemu.log"
	fi
}

judge() { # QEMU-STATUS
	judge_verdict "$1"
	# In a shell session the console carries what the developer typed and saw.
	[[ $shell == 1 ]] || judge_console
	((failed == 0)) || show_logs
}
