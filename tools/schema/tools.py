# SPDX-License-Identifier: GPL-2.0-only
"""tests/tools/commands_gen.h: the commands by name, for the tools that send any of them."""

from schema.text import cc_head


def files(spec):
    rows = "".join(
        f'    {{"{each.name}", {each.c_name}, {each.set.c_name}, {str(each.kernel).lower()}}},\n'
        for each in spec.commands
    )
    text = (
        cc_head()
        + "#pragma once\n\n#include <vnet/control_gen.h>\n\n#include <string_view>\n\n"
        + "namespace vnet::tools {\n\n"
        + "struct Command {\n  const char* name;\n  vnet_u8 number;\n  vnet_set set;\n"
        + "  bool kernel;  // whether the module takes it\n};\n\n"
        + "// clang-format off\n"
        + f"inline constexpr Command kCommands[] = {{\n{rows}}};\n"
        + "// clang-format on\n\n"
        + "// Null if there is none.\n"
        + "inline const Command* find_command(std::string_view name) {\n"
        + "  for (const Command& each : kCommands)\n    if (name == each.name) return &each;\n"
        + "  return nullptr;\n}\n"
        + "inline const Command* find_command(vnet_u8 number) {\n"
        + "  for (const Command& each : kCommands)\n    if (number == each.number) return &each;\n"
        + "  return nullptr;\n}\n\n"
        + "}  // namespace vnet::tools\n"
    )
    return {"tests/tools/commands_gen.h": text}
