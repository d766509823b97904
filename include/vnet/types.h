/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Types that cross the boundary between the core and a host.
 *
 * Plain C, no libc and no kernel header: the kernel's C shim, the user-space
 * driver and the tests all read this file. Integers are spelled by width on
 * `unsigned long long` and friends because kCFI hashes mangle `uint64_t` and
 * the kernel's `u64` differently; `unsigned char` is used instead of `char`
 * because the kernel's `char` changed its sign in 6.2.
 */
#ifndef VNET_TYPES_H
#define VNET_TYPES_H

#include <vnet/drop_reasons_gen.h> /* VNET_DROP_REASONS(X): why a frame was lost */

typedef unsigned char vnet_u8;
typedef unsigned short vnet_u16;
typedef unsigned int vnet_u32;
typedef unsigned long long vnet_u64;

/* Shim and core are built together; vnet_core_init() compares this. */
#define VNET_ABI 1u

/* Limits of a device's parameters; a refusal names them. */
#define VNET_QUEUES_MAX 64u
#define VNET_RING_MIN 64u
#define VNET_RING_MAX 32768u
#define VNET_RING_DEFAULT 256u
#define VNET_MTU_MIN 68u /* RFC 791: every IPv4 link carries 68 bytes */
#define VNET_MTU_MAX 65535u
#define VNET_MTU_DEFAULT 1500u
#define VNET_TIMEOUT_MIN_MS 10u
#define VNET_TIMEOUT_MAX_MS 600000u
#define VNET_TIMEOUT_DEFAULT_MS 1000u
#define VNET_RX_USECS_MAX 100000u
#define VNET_RX_FRAMES_MAX 32768u
#define VNET_FILTER_MAX 128u /* addresses that a port's filter table holds */

enum vnet_drop {
#define VNET_DROP_ENUM(id, name, meaning) VNET_DROP_##id,
	VNET_DROP_REASONS(VNET_DROP_ENUM)
#undef VNET_DROP_ENUM
	VNET_DROP_COUNT
};

/* What is known about a frame's layer-4 checksum. */
enum vnet_csum {
	VNET_CSUM_NONE,     /* in the frame, not verified */
	VNET_CSUM_PARTIAL,  /* the field holds the folded pseudo-header sum only */
	VNET_CSUM_VERIFIED, /* in the frame, verified on this machine */
};

/*
 * A frame's descriptor: one layer-2 unit, possibly GSO. The payload stays with
 * the host; in the kernel this lives in skb->cb, in user space in the pool's
 * header. The host fills it in before vnet_core_tx_admit(), to_own 0, but for what is
 * true only later: most frames never need it.
 */
struct vnet_frame {
	union {
		struct vnet_frame *next; /* list link, for whoever owns the frame */
		void *receiver; /* after VNET_TX_ADMITTED: the host_queue that it goes to */
	};
	vnet_u32 len; /* bytes from the Ethernet header on, without FCS */
	/* The layer-4 checksum. True after vnet_host_frame_header(). */
	vnet_u16 csum_start;  /* VNET_CSUM_PARTIAL: where the sum begins in the frame */
	vnet_u16 csum_offset; /* and where its field is, from there */
	/* The frame's first eight bytes, as one word: destination MAC and two that do
	 * not matter. The host sets it between vnet_core_tx_admit() and _put().
	 */
	vnet_u8 dst[8];
	vnet_u32 wire_len;    /* bytes on the wire: each GSO segment's headers counted */
	vnet_u8 csum;         /* enum vnet_csum */
	vnet_u8 number[3];    /* on an impaired wire: which of its frames, modulo 2^24 */
	vnet_u16 wire_frames; /* frames on the wire: 1, or the number of GSO segments */
	vnet_u8 host_tag;     /* the host's: the core leaves it alone */
	union {
		vnet_u8 to_own; /* 1: the poll found that dst is the port's own MAC */
		vnet_u8 timed;  /* until then, 1: `due` is when it came to the ring */
		vnet_u8 copy;   /* on an impaired wire, 1: the wire has made it of another */
	};
	vnet_u32 entered;     /* on an impaired wire: the lower half of the time when it came */
	vnet_u64 due;         /* on an impaired wire: when it arrives, by vnet_host_clock_ns().
			       * Held up by a fault behind it: its number.
			       */
};

/* Who owns the frame after vnet_core_tx_admit(). */
enum vnet_verdict {
	VNET_TX_ADMITTED, /* still the caller, for vnet_core_tx_put() or _drop(); has a receiver */
	VNET_TX_DROPPED,  /* nobody: counted, and given to vnet_host_frames_drop() */
	VNET_TX_BUSY,     /* still the caller, and untouched: no room, the queue is stopped */
};

/* Interrupt causes: the status word's bits, the values of LDD3's snull. */
#define VNET_IRQ_RX 0x0001u
#define VNET_IRQ_TX 0x0002u

/* A device's parameters. `queues` is fixed at creation. */
struct vnet_params {
	vnet_u32 queues;     /* 1 to VNET_QUEUES_MAX */
	vnet_u32 ring_size;  /* frames, VNET_RING_MIN to _MAX; rounded up to a power of two */
	vnet_u32 mtu;        /* bytes, VNET_MTU_MIN to _MAX */
	vnet_u32 lockup;     /* every N-th transmit interrupt is lost; 0 = never */
	vnet_u32 timeout_ms; /* watchdog, VNET_TIMEOUT_MIN_MS to _MAX_MS */
	/* Microseconds that a receive interrupt may wait, to VNET_RX_USECS_MAX; 0: none. */
	vnet_u32 rx_usecs;
	/* Descriptors that end the wait, to VNET_RX_FRAMES_MAX; 0: half a ring does. */
	vnet_u32 rx_frames;
	vnet_u8 mac[6];      /* unicast, not zero */
	vnet_u8 snull;       /* 1: toggle the third IPv4 octet of what is sent */
	vnet_u8 pad;         /* 1: pad what is sent to 60 bytes (ETH_ZLEN) */
	vnet_u8 noarp;       /* 1: with snull, send to the receiver's own MAC (IFF_NOARP) */
	vnet_u8 tx_irq;      /* 1: a transmit interrupt per batch; 0: only to wake the queue */
	vnet_u8 adaptive_rx; /* 1: the core chooses rx_usecs and rx_frames, per queue */
	vnet_u64 seed;       /* of the link, both ends alike: what all its chance is drawn from */
};

