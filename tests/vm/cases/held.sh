# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# timeout: 1500
# A device that goes away with a million frames on its wire: each is accounted for, and nothing hangs.
source "$VNET_TESTS/vm/cases/lib/case.sh"
# shellcheck source=tests/vm/cases/lib/memory.sh
source "$VNET_TESTS/vm/cases/lib/memory.sh"

# Half of them are copies, which take 256 bytes less the payload: what a guest of 1 GiB has room for.
WANTED=500000

held() { vnet -n a -j impair show v0 | jq '.[0].held'; }
counters() { vnet -n b -j stats show v1 | jq "$@"; }
stopped() { counters '[.[0].drop[]? | select(.reason == "stopped") | .frames] | add // 0'; }
filled() { # COUNT: by pktgen; the wire has twice as many
  # shellcheck disable=SC2016 # expanded by the inner shell
  traffic_in a bash -c '
    cd /proc/net/pktgen
    echo rem_device_all >kpktgend_0 && echo add_device v0 >kpktgend_0 || exit 1
    for line in "count $0" "pkt_size 60" "delay 0" "dst 10.0.0.9" "dst_mac $1"; do echo "$line" >v0 || exit 1; done
    echo start >pgctrl; grep "Result: OK" v0; echo rem_device_all >kpktgend_0' \
    "$1" "$(traffic_in b cat /sys/class/net/v1/address)"
  echo "$(held) held, $(awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo) KiB left"
  (($(held) == 2 * $1))
}
grown() { (($(stopped) == $1)); }

# A thousandth of the frames would be more than this.
gave_back() {
  local -A after
  memory_read after
  echo "objects in use: ${before[objects]} KiB before, ${after[objects]} KiB after"
  ((after[objects] < before[objects] + 512))
}

modprobe pktgen
declare -A before
memory_read before
load
plain_pair || finish
check "frames come twice, much later" vnet -n a impair set v0 delay 1000s duplicate 100%
require "$WANTED frames and as many copies" filled "$WANTED"
equal "all are in flight" "$(counters '.[0].in_flight')" $((2 * WANTED))
check "the receiver goes down under them" ip -n b link set v1 down
check "all are lost, for that reason" grown $((2 * WANTED))
equal "none is held" "$(held)" 0
check "up again" ip -n b link set v1 up
traffic_link_up a v0
require "as many once more" filled "$WANTED"
check "the pair is deleted under them" ip -n a link del v0
check "the module goes" rmmod vnet
check "no frame has stayed" gave_back
finish
