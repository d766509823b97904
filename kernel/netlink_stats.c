// SPDX-License-Identifier: GPL-2.0-only
/* stats-get, regs-get: counters and registers. */
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "control.h"
#include "netlink.h"
#include "netlink_dump.h"
#include "vnet.h"

/* ---- the host's counters */

static void add_host_counter(struct vnet_stats_values *values, const char *name, u64 value)
{
	struct vnet_host_counter_values *counter;

	if (!value || values->host_counter_count == ARRAY_SIZE(values->host_counter))
		return;
	counter = &values->host_counter[values->host_counter_count++];
	counter->name = (struct vnet_bytes) { name, strlen(name) };
	counter->value = value;
	counter->has = BIT_ULL(VNET_A_HOST_COUNTER_NAME) | BIT_ULL(VNET_A_HOST_COUNTER_VALUE);
	values->has |= BIT_ULL(VNET_A_STATS_HOST_COUNTER);
}

static const struct {
	const char *name;
	size_t offset;
} xdp_counters[] = {
	{ "xdp-pass", offsetof(struct vnet_xdp_stats, pass) },
	{ "xdp-drop", offsetof(struct vnet_xdp_stats, drop) },
	{ "xdp-tx", offsetof(struct vnet_xdp_stats, tx) },
	{ "xdp-redirect", offsetof(struct vnet_xdp_stats, redirect) },
	{ "xdp-errors", offsetof(struct vnet_xdp_stats, errors) },
	{ "xdp-xmit", offsetof(struct vnet_xdp_stats, xmit) },
	{ "xdp-xmit-errors", offsetof(struct vnet_xdp_stats, xmit_errors) },
};

static void add_xdp_counters(struct vnet_stats_values *values, struct net_device *dev)
{
	struct vnet_priv *priv = netdev_priv(dev);
	unsigned int i, queue;
	u64 sum;

	if (!priv->queues)
		return;
	for (i = 0; i < ARRAY_SIZE(xdp_counters); i++) {
		for (queue = 0, sum = 0; queue < dev->num_tx_queues; queue++)
			sum += READ_ONCE(*(const u64 *)((const u8 *)&priv->queues[queue].xdp_stats +
							xdp_counters[i].offset));
		add_host_counter(values, xdp_counters[i].name, sum);
	}
}

/* What the stack counts at this device and the core never saw: dropped on the way to wire
 * mode (attributes.c) or behind the poll; as dev_get_stats() adds it up.
 */
static void add_stack_counters(struct vnet_stats_values *values, struct net_device *dev)
{
	const struct net_device_core_stats __percpu *stats = READ_ONCE(dev->core_stats);
	u64 tx_dropped = 0, rx_dropped = 0, rx_nohandler = 0;
	int cpu;

	if (!stats)
		return;
	for_each_possible_cpu(cpu) {
		const struct net_device_core_stats *each = per_cpu_ptr(stats, cpu);

		tx_dropped += READ_ONCE(each->tx_dropped);
		rx_dropped += READ_ONCE(each->rx_dropped);
		rx_nohandler += READ_ONCE(each->rx_nohandler);
	}
	add_host_counter(values, "stack-tx-dropped", tx_dropped);
	add_host_counter(values, "stack-rx-dropped", rx_dropped);
	add_host_counter(values, "stack-rx-nohandler", rx_nohandler);
}

static void add_host_counters(struct vnet_stats_values *values, struct net_device *dev)
{
	struct rtnl_link_stats64 redirected = {};

	add_xdp_counters(values, dev);
	add_stack_counters(values, dev);
	/* What bpf_redirect_peer() brought here, past the rings. */
	dev_fetch_sw_netstats(&redirected, dev->tstats);
	add_host_counter(values, "redirect-frames", redirected.rx_packets);
	add_host_counter(values, "redirect-bytes", redirected.rx_bytes);
}

/* ---- stats-get */

static void stats_values(struct net_device *dev, u32 queue, struct vnet_stats_values *values)
{
	struct vnet_priv *priv = netdev_priv(dev);

	vnet_core_stats_values(priv->core, queue, values);
	values->ifindex = dev->ifindex;
	strscpy(values->ifname, dev->name, sizeof(values->ifname));
	values->has |= BIT_ULL(VNET_A_STATS_IFINDEX) | BIT_ULL(VNET_A_STATS_IFNAME);
	if (queue == VNET_ALL_QUEUES)
		add_host_counters(values, dev);
}