/* What a port lets in besides its own MAC and broadcast. */
struct vnet_filter {
	const vnet_u8 (*unicast)[6];
	const vnet_u8 (*multicast)[6];
	vnet_u32 unicast_count;
	vnet_u32 multicast_count;
	vnet_u8 promiscuous;
	vnet_u8 all_multicast;
};

/* Receive-side scaling: what a port does with a flow, in the terms of Microsoft's RSS. */
#define VNET_RSS_KEY 40u      /* bytes */
#define VNET_RSS_ENTRIES 128u /* of the indirection table */

/* What a frame is hashed as. The first VNET_RSS_PORT_FLOWS have ports. */
enum vnet_rss_flow {
	VNET_RSS_TCP4,
	VNET_RSS_UDP4,
	VNET_RSS_TCP6,
	VNET_RSS_UDP6,
	VNET_RSS_PORT_FLOWS,
	VNET_RSS_IP4 = VNET_RSS_PORT_FLOWS, /* fragments, too */
	VNET_RSS_IP6,
	VNET_RSS_OTHER /* not hashed: table entry 0 */
};

struct vnet_rss {
	vnet_u8 key[VNET_RSS_KEY];
	vnet_u8 table[VNET_RSS_ENTRIES];    /* queues */
	vnet_u8 ports[VNET_RSS_PORT_FLOWS]; /* 1: hashed over the ports, too; 0: addresses only */
};

/* What is hashed, in network order: source address, destination address, source
 * port, destination port, without gaps (ports at 8 with IPv4, at 32 with IPv6).
 */
struct vnet_rss_tuple {
	vnet_u8 bytes[36];
	vnet_u8 flow; /* enum vnet_rss_flow */
};

enum vnet_rss_hashed {
	VNET_RSS_NOT_HASHED,
	VNET_RSS_HASHED_ADDRESSES,
	VNET_RSS_HASHED_PORTS
};

struct vnet_rss_result {
	vnet_u32 queue;
	vnet_u32 hash;  /* 0 if not hashed */
	vnet_u8 hashed; /* enum vnet_rss_hashed */
};

/* Protocols of VLAN tags that a port can filter (IEEE 802.1Q). */
enum vnet_vlan {
	VNET_VLAN_CTAG, /* customer, 0x8100 */
	VNET_VLAN_STAG, /* service, 0x88a8 */
	VNET_VLAN_COUNT
};

/* One queue's counters since creation; frames and bytes are wire frames and bytes. */
struct vnet_queue_stats {
	vnet_u64 tx_frames; /* accepted onto the link */
	vnet_u64 tx_bytes;
	vnet_u64 rx_frames; /* delivered to this host */
	vnet_u64 rx_bytes;
	vnet_u64 rx_multicast;
	vnet_u64 tx_timeouts;
	vnet_u64 rx_irqs; /* polls that found the RX bit set; several raises may share one */
	vnet_u64 tx_irqs;
	vnet_u64 polls;
	vnet_u64 resets; /* of the receive ring, after a bad descriptor */
	vnet_u64 in_flight; /* descriptors in the receive ring now */
	vnet_u64 tx_drops[VNET_DROP_COUNT];
	vnet_u64 rx_drops[VNET_DROP_COUNT];
};

/* What the core tells the host of its own accord. */
enum vnet_event {
	VNET_EVENT_LOCKUP,     /* (T) value: the ordinal of the frame whose interrupt is lost */
	VNET_EVENT_TX_TIMEOUT, /* (C) value: how often this queue has timed out */
	VNET_EVENT_RESET,      /* (P) value: how often this queue's receive ring was reset */
	VNET_EVENT_RESET_FAILED, /* (P, C) value: how often a reset of this queue failed */
};

/* Registers, 32 bits each, as `ethtool -d` and SIOCDEVPRIVATE read them. */
enum vnet_device_register {
	VNET_REG_ABI,
	VNET_REG_CONTROL, /* enum vnet_control_bits */
	VNET_REG_QUEUES,
	VNET_REG_RING_SIZE,
	VNET_REG_MTU,
	VNET_REG_LOCKUP,
	VNET_REG_TIMEOUT_MS,
	VNET_REG_DEVICE_COUNT /* then, for each queue, the following */
};

enum vnet_queue_register {
	VNET_REG_IRQ_STATUS, /* VNET_IRQ_RX | VNET_IRQ_TX: causes not yet served */
	VNET_REG_IRQ_MASK,   /* 1: masked, a poll is under way or the device is down */
	VNET_REG_TX_STATE,   /* VNET_TX_STOPPED | VNET_TX_HUNG */
	VNET_REG_RX_PENDING, /* descriptors in the receive ring */
	VNET_REG_QUEUE_COUNT
};

#define VNET_CONTROL_OPEN 0x1u
#define VNET_CONTROL_LINK 0x2u
#define VNET_CONTROL_SNULL 0x4u
#define VNET_CONTROL_PAD 0x8u
#define VNET_CONTROL_NOARP 0x10u
#define VNET_TX_STOPPED 0x1u
#define VNET_TX_HUNG 0x2u

#endif
