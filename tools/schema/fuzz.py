# SPDX-License-Identifier: GPL-2.0-only
"""tests/fuzz/control.dict, libFuzzer's dictionary: headers of attributes, values at the limits."""

import struct

from schema.text import GENERATED

NLA_F_NESTED = 0x8000


def escaped(data):
    return "".join(f"\\x{each:02x}" for each in data)


def header(attribute):
    length = 4 + (attribute.max_length or attribute.min_length or 0)
    kind = attribute.id | (NLA_F_NESTED if attribute.nested else 0)
    return struct.pack("<HH", min(length, 0xFFFF), kind)


def edges(attribute):
    """Whole attributes at and beyond their limits."""
    width = attribute.min_length
    top = 2 ** (8 * width) - 1
    for number in sorted({attribute.min - 1, attribute.min, attribute.max, attribute.max + 1}):
        if 0 <= number <= top:
            yield header(attribute) + number.to_bytes(width, "little")


def files(spec):
    words = {}
    for each in spec.sets:
        for attribute in each.attributes:
            words.setdefault(header(attribute), attribute.where)
            if attribute.ranged:
                for whole in edges(attribute):
                    words.setdefault(whole, attribute.where)
    text = f"# SPDX-License-Identifier: GPL-2.0-only\n# {GENERATED}\n"
    for data, where in words.items():
        text += f'# {where}\n"{escaped(data)}"\n'
    return {"tests/fuzz/control.dict": text}
