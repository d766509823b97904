# SPDX-License-Identifier: GPL-2.0-only
"""docs/reference/control.md: every command, attribute and enum."""

from schema.text import GENERATED, allowed, form

HEAD = f"""<!-- {GENERATED} -->
# Control: the reference

The commands of vnet's netlink protocol. The kernel module speaks it as the generic netlink family `vnet`, version 1; the
user-space driver takes the same bytes on a `SOCK_SEQPACKET` socket. The C names are in
`include/uapi/linux/vnet_netlink.h`; the kernel's own client reads `spec/vnet.yaml`.

Numbers are in the machine's byte order. Strings go out with their NUL and come in with or without it. What is unknown in
a *reply* is to be ignored: a newer vnet may say more. In a *request* it is refused, and so is what the command does not
take, what is given twice, of another size or out of range: `-EINVAL`, with a text that names the attribute and what it
allows, and the offset of the attribute.
"""


def code(text):
    return f"`{text}`"


def names(attributes):
    return ", ".join(code(each.name) for each in attributes) or "nothing"


def sentence(text):
    """A capital letter and one full stop, whatever the entry in the schema has."""
    return text[:1].upper() + text[1:].rstrip(".") + "." if text else ""


def cell(text):
    return text.replace("|", "\\|")


def command(each):
    lines = [f"### {each.name} ({each.number})\n\n{each.doc}\n"]
    lines.append(f"* Attributes: of the set [{each.set.name}](#set-{each.set.name}).")
    if each.event is not None:
        lines.append(f"* Sent to the group `{each.group}`, with {names(each.event)}.")
    if each.do is not None:
        reply = f"; the reply has {names(each.do_reply)}" if each.do_reply else ""
        lines.append(f"* One: the request may have {names(each.do)}{reply}.")
    if each.dump is not None:
        lines.append(f"* Dump: the request may have {names(each.dump)}; each message has {names(each.dump_reply)}.")
    if each.admin:
        lines.append("* Needs `CAP_NET_ADMIN` in the device's network namespace; for the socket, its owner.")
    if not each.kernel and each.event is None:
        lines.append("* Not in the kernel.")
    return "\n".join(lines) + "\n"


def type_of(attribute):
    if attribute.nested:
        link = f"nest of [{attribute.nested.name}](#set-{attribute.nested.name})"
        return f"{link}, up to {attribute.multi_max} times" if attribute.multi else link
    if attribute.enum:
        return f"{attribute.type}, [{attribute.enum.name}](#enum-{attribute.enum.name})"
    if attribute.number or attribute.type == "flag":
        return attribute.type
    return form(attribute)


def range_of(attribute):
    if attribute.ranged:
        return allowed(attribute)
    unit = attribute.word.get("unit") if attribute.word else None
    if attribute.number:
        return f"any number of {unit}" if unit else "any"
    return ""


def default_of(attribute):
    if not attribute.word:
        return ""
    return " ".join(str(attribute.word[key]) for key in ("default", "unit") if key in attribute.word)


def attribute_set(each):
    text = f'### <a name="set-{each.name}"></a>{each.name}\n\n{each.doc}\n\n'
    text += "| number | name | type | range | default | meaning |\n|---|---|---|---|---|---|\n"
    for attribute in each.attributes:
        text += f"| {attribute.id} | `{attribute.name}` | {type_of(attribute)} | {cell(range_of(attribute))} "
        text += f"| {default_of(attribute)} "
        text += f"| {cell(attribute.doc)} |\n"
    return text


def knobs(spec):
    text = "## Words\n\nHow the command `vnet` and `ip link ... type vnet` write what can be set "
    text += "(the set [info](#set-info)).\n\n"
    text += "| word | attribute | value | default | of the | hosts | when | meaning |\n"
    text += "|---|---|---|---|---|---|---|---|\n"
    when = {"both": "at creation and later", "new": "at creation", "set": "later"}
    for each in (each for each in spec.info.attributes if each.word):
        word = each.word
        text += f"| `{word['keyword']}` | `{each.name}` | {value(each)} | {default_of(each)} | {word['scope']} "
        text += f"| {', '.join(word['hosts'])} | {when[word['when']]} | {cell(each.doc)} |\n"
    return text


def value(attribute):
    word = attribute.word
    if word["value"] == "on-off":
        return "`on` or `off`"
    if word["value"] == "enum":
        return " or ".join(code(each.name) for each in attribute.enum.entries)
    if word["value"] == "hex64":
        return "64 bits: `0x` and up to 16 hexadecimal digits, or decimal"
    if word["value"] in ("time-us", "time-ms"):
        return f"time, {attribute.min} to {attribute.max} {word['unit']}"
    return allowed(attribute)


def enum(each):
    kind = ", flags" if each.flags else ""
    text = f'### <a name="enum-{each.name}"></a>{each.name}{kind}\n\n{each.doc}\n\n'
    text += "| value | name | meaning |\n|---|---|---|\n"
    for entry in each.entries:
        text += f"| {entry.value} | `{entry.name}` | {cell(sentence(entry.doc))} |\n"
    return text


def files(spec):
    parts = [HEAD, "## Commands\n", *[command(each) for each in spec.commands]]
    parts.append(knobs(spec))
    parts += ["## Attribute sets\n", *[attribute_set(each) for each in spec.sets]]
    parts += ["## Enums\n", *[enum(each) for each in spec.enums.values()]]
    return {"docs/reference/control.md": "\n".join(parts)}
