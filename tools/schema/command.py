# SPDX-License-Identifier: GPL-2.0-only
"""cli/schema_gen.{h,cc}: what the command reads and writes, as tables."""

from schema.spec import snake
from schema.text import c_string, cc_head

HEADER = """#pragma once

#include <vnet/control.h>

#include <cstddef>
#include <span>

namespace vnet::cli {

struct EnumEntry {
  const char* name;  // as the command says it: link-down
  const char* json;  // link_down
  vnet_u64 value;
  const char* doc;
};

struct EnumType {
  const char* name;
  bool flags;  // any of them at once
  std::span<const EnumEntry> entries;
};

// How struct vnet_<set>_values holds an attribute.
enum class Form {
  kNumber,  // an integer of `size` bytes
  kFlag,    // vnet_u8, 1
  kText,    // char[size], NUL-terminated
  kFixed,   // vnet_u8[size]
  kString,  // struct vnet_bytes, characters
  kBytes,   // struct vnet_bytes
  kNest,    // the struct of the set `nested`
};

// How it is shown.
enum class Show { kPlain, kOnOff, kEnum, kHex64, kMac, kU32Array, kU64Array };

struct Attribute {
  vnet_u16 id;
  const char* name;  // rx-ring
  const char* json;  // rx_ring
  Form form;
  Show show;
  bool is_signed;
  std::size_t size;          // of one, in bytes
  std::size_t offset;        // in struct vnet_<set>_values
  std::size_t count_offset;  // of its vnet_u32 count, if it may stand several times
  vnet_u32 count_max;        // 0: it stands once
  vnet_set nested;           // VNET_SET_COUNT: it is no nest
  const EnumType* enumeration;
  const char* doc;
};

struct AttributeSet {
  const char* name;
  std::span<const Attribute> attributes;  // [id - 1]
};

const AttributeSet& attribute_set(vnet_set set);

// What can be set of a device or link: a word of the command, and its attribute of the set `info`.
enum class Value { kOnOff, kEnum, kCount, kTimeUs, kTimeMs, kHex64 };
enum class Scope { kLink, kDevice };
enum class When { kNew, kSet, kBoth };

struct Knob {
  const char* keyword;
  const Attribute* attribute;
  Value value;
  const char* unit;  // empty: none
  vnet_u64 min, max;
  const char* default_text;
  Scope scope;
  bool kernel, user;  // which hosts can set it
  When when;
  const char* doc;
};

std::span<const Knob> knobs();

"""


def camel(name):
    return "k" + "".join(each.capitalize() for each in name.split("-"))


def show(attribute):
    if attribute.enum:
        return "kEnum"
    if attribute.type == "u8" and attribute.max == 1:
        return "kOnOff"
    if attribute.hint == "mac":
        return "kMac"
    if attribute.element == "u32":
        return "kU32Array"
    if attribute.element == "u64":
        return "kU64Array"
    if attribute.name == "seed" and attribute.type == "u64":
        return "kHex64"
    return "kPlain"


def form(attribute):
    if attribute.form == "bytes" and attribute.type == "string":
        return "kString"
    return camel(attribute.form)


def render_attribute(attribute):
    struct = attribute.set.struct
    size = f"sizeof({struct}::{attribute.c}{'[0]' if attribute.multi else ''})"
    count = f"offsetof({struct}, {attribute.c}_count)" if attribute.multi else "0"
    signed = "true" if attribute.type == "s32" else "false"
    return (
        f"    {{{attribute.c_name}, {c_string(attribute.name)}, {c_string(snake(attribute.name))},\n"
        f"     Form::{form(attribute)}, Show::{show(attribute)}, {signed},\n"
        f"     {size}, offsetof({struct}, {attribute.c}),\n"
        f"     {count}, {attribute.multi_max}, {attribute.nested.c_name if attribute.nested else 'VNET_SET_COUNT'},\n"
        f"     {'&' + camel(attribute.enum.name) + 'Type' if attribute.enum else 'nullptr'},\n"
        f"     {c_string(attribute.doc)}}},\n"
    )


def render_enum(enum):
    name = camel(enum.name)
    entries = "".join(
        f"    {{{c_string(each.word)}, {c_string(each.json)}, {each.c_name},\n"
        f"     {c_string(each.doc)}}},\n"
        for each in enum.entries
    )
    return (
        f"constexpr EnumEntry {name}Entries[] = {{\n{entries}}};\n"
        f"constexpr EnumType {name}Type{{{c_string(enum.name)}, {'true' if enum.flags else 'false'}, "
        f"{name}Entries}};\n"
    )


def render_knob(attribute):
    word = attribute.word
    hosts = [("true" if each in word["hosts"] else "false") for each in ("kernel", "user")]
    return (
        f"    {{{c_string(word['keyword'])}, &kInfoAttributes[{attribute.c_name} - 1], Value::{camel(word['value'])},\n"
        f"     {c_string(word.get('unit', ''))}, {attribute.min}u, {attribute.max}u, "
        f"{c_string(str(word['default']))},\n"
        f"     Scope::{camel(word['scope'])}, {hosts[0]}, {hosts[1]}, When::{camel(word['when'])},\n"
        f"     {c_string(attribute.doc)}}},\n"
    )


def source(spec):
    text = cc_head() + '#include "cli/schema_gen.h"\n\n// clang-format off\nnamespace vnet::cli {\nnamespace {\n\n'
    text += "\n".join(render_enum(each) for each in spec.enums.values())
    for each in spec.sets:
        text += f"\nconstexpr Attribute {camel(each.name)}Attributes[] = {{\n"
        text += "".join(render_attribute(attribute) for attribute in each.attributes) + "};\n"
    text += "\nconstexpr AttributeSet kSets[VNET_SET_COUNT] = {\n"
    text += "".join(f"    {{{c_string(each.name)}, {camel(each.name)}Attributes}},\n" for each in spec.sets)
    text += "};\n\nconstexpr Knob kKnobs[] = {\n"
    text += "".join(render_knob(each) for each in spec.info.attributes if each.word)
    return text + (
        "};\n\n}  // namespace\n\n"
        "const AttributeSet& attribute_set(vnet_set set) { return kSets[set]; }\n\n"
    )


def files(spec):
    getters = [f"{snake(each)}_type" for each in spec.enums]
    declared = "".join(f"const EnumType& {each}();\n" for each in getters)
    defined = "".join(
        f"const EnumType& {getter}() {{ return {camel(each)}Type; }}\n"
        for getter, each in zip(getters, spec.enums)
    )
    end = "\n}  // namespace vnet::cli\n"
    knobs = "std::span<const Knob> knobs() { return kKnobs; }\n\n"
    return {
        "cli/schema_gen.h": cc_head() + HEADER + declared + end,
        "cli/schema_gen.cc": source(spec) + knobs + defined + end,
    }
