"""Names of credentials in text of any language, and the values that are given to them.

One table holds the patterns that may separate a name from its value, each of a bounded length. The value is then
read as it is written there: in quotes, concatenated from pieces, or bare.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from okx_doctor.leaks.names import Named, named
from okx_doctor.leaks.values import decoded
from okx_doctor.secrets.secret import shows_only

FORMED: Final = r"(?:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{32})(?![\w-])"
"""A value of the form of a key or a secret, up to where it ends."""
QUOTE: Final = r"(?:\\{1,4}[\"'`]|\"\"\"|'''|[\"'`]|&quot;|&\#3[49];|&apos;|\\u0022|%22)"
"""A quotation mark, also as it is escaped in JSON, in HTML or in a URL."""

_KEYWORD: Final = re.compile(r"key|secret|pass|pwd", re.IGNORECASE)
_IN_NAMES: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$.-"
_NAME_ON: Final = re.compile(r"[\w$.-]{1,80}", re.ASCII)
_WORD_ON: Final = re.compile(r"\w{1,80}", re.ASCII)
_MAX_NAME_LENGTH: Final = 80
_SAID_BEFORE: Final = re.compile(r"(?:\b(?:okx|okex|api|access|secret|pass|demo|live|trading) ){1,4}\Z", re.IGNORECASE)
_SAID_BEHIND: Final = re.compile(r"(?: (?:api|secret|key|phrase|passphrase|password)\b){1,3}", re.IGNORECASE)
"""Names in prose are of several words: ``API key``, ``OKX secret key``."""

_CLOSE: Final = rf"(?:{QUOTE})?+[\])}}]{{0,3}}+(?:\*\*|__)?+"
"""The ends that a name may have."""
_BLANKS: Final = r"[ \t]{0,20}+"
_LINES: Final = r"(?:[ \t]|\\?\r?\n|\\[nrt]){0,60}+"
_TYPE: Final = rf"{_BLANKS}:?{_BLANKS}[&*\w'<>\[\]. |?]{{1,30}}=(?![=>~])"
_DRESSED: Final = rf"(?:\({_LINES}|[&!][\w/!:.-]{{1,40}}[ \t])?"
"""Text that may precede a value: a parenthesis, an anchor or a tag of YAML."""
_OPERATOR: Final = (
    rf"(?:{_BLANKS}(?::=|=>|->|→|={{1,3}}(?![>~])|[:：](?![:=?+-])(?:\*\*|__)?|,|\||(?:is|was|as|to)(?= ))"
    rf"{_LINES}{_DRESSED}"
    rf"|[ \t]{_BLANKS}(?=[\"'`\w$]))"
)
_BESIDE_WORDS: Final = (
    "type|description|sensitive|nullable|help|required|in|title|env|dest|metavar|action|secret|enabled|label|option"
    "|format|cast|parse|scope|protected|masked|hidden|environment_scope|variable_type|raw|schema|ephemeral|envvar|short"
)
_VALUE_WORDS: Final = (
    "value|default|defaultvalue|default_value|contents?|data|stringvalue|string_value|unset|parametervalue|example"
    "|secret_?string|initial|fallback|text"
)
_ONE_BESIDE: Final = (
    rf"{QUOTE}?(?i:{_BESIDE_WORDS}){QUOTE}?{_BLANKS}[:=]{_BLANKS}"
    rf"(?:\"[^\"\n]{{0,120}}+\"|'[^'\n]{{0,120}}+'|\{{[^{{}}]{{0,80}}+\}}|[\w.()]{{1,40}}+),?{_LINES}"
)
_ASSIGNED: Final = rf"(?:{_OPERATOR}|{_TYPE}{_LINES})"
_VALUE_KEY: Final = rf"{QUOTE}?(?i:{_VALUE_WORDS}){QUOTE}?{_BLANKS}[:=]{_LINES}"
_FALLBACK: Final = (
    r"(?:\|\|=?|\?\?=?|\?:|//|\bor\b|\belse\b|(?i:\bdefault\b)|\.?unwrap_or(?:_else)?\((?:\|_?\|)?"
    r"|(?i:\.?(?:or_?else(?:_?get)?|getOrElse|withDefault|default|value_or|fetch))\((?:\(\) ?-> ?)?|\?[^\n:]{0,80}:)"
)
_TAG: Final = r"</?[A-Za-z][^<>\n]{0,80}+>\s{0,60}+"
_CALL: Final = r"(?:(?:new )?[A-Za-z_][\w.:<>]{0,60}!?\([ \t\r\n]{0,40}+){1,3}"


class _Between(Struct, frozen=True):
    """Text that may separate a name and its value; a passphrase, which has no form, is read only where it is ``sure``.

    ``with_one_of`` are small letters without one of which the pattern cannot match: looked for first, which is faster.
    """

    pattern: re.Pattern[str]
    sure: bool
    with_one_of: tuple[str, ...] = ("",)


_BETWEEN: Final = (
    # NAME=…, "NAME": …, NAME => …, ("NAME", …), NAME: str = …, | NAME | … |, --name …, API key is …
    _Between(re.compile(_CLOSE + _OPERATOR), True),
    # NAME: str = …, NAME string = …
    _Between(re.compile(_TYPE + _LINES), True),
    # SecretStr("…"), String::from("…"), new SecureString("…")
    _Between(
        re.compile(rf"{_CLOSE}{_ASSIGNED}(?:new )?(?:String|\w*Secret\w*|Some|SecureString)(?:::from)?\("), True, ("(",)
    ),
    # ${NAME:-…}
    _Between(re.compile(r":?[-=]"), True),
    # NAME: | and the value on a line of its own
    _Between(re.compile(r"[\"']?:[ \t]*[|>][-+0-9]{0,2}[ \t]*\r?\n[ \t]{1,40}"), True),
    # <key>NAME</key><string>…, <secret>…, <td>NAME</td><td><code>…
    _Between(
        re.compile(rf"{_CLOSE}(?:[^<>\n]{{0,80}}+>\s{{0,60}}(?:{_TAG}){{0,4}}|\s{{0,60}}(?:{_TAG}){{1,5}})"),
        True,
        (">",),
    ),
    # name: NAME, value: …; variable "NAME" {{ type = string, default = … }}; ("--name", help="…", default="…")
    _Between(
        re.compile(
            rf"{_CLOSE}(?:{_ASSIGNED}{_CALL}|:?{_LINES}[,({{]?+{_LINES}|[ \t]*\r?\n)"
            rf"(?:{_ONE_BESIDE}){{0,6}}{_VALUE_KEY}"
        ),
        True,
        ("value", "default", "content", "data", "unset", "example", "secret", "initial", "fallback", "text"),
    ),
    # env.NAME || …, getenv("NAME") ?? …, env::var("NAME").unwrap_or(…), NAME ? NAME : …
    _Between(
        re.compile(rf"{_CLOSE}[^\n;,{{}}]{{0,90}}?[ \t)]?(?:\r?\n[ \t]{{0,40}})?{_FALLBACK}{_LINES}"),
        True,
        ("||", "?", "//", "or", "else", "default", "fetch"),
    ),
    # ENV.fetch("NAME") {{ … }}
    _Between(re.compile(rf"{_CLOSE}[ \t]\{{[ \t]"), True, ("{",)),
    # NAME = any.call(…
    _Between(re.compile(rf"{_CLOSE}{_ASSIGNED}{_CALL}"), False, ("(",)),
    # set NAME --body …
    _Between(re.compile(rf"{_CLOSE}[ \t]{{1,4}}--?(?:b|body|v|value|data)[ =]"), True, ("-",)),
    # a line that ends with the name, and the next
    _Between(re.compile(rf"{_CLOSE}[:：]?[ \t]{{0,4}}(?:\r?\n[ \t>*+-]{{0,20}}){{1,2}}"), False),
)

_PREFIX: Final = re.compile(rf"[frbuFRBU@$LN]{{1,2}}(?={QUOTE})")
_OPENED: Final = re.compile(QUOTE)
_BRACKETED: Final = re.compile(
    r"\[(?P<lua>={0,4})\[|(?:~[sS]|%[qQ]?)(?P<open>[(\[{<|/])|r(?P<rust>#{1,4})\"|R\"(?P<cpp>\w{0,16})\("
)
"""A literal without quotation marks of its own: Lua, a sigil of Elixir or Ruby, raw strings of Rust and C++."""
_NO_LUA: Final = re.compile(r"[\[\]]|, |^ | $")
"""In two brackets: a list of lists, or a shell's condition."""
_CLOSED_BY: Final = {"(": ")", "[": "]", "{": "}", "<": ">", "|": "|", "/": "/"}
_JOINT: Final = re.compile(
    r"(?:[ \t]{0,20}|[ \t]{0,20}\\?\r?\n[ \t]{0,80})(?:(?:\+|&|~|\.\.?|<>|\|\||_)[ \t]{0,20}(?:\\?\r?\n[ \t]{0,80})?)?"
    rf"[frbuFRBU@]{{0,2}}(?={QUOTE})"
)
_BARE_FORMED: Final = re.compile(FORMED)
_BARE: Final = re.compile(r"[^\s\"'`,;(){}<>\[\]=:][^\s\"'`,;(){}<>]{6,120}")
_TO_THE_BLANK: Final = re.compile(r"[^\s\"'`=:|]\S{7,63}")
_MAX_GAP_LENGTH: Final = 300
"""Characters behind a name within which its value begins."""
_MAX_VALUE_LENGTH: Final = 160
_DIGITS: Final = re.compile(r"[0-9](?:[^0-9]*+[0-9]){3}|[a-z0-9+/]{43}")
"""Every key and every secret has as many digits: fewer happen to one in a billion. In base64 it may have none,
and is so long in one piece."""
_PIECES: Final = 40
"""Literals that one value may be put together of."""


