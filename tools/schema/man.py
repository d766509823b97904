# SPDX-License-Identifier: GPL-2.0-only
"""packaging/man/*.8: in the hand-written pages, what stands between `.\\" BEGIN KIND ARGUMENTS` and `.\\" END`.

Of the schema: knobs, enum NAME, counters SET. Of the command's own grammar (`vnet -json help`), which a built command
has to tell: options, objects, synopsis OBJECT..., verbs OBJECT. Without one these stay as they are.
"""

import re
import textwrap

from schema.reference import sentence
from schema.spec import SchemaError, require

REGION = re.compile(r'^\.\\" BEGIN (?P<kind>[a-z]+)(?P<arguments>[^\n]*)\n(?P<body>.*?)^\.\\" END\n', re.S | re.M)
PLACE = re.compile(r"\b[A-Z]{1,}\b")


def roff(text):
    """Text that roff leaves alone: a new line for each sentence, none longer than 80 columns."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    text = re.sub(r"`([^`]*)`", r"\1", text)
    text = re.sub(r"(?<=[a-z0-9)]{2}[.?]) (?=[A-Z])", "\n", text)
    lines = [line for each in text.split("\n") for line in textwrap.wrap(each, 79, break_on_hyphens=False)]
    return "\n".join("\\&" + line if line[:1] in (".", "'") else line for line in lines)


def argument(text):
    """A macro's argument: quoted where it has blanks."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return f'"{text}"' if " " in text else text


def alternatives(words):
    return " | ".join(argument(each) for each in words)


def words(keyword, values):
    """Macros of a word and what follows it."""
    parts = []
    if keyword:
        parts.append(f"Cm {alternatives(keyword.split('|'))}")
    for each in values:
        if each.startswith("["):
            parts.append("Op")
            each = each.strip("[]")
        parts.append(f"{'Ar' if PLACE.search(each) else 'Cm'} {alternatives(each.split('|'))}")
    return " ".join(parts)


# ---- of the schema


def knob_values(attribute):
    word = attribute.word
    if word["value"] == "on-off":
        return ["on|off"]
    if word["value"] == "enum":
        return ["|".join(each.name for each in attribute.enum.entries)]
    return [{"count": "N", "time-us": "TIME", "time-ms": "TIME", "hex64": "SEED"}[word["value"]]]


def knob_range(attribute):
    word = attribute.word
    if word["value"] in ("on-off", "enum"):
        return ""
    if word["value"] == "hex64":
        return "64 bits, decimal or hexadecimal"
    if attribute.min == 0 and attribute.max == 2**32 - 1:
        return f"any number of {word['unit']}"
    unit = "" if word["unit"] == word["keyword"] else f" {word['unit']}"
    return f"{attribute.min} to {attribute.max}{unit}"


def knobs(spec, _):
    text = ".Bl -tag -width Ds\n"
    for each in (each for each in spec.info.attributes if each.word):
        word = each.word
        unit = f" {word['unit']}" if word["value"].startswith("time") else ""
        notes = [knob_range(each)]
        if word["default"] != "drawn":
            notes.append(f"default {word['default']}{unit}")
        if word["scope"] == "link":
            notes.append("both ends alike")
        if word["hosts"] != ["kernel", "user"]:
            notes.append("kernel module only" if word["hosts"] == ["kernel"] else "user\\-space driver only")
        if word["when"] != "both":
            notes.append("only when the pair is made" if word["when"] == "new" else "only later")
        text += f".It {words(word['keyword'], knob_values(each))}\n{roff(sentence(each.doc))}\n"
        text += f"{roff(sentence('; '.join(note for note in notes if note)))}\n"
    return text + ".El\n"


def enum(spec, name):
    require(name in spec.enums, f"man: no enum {name}")
    text = ".Bl -tag -width Ds\n"
    for each in spec.enums[name].entries:
        text += f".It Cm {argument(each.word)}\n{roff(sentence(each.doc))}\n"
    return text + ".El\n"


def counters(spec, name):
    """The numbers that a reply of a set has."""
    require(name in spec.set_by_name, f"man: no attribute set {name}")
    text = ".Bl -tag -width Ds\n"
    for each in spec.set_by_name[name].attributes:
        if each.number and each.name not in ("ifindex", "queue"):
            text += f".It {argument(each.name)}\n{roff(sentence(each.doc))}\n"
    return text + ".El\n"


# ---- of the command


