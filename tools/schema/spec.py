# SPDX-License-Identifier: GPL-2.0-only
"""spec/vnet.yaml and spec/words.yaml, read and checked against each other."""

import yaml

FULL = {"u8": 2**8 - 1, "u32": 2**32 - 1, "s32": 2**32 - 1, "u64": 2**64 - 1}
WIDTH = {"u8": 1, "u32": 4, "s32": 4, "u64": 8}
TYPES = [*WIDTH, "string", "binary", "flag", "nest"]
VALUES = ["on-off", "enum", "count", "time-us", "time-ms", "hex64"]
SCOPES = ["link", "device"]
HOSTS = ["kernel", "user"]
WHEN = ["new", "set", "both"]
WORD_KEYS = {"keyword", "scope", "hosts", "when", "value", "unit", "default"}


class SchemaError(Exception):
    """Something in the two files that cannot be generated from."""


def require(holds, text):
    if not holds:
        raise SchemaError(text)


def snake(name):
    return name.replace("-", "_")


def upper(name):
    return snake(name).upper()


class Entry:
    """One value of an enum."""

    def __init__(self, raw, value, enum):
        raw = {"name": raw} if isinstance(raw, str) else raw
        self.name = self.word = raw["name"]
        self.json = snake(self.name)
        self.doc = raw.get("doc", "")
        self.value = value
        self.c_name = f"VNET_{upper(enum)}_{upper(self.name)}"


class Enum:
    def __init__(self, raw):
        require(raw["type"] in ("enum", "flags"), f"{raw['name']}: type {raw['type']}")
        self.name = raw["name"]
        self.doc = raw["doc"]
        self.flags = raw["type"] == "flags"
        self.entries = [
            Entry(each, 1 << i if self.flags else i, self.name)
            for i, each in enumerate(raw["entries"])
        ]

    @property
    def max(self):
        values = [each.value for each in self.entries]
        return sum(values) if self.flags else max(values)


class Attribute:
    def __init__(self, raw, number, owner, spec):
        self.name, self.id, self.set = raw["name"], number, owner
        self.type, self.doc = raw["type"], raw["doc"]
        self.where = f"{owner.name}/{self.name}"
        require(self.type in TYPES, f"{self.where}: type {self.type} is not one of {TYPES}")
        self.c = snake(self.name)
        self.c_name = owner.prefix + upper(self.name)
        self.multi = raw.get("multi-attr", False)
        self.hint = raw.get("display-hint")
        self.element = raw.get("sub-type")
        self.nested = raw.get("nested-attributes")
        require((self.type == "nest") == (self.nested is not None), f"{self.where}: nest")
        self.enum = spec.enums[raw["enum"]] if "enum" in raw else None
        self.word = None
        self.multi_max = 0
        self._limits(dict(raw.get("checks", {})))

    def _limits(self, checks):
        """min and max of a number, min_length and max_length of anything else (None: no limit)."""
        self.number = self.type in WIDTH
        self.min, self.max = checks.pop("min", 0), checks.pop("max", None)
        self.checked = self.min != 0 or self.max is not None
        self.exact_length = checks.pop("exact-len", None)
        self.min_length = checks.pop("min-len", self.exact_length or 0)
        self.max_length = checks.pop("max-len", self.exact_length)
        require(not checks, f"{self.where}: unknown checks {list(checks)}")
        require(not self.checked or self.type in ("u8", "u32", "u64"), f"{self.where}: a range")
        if self.number:
            if self.max is None:
                self.max = self.enum.max if self.enum else FULL[self.type]
            require(self.min <= self.max <= FULL[self.type], f"{self.where}: min, max")
            self.min_length = self.max_length = WIDTH[self.type]
        if self.type == "flag":
            self.min_length = self.max_length = 0

    @property
    def ranged(self):
        """Whether a number of the right size can be out of range."""
        return self.number and (self.min > 0 or self.max < FULL[self.type])

    @property
    def form(self):
        """How the struct holds it: number, flag, text, fixed, bytes or nest."""
        if self.number:
            return "number"
        if self.type == "string":
            return "bytes" if self.max_length is None else "text"
        if self.type == "binary":
            return "bytes" if self.exact_length is None else "fixed"
        return self.type


class Set:
    def __init__(self, raw, number, spec):
        self.name, self.doc, self.number = raw["name"], raw["doc"], number
        self.c = snake(self.name)
        self.prefix = upper(raw["name-prefix"])
        self.c_name = f"VNET_SET_{upper(self.name)}"
        self.struct = f"vnet_{self.c}_values"
        self.attributes = [
            Attribute(each, i + 1, self, spec) for i, each in enumerate(raw["attributes"])
        ]
        # `has` is one word, bit ID for attribute ID.
        require(len(self.attributes) < 64, f"{self.name}: more than 63 attributes")
        self.by_name = {each.name: each for each in self.attributes}


