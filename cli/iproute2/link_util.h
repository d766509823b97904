/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What `ip` of iproute2 offers to, and wants of, a plugin for a kind of link. Its package has no
 * header for it: these are the declarations of its ip/ip_common.h (5.x to 6.x), include/utils.h,
 * include/libnetlink.h and include/json_print.h, as far as they are used here. The symbols are
 * those that `nm -D $(which ip)` lists.
 */
#ifndef VNET_LINK_UTIL_H
#define VNET_LINK_UTIL_H

#include <linux/rtnetlink.h>
#include <stdio.h>

struct link_util {
  struct link_util* next;
  const char* id;
  int maxattr;
  int (*parse_opt)(struct link_util*, int argc, char** argv, struct nlmsghdr*);
  void (*print_opt)(struct link_util*, FILE*, struct rtattr* tb[]);
  void (*print_xstats)(struct link_util*, FILE*, struct rtattr*);
  void (*print_help)(struct link_util*, int argc, char** argv, FILE*);
  int (*parse_ifla_xstats)(struct link_util*, int argc, char** argv);
  int (*print_ifla_xstats)(struct nlmsghdr*, void*);
};

/* The request that parse_opt() gets; iplink_parse() appends to it. */
enum { kRequestSize = 1024 };
struct iplink_req {
  struct nlmsghdr n;
  struct ifinfomsg i;
  char buf[kRequestSize];
};

/* Returns how many words it has read, up to and with `type KIND`. */
int iplink_parse(int argc, char** argv, struct iplink_req* req, char** type);

int addattr8(struct nlmsghdr* n, int maxlen, int type, __u8 data);
int addattr32(struct nlmsghdr* n, int maxlen, int type, __u32 data);
int addattr64(struct nlmsghdr* n, int maxlen, int type, __u64 data);
struct rtattr* addattr_nest(struct nlmsghdr* n, int maxlen, int type);
int addattr_nest_end(struct nlmsghdr* n, struct rtattr* nest);

enum output_type { PRINT_FP = 1, PRINT_JSON = 2, PRINT_ANY = 4 };
enum color_attr { COLOR_NONE = 6 };
int print_color_string(enum output_type type, enum color_attr color, const char* key,
                       const char* fmt, const char* value);
int print_color_u64(enum output_type type, enum color_attr color, const char* key, const char* fmt,
                    unsigned long long value);
int print_color_on_off(enum output_type type, enum color_attr color, const char* key,
                       const char* fmt, _Bool value);

/* These end the program with a line that names the word. */
void missarg(const char* key) __attribute__((noreturn));
void invarg(const char* msg, const char* arg) __attribute__((noreturn));
void duparg(const char* key, const char* arg) __attribute__((noreturn));

#endif