class Name(Struct, frozen=True):
    """A name of a credential's: where it begins and ends, and what it says."""

    start: int
    end: int
    text: str
    says: Named


@shows_only("at", "quoted")
class Value(Struct, frozen=True):
    """A value as it is written: where it begins, the texts that it may be read as, and whether it is in quotes."""

    at: int
    texts: tuple[str, ...]
    quoted: bool


def names_in(text: str) -> Iterator[Name]:
    """Every name of a credential's, in code and in prose."""
    at = 0
    while hit := _KEYWORD.search(text, at):
        start, end = _around(text, hit.start(), at)
        at = max(end, hit.end())
        name = text[start:end].strip(".-$")
        says = named(name.replace(" ", "_"))
        if says is not None:
            begin = text.index(name, start)
            at = begin + len(name)
            yield Name(begin, at, name, says)


def values_of(text: str, name: Name) -> Iterator[tuple[Value, bool]]:
    """The values that a name may be given, each once, and whether it is surely given to that name."""
    seen = set()
    behind = text[name.end : name.end + _MAX_GAP_LENGTH + _MAX_VALUE_LENGTH].lower()
    if name.says.slot != "passphrase" and not _DIGITS.search(behind):
        return
    for between in _BETWEEN:
        if not any(map(behind.__contains__, between.with_one_of)):
            continue
        found = between.pattern.match(text, name.end, name.end + _MAX_GAP_LENGTH)
        if found and (value := _value(text, found.end(), _opened_before(text, name))) and value.at not in seen:
            seen.add(value.at)
            yield value, between.sure


