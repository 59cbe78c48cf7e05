# SPDX-License-Identifier: Apache-2.0
"""Values of scripts: how they are written, how they become messages, how replies are compared with them.

    { id: $id, born: "1950-03-01", rows: [ { name: "张三" }, { name: "李四" } ], kind: FARM, }

Names need no quotes; `$name` is a variable; a comma may be left out at the end of a line; `repeat(400, { id: uuid })` is
a list of 400 items. In what is expected, `any` matches everything, `absent` an unset field, `size(3)` a list of three,
`has({ … })` a list with such an item, `match("regex")` a text, and a message or list item need name only the fields that
matter. google.type.Date is written "2024-12-02".
"""
import re
import uuid

from google.protobuf.descriptor import FieldDescriptor as F
from google.protobuf.message_factory import MessageFactory

TOKEN = re.compile(r"""
    (?P<space>[\s,]+|\#[^\n]*) | (?P<text>"(?:[^"\\]|\\.)*") | (?P<number>-?\d+(?:\.\d+)?) |
    (?P<variable>\$\w+(?:\.\w+|\[\d+\])*) | (?P<name>[A-Za-z_]\w*) | (?P<mark>[{}\[\]():])""", re.X)

ESCAPES = {"n": "\n", "t": "\t", "0": "\0"}


class ScriptError(Exception):
    """What is wrong with a script, or with a reply."""


class Matcher:
    """Something that stands in an expected value."""

    def __init__(self, text, matches):
        self.text, self.matches = text, matches

    def __repr__(self):
        return self.text


ANY = Matcher("any", lambda value: True)
ABSENT = Matcher("absent", lambda value: value is None)
MATCHERS = {
    "size": lambda n: Matcher(f"size({n})", lambda value: value is not None and len(value) == n),
    "has": lambda item: Matcher(f"has({item!r})", lambda value: any(not difference(item, v) for v in value or [])),
    "match": lambda pattern: Matcher(f"match({pattern!r})", lambda value: re.search(pattern, value) is not None),
}
WORDS = {"true": True, "false": False, "null": None, "any": ANY, "absent": ABSENT}


def lookup(variables, path):
    """$reply.rows[0].id"""
    names = re.findall(r"\w+", path)
    if names[0] not in variables:
        raise ScriptError(f"no variable ${names[0]}")
    value = variables[names[0]]
    for name in names[1:]:
        try:
            value = value[int(name)] if isinstance(value, list) else value[name]
        except (KeyError, IndexError, TypeError):
            raise ScriptError(f"${path}: nothing is at {name}") from None
    return value


class Reader:
    """Reads one value from text; `at` is where it ended."""

    def __init__(self, text, at, variables):
        self.text, self.at, self.variables = text, at, variables

    def next(self):
        while True:
            m = TOKEN.match(self.text, self.at)
            if not m:
                raise ScriptError(f"cannot read {self.text[self.at:self.at + 20]!r}")
            self.at = m.end()
            if m.lastgroup != "space":
                return m.lastgroup, m.group()

    def peek(self):
        at, token = self.at, self.next()
        self.at = at
        return token

    def expect(self, mark):
        if self.next()[1] != mark:
            raise ScriptError(f"`{mark}` expected before {self.text[self.at:self.at + 20]!r}")

    def value(self):
        kind, text = self.next()
        if kind == "text":
            plain = re.sub(r"\\(.)", lambda m: ESCAPES.get(m.group(1), m.group(1)), text[1:-1])
            return re.sub(r"\$\{([\w.\[\]]+)\}", lambda m: str(lookup(self.variables, m.group(1))), plain)
        if kind == "number":
            return float(text) if "." in text else int(text)
        if kind == "variable":
            return lookup(self.variables, text[1:])
        if kind == "name":
            return self.word(text)
        if text == "{":
            return self.message()
        if text == "[":
            return self.list()
        raise ScriptError(f"unexpected `{text}`")

    def word(self, name):
        if name == "uuid":
            return str(uuid.uuid4())
        if name == "repeat":
            return self.repeat()
        if name in MATCHERS and self.peek()[1] == "(":
            self.expect("(")
            argument = self.value()
            self.expect(")")
            return MATCHERS[name](argument)
        return WORDS.get(name, name)  # an enum's value

    def repeat(self):
        """The value is read each time anew, so that each has a uuid of its own."""
        self.expect("(")
        count, at = self.value(), self.at
        items = []
        for _ in range(count):
            self.at = at
            items.append(self.value())
        self.expect(")")
        return items

    def message(self):
        fields = {}
        while self.peek()[1] != "}":
            name = self.next()[1].strip('"')
            if self.peek()[1] == ":":
                self.next()
            fields[name] = self.value()
        self.next()
        return fields

    def list(self):
        items = []
        while self.peek()[1] != "]":
            items.append(self.value())
        self.next()
        return items


