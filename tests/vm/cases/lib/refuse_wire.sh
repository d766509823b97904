# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What netlink_refusals.sh asks of impairments and faults that is refused: `impairments`, `faults`. By its `bad` and `at`, of
# its v0, which has two queues.

# outside COMMAND ITEM...: each of them, by itself, is beyond what its attribute allows.
outside() {
  local command=$1 item
  shift
  for item; do at 8 "$command ${item:0:40}" "EINVAL: ${item%%=*} must be *" nlvnet "$command" ifname=v0 "$item"; done
}
# unfit COMMAND: of the lines of stdin, "OFFSET|TEXT|ITEM...", each is refused; without an offset none is told.
unfit() {
  local command=$1 offset text items
  while IFS='|' read -r offset text items; do
    # shellcheck disable=SC2086 # items are meant
    bad "$command $items" "EINVAL: $text*${offset:+$'\n'offset $offset}" nlvnet "$command" ifname=v0 $items
  done
}
zeros() { printf '%0*d' $((2 * $1)) 0; }
letters() { printf '%0*d' "$1" 0; }

impairments() {
  local always=4294967297 never=9223372036854775808
  outside impair-set direction=2 loss-model=6 loss-p{1,2,3,4,5}=$always loss-mean=999 {duplicate,corrupt,truncate,reorder}=$always \
    corrupt-bits={0,33} truncate-len={13,65536} {delay,jitter,trace-start}=$never distribution=5 \
    {jitter-reorder,gso-keep,trace-loop}=2 reorder-gap={0,1000001} rate={0,4000000000001} overhead=1025 limit-frames=0 \
    limit-bytes=0 trace-upload=0 loss-pattern="$(zeros 1032)" match="$(zeros 7)" \
    match="$(zeros 32776)" table="$(zeros 3)" table="$(zeros 32770)" {match,table,trace}-text="$(letters 256)" trace-sync="$(letters 64)"
  outside impair-del direction=2 knobs=0 knobs=2048
  outside impair-get direction=2 queue=64
  outside impair-trace trace-upload=0 trace-count={0,1048577} trace-at=1048576 trace-rows="$(zeros 31)"
  unfit impair-set <<'END'
8|impair-set takes only|held=1
8|loss-pattern must be 8 to 1024 bytes|loss-pattern=00
8|loss: a probability*without a model|loss-p1=1
8|loss burst: mean*only with|loss-mean=1000
8|loss pattern*only with|loss-pattern=0100000000000000
8|loss pattern: 1 to 65536|loss-model=5
16|loss pattern*64 bits|loss-model=5 loss-pattern=010000000000000002
16|loss pattern: *from 1|loss-model=5 loss-pattern=0000000000000000
16|loss pattern: *ascend|loss-model=5 loss-pattern=02000000000000000100000000000000
28|loss state: p13 and p14|loss-model=3 loss-p1=4294967296 loss-p5=1
28|loss state: p31 and p32|loss-model=3 loss-p2=4294967296 loss-p3=1
8|loss burst: the mean|loss-model=4 loss-p1=1
8|loss burst: the rate is more|loss-model=4 loss-mean=1000
16|loss burst: *N / (N + 1)|loss-model=4 loss-p1=4294967295 loss-mean=1000
8|corrupt: bits*without|corrupt-bits=2
8|truncate: a length*without|truncate-len=60
8|truncate: to 14|truncate=1
8|corrupt: not with gso keep|corrupt=1 gso-keep=1
8|truncate: not with gso keep|truncate=1 truncate-len=60 gso-keep=1
8|reorder: a gap*without|reorder-gap=2
8|reorder: needs a delay|reorder=1
8|delay: the jitter is at most|jitter=1
20|delay: delay and 4 times|delay=9223372036854775807 jitter=1
8|delay: a distribution needs|distribution=1
8|delay: jitter-reorder needs|jitter-reorder=1
32|delay: a table has 2|delay=2 jitter=1 distribution=4
32|delay: a table without|delay=2 jitter=1 table=00000100
40|delay: a table's values ascend|delay=2 jitter=1 distribution=4 table=01000000
8|delay: a table*16 bits|table=0000010000
8|delay: a text*without|table-text=x
8|rate: a burst without|burst=1
8|rate: an overhead without|overhead=1
40|queue: *16777216|delay=2 jitter=1 jitter-reorder=1 limit-frames=16777217
8|match: whole instructions|match=000000000000000000000000
8|match: not a valid|match=0000000000000000
8|match: a text*without|match-text=x
8|trace: a text*without|trace-text=x
8|trace: a loop without|trace-loop=1
8|trace: sync without|trace-sync=x
8|trace: a start without|trace-start=1
8|trace (trace-upload): impair-trace has not|trace-upload=1
END
  unfit impair-trace <<<"|*trace-at and trace-rows are needed|trace-upload=1"
  unfit impair-get <<<"|direction: is needed|"
  at 16 "impair-get of the third queue of two" "ENOENT: queue: the device has no such queue" \
    nlvnet impair-get ifname=v0 direction=0 queue=2
}

faults() {
  local command
  outside fault-add id=0 what=19 queue=64 when=8 duration=5 match="$(zeros 32776)" match-text="$(letters 256)"
  outside wire-get direction=2 queue=64
  outside golden-get stream=83 count={0,1000001}
  unfit fault-add <<'END'
8|fault-add takes only|fired=1
|what: is needed|
16|queue: must be less|what=0 queue=2
8|id: 1 to 2^31-1|id=2147483648 what=0
16|value: only|what=0 value=1
16|truncate: to 1|what=9 value=65536
16|bad-length: 1|what=10 value=4294967296
16|dma-slow: by 1 ns|what=13 value=10000000001
24|now: takes no value|what=3 when=0 when-value=1
24|at: a time is below|what=3 when=1 when-value=9223372036854775808
24|at: it expires before|what=3 when=1 when-value=60000000000
16|after: 1 to|what=3 when=2
24|nth: *from 1|what=3 when=3 when-value=0
24|every: 1 to|what=3 when=4 when-value=0
24|every: 100us|what=3 when=5 when-value=99999
24|prob: *more than 0|what=3 when=6 when-value=0
24|prob: *to 100 %|what=3 when=6 when-value=4294967297
24|match: takes no value|what=3 when=7 when-value=1
16|match: a program of 1|what=3 when=7
16|match: not with irq-lost|what=0 when=7
24|match: not a valid|what=3 when=7 match=0000000000000000
24|match: *whole instructions|what=3 when=7 match=000000000000000000000000
16|match: excludes|what=3 match=0000000000000000
24|for: a value without|what=3 duration=0 duration-value=1
16|count: 1 to|what=5 duration=2
24|count: this fault lasts|what=3 duration=2 duration-value=2
24|for: more than 0|what=3 duration=3 duration-value=0
24|for: irq-spurious|what=1 duration=3 duration-value=1
16|for: irq-spurious|what=1 duration=4
16|remove: a device goes once|what=18 duration=4
16|expire: below|what=3 expire=9223372036854775808
END
  for command in fault-get fault-fire; do unfit $command <<<"|id: is needed|"; done
  for command in fault-get fault-fire fault-del; do
    outside $command id=0
    at 8 "$command of no such fault" "ENOENT: id: the device has no such fault" nlvnet $command ifname=v0 id=1
  done
  unfit wire-get <<'END'
|direction, queue: are needed|direction=0
|direction, queue: are needed|queue=0
END
  at 16 "wire-get of the third queue of two" "ENOENT: queue: the receiver has no such queue" \
    nlvnet wire-get ifname=v0 direction=0 queue=2
}
