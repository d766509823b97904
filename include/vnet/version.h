/* SPDX-License-Identifier: GPL-2.0-only */
/* The version of all that is built here. */
#ifndef VNET_VERSION_H
#define VNET_VERSION_H

#define VNET_VERSION "0.1.0"

#endif
