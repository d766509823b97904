// SPDX-License-Identifier: GPL-2.0-only
// iproute2's plugin for `type vnet`: `ip` loads link_KIND.so from its own folder, or from
// $IP_LIB_DIR. Its words are those of the command vnet, by the table that is generated for it.
#include <stdlib.h>
#include <string.h>

#include "cli/iproute2/link_util.h"
#include "cli/iproute2/spelled.h"
#include "cli/iproute2/words_gen.h"

enum { kWords = sizeof(words) / sizeof(words[0]) };

static void print_help(struct link_util* util, int argc, char** argv, FILE* out) {
  (void)util, (void)argc, (void)argv;
  fputs("Usage: ... vnet [ OPTION VALUE ]... [ peer PEER ]\n\n", out);
  for (int i = 0; i < kWords; i++)
    fprintf(out, "  %-12s { %s }\n               %s\n", words[i].keyword, words[i].wanted,
            words[i].help);
  fputs(
      "\n  PEER: the other end's options, as of `ip link add`; it comes last.\n"
      "  Times have a unit: 50us, 1ms, 2s.\n",
      out);
}

static void refuse(const struct word* word, const char* text) {
  char wanted[256];
  snprintf(wanted, sizeof(wanted), "%s must be { %s }", word->keyword, word->wanted);
  invarg(wanted, text);
}

static __u64 parse_name(const struct word* word, const char* text) {
  for (__u64 value = 0; word->names[value]; value++)
    if (strcmp(text, word->names[value]) == 0) return value;
  refuse(word, text);
  return 0;
}

static __u64 parse_value(const struct word* word, const char* text) {
  __u64 value = 0;

  if (word->value == WORD_ENUM) return parse_name(word, text);
  if (!spelled_value(word->value, text, &value)) refuse(word, text);
  return value;
}

// What does not fit the attribute is refused here, what is out of range by the module, by name.
static void add_value(struct nlmsghdr* n, const struct word* word, const char* text) {
  const __u64 value = parse_value(word, text);

  if (word->size < 8 && value >> (8 * word->size)) refuse(word, text);
  if (word->size == 1)
    addattr8(n, kRequestSize, word->attribute, (__u8)value);
  else if (word->size == 4)
    addattr32(n, kRequestSize, word->attribute, (__u32)value);
  else
    addattr64(n, kRequestSize, word->attribute, value);
}

// As iproute2's ip/link_veth.c: iplink_parse() notes flags and index in the message's own header,
// and appends its attributes behind the peer's. Returns how many words it has read.
static int parse_peer(int argc, char** argv, struct nlmsghdr* n) {
  struct ifinfomsg *const header = NLMSG_DATA(n), own = *header;
  struct rtattr* const peer = addattr_nest(n, kRequestSize, VNET_INFO_PEER);
  char* type = NULL;

  *header = (struct ifinfomsg){.ifi_family = own.ifi_family};
  n->nlmsg_len += sizeof(struct ifinfomsg);
  const int read = iplink_parse(argc, argv, (struct iplink_req*)n, &type);
  if (read < 0) return read;
  if (type) duparg("type", type);
  *(struct ifinfomsg*)RTA_DATA(peer) = *header;
  *header = own;
  addattr_nest_end(n, peer);
  return read;
}

static const struct word* find_word(const char* keyword) {
  for (int i = 0; i < kWords; i++)
    if (strcmp(words[i].keyword, keyword) == 0) return &words[i];
  return NULL;
}

static int parse_opt(struct link_util* util, int argc, char** argv, struct nlmsghdr* n) {
  __u64 given = 0;

  for (; argc > 0; argc -= 2, argv += 2) {
    const struct word* const word = find_word(argv[0]);

    if (strcmp(argv[0], "peer") == 0) {
      const int read = parse_peer(argc - 1, argv + 1, n);
      return read < 0 ? read : argc - 1 - read;
    }
    if (!word) {
      if (strcmp(argv[0], "help") != 0) fprintf(stderr, "vnet: unknown option \"%s\"?\n", argv[0]);
      print_help(util, argc, argv, stderr);
      return -1;
    }
    if (argc < 2) missarg(argv[0]);
    if (given >> word->attribute & 1) duparg(argv[0], argv[1]);
    given |= 1ull << word->attribute;
    add_value(n, word, argv[1]);
  }
  return argc;
}

static __u64 read_value(const struct word* word, const struct rtattr* attribute) {
  __u64 value = 0;

  // The attribute is as long as the module made it; another version's may be shorter.
  if (RTA_PAYLOAD(attribute) < word->size) return 0;
  if (word->size == 1) return *(const __u8*)RTA_DATA(attribute);
  if (word->size == 4) return *(const __u32*)RTA_DATA(attribute);
  memcpy(&value, RTA_DATA(attribute), sizeof(value));
  return value;
}

static void print_name(const struct word* word, __u64 value) {
  const char* name = "unknown";

  for (__u64 i = 0; word->names[i]; i++)
    if (i == value) name = word->names[i];
  print_color_string(PRINT_ANY, COLOR_NONE, word->json, "%s ", name);
}

// In JSON a number of its unit, in text as it would be written.
static void print_number(const struct word* word, __u64 value) {
  char text[32];

  print_color_u64(PRINT_JSON, COLOR_NONE, word->json, NULL, value);
  snprintf(text, sizeof(text), "%llu%s", value,
           word->value == WORD_TIME_US   ? "us"
           : word->value == WORD_TIME_MS ? "ms"
                                         : "");
  print_color_string(PRINT_FP, COLOR_NONE, NULL, "%s ", text);
}

static void print_value(const struct word* word, __u64 value) {
  char text[32];

  print_color_string(PRINT_FP, COLOR_NONE, NULL, "%s ", word->keyword);
  switch (word->value) {
    case WORD_ON_OFF:
      print_color_on_off(PRINT_ANY, COLOR_NONE, word->json, "%s ", value != 0);
      break;
    case WORD_ENUM:
      print_name(word, value);
      break;
    case WORD_HEX64:
      snprintf(text, sizeof(text), "0x%016llx", value);
      print_color_string(PRINT_ANY, COLOR_NONE, word->json, "%s ", text);
      break;
    default:
      print_number(word, value);
  }
}

static void print_opt(struct link_util* util, FILE* out, struct rtattr* tb[]) {
  (void)util, (void)out;
  if (!tb) return;
  for (int i = 0; i < kWords; i++)
    if (tb[words[i].attribute])
      print_value(&words[i], read_value(&words[i], tb[words[i].attribute]));
}

// ip finds it by its name, KIND_link_util.
__attribute__((visibility("default"))) struct link_util vnet_link_util = {
    .id = "vnet",
    .maxattr = VNET_INFO_MAX,
    .parse_opt = parse_opt,
    .print_opt = print_opt,
    .print_help = print_help,
};
