"""Object literals as programs print and write them, read without running anything.

One reader for Python's ``repr``, Node's ``util.inspect``, JavaScript's own notation and JSON: they differ in quotes,
in commas and in what they write for nothing, and in no bracket. It goes through the text once, with a stack of its own.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from msgspec import Struct, field

from okx_doctor.forensics.captures.capture import Malformed
from okx_doctor.secrets.secret import shows_only

MOST_NESTED: Final = 200
"""Levels of brackets. A dump of a request has ten; more was made to exhaust the reader."""


class Word(str):
    """A bare word: a number as it is spelled, a date, the name of a variable."""

    __slots__ = ()


class LeftOut(str):
    """The mark of a printer for a value that it did not print: ``[Object]``, ``[Circular *1]``, ``[Getter]``."""

    __slots__ = ()


@shows_only()
class Call(Struct):
    """A call of a function: ``fetch("…", {…})``."""

    name: str
    items: list[Value] = field(default_factory=list)
    fields: dict[str, Value] = field(default_factory=dict)


Value = str | bytes | bool | None | list["Value"] | dict[str, "Value"] | Call
"""A value: text, a ``Word``, a ``LeftOut``, bytes, or what holds others. Of a name that comes twice the last counts."""

_TOKEN: Final = re.compile(
    r"""(?xs)
      (?P<skipped>(?:\n[ \t]++at\ (?:[^\n{]|\{(?!\n))*+|\s|(?<![:/])//[^\n]*+|/\*.{0,1000}?\*/)++)
    | (?P<string>(?P<prefix>[bBuU]?)(?:
          '''(?P<long>.*?)''' | '(?P<single>(?:[^'\\\n]++|\\.)*+)'
        | "(?P<double>(?:[^"\\\n]++|\\.)*+)" | `(?P<back>(?:[^`\\]++|\\.)*+)`))
    | (?P<tag><[\w.]++(?:\ [^<>\n(){}"']{0,4000}+)?>)
    | (?P<symbol>\[(?:Symbol\([^()\n]{0,200}+\)|Object:\ null\ prototype|(?!(?:None|True|False|NaN|Infinity)\])
          [A-Z]\w*+(?:\ \*\d++|/Setter|:[^\[\]\n{}'"]{0,200}+)?)\]
        | \[(?:class|Function)[^\[\]\n]{0,200}+\])
    | (?P<arrow>=>)
    | (?P<open>[\[{(])
    | (?P<close>[\]})])
    | (?P<comma>[,;])
    | (?P<colon>:)
    | (?P<equals>=)
    | (?P<plus>\+(?=\s))
    | (?P<word>[^\s,;:=\[\]{}()'"`<>]++)
    | (?P<other><++|>++|.)
    """
)
_NAME: Final = re.compile(r"[\w$.#-]+", re.ASCII)
_ESCAPE: Final = re.compile(
    r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,6})\}|U([0-9a-fA-F]{8})|([0-7]{1,3})|(\r?\n)|(.))",
    re.S,
)
_CONTROLS: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "a": "\a"}
_BUFFER: Final = re.compile(r"<Buffer((?: [0-9a-f]{2})*)( \.\.\. \d+ more bytes)?>")
_NOTHING: Final = frozenset({"None", "undefined", "null", "nil"})
_TRUTHS: Final = {"true": True, "True": True, "false": False, "False": False}
_MORE: Final = "..."
_MOST_PARTS: Final = 1000
"""Tokens of one member that are kept; the text of a request is one, or as many as its printer broke it into lines."""


@shows_only()
class _Part(Struct):
    """One token of a member, or a container that is read already."""

    kind: str
    value: Value


@shows_only()
class _Open(Struct):
    """A bracket that is not closed yet."""

    bracket: str
    name: str = ""
    items: list[Value] = field(default_factory=list)
    fields: dict[str, Value] = field(default_factory=dict)
    key: str | None = None
    parts: list[_Part] = field(default_factory=list)


@shows_only("start", "end")
class Found(NamedTuple):
    """An object, list or call, and from where to where it goes."""

    value: Value
    start: int
    end: int


def read(text: str) -> list[Found]:
    """Every outermost object, list and call in a text, whatever words are between them.

    Raises ``Malformed`` for one that has no end, and for one that is nested too deep.
    """
    stack = [_Open(bracket="")]
    found: list[Found] = []
    began = 0
    for token in _TOKEN.finditer(text):
        kind = str(token.lastgroup)
        top = stack[-1]
        if kind == "skipped":
            continue
        if kind == "open":
            if len(stack) > MOST_NESTED:
                raise Malformed(f"is nested more than {MOST_NESTED} levels deep")
            if len(stack) == 1:
                began = token.start()
            stack.append(_Open(bracket=token.group(), name=_name_before(top)))
        elif kind == "close":
            if len(stack) > 1:
                _end_member(top)
                stack.pop()
                value = _closed(top)
                if len(stack) > 1:
                    stack[-1].parts.append(_Part("container", value))
                elif isinstance(value, dict | list | Call):
                    stack[0].parts = []
                    found.append(Found(value, began, token.end()))
        elif kind == "comma":
            _end_member(top)
        elif kind in ("colon", "arrow", "equals") and _is_key(top, kind):
            top.key, top.parts = _text_of(top.parts[0]), []
        elif len(stack) == 1:
            top.parts = [_part(kind, token)] if kind == "word" else []  # a sentence: only a bracket's name matters
        elif len(top.parts) < _MOST_PARTS:
            top.parts.append(_part(kind, token))
    if len(stack) > 1:
        raise Malformed("is cut off: it has no end")
    return found


def _name_before(top: _Open) -> str:
    """The name that a bracket is called by."""
    last = top.parts[-1] if top.parts else None
    return last.value if last and last.kind == "word" and isinstance(last.value, str) else ""


def _is_key(top: _Open, kind: str) -> bool:
    """Whether what was read is the name of a member. Outside of brackets there are sentences, and no names."""
    if top.key is not None or len(top.parts) != 1 or top.bracket in ("", "["):
        return False
    return top.parts[0].kind in ("string", "word", "symbol") and (kind != "equals" or top.bracket == "(")


def _part(kind: str, token: re.Match[str]) -> _Part:
    if kind == "string":
        return _Part(kind, _string(token))
    if kind == "tag" and (found := _BUFFER.fullmatch(token.group())):
        return _Part("string", LeftOut(token.group()) if found[2] else bytes.fromhex(found[1]))
    return _Part(kind, token.group())


def _string(token: re.Match[str]) -> str | bytes:
    written = next(text for text in token.group("long", "single", "double", "back") if text is not None)
    if token["prefix"] in ("b", "B"):
        return _unescaped(written).encode("latin-1", "replace")
    return _joined_halves(_unescaped(written)) if "\\" in written else written


def _unescaped(written: str) -> str:
    return _ESCAPE.sub(_character, written) if "\\" in written else written


def _character(found: re.Match[str]) -> str:
    two, four, braced, eight, octal, line_end, other = found.groups()
    if code := two or four or braced or eight:
        return chr(int(code, 16)) if int(code, 16) < 0x110000 else "\ufffd"
    if octal:
        return chr(int(octal, 8))
    return "" if line_end else _CONTROLS.get(other, other)


def _joined_halves(text: str) -> str:
    """Two halves of a character that were written one by one are one character."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def _text_of(part: _Part) -> str:
    return part.value.decode("latin-1") if isinstance(part.value, bytes) else str(part.value)


def _end_member(top: _Open) -> None:
    """Put what was read since the last comma into the container."""
    parts, key = top.parts, top.key
    top.parts, top.key = [], None
    if key is not None:
        top.fields[key] = _value(parts)
    elif top.bracket and parts and not (parts[0].kind == "word" and str(parts[0].value).startswith(_MORE)):
        top.items.append(_value(parts))


def _value(parts: list[_Part]) -> Value:
    """The value of a member: its last container, else its text, else its words."""
    for part in reversed(parts):
        if part.kind == "container":
            return part.value
    if parts and parts[0].kind == "string":
        return _text(parts)
    if any(part.kind in ("tag", "symbol") for part in parts):
        return LeftOut(" ".join(_text_of(part) for part in parts))
    word = "".join(_text_of(part) for part in parts)
    if word in _NOTHING or not word:
        return None
    return _TRUTHS[word] if word in _TRUTHS else Word(word)


def _text(parts: list[_Part]) -> Value:
    """Strings joined with ``+`` or written one behind another; one that its printer cut is left out."""
    if any(part.kind == "word" and str(part.value).startswith(_MORE) for part in parts):
        return LeftOut("a text that was cut")
    strings = [part.value for part in parts if part.kind == "string"]
    if len(strings) == 1:
        return strings[0]
    if all(isinstance(text, bytes) for text in strings):
        return b"".join(text for text in strings if isinstance(text, bytes))
    return "".join(text for text in strings if isinstance(text, str))


def _closed(top: _Open) -> Value:
    match top.bracket:
        case "[":
            return top.items
        case "{":
            return top.fields if top.fields or not top.items else top.items
    if top.name and _NAME.fullmatch(top.name):
        last = top.name.rpartition(".")[2]
        if last[:1].islower() and last != "dict":
            return Call(name=top.name, items=top.items, fields=top.fields)
        if len(top.items) == 1:  # a class around its one value: Headers({…}), URL('…')
            return top.items[0]
        if not top.items:
            return top.fields
    if len(top.items) == 1 and isinstance(top.items[0], dict):  # parentheses around one object
        return top.items[0]
    return top.items or top.fields


def string(text: str) -> str | bytes | None:
    """The string that a text begins with; ``None`` where it begins with none."""
    token = _TOKEN.match(text)
    return _string(token) if token and token.lastgroup == "string" else None
