# shellcheck shell=bash disable=SC2154 # variables of run, see below
# Starting and ending qemu, and choosing its accelerator. Sourced by run; uses its variables:
# cache (folder), KIMAGE, BOOT_INITRD. Sets qemu_pid while a guest runs.

qemu_pid=''

# What saves boot time and keeps time right, each item measured (docs: tests/vm/README.md).
# oops=panic and panic=-1 end a broken guest at once instead of letting it limp into the timeout.
BASE_CMDLINE="console=ttyS0 quiet loglevel=5 panic=-1 oops=panic cryptomgr.notests \
initcall_blacklist=bpf_tcp_ca_kfunc_init,bpf_dummy_struct_ops_init,load_system_certificate_list,jent_mod_init \
apparmor=0 mitigations=off tsc=reliable no_timer_check random.trust_cpu=on net.ifnames=0 \
rcupdate.rcu_cpu_stall_timeout=60"

# Under TCG the guest reads this machine's own time stamp counter. Left to itself the guest measures its rate,
# wrongly so on a loaded host, and its clock runs fast: so it is told. With -icount the counter is 1 GHz.
tsc_cmdline() { # ACCEL ICOUNT
	local mhz
	if [[ $2 == 1 ]]; then
		echo "tsc_early_khz=1000000"
	elif [[ $1 == tcg ]]; then
		mhz=$(sed -n '/^cpu MHz/{s/^[^0-9]*\([0-9]*\)\.\([0-9]\{3\}\).*/\1\2/p;q}' /proc/cpuinfo)
		# Only inside a virtual machine is "cpu MHz" the counter's rate: elsewhere it follows the load.
		if [[ -n $mhz ]] && grep -qw hypervisor /proc/cpuinfo; then
			echo "tsc_early_khz=$mhz"
		fi
	fi
}

# Three independent ways by which no qemu stays behind: a hard timeout around it, the death signal of both
# (which works when this script is killed with SIGKILL), and the trap that calls stop_qemu.
# Called in the script's own shell, never in a subshell: the death signal belongs to the direct parent.
start_qemu() { # SECONDS ARGUMENT...
	local seconds=$1
	shift
	setpriv --pdeathsig KILL timeout -k 3 "$seconds" \
		setpriv --pdeathsig KILL qemu-system-x86_64 "$@" </dev/null >"$out/$name.qemu.log" 2>&1 &
	qemu_pid=$!
}

wait_qemu() { # returns qemu's exit status, 124 or 137 after a timeout
	local rc=0
	wait "$qemu_pid" 2>/dev/null || rc=$? # bash would report a qemu that was killed
	qemu_pid=''
	return $rc
}

stop_qemu() {
	[[ -n $qemu_pid ]] || return 0
	kill -TERM "$qemu_pid" 2>/dev/null || true # timeout hands it on, and SIGKILL after 3 s
	wait "$qemu_pid" 2>/dev/null || true
	qemu_pid=''
}

# la57=off: shorter page walks. -cx16: in QEMU 7.2 cmpxchg16b computes the flags from stale state, and an
# interrupt right after it saves garbage, the trap flag included: 6.12 with two processors died of it in most
# boots (SLUB uses that instruction; without it the kernel has a substitute).
TCG_CPU=max,la57=off,-cx16

accel_arguments() { # ACCEL ICOUNT: one argument per line
	if [[ $2 == 1 ]]; then
		# rep movsb counts every byte as an instruction: hide the features that make the kernel use it.
		printf '%s\n' -accel tcg,thread=single -icount shift=0,sleep=off -cpu "$TCG_CPU,-erms,-fsrm"
	elif [[ $1 == kvm ]]; then
		printf '%s\n' -accel kvm -cpu host
	else
		# thread=multi crashed guests under load (Oops: int3).
		printf '%s\n' -accel tcg,thread=single -cpu "$TCG_CPU"
	fi
}

# KVM counts only if a guest gets through its boot: /dev/kvm may exist and guests hang on it all the same.
probe_kvm() {
	local -a arguments
	mapfile -t arguments < <(accel_arguments kvm 0)
	start_qemu 10 "${arguments[@]}" -machine pc -m 256 -nodefaults -display none -no-reboot -no-user-config \
		-kernel "$KIMAGE" -initrd "$BOOT_INITRD" -append "$BASE_CMDLINE vnet.probe" \
		-serial "file:$out/$name.probe.log"
	wait_qemu || true
	grep -q vnet-probe-ok "$out/$name.probe.log" 2>/dev/null
}

# Sets accel. The answer holds until this machine boots again.
choose_accel() {
	local boot_id file
	accel=${VNET_ACCEL-}
	[[ -z $accel ]] || return 0
	read -r boot_id </proc/sys/kernel/random/boot_id
	file=$cache/vm/accel-$boot_id
	if [[ ! -s $file ]]; then
		rm -f "$cache"/vm/accel-*
		accel=tcg
		if probe_kvm; then accel=kvm; fi
		say "accelerator: $accel (until this machine's next boot)"
		printf '%s\n' "$accel" >"$file.$$"
		mv "$file.$$" "$file"
	fi
	read -r accel <"$file"
}