# -- messages

INTEGERS = {F.TYPE_INT32, F.TYPE_INT64, F.TYPE_UINT32, F.TYPE_UINT64, F.TYPE_SINT32, F.TYPE_SINT64,
            F.TYPE_FIXED32, F.TYPE_FIXED64, F.TYPE_SFIXED32, F.TYPE_SFIXED64}


def fill_date(message, text):
    try:
        message.year, message.month, message.day = (int(part) for part in text.split("-"))
    except (ValueError, AttributeError):
        raise ScriptError(f"{text!r} is no day") from None


def fill_message(message, value):
    """Sets the fields of a message from a value of a script."""
    kind = message.DESCRIPTOR.full_name
    if kind == "google.type.Date" and isinstance(value, str):
        fill_date(message, value)
    elif kind == "google.protobuf.Timestamp" and isinstance(value, str):
        message.FromJsonString(value)
    elif not isinstance(value, dict):
        raise ScriptError(f"{kind} cannot be {value!r}")
    else:
        for name, part in value.items():
            fill_field(message, name, part)


def scalar(field, value):
    if field.type == F.TYPE_ENUM and isinstance(value, str):
        if value not in field.enum_type.values_by_name:
            raise ScriptError(f"{field.enum_type.full_name} has no {value}")
        return field.enum_type.values_by_name[value].number
    if field.type == F.TYPE_BYTES and isinstance(value, str):
        return value.encode()
    return value


def fill_field(message, name, value):
    field = message.DESCRIPTOR.fields_by_name.get(name)
    if not field:
        raise ScriptError(f"{message.DESCRIPTOR.full_name} has no field {name}")
    try:
        if value is None:
            return
        if field.label == F.LABEL_REPEATED and field.message_type:
            for item in value:
                fill_message(getattr(message, name).add(), item)
        elif field.label == F.LABEL_REPEATED:
            getattr(message, name).extend(scalar(field, item) for item in value)
        elif field.message_type:
            getattr(message, name).SetInParent()
            fill_message(getattr(message, name), value)
        else:
            setattr(message, name, scalar(field, value))
    except (TypeError, ValueError) as error:
        raise ScriptError(f"{field.full_name}: {error}") from None


def of_scalar(field, value):
    if field.type == F.TYPE_ENUM:
        known = field.enum_type.values_by_number.get(value)
        return known.name if known else value
    return value


def of_message(message):
    """A message as a value of a script: numbers are numbers, days are text, unset messages are None."""
    kind = message.DESCRIPTOR.full_name
    if kind == "google.type.Date":
        return f"{message.year:04}-{message.month:02}-{message.day:02}"
    if kind == "google.protobuf.Timestamp":
        return message.ToJsonString()
    if kind == "google.protobuf.Any" and message.type_url:
        pool = message.DESCRIPTOR.file.pool
        inside = pool.FindMessageTypeByName(message.type_url.rpartition("/")[2])
        return of_message(MessageFactory(pool).GetPrototype(inside).FromString(message.value))
    fields = {}
    for field in message.DESCRIPTOR.fields:
        value = getattr(message, field.name)
        if field.label == F.LABEL_REPEATED:
            fields[field.name] = [of_message(item) if field.message_type else of_scalar(field, item) for item in value]
        elif field.has_presence and not message.HasField(field.name):
            fields[field.name] = None
        else:
            fields[field.name] = of_message(value) if field.message_type else of_scalar(field, value)
    return fields


def difference(expected, found, path="reply"):
    """None when found has all that is expected; else what differs, with its path."""
    if isinstance(expected, Matcher):
        return None if expected.matches(found) else f"{path} is {found!r}, expected {expected}"
    if isinstance(expected, dict):
        if not isinstance(found, dict):
            return f"{path} is {found!r}, expected {expected!r}"
        for name, part in expected.items():
            if name not in found:
                return f"{path} has no field {name}"
            problem = difference(part, found[name], f"{path}.{name}")
            if problem:
                return problem
        return None
    if isinstance(expected, list):
        if not isinstance(found, list) or len(found) != len(expected):
            return f"{path} has {len(found or [])} items, expected {len(expected)}: {found!r}"
        problems = (difference(e, f, f"{path}[{i}]") for i, (e, f) in enumerate(zip(expected, found)))
        return next((problem for problem in problems if problem), None)
    return None if expected == found else f"{path} is {found!r}, expected {expected!r}"
