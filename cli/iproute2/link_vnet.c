// SPDX-License-Identifier: GPL-2.0-only
// iproute2's plugin for `type vnet`: `ip` loads link_KIND.so from its own folder, or from
// $IP_LIB_DIR.
#include <linux/vnet.h>
#include <string.h>

#include "cli/iproute2/link_util.h"

static const char* const csum_modes[VNET_CSUM_MODE_MAX + 1] = {
    [VNET_CSUM_MODE_OFFLOAD] = "offload",
    [VNET_CSUM_MODE_WIRE] = "wire",
};

static void print_help(struct link_util* util, int argc, char** argv, FILE* out) {
  (void)util, (void)argc, (void)argv;
  fputs(
      "Usage: ... vnet [ csum { offload | wire } ] [ bigtcp { on | off } ] [ peer PEER ]\n"
      "\n"
      "       csum offload  partial checksums and super-frames cross as they are (default)\n"
      "       csum wire     every frame has complete checksums and the wire's size\n"
      "       bigtcp        super-frames may be longer than 64 KiB (default off)\n"
      "       PEER          the other end's options, as of `ip link add`; it comes last\n"
      "\n"
      "csum and bigtcp are the link's: the same at both ends, set from either.\n",
      out);
}

static __u8 parse_csum(const char* word) {
  for (__u8 mode = 0; mode <= VNET_CSUM_MODE_MAX; mode++)
    if (strcmp(word, csum_modes[mode]) == 0) return mode;
  invarg("csum must be \"offload\" or \"wire\"", word);
}

static __u8 parse_big_tcp(const char* word) {
  if (strcmp(word, "on") == 0) return 1;
  if (strcmp(word, "off") == 0) return 0;
  invarg("bigtcp must be \"on\" or \"off\"", word);
}

// As iproute2's ip/link_veth.c: iplink_parse() notes flags and index in the message's own header,
// and appends its attributes behind the peer's. Returns how many words it has read.
static int parse_peer(int argc, char** argv, struct nlmsghdr* n) {
  struct ifinfomsg *const header = NLMSG_DATA(n), own = *header;
  struct rtattr* const peer = addattr_nest(n, kRequestSize, VNET_INFO_PEER);
  char* type = NULL;

  *header = (struct ifinfomsg){.ifi_family = own.ifi_family};
  n->nlmsg_len += sizeof(struct ifinfomsg);
  const int words = iplink_parse(argc, argv, (struct iplink_req*)n, &type);
  if (words < 0) return words;
  if (type) duparg("type", type);
  *(struct ifinfomsg*)RTA_DATA(peer) = *header;
  *header = own;
  addattr_nest_end(n, peer);
  return words;
}

static int parse_opt(struct link_util* util, int argc, char** argv, struct nlmsghdr* n) {
  for (; argc > 0; argc -= 2, argv += 2) {
    const char* const word = argv[0];
    if (strcmp(word, "peer") == 0) {
      const int words = parse_peer(argc - 1, argv + 1, n);
      return words < 0 ? words : argc - 1 - words;
    }
    if (strcmp(word, "csum") != 0 && strcmp(word, "bigtcp") != 0) {
      if (strcmp(word, "help") != 0) fprintf(stderr, "vnet: unknown option \"%s\"?\n", word);
      print_help(util, argc, argv, stderr);
      return -1;
    }
    if (argc < 2) missarg(word);
    if (strcmp(word, "csum") == 0)
      addattr8(n, kRequestSize, VNET_INFO_CSUM, parse_csum(argv[1]));
    else
      addattr8(n, kRequestSize, VNET_INFO_BIG_TCP, parse_big_tcp(argv[1]));
  }
  return argc;
}

static void print_opt(struct link_util* util, FILE* out, struct rtattr* tb[]) {
  (void)util, (void)out;
  if (!tb) return;
  if (tb[VNET_INFO_CSUM]) {
    const __u8 mode = *(const __u8*)RTA_DATA(tb[VNET_INFO_CSUM]);
    print_color_string(PRINT_ANY, COLOR_NONE, "csum", "csum %s ",
                       mode <= VNET_CSUM_MODE_MAX ? csum_modes[mode] : "unknown");
  }
  if (tb[VNET_INFO_BIG_TCP])
    print_color_on_off(PRINT_ANY, COLOR_NONE, "bigtcp", "bigtcp %s ",
                       *(const __u8*)RTA_DATA(tb[VNET_INFO_BIG_TCP]) != 0);
}

// ip finds it by its name, KIND_link_util.
__attribute__((visibility("default"))) struct link_util vnet_link_util = {
    .id = "vnet",
    .maxattr = VNET_INFO_MAX,
    .parse_opt = parse_opt,
    .print_opt = print_opt,
    .print_help = print_help,
};
