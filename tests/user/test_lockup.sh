#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The guide's `lockup`: every N-th transmit interrupt is lost, the watchdog recovers the queue.
# shellcheck source=tests/user/lib.sh
. "$(dirname "$0")/lib.sh"

ns_new ns lockup
a=192.168.1.1
b=192.168.0.2

timeouts_counted() {
  report && echo "snull0 tx_timeouts $(counter snull0 tx_timeouts)" &&
    (($(counter snull0 tx_timeouts) > 0))
}
slow_but_whole() { # 20 echoes: some wait for the watchdog, none is lost
  traffic_ping "$ns" $b -c 20 -i 0.05 -W 10
}
fast_without() { ! log_says "lost, queue stopped"; }

must "lockup: the pair comes up" driver_up "$ns" --snull --lockup 5 --timeout 100ms
must "lockup: addresses" snull_addresses "$ns"
check "lockup: pings wait, and are answered" slow_but_whole
check "lockup: the lost interrupt is logged" \
  expect_log "snull0: transmit interrupt of frame 5 lost, queue stopped"
check "lockup: the watchdog's timeout is logged" expect_log "snull0: transmit queue timed out"
check "lockup: the recovery is logged" expect_log "snull0: transmit queue recovered"
check "lockup: timeouts are counted" timeouts_counted
check "lockup: a TCP file gets through" traffic_file "$ns" "$ns" $a $b 20000
check "lockup: frames are conserved" conserved
check "lockup: taken down while a queue may be stopped" ip -n "$ns" link set snull0 down
check "lockup: and up again" ip -n "$ns" link set snull0 up
check "lockup: it has its link again" traffic_link_up "$ns" snull0
check "lockup: pings are answered again" slow_but_whole
check "lockup: it ends" driver_down

must "no lockup: the pair comes up" driver_up "$ns" --snull
must "no lockup: addresses" snull_addresses "$ns"
check "no lockup: flood" traffic_flood "$ns" "$ns" $a $b 1000
check "no lockup: no interrupt is lost" fast_without
check "no lockup: no timeouts" expect_counter snull0 tx_timeouts 0
check "no lockup: it ends" driver_down

# A ring of 64 under a flood of datagrams: queues stop and wake, nothing hangs.
must "small ring: the pair comes up" driver_up "$ns" --snull --ring 64
must "small ring: addresses" snull_addresses "$ns"
check "small ring: iperf3 both ways" traffic_iperf3 "$ns" "$ns" $a $b 2
check "small ring: frames are conserved" conserved
check "small ring: it ends" driver_down
