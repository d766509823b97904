/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Control: what rtnetlink, generic netlink and ethtool share. The words and the
 * attributes are those of spec/vnet.yaml.
 */
#ifndef VNET_KERNEL_CONTROL_H
#define VNET_KERNEL_CONTROL_H

#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/vnet_netlink.h>
#include <vnet/control.h>

struct vnet_host_queue;

/* Was the attribute given? */
#define vnet_has(values, attribute) ((values)->has & BIT_ULL(attribute))

/* settings.c: what is asked of a link, seen from one of its ends. */
struct vnet_settings {
	struct vnet_info_values own;	/* of the device; once sorted, of the link, too */
	struct vnet_info_values peers;
	/* Where they came from, so that an error names its attribute; may be NULL. */
	const struct nlattr *own_nest;
	const struct nlattr *peers_nest;
	const struct sk_buff *request;	/* see vnet_may_change_net() */
	struct netlink_ext_ack *extack;
};

int vnet_settings_decode(struct vnet_settings *settings, const struct nlattr *nest);
int vnet_settings_sort(struct vnet_settings *settings);
int vnet_settings_refuse(const struct vnet_settings *settings, unsigned int attribute,
			 const char *text);
int vnet_settings_check(const struct vnet_settings *settings, struct net_device *dev);
int vnet_settings_apply(const struct vnet_settings *settings, struct net_device *dev);
void vnet_settings_prepare(const struct vnet_settings *settings, struct net_device *dev,
			   struct net_device *peer);
void vnet_seed_set(struct net_device *dev, u64 seed, bool new_run);

/* pair.c */
int vnet_pair_create(struct net_device *dev, struct net_device *peer,
		     const struct ifinfomsg *peer_header, const struct vnet_settings *settings);
void vnet_pair_delete(struct net_device *dev, struct list_head *head);
void vnet_pair_delete_now(struct net_device *dev);
bool vnet_valid_name(const char *name);

/* channels.c */
bool vnet_queues_allowed(struct net_device *dev, unsigned int count);
int vnet_set_queues(struct net_device *dev, unsigned int count);
void vnet_get_channels(struct net_device *dev, struct ethtool_channels *channels);
int vnet_set_channels(struct net_device *dev, struct ethtool_channels *channels);

/* netlink.c */
int vnet_netlink_register(void);
void vnet_netlink_unregister(void);

/* netlink_values.c: under RTNL */
void vnet_info_values(const struct net_device *dev, struct vnet_device_values *values);
void vnet_device_values(struct net_device *dev, struct vnet_device_values *values);

/* events.c: multicast group `events`, in the device's network namespace. */
void vnet_event(struct net_device *dev, enum vnet_event_type type, gfp_t gfp);
void vnet_params_event(struct net_device *dev, enum vnet_event_type type);
void vnet_queue_event(const struct vnet_host_queue *queue, enum vnet_event_type type, u64 value);
void vnet_fault_event(struct net_device *dev, const struct vnet_fault_event *event);
void vnet_device_changed(struct net_device *dev);
void vnet_link_changed(struct net_device *dev);

/* drops.c: multicast group `drops`. */
bool vnet_drops_heard(const struct vnet_host_queue *queue);
void vnet_tell_drop(const struct vnet_host_queue *queue, struct vnet_frame *frame, bool received,
		    enum vnet_drop reason);

#endif
