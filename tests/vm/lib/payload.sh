# shellcheck shell=bash disable=SC2154 # variables of run, see below
# What a run brings along: the module, the tests, their libraries, --add files. Sourced by run; uses its
# variables tests, adds, module, shell, work, here, project. In the guest it is the folder /vnet, and --add files
# are where they were asked for: the payload is a layer of the guest's root.

TEST_SECONDS=120 # unless the test says "# timeout: SECONDS"

header_values() { # KEY FILE: the values of lines "# KEY: VALUE"
	sed -nE "s/^# *$1: *(.*[^ ]) *\$/\1/p" "$2"
}

# A test is named as the shell sees it, or relative to tests/vm.
find_test() { # NAME
	local candidate
	for candidate in "$1" "$here/$1" "$here/cases/$1" "$here/cases/$1.sh"; do
		if [[ -f $candidate ]]; then
			realpath "$candidate"
			return
		fi
	done
	die "no test $1"
}

# Where a test goes in the payload: its place in tests/ if it has one, so that it finds what is beside it.
test_place() { # NUMBER FILE
	case $2 in
	"$project"/tests/*) printf 'tests/%s\n' "${2#"$project"/tests/}" ;;
	*) printf 'tests/vm/given/%s/%s\n' "$1" "${2##*/}" ;;
	esac
}

add_tests() { # PAYLOAD
	local number=0 file place label seconds
	: >"$1/vnet/plan"
	: >"$1/vnet/expect-console"
	for file in "${tests[@]}"; do
		number=$((number + 1))
		place=$(test_place "$number" "$file")
		mkdir -p "$1/vnet/${place%/*}"
		cp -L "$file" "$1/vnet/$place"
		label=${file##*/}
		label=${label%.sh}
		[[ $label != *[[:space:]]* ]] || die "a test's name may not contain a space: $file"
		seconds=$(header_values timeout "$file" | head -n 1)
		printf '%s %s %s %s\n' "$number" "$label" "${seconds:-$TEST_SECONDS}" "/vnet/$place" >>"$1/vnet/plan"
		header_values expect-console "$file" >>"$1/vnet/expect-console"
	done
	cp "$1/vnet/expect-console" "$work/expect-console"
}

add_shared() { # PAYLOAD
	local folder
	for folder in traffic scenario vm/cases; do
		[[ -d $project/tests/$folder ]] || continue
		mkdir -p "$1/vnet/tests/$folder"
		cp -rL "$project/tests/$folder/." "$1/vnet/tests/$folder/"
	done
	mkdir -p "$1/vnet/guest"
	cp "$here/guest/runner" "$here/guest/scan-console" "$1/vnet/guest/"
	[[ -z $module ]] || cp -L "$module" "$1/vnet/vnet.ko"
	[[ $shell == 0 ]] || : >"$1/vnet/shell"
}

# /lib and the like are links in the guest's root, and a layer's folder of that name would hide them.
guest_path() {
	case $1 in
	/bin/* | /sbin/* | /lib/* | /lib64/*) printf '/usr%s\n' "$1" ;;
	/*) printf '%s\n' "$1" ;;
	*) printf '/vnet/%s\n' "$1" ;;
	esac
}

add_libraries() { # PAYLOAD FILE: what a dynamic ELF file is linked with
	local library target
	# ldd fails on anything else, which has no libraries.
	{ ldd "$2" 2>/dev/null || true; } | sed -nE 's#^.*[[:space:]](/[^ ]+) \(0x.*#\1#p' |
		while read -r library; do
			target=$1$(guest_path "$library")
			mkdir -p "${target%/*}"
			cp -L "$library" "$target"
		done
}

add_files() { # PAYLOAD
	local spec from to
	for spec in ${adds[@]+"${adds[@]}"}; do
		from=${spec%:*}
		to=$1$(guest_path "${spec##*:}")
		[[ -e $from ]] || die "--add: no file $from"
		mkdir -p "${to%/*}"
		cp -rL "$from" "$to"
		[[ ! -f $from ]] || add_libraries "$1" "$from"
	done
}

make_payload() { # sets payload to the image's path
	local tree=$work/payload
	mkdir -p "$tree/vnet"
	add_shared "$tree"
	add_files "$tree"
	add_tests "$tree"
	payload=$work/payload.erofs
	mkfs.erofs --quiet -x-1 -T0 --all-root "$payload" "$tree" >"$work/mkfs.log" 2>&1 ||
		die "mkfs.erofs failed: $(cat "$work/mkfs.log")"
}