def readings(value: str) -> tuple[str, ...]:
    """The texts that a value may mean: itself, and what it is the base64 of."""
    bare = value.strip()
    return tuple(filter(None, dict.fromkeys((bare, decoded(bare)))))


def _around(text: str, keyword: int, floor: int) -> tuple[int, int]:
    """From where to where the name reaches that holds a keyword."""
    left = text[max(floor, keyword - _MAX_NAME_LENGTH) : keyword]
    start = keyword - (len(left) - len(left.rstrip(_IN_NAMES)))
    if start < keyword and text.startswith(("\\n", "\\r", "\\t"), max(start - 1, 0)):
        start += 1  # the letter of an escape
    expanded = start > 1 and (text.startswith("${", start - 2) or text[start - 1] == "%")
    end = going_on.end() if (going_on := _NAME_ON.match(text, keyword)) else keyword
    if expanded and "." not in text[start:end] and (word := _WORD_ON.match(text, keyword)):
        end = word.end()  # what follows is the default: ${NAME-…}
    if said := _SAID_BEFORE.search(text, max(floor, start - 40), start):
        start = said.start()
    if not expanded and (said := _SAID_BEHIND.match(text, end)):
        end = said.end()
    return start, end


def _opened_before(text: str, name: Name) -> str:
    """The quotation mark right before a name that is still open behind it: ``"NAME=…"``."""
    mark = text[name.start - 1 : name.start]
    return mark if mark and mark in "\"'`" and text[name.end : name.end + 1] in "=:" else ""


