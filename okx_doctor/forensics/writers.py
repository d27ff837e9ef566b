"""JSON as the libraries of many languages write it, and the other texts that programs make of a structure.

A document is read into a tree that keeps the order of keys, duplicates, and numbers as they were spelled. Sources
are the languages' own documentation; tests compare with Node, PHP, Java and Python where they are installed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, quote, quote_plus

SIZE_LIMIT: Final = 256 * 1024
"""Longer bodies are compared as they are, not written anew."""


class Number(str):
    """A JSON number as it is spelled."""

    __slots__ = ()


class Pairs(NamedTuple):
    """A JSON object."""

    items: tuple[tuple[str, Tree], ...]


Tree = str | Number | bool | None | Pairs | list["Tree"]
Order = Callable[[Sequence[tuple[str, Tree]]], Iterable[tuple[str, Tree]]]


def read(body: bytes) -> Tree:
    """The tree of a JSON document. Raises ``ValueError`` for one that is none, is too long or nests too deep."""
    if len(body) > SIZE_LIMIT:
        raise ValueError("too long to be written anew")
    try:
        found: Tree = json.loads(body, parse_float=Number, parse_int=Number, object_pairs_hook=_pairs)
    except RecursionError:
        raise ValueError("nests too deep") from None
    return found


def _pairs(items: list[tuple[str, Tree]]) -> Pairs:
    return Pairs(tuple(items))


# Numbers. Each takes the spelling that was sent and gives the one that a language makes of the same number.


def as_sent(number: str) -> str:
    return number


def _parts(number: str) -> tuple[str, str, int] | None:
    """Sign, digits without zeros at either end, and the power of ten of the first digit, of a 64-bit float."""
    value = float(number)
    if value in (float("inf"), float("-inf")):
        return None
    digits, _, power = f"{abs(value):.17e}".partition("e")
    shortest = repr(abs(value)).replace(".", "")
    mantissa = re.sub(r"e.*", "", shortest).lstrip("0").rstrip("0") or "0"
    del digits
    return "-" if value < 0 else "", mantissa, int(power) if value else 0


def _plain(sign: str, digits: str, power: int, zero: bool) -> str:
    if power < 0:
        return f"{sign}0.{'0' * (-power - 1)}{digits}"
    whole, rest = digits[: power + 1].ljust(power + 1, "0"), digits[power + 1 :]
    return f"{sign}{whole}.{rest}" if rest else f"{sign}{whole}{'.0' if zero else ''}"


def _floating(low: int, high: int, exponent: Callable[[str, str, int], str], zero: bool) -> Callable[[str], str]:
    """A writer of floats: plain from ``10**low`` to below ``10**high``, outside of it with an exponent."""

    def write(number: str) -> str:
        if not set(number) & set(".eE"):
            return number
        parts = _parts(number)
        if parts is None:
            return number
        sign, digits, power = parts
        if low <= power < high or digits == "0":
            return _plain(sign, digits, power, zero)
        return exponent(sign, digits, power)

    return write


def _js_exponent(sign: str, digits: str, power: int) -> str:
    fraction = f".{digits[1:]}" if digits[1:] else ""
    return f"{sign}{digits[0]}{fraction}e{'+' if power > 0 else '-'}{abs(power)}"


def _java_exponent(sign: str, digits: str, power: int) -> str:
    return f"{sign}{digits[0]}.{digits[1:] or '0'}E{power}"


def _dotnet_exponent(sign: str, digits: str, power: int) -> str:
    fraction = f".{digits[1:]}" if digits[1:] else ""
    return f"{sign}{digits[0]}{fraction}E{'+' if power > 0 else '-'}{abs(power):02d}"


def _php_exponent(sign: str, digits: str, power: int) -> str:
    return f"{sign}{digits[0]}.{digits[1:] or '0'}e{'+' if power > 0 else '-'}{abs(power)}"


def python_number(number: str) -> str:
    return repr(float(number)) if set(number) & set(".eE") else number


js_number = _floating(-6, 21, _js_exponent, zero=False)
go_number = js_number
java_number = _floating(-3, 7, _java_exponent, zero=True)
dotnet_number = _floating(-5, 15, _dotnet_exponent, zero=False)
php_number = _floating(-4, 15, _php_exponent, zero=False)
ruby_number = _floating(-4, 16, lambda s, d, p: f"{s}{d[0]}.{d[1:] or '0'}e{'+' if p > 0 else '-'}{abs(p):02d}", True)


# Texts.


def ascii_text(text: str) -> str:
    return json.dumps(text)


def raw_text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _replacing(write: Callable[[str], str], table: Mapping[str, str]) -> Callable[[str], str]:
    mapping = str.maketrans(dict(table))
    return lambda text: f'"{write(text)[1:-1].translate(mapping)}"'


_SEPARATORS: Final = {"\u2028": "\\u2028", "\u2029": "\\u2029"}
_SLASH: Final = {"/": "\\/"}
go_text = _replacing(raw_text, {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", **_SEPARATORS})
gson_text = _replacing(
    raw_text, {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "=": "\\u003d", "'": "\\u0027", **_SEPARATORS}
)
php_text = _replacing(ascii_text, _SLASH)
php_unicode_text = _replacing(raw_text, {**_SLASH, **_SEPARATORS})
slashed_text = _replacing(raw_text, _SLASH)


def dotnet_text(text: str) -> str:
    """As System.Text.Json writes by default: escapes in capitals, and those of HTML's characters."""
    short = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f", "\\": "\\\\"}
    out = []
    for char in text:
        if char in short:
            out.append(short[char])
        elif 32 <= ord(char) < 127 and char not in "\"&'+<>`":
            out.append(char)
        else:
            raw = char.encode("utf-16-be", "surrogatepass").hex().upper()
            out += [f"\\u{raw[at : at + 4]}" for at in range(0, len(raw), 4)]
    return f'"{"".join(out)}"'


