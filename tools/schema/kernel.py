# SPDX-License-Identifier: GPL-2.0-only
"""kernel/netlink_gen.{h,c}: operations and multicast groups of the generic netlink family.

There is no policy: the core's decoder is the one that looks at attributes. genl_small_ops is what
Linux 6.1, 6.12 and 7 all have (genl_split_ops came with 6.2).
"""

from schema.spec import upper
from schema.text import c_head


def operations(spec):
    return [each for each in spec.commands if each.kernel]


def header(spec):
    prototypes = ""
    for each in operations(spec):
        if each.do is not None:
            prototypes += f"int vnet_nl_{each.c}_doit(struct sk_buff *skb, struct genl_info *info);\n"
        if each.dump is not None:
            prototypes += f"int vnet_nl_{each.c}_dumpit(struct sk_buff *skb, struct netlink_callback *cb);\n"
    groups = "".join(f"\tVNET_NLGRP_{upper(each)},\n" for each in spec.groups)
    return (
        c_head()
        + "#ifndef VNET_NETLINK_GEN_H\n#define VNET_NETLINK_GEN_H\n\n"
        + "#include <net/genetlink.h>\n#include <linux/vnet_netlink.h>\n\n"
        + prototypes
        + f"\nenum {{\n{groups}\tVNET_NLGRP_COUNT\n}};\n\n"
        + f"#define VNET_NL_OPS {len(operations(spec))}\n\n"
        + "extern const struct genl_small_ops vnet_nl_ops[VNET_NL_OPS];\n"
        + "extern const struct genl_multicast_group vnet_nl_mcgrps[VNET_NLGRP_COUNT];\n\n#endif\n"
    )


def operation(command):
    lines = [f".cmd = {command.c_name},"]
    if command.do is not None:
        lines.append(f".doit = vnet_nl_{command.c}_doit,")
    if command.dump is not None:
        lines.append(f".dumpit = vnet_nl_{command.c}_dumpit,")
    if command.admin:
        lines.append(".flags = GENL_UNS_ADMIN_PERM,")
    return "\t{\n" + "".join(f"\t\t{each}\n" for each in lines) + "\t},\n"


def group(spec, name):
    admin = "\t\t.flags = GENL_MCAST_CAP_NET_ADMIN,\n" if name in spec.admin_groups else ""
    return f"\t[VNET_NLGRP_{upper(name)}] = {{\n\t\t.name = VNET_MCGRP_{upper(name)},\n{admin}\t}},\n"


def source(spec):
    groups = "".join(group(spec, each) for each in spec.groups)
    return (
        f"// SPDX-License-Identifier: GPL-2.0-only\n{c_head().splitlines()[1]}\n"
        + '#include "netlink_gen.h"\n\n'
        + "/*\n * No policy: the core's decoder validates, see docs/architecture.md. The family's resv_start_op\n"
        + " * stands behind the last command, or the kernel would refuse all attributes.\n */\n"
        + "const struct genl_small_ops vnet_nl_ops[VNET_NL_OPS] = {\n"
        + "".join(operation(each) for each in operations(spec))
        + "};\n\n"
        + f"const struct genl_multicast_group vnet_nl_mcgrps[VNET_NLGRP_COUNT] = {{\n{groups}}};\n"
    )


def files(spec):
    return {"kernel/netlink_gen.h": header(spec), "kernel/netlink_gen.c": source(spec)}
