/* SPDX-License-Identifier: GPL-2.0-only */
/* Values as the command vnet spells them (cli/values.h), for the plugin. */
#ifndef VNET_SPELLED_H
#define VNET_SPELLED_H

#include <linux/types.h>

#ifdef __cplusplus
extern "C" {
#endif

// NOLINTNEXTLINE(readability-identifier-naming): C's
enum word_value { WORD_ON_OFF, WORD_ENUM, WORD_COUNT, WORD_TIME_US, WORD_TIME_MS, WORD_HEX64 };

/* False: it is no such value. Of an enum none is: its names are the table's. */
int spelled_value(enum word_value kind, const char* text, __u64* value);

#ifdef __cplusplus
}
#endif

#endif