def _bare(text: str) -> str:
    return text


def _ruby_text(text: str) -> str:
    return raw_text(text).replace("#{", "\\#{")


def _single_quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _inspected_key(text: str) -> str:
    return text if re.fullmatch(r"[A-Za-z_$][\w$]*", text) else _single_quoted(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """One way to write a tree. ``indent`` makes every element a line of its own; ``end`` closes the text."""

    id: str
    words: str
    comma: str = ","
    colon: str = ":"
    indent: str = ""
    newline: str = "\n"
    text: Callable[[str], str] = raw_text
    key: Callable[[str], str] | None = None
    number: Callable[[str], str] = as_sent
    literals: tuple[str, str, str] = ("true", "false", "null")
    braces: tuple[str, str] = ("{", "}")
    brackets: tuple[str, str] = ("[", "]")
    end: str = ""


def text_of(tree: Tree, style: Style, order: Order | None = None) -> str:
    """The tree as text, its keys as they stand or in an order of its own."""
    return _write(tree, style, order, style.newline) + style.end


def _write(tree: Tree, style: Style, order: Order | None, margin: str) -> str:
    if isinstance(tree, Number):
        return style.number(tree)
    if isinstance(tree, str):
        return style.text(tree)
    if tree is None or tree is True or tree is False:
        return style.literals[2 if tree is None else 1 - int(tree)]
    inner = margin + style.indent
    if isinstance(tree, list):
        return _joined([_write(child, style, order, inner) for child in tree], style, style.brackets, margin)
    key = style.key or style.text
    items = order(tree.items) if order else tree.items
    written = [f"{key(name)}{style.colon}{_write(child, style, order, inner)}" for name, child in items]
    return _joined(written, style, style.braces, margin)


def _joined(parts: Sequence[str], style: Style, around: tuple[str, str], margin: str) -> str:
    left, right = around
    if not parts:
        return left.strip() + right.strip()
    if style.indent:
        inner = margin + style.indent
        return left + inner + f"{style.comma.rstrip()}{inner}".join(parts) + margin + right
    return left + style.comma.join(parts) + right


# Orders of keys.


def by_name(items: Sequence[tuple[str, Tree]]) -> list[tuple[str, Tree]]:
    return sorted(items, key=lambda item: item[0])


def by_name_without_case(items: Sequence[tuple[str, Tree]]) -> list[tuple[str, Tree]]:
    return sorted(items, key=lambda item: item[0].lower())


def backwards(items: Sequence[tuple[str, Tree]]) -> list[tuple[str, Tree]]:
    return list(reversed(items))


def as_java_hash_map(items: Sequence[tuple[str, Tree]]) -> list[tuple[str, Tree]]:
    """The order in which java.util.HashMap with default capacity iterates over String keys."""
    size = 16
    while len(items) > size * 3 // 4:
        size *= 2
    return sorted(items, key=lambda item: _java_bucket(item[0], size))


def _java_bucket(name: str, size: int) -> int:
    value = 0
    raw = name.encode("utf-16-be", "surrogatepass")
    for at in range(0, len(raw), 2):
        value = (31 * value + int.from_bytes(raw[at : at + 2])) & 0xFFFFFFFF
    return (value ^ value >> 16) & (size - 1)


ORDERS: Final[tuple[tuple[str, Order | None], ...]] = (
    ("", None),
    ("keys sorted", by_name),
    ("keys as Java's HashMap has them", as_java_hash_map),
    ("keys sorted without regard to case", by_name_without_case),
    ("keys in reverse", backwards),
)


# The styles, the usual ones first.

PYTHON: Final = Style(
    id="python", words="Python's json.dumps, with blanks", comma=", ", colon=": ", text=ascii_text, number=python_number
)
COMPACT: Final = Style(id="compact", words="JavaScript's JSON.stringify, without blanks", number=js_number)
_PYTHON_LITERALS: Final = ("True", "False", "None")

STYLES: Final[tuple[Style, ...]] = (
    PYTHON,
    COMPACT,
    Style(id="python-compact", words="Python's json.dumps without blanks", text=ascii_text, number=python_number),
    Style(id="httpx", words="httpx (0.28 and later), without blanks and escapes", number=python_number),
    Style(
        id="python-unescaped",
        words="Python's json.dumps with blanks and ensure_ascii=False",
        comma=", ",
        colon=": ",
        number=python_number,
    ),
    Style(
        id="python-repr",
        words="str() of a Python dict",
        comma=", ",
        colon=": ",
        text=repr,
        number=python_number,
        literals=_PYTHON_LITERALS,
    ),
    Style(id="php", words="PHP's json_encode, with escaped slashes", text=php_text, number=php_number),
    Style(id="php-unescaped-slashes", words="PHP's json_encode with JSON_UNESCAPED_SLASHES", text=ascii_text, number=php_number),
    Style(id="php-unescaped-unicode", words="PHP's json_encode with JSON_UNESCAPED_UNICODE", text=php_unicode_text, number=php_number),
    Style(id="go", words="Go's json.Marshal, with <, > and & escaped", text=go_text, number=go_number),
    Style(id="go-encoder", words="Go's json.Encoder, with a newline at the end", text=go_text, number=go_number, end="\n"),
    Style(id="java", words="Java's Jackson, without blanks", number=java_number),
    Style(id="gson", words="Java's Gson, with <, >, &, = and ' escaped", text=gson_text, number=java_number),
    Style(id="dotnet", words="C#'s System.Text.Json, with its escapes", text=dotnet_text, number=dotnet_number),
    Style(id="newtonsoft", words="C#'s Newtonsoft.Json, without blanks", number=java_number),
    Style(id="ruby", words="Ruby's to_json, without blanks", number=ruby_number),
    Style(id="swift", words="Swift's JSONSerialization, with escaped slashes", text=slashed_text),
    Style(id="newline", words="without blanks, with a newline at the end", end="\n"),
    Style(id="python-newline", words="with Python's blanks and a newline at the end", comma=", ", colon=": ", end="\n"),
    Style(id="comma-blank", words="with a blank after each comma only", comma=", "),
    Style(id="colon-blank", words="with a blank after each colon only", colon=": "),
    Style(id="indent-2", words="printed with an indent of two", colon=": ", indent="  "),
    Style(id="indent-4", words="printed with an indent of four", colon=": ", indent="    "),
    Style(id="indent-4-ascii", words="Python's json.dumps with indent=4", colon=": ", indent="    ", text=ascii_text),
    Style(id="indent-4-php", words="PHP's JSON_PRETTY_PRINT", colon=": ", indent="    ", text=php_text),
    Style(id="indent-tab", words="printed with tabs", colon=": ", indent="\t"),
    Style(id="indent-2-crlf", words="C#'s indented form on Windows", colon=": ", indent="  ", newline="\r\n"),
    Style(id="jackson-pretty", words="Java's Jackson, pretty-printed", colon=" : ", indent="  "),
    Style(id="ruby-inspect", words="Ruby's to_s of a Hash", comma=", ", colon="=>", text=_ruby_text, literals=("true", "false", "nil")),
    Style(id="ruby-inspect-3.4", words="Ruby's to_s of a Hash (3.4)", comma=", ", colon=" => ", text=_ruby_text, literals=("true", "false", "nil")),
    Style(id="java-map", words="Java's toString of a Map", comma=", ", colon="=", text=_bare),
    Style(id="go-map", words="Go's %v of a map", comma=" ", colon=":", text=_bare, braces=("map[", "]"), literals=("true", "false", "<nil>")),
    Style(
        id="node-inspect",
        words="Node's util.inspect",
        comma=", ",
        colon=": ",
        text=_single_quoted,
        key=_inspected_key,
        braces=("{ ", " }"),
        brackets=("[ ", " ]"),
    ),
    Style(id="single-quoted", words="without blanks, in single quotes", text=_single_quoted),
)


def style_of(body: bytes, tree: Tree) -> Style:
    """The style that a body is written in, so that a changed tree can be written alike."""
    text = body.decode("utf-8", "replace")
    return next((style for style in STYLES if text_of(tree, style) == text), COMPACT)


# Trees made of others.


def from_form(text: str) -> Pairs:
    """The parameters of a query or a form, all of them text. Raises ``ValueError`` for none."""
    found = parse_qsl(text, keep_blank_values=True, strict_parsing=True)
    return Pairs(tuple(found))


def numbers_as_texts(tree: Tree) -> Tree:
    """Numbers and truth values in quotes."""
    if isinstance(tree, Pairs):
        return Pairs(tuple((name, numbers_as_texts(child)) for name, child in tree.items))
    if isinstance(tree, list):
        return [numbers_as_texts(child) for child in tree]
    if isinstance(tree, bool):
        return "true" if tree else "false"
    return str(tree) if isinstance(tree, Number) else tree


def texts_as_numbers(tree: Tree) -> Tree:
    """Texts that read as numbers without their quotes, spelled as they were."""
    if isinstance(tree, Pairs):
        return Pairs(tuple((name, texts_as_numbers(child)) for name, child in tree.items))
    if isinstance(tree, list):
        return [texts_as_numbers(child) for child in tree]
    if isinstance(tree, str) and not isinstance(tree, Number) and re.fullmatch(r"-?(?:0|[1-9]\d*)(?:\.\d+)?", tree):
        return Number(tree)
    return tree


def changed_numbers(tree: Tree, change: Callable[[str], str]) -> Tree:
    """Every number spelled anew."""
    if isinstance(tree, Pairs):
        return Pairs(tuple((name, changed_numbers(child, change)) for name, child in tree.items))
    if isinstance(tree, list):
        return [changed_numbers(child, change) for child in tree]
    return Number(change(tree)) if isinstance(tree, Number) else tree


def form(tree: Pairs, spaces_as_plus: bool = True) -> str:
    """The tree as ``a=1&b=2``; nested values as JSON."""
    write = quote_plus if spaces_as_plus else (lambda text: quote(text, safe=""))
    return "&".join(f"{write(name)}={write(plain(value))}" for name, value in tree.items)


def plain(tree: Tree) -> str:
    """A value as it stands in a query: text without quotes, all else as JSON."""
    return str(tree) if isinstance(tree, str) else text_of(tree, COMPACT)
