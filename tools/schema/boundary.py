# SPDX-License-Identifier: GPL-2.0-only
"""include/vnet/control_gen.h, drop_reasons_gen.h and fault_kinds_gen.h: what the boundary takes from the schema."""

from schema.spec import upper
from schema.text import c_comment, c_head, c_string

C_TYPES = {"u8": "vnet_u8", "u32": "vnet_u32", "s32": "int", "u64": "vnet_u64"}


def members(attribute):
    name = attribute.c
    if attribute.form == "number":
        return [f"{C_TYPES[attribute.type]} {name}"]
    if attribute.form == "flag":
        return [f"vnet_u8 {name}"]
    if attribute.form == "text":
        return [f"char {name}[{attribute.max_length + 1}]"]
    if attribute.form == "fixed":
        return [f"vnet_u8 {name}[{attribute.exact_length}]"]
    if attribute.form == "bytes":
        return [f"struct vnet_bytes {name}"]
    inner = f"struct {attribute.nested.struct} {name}"
    if not attribute.multi:
        return [inner]
    return [f"vnet_u32 {name}_count", f"{inner}[{attribute.multi_max}]"]


def render_struct(owner):
    text = c_comment(owner.doc) + f"struct {owner.struct} {{\n"
    text += f"\tvnet_u64 has; /* 1ull << {owner.prefix}* */\n"
    for attribute in owner.attributes:
        text += "".join(f"\t{each};\n" for each in members(attribute))
    return text + "};\n"


def control(spec):
    parts = [
        c_head() + "#ifndef VNET_CONTROL_GEN_H\n#define VNET_CONTROL_GEN_H\n",
        "#include <linux/vnet_netlink.h>\n#include <vnet/types.h>\n",
        "/* Attribute sets. */\nenum vnet_set {\n"
        + "".join(f"\t{each.c_name},\n" for each in spec.sets)
        + "\tVNET_SET_COUNT\n};\n",
        "/* Bytes that stand elsewhere: in the message that was decoded. A string has no NUL. */\n"
        "struct vnet_bytes {\n\tconst void *data;\n\tvnet_u32 len;\n};\n",
    ]
    parts += [render_struct(each) for each in spec.inner_first]
    parts.append("#endif\n")
    return "\n".join(parts)


def x_macro(spec, enum, macro, guard, comment):
    lines = [
        f"\tX({upper(each.name)}, {c_string(each.json)}, \\\n\t  {c_string(each.doc)})"
        for each in spec.enums[enum].entries
    ]
    return (
        c_head()
        + f"#ifndef {guard}\n#define {guard}\n\n"
        + comment
        + f"#define {macro}(X) \\\n"
        + " \\\n".join(lines)
        + "\n\n#endif\n"
    )


def drop_reasons(spec):
    comment = (
        "/* Why a frame was lost: X(enumerator, name, meaning). Names are stable: they\n"
        " * are what `ethtool -S`, the logs and the tests show.\n */\n"
    )
    return x_macro(spec, "drop-reason", "VNET_DROP_REASONS", "VNET_DROP_REASONS_GEN_H", comment)


def fault_kinds(spec):
    comment = (
        "/* What a device does wrong: X(enumerator, name, meaning). Names are stable: they are what the\n"
        " * command takes and shows, and the logs say.\n */\n"
    )
    return x_macro(spec, "fault-what", "VNET_FAULTS", "VNET_FAULT_KINDS_GEN_H", comment)


def files(spec):
    return {
        "include/vnet/control_gen.h": control(spec),
        "include/vnet/drop_reasons_gen.h": drop_reasons(spec),
        "include/vnet/fault_kinds_gen.h": fault_kinds(spec),
    }