def _value(text: str, at: int, opened: str) -> Value | None:
    """The value that begins here."""
    if (bracket := _BRACKETED.match(text, at)) and (found := _bracketed(text, bracket)) is not None:
        return Value(bracket.end(), readings(found), True)
    if prefix := _PREFIX.match(text, at):
        at = prefix.end()
    if (mark := _OPENED.match(text, at)) and mark.group() != opened:
        pieces = _pieces(text, mark)
        read = dict.fromkeys(each for literal in ("".join(pieces), *pieces[:1]) for each in readings(literal))
        return Value(mark.end(), tuple(read), True) if pieces else None
    if bare := _BARE_FORMED.match(text, at):
        return Value(at, (bare.group(),), False)
    if opened:
        end = text.find(opened, at, at + _MAX_VALUE_LENGTH)
        return Value(at, readings(text[at:end]), True) if end > at and "\n" not in text[at:end] else None
    if text[max(0, at - 60) : at].rstrip().endswith(">") and (end := text.find("<", at, at + _MAX_VALUE_LENGTH)) > at:
        return Value(at, readings(text[at:end]), True)  # a text between tags
    words = [found.group() for found in (_BARE.match(text, at), _TO_THE_BLANK.match(text, at)) if found]
    texts = dict.fromkeys(each for word in words for each in readings(word))
    return Value(at, tuple(texts), False) if texts else None


def _bracketed(text: str, opened: re.Match[str]) -> str | None:
    """The text of such a literal; ``None`` where it does not end on its line, for then it is none."""
    match opened.lastgroup:
        case "lua":
            mark = f"]{opened['lua']}]"
        case "rust":
            mark = f'"{opened["rust"]}'
        case "cpp":
            mark = f'){opened["cpp"]}"'
        case _:
            mark = _CLOSED_BY[opened["open"]]
    end = text.find(mark, opened.end(), opened.end() + _MAX_VALUE_LENGTH)
    inside = text[opened.end() : max(end, opened.end())]
    if end < 0 or "\n" in inside.strip() or (opened.lastgroup == "lua" and _NO_LUA.search(inside)):
        return None
    return inside


def _pieces(text: str, mark: re.Match[str]) -> list[str]:
    """A literal, with those that it may go on in; none where it does not end."""
    pieces: list[str] = []
    for _ in range(_PIECES):
        end = _find_end(text, mark)
        if end < 0:
            break
        pieces.append(re.sub(r"\\\r?\n[ \t]*", "", text[mark.end() : end]))
        behind = _JOINT.match(text, end + len(mark.group()))
        following = _OPENED.match(text, behind.end()) if behind else None
        if following is None or following.group() != mark.group() or sum(map(len, pieces)) > _MAX_VALUE_LENGTH:
            break
        mark = following
    return pieces


def _find_end(text: str, mark: re.Match[str]) -> int:
    """Where a literal ends: before the same mark, on the same line unless the mark is threefold or the line goes on."""
    limit = mark.end() + _MAX_VALUE_LENGTH
    end = text.find(mark.group(), mark.end(), limit)
    while len(mark.group()) == 1 and end > 0 and text[end - 1] == "\\" and text[end - 2] != "\\":
        end = text.find(mark.group(), end + 1, limit)
    body = text[mark.end() : max(end, mark.end())]
    if end >= 0 and len(mark.group()) != 3 and "\n" in body and re.search(r"(?<!\\)\r?\n(?<!\\\r\n)", body):
        return -1
    return end
