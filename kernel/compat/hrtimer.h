/* SPDX-License-Identifier: GPL-2.0-only */
/* A timer and its function: in two steps until 6.12, in one from 6.13 on. */
#ifndef VNET_COMPAT_HRTIMER_H
#define VNET_COMPAT_HRTIMER_H

#include <linux/hrtimer.h>

#ifndef VNET_HAVE_HRTIMER_SETUP
static inline void hrtimer_setup(struct hrtimer *timer,
				 enum hrtimer_restart (*function)(struct hrtimer *),
				 clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = function;
}
#endif

#endif
