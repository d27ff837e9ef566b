"""The ways to write a tree, one for each library that people sign with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import quote, quote_plus

from msgspec import Struct

from okx_doctor.forensics.writers.numbers import (
    as_sent,
    dotnet_number,
    go_number,
    java_number,
    js_number,
    php_number,
    python_number,
    ruby_number,
)
from okx_doctor.forensics.writers.texts import (
    ascii_text,
    bare,
    dotnet_text,
    go_text,
    gson_text,
    inspected_key,
    php_text,
    php_unicode_text,
    raw_text,
    ruby_text,
    single_quoted,
    slashed_text,
)
from okx_doctor.forensics.writers.trees import Number, Order, Pairs, Tree


class Style(Struct, frozen=True, kw_only=True):
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
    """The tree as text, with its keys in the order they have or in ``order``."""
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


PYTHON: Final = Style(
    id="python",
    words="Python's json.dumps (with blanks)",
    comma=", ",
    colon=": ",
    text=ascii_text,
    number=python_number,
)
COMPACT: Final = Style(id="compact", words="JavaScript's JSON.stringify (without blanks)", number=js_number)
_PYTHON_LITERALS: Final = ("True", "False", "None")

STYLES: Final[tuple[Style, ...]] = (
    PYTHON,
    COMPACT,
    Style(id="python-compact", words="Python's json.dumps without blanks", text=ascii_text, number=python_number),
    Style(id="httpx", words="httpx 0.28 (without blanks)", number=python_number),
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
    Style(id="php", words="PHP's json_encode (slashes escaped)", text=php_text, number=php_number),
    Style(
        id="php-unescaped-slashes",
        words="PHP's json_encode with JSON_UNESCAPED_SLASHES",
        text=ascii_text,
        number=php_number,
    ),
    Style(
        id="php-unescaped-unicode",
        words="PHP's json_encode with JSON_UNESCAPED_UNICODE",
        text=php_unicode_text,
        number=php_number,
    ),
    Style(id="go", words="Go's json.Marshal (<, > and & escaped)", text=go_text, number=go_number),
    Style(id="go-encoder", words="Go's json.Encoder (a newline at the end)", text=go_text, number=go_number, end="\n"),
    Style(id="java", words="Java's Jackson (without blanks)", number=java_number),
    Style(id="gson", words="Java's Gson (<, >, &, = and ' escaped)", text=gson_text, number=java_number),
    Style(id="dotnet", words="C#'s System.Text.Json (its own escapes)", text=dotnet_text, number=dotnet_number),
    Style(id="newtonsoft", words="C#'s Newtonsoft.Json (without blanks)", number=java_number),
    Style(id="ruby", words="Ruby's to_json (without blanks)", number=ruby_number),
    Style(id="swift", words="Swift's JSONSerialization (slashes escaped)", text=slashed_text),
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
    Style(id="jackson-pretty", words="Java's Jackson (pretty-printed)", colon=" : ", indent="  "),
    Style(
        id="ruby-inspect",
        words="Ruby's to_s of a Hash",
        comma=", ",
        colon="=>",
        text=ruby_text,
        literals=("true", "false", "nil"),
    ),
    Style(
        id="ruby-inspect-3.4",
        words="Ruby's to_s of a Hash (3.4)",
        comma=", ",
        colon=" => ",
        text=ruby_text,
        literals=("true", "false", "nil"),
    ),
    Style(id="java-map", words="Java's toString of a Map", comma=", ", colon="=", text=bare),
    Style(
        id="go-map",
        words="Go's %v of a map",
        comma=" ",
        colon=":",
        text=bare,
        braces=("map[", "]"),
        literals=("true", "false", "<nil>"),
    ),
    Style(
        id="node-inspect",
        words="Node's util.inspect",
        comma=", ",
        colon=": ",
        text=single_quoted,
        key=inspected_key,
        braces=("{ ", " }"),
        brackets=("[ ", " ]"),
    ),
    Style(id="single-quoted", words="without blanks, in single quotes", text=single_quoted),
)


def style_of(body: bytes, tree: Tree) -> Style:
    """The style that a body is written in, so that a changed tree can be written alike."""
    text = body.decode("utf-8", "replace")
    return next((style for style in STYLES if text_of(tree, style) == text), COMPACT)


def form(tree: Pairs, spaces_as_plus: bool = True) -> str:
    """The tree as ``a=1&b=2``; nested values as JSON."""
    write = quote_plus if spaces_as_plus else (lambda text: quote(text, safe=""))
    return "&".join(f"{write(name)}={write(plain(value))}" for name, value in tree.items)


def plain(tree: Tree) -> str:
    """A value as it is written in a query: text without quotes, all else as JSON."""
    return str(tree) if isinstance(tree, str) else text_of(tree, COMPACT)
