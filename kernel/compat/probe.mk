# SPDX-License-Identifier: GPL-2.0-only
# What the target kernel's headers offer. Version numbers lie: Debian's stable kernels carry large API
# backports, so the headers themselves are asked.

vnet-headers := $(srctree)/include
vnet-probe = $(shell grep -qE '$(1)' $(vnet-headers)/$(2) && echo -DVNET_HAVE_$(3))

ccflags-y += $(call vnet-probe,dev_kfree_skb_any_reason,linux/netdevice.h,KFREE_ANY_REASON)
ccflags-y += $(call vnet-probe,\<hrtimer_setup\>,linux/hrtimer.h,HRTIMER_SETUP)
ccflags-y += $(call vnet-probe,netns_immutable:1,linux/netdevice.h,NETNS_IMMUTABLE)
ccflags-y += $(call vnet-probe,netns_local:1,linux/netdevice.h,NETNS_LOCAL)
ccflags-y += $(call vnet-probe,remove_new,linux/platform_device.h,PLATFORM_REMOVE_NEW)
ccflags-y += $(call vnet-probe,skb_pp_cow_data,linux/skbuff.h,PP_COW)
ccflags-y += $(call vnet-probe,xdp_set_features_flag,net/xdp.h,XDP_FEATURES)
ccflags-y += $(call vnet-probe,xmo_rx_vlan_tag,net/xdp.h,XDP_METADATA)
