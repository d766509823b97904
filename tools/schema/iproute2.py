# SPDX-License-Identifier: GPL-2.0-only
"""cli/iproute2/words_gen.h: the words of `ip link ... type vnet`."""

from schema.spec import WIDTH, snake
from schema.text import c_head, c_string

HEADER = """#ifndef VNET_WORDS_GEN_H
#define VNET_WORDS_GEN_H

#include <linux/vnet_netlink.h>

#include "cli/iproute2/spelled.h"

struct word {
  const char* keyword;
  const char* json;
  unsigned short attribute;
  unsigned short size; /* of the attribute, in bytes */
  enum word_value value;
  const char* const* names; /* of an enum's values, from 0 on; then NULL */
  const char* wanted;
  const char* help;
};

"""


def wanted(attribute):
    """What may stand behind the keyword."""
    value = attribute.word["value"]
    if value == "on-off":
        return "on | off"
    if value == "enum":
        return " | ".join(each.name for each in attribute.enum.entries)
    if value == "hex64":
        return "a number of 64 bits"
    form = {"count": "", "time-us": "a time, ", "time-ms": "a time, "}[value]
    return f"{form}{attribute.min} to {attribute.max} {attribute.word['unit']}"


def render_word(attribute):
    word = attribute.word
    names = f"{attribute.c}_names" if attribute.enum else "NULL"
    return (
        f"    {{{c_string(word['keyword'])}, {c_string(snake(word['keyword']))}, {attribute.c_name},\n"
        f"     {WIDTH[attribute.type]}, WORD_{snake(word['value']).upper()}, {names},\n"
        f"     {c_string(wanted(attribute))},\n"
        f"     {c_string(attribute.doc)}}},\n"
    )


def files(spec):
    words = [each for each in spec.info.attributes if each.word]
    text = c_head() + HEADER
    for each in words:
        if each.enum:
            names = ", ".join(c_string(entry.name) for entry in each.enum.entries)
            text += f"static const char* const {each.c}_names[] = {{{names}, NULL}};\n"
    text += "\n/* clang-format off */\nstatic const struct word words[] = {\n"
    text += "".join(render_word(each) for each in words)
    return {"cli/iproute2/words_gen.h": text + "};\n/* clang-format on */\n\n#endif\n"}