def object_of(grammar, name):
    for each in grammar["objects"]:
        if each["name"] == name:
            return each
    raise SchemaError(f"man: the command has no object {name}")


def option_macro(each):
    """-j, and where it can be longer, -json."""
    short = f"Fl {argument(each['least'] if each['least'] != each['name'] else '-' + each['name'])}"
    value = f" Ar {argument(each['value'])}" if each["value"] else ""
    if each["least"] == each["name"]:
        return short + value
    return f"{short} , {'Fl ' + argument(each['name'])}{value}"


def options(_, grammar, __):
    text = ".Bl -tag -width Ds\n"
    for each in grammar["options"]:
        text += f".It {option_macro(each)}\n{roff(sentence(each['help']))}\n"
    return text + ".El\n"


def objects(_, grammar, __):
    text = ".Bl -tag -width Ds\n"
    for each in grammar["objects"]:
        text += f".It Cm {each['name']}\n{roff(sentence(each['help']))}\n"
        page = {"down": "up", "apply": "save"}.get(each["name"], each["name"])  # two objects of one page
        text += f"See\n.Xr vnet\\-{page} 8 .\n"
    return text + ".El\n"


def parameter(each, short=False):
    if each["positional"]:
        return words("", each["values"])
    return words(each["keywords"][0] if short else "|".join(each["keywords"]), each["values"])


def ends(verb):
    """The parameters before `peer`, and those behind it."""
    return ([each for each in verb["parameters"] if each["own"]], [each for each in verb["parameters"] if each["peer"]])


def synopsis_of(name, verb):
    text = f".Nm vnet\n.Op Ar OPTIONS\n.Cm {name}"
    text += f" {verb['names'][0]}\n" if verb["names"] else "\n"
    own, peer = ends(verb)

    def one(each):
        return f".{parameter(each, True)}\n" if each["required"] else f".Op {parameter(each, True)}\n"

    text += "".join(one(each) for each in own)
    if verb["knobs"]:
        text += ".Op Ar KNOB VALUE\n.Ar ...\n"
    if verb["peer"]:
        text += ".Oo\n.Cm peer\n" + "".join(one(each) for each in peer)
        text += (".Op Ar KNOB VALUE\n.Ar ...\n" if verb["knobs"] else "") + ".Oc\n"
    return text


def synopsis(_, grammar, names):
    text = ""
    for name in names.split():
        text += "".join(synopsis_of(name, verb) for verb in object_of(grammar, name)["verbs"])
    return text


def verbs(_, grammar, name):
    """Each verb's line and its parameters."""
    text = ".Bl -tag -width Ds\n"
    for verb in object_of(grammar, name)["verbs"]:
        title = f"Cm {alternatives(verb['names'])}" if verb["names"] else f"Nm vnet Cm {name}"
        text += f".It {title}\n{roff(sentence(verb['help']))}\n"
        if verb["parameters"]:
            text += ".Bl -tag -width Ds\n"
            for each in verb["parameters"]:
                head = parameter(each)
                if each["positional"] and each["keywords"]:
                    head = f"Oo Cm {each['keywords'][0]} Oc {head}"
                note = " Of the peer, behind\n.Cm peer .\n" if each["peer"] and not each["own"] else "\n"
                text += f".It {head}\n{roff(sentence(each['help']))}{note.replace(' Of', chr(10) + 'Of')}"
            text += ".El\n"
        if verb["knobs"]:
            text += "Takes the knobs below.\n"
    return text + ".El\n"


SCHEMA = {"knobs": knobs, "enum": enum, "counters": counters}
GRAMMAR = {"options": options, "objects": objects, "synopsis": synopsis, "verbs": verbs}


def page(spec, grammar, text, name):
    def replace(match):
        kind, arguments = match["kind"], match["arguments"].strip()
        require(kind in SCHEMA or kind in GRAMMAR, f"{name}: no region {kind}")
        if kind in SCHEMA:
            body = SCHEMA[kind](spec, arguments)
        elif grammar:
            body = GRAMMAR[kind](spec, grammar, arguments)
        else:
            return match[0]
        return f'.\\" BEGIN {kind}{match["arguments"]}\n{body}.\\" END\n'

    return REGION.sub(replace, text)


def files(spec, root, grammar=None):
    """The pages as they should be; `grammar` is what `vnet -json help` says."""
    pages = {}
    for path in sorted((root / "packaging/man").glob("*.8")):
        name = str(path.relative_to(root))
        pages[name] = page(spec, grammar, path.read_text(encoding="utf-8"), name)
    return pages