class Command:
    def __init__(self, raw, number, spec):
        self.name, self.doc, self.number = raw["name"], raw["doc"], number
        self.c = snake(self.name)
        self.c_name = f"VNET_CMD_{upper(self.name)}"
        self.set = spec.set_by_name[raw["attribute-set"]]
        self.flags = raw.get("flags", [])
        self.group = raw.get("mcgrp")
        self.admin = "admin-perm" in self.flags
        self.do, self.do_reply = self._sides(raw.get("do"))
        self.dump, self.dump_reply = self._sides(raw.get("dump"))
        self.event = self._list(raw.get("event"))

    def _list(self, side):
        if side is None:
            return None
        names = side.get("attributes", [])
        for each in names:
            require(each in self.set.by_name, f"{self.name}: no attribute {each}")
        return [self.set.by_name[each] for each in names]

    def _sides(self, raw):
        """Request and reply; None: there is none. A request without attributes is []."""
        if raw is None:
            return None, None
        return self._list(raw.get("request", {})), self._list(raw.get("reply"))

    @property
    def kernel(self):
        """In the kernel a socket joins a multicast group instead."""
        return self.event is None and self.name != "subscribe"


class Spec:
    def __init__(self, vnet_path, words_path):
        with open(vnet_path, encoding="utf-8") as file:
            raw = yaml.safe_load(file)
        with open(words_path, encoding="utf-8") as file:
            words = yaml.safe_load(file)
        self.name, self.doc = raw["name"], raw["doc"]
        self.enums = {each["name"]: Enum(each) for each in raw["definitions"]}
        self.sets = [Set(each, i, self) for i, each in enumerate(raw["attribute-sets"])]
        self.set_by_name = {each.name: each for each in self.sets}
        self.commands = [
            Command(each, i + 1, self) for i, each in enumerate(raw["operations"]["list"])
        ]
        self.groups = [each["name"] for each in raw["mcast-groups"]["list"]]
        self.admin_groups = [
            each["name"] for each in raw["mcast-groups"]["list"] if "admin-perm" in each.get("flags", [])
        ]
        self.info = self.set_by_name["info"]
        self._words(words)
        self._nests()

    def _words(self, words):
        for set_name, counts in words["multi"].items():
            for name, most in counts.items():
                attribute = self._attribute(set_name, name)
                require(attribute.multi, f"words: {attribute.where} stands once")
                attribute.multi_max = most
        for name, said in words["spoken"].items():
            require(name in self.enums, f"words: no enum {name}")
            self._speak(self.enums[name], dict(said))
        for name, word in words["info"].items():
            attribute = self._attribute("info", name)
            self._check_word(attribute, word)
            attribute.word = word
        for each in self.info.attributes:
            settable = each.number
            require(each.word or not settable, f"words: {each.where} has no word")
        keywords = [each.word["keyword"] for each in self.info.attributes if each.word]
        require(len(keywords) == len(set(keywords)), "words: a keyword stands twice")

    @staticmethod
    def _speak(enum, said):
        for entry in enum.entries:
            entry.word = entry.json = said.pop(entry.name, entry.name)
        require(not said, f"words: {enum.name} has no {list(said)}")

    def _attribute(self, set_name, name):
        owner = self.set_by_name.get(set_name)
        require(owner, f"words: no attribute set {set_name}")
        require(name in owner.by_name, f"words: no attribute {set_name}/{name}")
        return owner.by_name[name]

    @staticmethod
    def _check_word(attribute, word):
        where = f"words: {attribute.where}"
        missing = WORD_KEYS - {"unit"} - set(word)
        require(not missing, f"{where}: {sorted(missing)} missing")
        require(set(word) <= WORD_KEYS, f"{where}: unknown {sorted(set(word) - WORD_KEYS)}")
        require(attribute.number, f"{where}: is no number")
        require(word["value"] in VALUES, f"{where}: value {word['value']}")
        require(word["scope"] in SCOPES, f"{where}: scope {word['scope']}")
        require(word["when"] in WHEN, f"{where}: when {word['when']}")
        require(word["hosts"] and set(word["hosts"]) <= set(HOSTS), f"{where}: hosts")
        require((word["value"] == "enum") == (attribute.enum is not None), f"{where}: enum")
        require(word["value"] != "on-off" or attribute.max == 1, f"{where}: on-off to 1")
        require((word["value"] == "hex64") == (attribute.type == "u64"), f"{where}: hex64 is a u64")
        unit = word["value"] in ("count", "time-us", "time-ms")
        require(unit == ("unit" in word), f"{where}: unit")

    def _nests(self):
        """Sets in an order in which each stands behind those that it holds; so no set holds itself."""
        self.inner_first = []

        def visit(owner, above):
            require(owner not in above, f"{owner.name} holds itself")
            if owner in self.inner_first:
                return
            for each in owner.attributes:
                require(each.multi == (each.multi_max > 0), f"words: multi of {each.where}")
                require(not each.multi or each.type == "nest", f"{each.where}: multi-attr of a nest only")
                if each.nested:
                    require(each.nested in self.set_by_name, f"{each.where}: no set {each.nested}")
                    each.nested = self.set_by_name[each.nested]
                    visit(each.nested, [*above, owner])
            self.inner_first.append(owner)

        for each in self.sets:
            visit(each, [])
