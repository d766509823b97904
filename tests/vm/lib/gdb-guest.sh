# SPDX-License-Identifier: GPL-2.0-only
# timeout: 60
# The guest's side of tests/vm/gdb: says where the module's sections are, and pings until the debugger
# writes 7 into the module's parameter `pairs`. What is sent after that has to arrive.

echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6 # so that every frame is a ping's
insmod "$VNET_KO" snull=1 || exit
ip addr add 192.168.0.1/24 dev snull0
ip addr add 192.168.1.2/24 dev snull1
ip link set snull0 up
ip link set snull1 up
find /sys/module/vnet/sections -name '.*' -type f -printf 'section %f ' -exec cat {} \;
echo ready
until [[ $(</sys/module/vnet/parameters/pairs) == 7 ]]; do
	((SECONDS < 50)) || {
		echo "no word from the debugger"
		exit 1
	}
	ping -c 1 -W 10 192.168.0.2 >/dev/null || {
		echo "a ping was lost"
		exit 1
	}
	sleep 0.05
done
echo released
ping -c 5 -i 0.2 -W 10 192.168.0.2
