# SPDX-License-Identifier: GPL-2.0-only
"""include/uapi/linux/vnet_netlink.h, in the form of the kernel's own ynl-gen-c."""

from schema.spec import upper
from schema.text import c_head, c_comment


def kernel_doc(enum):
    lines = f"/**\n * enum vnet_{enum.name.replace('-', '_')} - {enum.doc}\n"
    for each in enum.entries:
        if each.doc:
            lines += f" * @{each.c_name}: {each.doc}\n"
    return lines + " */\n"


def render_enum(enum):
    prefix = f"VNET_{upper(enum.name)}"
    text = kernel_doc(enum) + f"enum vnet_{enum.name.replace('-', '_')} {{\n"
    for each in enum.entries:
        text += f"\t{each.c_name}{f' = {each.value}' if enum.flags else ''},\n"
    if enum.flags:
        return text + "};\n"
    text += f"\n\t/* private: */\n\t__{prefix}_MAX,\n"
    return text + f"\t{prefix}_MAX = (__{prefix}_MAX - 1)\n}};\n"


def render_numbers(prefix, names, doc):
    text = c_comment(doc) + "enum {\n"
    for i, name in enumerate(names):
        text += f"\t{name}{' = 1' if i == 0 else ''},\n"
    return text + f"\n\t__{prefix}MAX,\n\t{prefix}MAX = (__{prefix}MAX - 1)\n}};\n"


def files(spec):
    guard = "_UAPI_LINUX_VNET_NETLINK_H"
    parts = [c_head(uapi=True) + f"#ifndef {guard}\n#define {guard}\n"]
    parts.append('#define VNET_FAMILY_NAME\t"vnet"\n#define VNET_FAMILY_VERSION\t1\n')
    parts += [render_enum(each) for each in spec.enums.values()]
    for each in spec.sets:
        names = [attribute.c_name for attribute in each.attributes]
        parts.append(render_numbers(each.prefix, names, each.doc))
    commands = [each.c_name for each in spec.commands]
    parts.append(render_numbers("VNET_CMD_", commands, "Commands, and the messages of the multicast groups."))
    parts.append("".join(f'#define VNET_MCGRP_{upper(each)}\t"{each}"\n' for each in spec.groups))
    parts.append(f"#endif /* {guard} */\n")
    return {"include/uapi/linux/vnet_netlink.h": "\n".join(parts)}