static int get_stats(struct genl_info *info, struct vnet_stats_values *values)
{
	struct vnet_which which = vnet_nl_which(info->nlhdr, values);
	u32 queue = VNET_ALL_QUEUES;
	struct net_device *dev;

	dev = vnet_nl_device(genl_info_net(info), &which, info->extack);
	if (IS_ERR(dev))
		return PTR_ERR(dev);
	if (vnet_has(values, VNET_A_STATS_QUEUE)) {
		queue = values->queue;
		if (queue >= dev->num_tx_queues) {
			NL_SET_ERR_MSG_ATTR(info->extack,
					    vnet_nl_attribute(info->nlhdr, VNET_A_STATS_QUEUE),
					    "queue: must be less than queues-max of the device");
			return -EINVAL;
		}
	}
	stats_values(dev, queue, values);
	return 0;
}

int vnet_nl_stats_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct vnet_stats_values *values = vnet_nl_request(info, sizeof(*values));
	int err;

	if (IS_ERR(values))
		return PTR_ERR(values);
	rtnl_lock();
	err = get_stats(info, values);
	rtnl_unlock();
	if (!err)
		err = vnet_nl_reply(info, VNET_SET_STATS, values);
	kfree(values);
	return err;
}

static int stats_request(struct vnet_nl_dump *dump, struct net *net)
{
	const struct vnet_stats_values *values = dump->values;
	struct vnet_which which = vnet_nl_which(dump->cb->nlh, values);

	dump->per_queue = vnet_has(values, VNET_A_STATS_PER_QUEUE);
	if (!which.ifindex && !which.ifname[0])
		return 0;
	dump->only = vnet_nl_device(net, &which, dump->cb->extack);
	return PTR_ERR_OR_ZERO(dump->only);
}

/* The sum, then each queue if that was asked for: args[1] is how many of these are sent. */
static int dump_stats(struct vnet_nl_dump *dump, struct net_device *dev)
{
	long *sent = &dump->cb->args[1];
	long last = dump->per_queue ? dev->num_tx_queues : 0;
	int err;

	for (; *sent <= last; ++*sent) {
		stats_values(dev, *sent ? *sent - 1 : VNET_ALL_QUEUES, dump->values);
		err = vnet_nl_dump_put(dump, VNET_SET_STATS);
		if (err)
			return err;
	}
	return 0;
}

int vnet_nl_stats_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	static const struct vnet_nl_dump_ops ops = {
		.size = sizeof(struct vnet_stats_values),
		.request = stats_request,
		.one = dump_stats,
	};

	return vnet_nl_dump(skb, cb, &ops);
}

/* ---- regs-get */

static int reply_registers(struct genl_info *info, const struct vnet_regs_values *request)
{
	struct vnet_which which = vnet_nl_which(info->nlhdr, request);
	struct vnet_regs_values values = {
		.has = BIT_ULL(VNET_A_REGS_IFINDEX) | BIT_ULL(VNET_A_REGS_IFNAME) |
		       BIT_ULL(VNET_A_REGS_VALUES),
	};
	struct net_device *dev;
	struct vnet_priv *priv;
	u32 *registers, count;
	int err;

	dev = vnet_nl_device(genl_info_net(info), &which, info->extack);
	if (IS_ERR(dev))
		return PTR_ERR(dev);
	priv = netdev_priv(dev);
	count = vnet_core_registers(priv->core, NULL, 0);
	registers = vnet_memory(kcalloc(count, sizeof(*registers), GFP_KERNEL));
	if (!registers)
		return -ENOMEM;
	vnet_core_registers(priv->core, registers, count);
	values.ifindex = dev->ifindex;
	strscpy(values.ifname, dev->name, sizeof(values.ifname));
	values.values = (struct vnet_bytes) { registers, count * sizeof(*registers) };
	err = vnet_nl_reply(info, VNET_SET_REGS, &values);
	kfree(registers);
	return err;
}

int vnet_nl_regs_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct vnet_regs_values *values = vnet_nl_request(info, sizeof(*values));
	int err;

	if (IS_ERR(values))
		return PTR_ERR(values);
	rtnl_lock();
	err = reply_registers(info, values);
	rtnl_unlock();
	kfree(values);
	return err;
}
