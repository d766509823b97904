# SPDX-License-Identifier: GPL-2.0-only
# What the target kernel's headers offer. Version numbers lie: Debian's stable kernels carry large API
# backports, so the headers themselves are asked.

vnet-headers := $(srctree)/include
vnet-probe = $(shell grep -qsE '$(1)' $(vnet-headers)/$(2) && echo -DVNET_HAVE_$(3))

ccflags-y += $(call vnet-probe,dev_kfree_skb_any_reason,linux/netdevice.h,KFREE_ANY_REASON)
ccflags-y += $(call vnet-probe,struct gro_node,linux/netdevice.h,GRO_NODE)
ccflags-y += $(call vnet-probe,struct rtnl_newlink_params,net/rtnetlink.h,NEWLINK_PARAMS)
ccflags-y += $(call vnet-probe,define netdev_lockdep_set_classes,net/netdev_lock.h,NETDEV_LOCK)
ccflags-y += $(call vnet-probe,gso_ipv4_max_size,linux/netdevice.h,GSO_IPV4)
ccflags-y += $(call vnet-probe,skb_gso_segment,net/gso.h,GSO_H)
ccflags-y += $(call vnet-probe,\<hrtimer_setup\>,linux/hrtimer.h,HRTIMER_SETUP)
ccflags-y += $(call vnet-probe,netns_immutable:1,linux/netdevice.h,NETNS_IMMUTABLE)
ccflags-y += $(call vnet-probe,netns_local:1,linux/netdevice.h,NETNS_LOCAL)
ccflags-y += $(call vnet-probe,remove_new,linux/platform_device.h,PLATFORM_REMOVE_NEW)
ccflags-y += $(call vnet-probe,skb_pp_cow_data,linux/skbuff.h,PP_COW)
ccflags-y += $(call vnet-probe,unregister_netdevice_queue_net,linux/netdevice.h,UNREGISTER_NET)
ccflags-y += $(call vnet-probe,enum xdp_mem_type mem_type,net/xdp.h,XDP_MEM_TYPE)
ccflags-y += $(call vnet-probe,xdp_set_features_flag,net/xdp.h,XDP_FEATURES)
ccflags-y += $(call vnet-probe,xmo_rx_vlan_tag,net/xdp.h,XDP_METADATA)
ccflags-y += $(call vnet-probe,struct ethtool_rxfh_param \*,linux/ethtool.h,RXFH_PARAM)
ccflags-y += $(call vnet-probe,\(\*set_rxfh_fields\),linux/ethtool.h,RXFH_FIELDS)
ccflags-y += $(call vnet-probe,\<netdev_watchdog_up\>,linux/netdevice.h,WATCHDOG_UP)
ccflags-y += $(call vnet-probe,for_each_netdev_dump,linux/netdevice.h,DEV_BY_INDEX)
