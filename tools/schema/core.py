# SPDX-License-Identifier: GPL-2.0-only
"""core/control/schema_gen.cc: the tables that the codec walks. Their types are in schema.h."""

from schema.text import c_string, cc_head, count_error, form_error, not_taken_error
from schema.text import range_error, unknown_error

NO_LIMIT = "kNoLimit"


def kind(attribute):
    if attribute.form == "bytes" and attribute.type == "string":
        return "kStringView"
    return {"number": "kNumber", "flag": "kFlag", "text": "kString", "fixed": "kFixed",
            "bytes": "kBytes", "nest": "kNest"}[attribute.form]


def render_attribute(attribute):
    struct = attribute.set.struct
    offset = f"__builtin_offsetof({struct}, {attribute.c})"
    count = f"__builtin_offsetof({struct}, {attribute.c}_count)" if attribute.multi else "0"
    nested = attribute.nested.c_name if attribute.nested else "VNET_SET_COUNT"
    longest = NO_LIMIT if attribute.max_length is None else attribute.max_length
    low, high = (attribute.min, attribute.max) if attribute.number else (0, 0)
    beyond = c_string(range_error(attribute)) if attribute.ranged else "nullptr"
    return (
        f"    {{Kind::{kind(attribute)}, {nested}, {offset},\n"
        f"     {count}, {attribute.multi_max}, {attribute.min_length}, {longest}, {low}u, {high}u,\n"
        f"     {beyond},\n"
        f"     {c_string(form_error(attribute))},\n"
        f"     {c_string(count_error(attribute))}}},\n"
    )


def table(owner):
    return "k" + "".join(each.capitalize() for each in owner.name.split("-")) + "Attributes"


def render_set(owner):
    return (
        f"constexpr Attribute {table(owner)}[] = {{\n"
        + "".join(render_attribute(each) for each in owner.attributes)
        + "};\n"
    )


def wrapped(parts, joint, indent, width=100):
    """The parts joined, broken where a line would be too long."""
    lines, line = [], ""
    for i, part in enumerate(parts):
        piece = part + (joint if i + 1 < len(parts) else "")
        if line and len(indent) + len(line) + len(piece.rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        line += piece
    return ("\n" + indent).join([*lines, line])


def render_mask(attributes):
    if not attributes:
        return "0"
    return wrapped([f"bit({each.c_name})" for each in attributes], " | ", "     ")


def render_takes(attributes, error):
    return f"{{\n     {render_mask(attributes)},\n     {c_string(error)}}}"


def render_nested(owner):
    """What stands in the set where it is a nest; only of `info` has rtnetlink more than that."""
    if owner.name != "info":
        return "{~0ull, nullptr}"
    settable = [each for each in owner.attributes if each.word]
    others = ", ".join(each.name for each in owner.attributes if not each.word)
    return render_takes(settable, f"{others} stands in IFLA_INFO_DATA only, not in a nest")


def render_side(command, dump):
    attributes = command.dump if dump else command.do
    if attributes is None:
        return "{false, {0, nullptr}}"
    return f"{{true, {render_takes(attributes, not_taken_error(command, dump))}}}"


def render_command(command):
    return (
        f"    {{{command.set.c_name},\n"
        f"     {render_side(command, False)},\n"
        f"     {render_side(command, True)}}},  // {command.name}\n"
    )


def files(spec):
    sets = "".join(
        f"    {{{table(each)}, {len(each.attributes)}, sizeof({each.struct}),\n"
        f"     {c_string(unknown_error(each))},\n"
        f"     {render_nested(each)}}},\n"
        for each in spec.sets
    )
    commands = "".join(render_command(each) for each in spec.commands)
    text = (
        cc_head()
        + '#include "core/control/schema.h"\n\n'
        + "// clang-format off\n"
        + "namespace vnet {\nnamespace {\n\n"
        + "\n".join(render_set(each) for each in spec.sets)
        + f"\nconstexpr AttributeSet kSets[VNET_SET_COUNT] = {{\n{sets}}};\n\n"
        + f"constexpr Command kCommands[VNET_CMD_MAX] = {{\n{commands}}};\n\n}}  // namespace\n\n"
        + "const AttributeSet& attribute_set(vnet_set set) { return kSets[set]; }\n"
        + "const Command& command_schema(u32 command) { return kCommands[command - 1]; }\n\n"
        + "}  // namespace vnet\n"
    )
    return {"core/control/schema_gen.cc": text}
