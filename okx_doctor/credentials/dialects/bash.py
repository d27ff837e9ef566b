"""``source FILE`` in bash: the file is a program. It is read here as bash would read it, and never run.

Source of the facts: the chapters on quoting, expansions and simple commands of bash's manual. A file is taken to be
sourced by a script that was started without arguments.
"""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import Mapping
from typing import Final, Literal, NoReturn

from msgspec import Struct, field
from msgspec.structs import replace

from okx_doctor.credentials.dialects.reading import (
    BYTE_ORDER_MARK,
    SIZE_LIMIT,
    TOO_LARGE,
    Act,
    Lines,
    Loaded,
    Reading,
    Refused,
    distinct,
    reference,
)
from okx_doctor.secrets.secret import Secret, shows_only

_ASSIGNMENT: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(\+?)=")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_REFERENCE: Final = re.compile(r"[A-Za-z_](?:[A-Za-z0-9_]|\\\n(?=[A-Za-z0-9_]))*+|[0-9@*!#$?-]")
_DECLARING: Final = ("export", "declare", "typeset", "readonly")
_NO_ARGUMENTS: Final = {**dict.fromkeys("123456789@*!", ""), "#": "0"}
"""Values of the special parameters in a script without arguments and without a job in the background."""

_UNKNOWABLE: Final = frozenset("$?-0_")
_BASHS_OWN: Final = re.compile(
    r"BASH\w*|COMP_\w+|DIRSTACK|EPOCH\w+|EUID|FUNCNAME|GROUPS|HISTCMD|HOSTNAME|HOSTTYPE|IFS|LINENO|MACHTYPE|OLDPWD"
    r"|OPTERR|OPTIND|OSTYPE|PATH|PIPESTATUS|PPID|PS4|PWD|RANDOM|SECONDS|SHELL|SHELLOPTS|SHLVL|SRANDOM|TERM|UID"
)
_OPERATION: Final = re.compile(
    r"[#!]?(?:[A-Za-z_]\w*|[0-9]+|[@*#?$!-])(?:\[[^]]*\])?(?:[-:=?+#%/^,@~][^'\"`\\$\n{]*)?", re.ASCII
)
_BRACES: Final = re.compile(r"\{[^{}]*(?:,|\.\.)[^{}]*\}")
_ENDS: Final = "\n;&|<>()"


@shows_only("acts", "why", "character", "size")
class _Word(Struct):
    """A word on its way: ``text`` is what bash makes of it, ``why`` what keeps that from being known."""

    parts: list[str] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    why: str = ""
    character: str = ""
    size: int = 0

    def add(self, text: str) -> None:
        self.size += len(text)
        if self.size <= SIZE_LIMIT:
            self.parts.append(text)
        else:
            self.unknown(TOO_LARGE, "$")

    def unknown(self, why: str, character: str) -> None:
        if not self.why:
            self.why, self.character = why, character

    def expands_to_nothing(self) -> bool:
        """Whether the word is gone once it is expanded: it is then no word of the command."""
        return not (self.size or self.why) and all(act.kind == "expansion" for act in self.acts)

    def reading(self, line: int, last: int) -> Reading:
        value = None if self.why else Secret("".join(self.parts))
        return Reading(
            line=line,
            last_line=last,
            value=value,
            acts=distinct(self.acts),
            refusal=self.why,
            character=self.character,
        )


def load(text: str, environ: Mapping[str, str]) -> Loaded:
    """Read an env file's text as bash would; in ``$NAME`` a name in the file wins over ``environ``.

    An assignment holds where its line has only assignments; in front of a command it holds for that command
    alone. The last assignment of a name wins.
    """
    shell = _Shell(text, dict(environ))
    try:
        while shell.at < len(text):
            shell.command()
    except Refused as refused:
        return Loaded(readings=shell.readings, refusal=refused.what, character=refused.character, line=refused.line)
    return Loaded(readings=shell.readings)


class _Shell:
    """A reader's place in the text, and what has been assigned up to it."""

    def __init__(self, text: str, names: dict[str, str]) -> None:
        self.text = text
        self.at = 0
        self.names = names
        self.readings: dict[str, Reading] = {}
        self._lines = Lines(text)
        self._fatal: Refused | None = None
        self._skipping = False
        self._untold: set[str] = set()

    def line(self) -> int:
        return self._lines.at(self.at)

    def peek(self, count: int = 1) -> str:
        return self.text[self.at : self.at + count]

    def command(self) -> None:
        """One simple command, to the end of its line or the sign that ends it."""
        began = self.line()
        assigned: dict[str, Reading] = {}
        kind: Literal["assigns", "declares", "nothing", "runs"] = "assigns"
        while self._reach_word(assigned):
            line, start = self.line(), self.at
            found = _ASSIGNMENT.match(self.text, self.at) if kind in ("assigns", "declares") else None
            if found:
                assigned[found.group(1)] = self._assignment(found, assigned, declared=kind == "declares")
                continue
            word = _Word()
            self._word(word, self.names, assigning=False)
            written = self.text[start : self.at]
            if kind == "assigns" and not assigned and written in _DECLARING:
                kind = "declares"
            elif kind != "declares":
                if kind == "assigns" and not assigned:
                    self._no_assignment(written, line)
                kind = "nothing" if kind != "runs" and word.expands_to_nothing() else "runs"
        self._end(began, assigned, runs=kind == "runs")

    def _reach_word(self, assigned: dict[str, Reading]) -> bool:
        """Go on to the next word of the command; false at its end."""
        while True:
            while self.peek() in (" ", "\t") or self.peek(2) == "\\\n":
                self.at += 2 if self.peek() == "\\" else 1
            if self.peek() in ("<", ">"):
                self._redirection(assigned)
                continue
            if self.peek() == "#":
                end = self.text.find("\n", self.at)
                self.at = end if end >= 0 else len(self.text)
            return self.at < len(self.text) and self.peek() not in _ENDS

    def _assignment(self, found: re.Match[str], assigned: Mapping[str, Reading], *, declared: bool) -> Reading:
        """Evaluate ``NAME=`` or ``NAME+=``; names that the same command set before already count."""
        word = _Word()
        self.at = found.end()
        values = {name: reading.value.reveal() for name, reading in assigned.items() if reading.value is not None}
        names = ChainMap(values, self.names) if values else self.names
        if found.group(2):
            word.add(names.get(found.group(1), ""))
        if self.peek() == "(":
            end = self.text.find("\n", self.at)
            self.at = end if end >= 0 else len(self.text)
            word.unknown("takes `(` for the start of an array", "(")
        self._word(word, names, assigning=True)
        if declared and _BRACES.search(self.text, found.end(), self.at):  # a plain assignment expands no braces
            word.unknown("expands `{…}`", "{")
        return word.reading(*self._lines.span(found.start(), self.at))

    def _no_assignment(self, word: str, line: int) -> None:
        """A word at the start of a line that is meant to assign and does not."""
        bare = word.removeprefix(BYTE_ORDER_MARK)
        found = _ASSIGNMENT.match(bare)
        if bare != word and found:
            refusal, character = "takes a byte order mark for a part of the name", BYTE_ORDER_MARK
        elif _NAME.fullmatch(word) and word not in _DECLARING:
            refusal, character = "would run the name as a command", " "
        else:
            return
        name = found.group(1) if found else word
        self.readings.setdefault(name, Reading(line=line, value=None, refusal=refusal, character=character))

    def _end(self, line: int, assigned: Mapping[str, Reading], *, runs: bool) -> None:
        """The characters that end a command, and what becomes of its assignments."""
        sign = self.peek(2) if self.peek(2) in ("&&", "||", ";;") else self.peek()
        self.at += len(sign)
        if sign in ("(", ")", ";;"):
            raise Refused(f"stops at `{sign[0]}`", sign[0], line)
        if self._fatal:  # known only when the command is expanded: then the shell itself ends
            self.readings.clear()
            raise self._fatal
        skipped, self._skipping = self._skipping, sign == "||"
        if runs or sign in ("&", "|"):
            character = " " if runs else sign
            shown = "the blank" if runs else f"`{sign}`"
            for name, reading in assigned.items():
                why = f"would run what follows {shown} as a command"
                lost = Reading(line=reading.line, value=None, refusal=why, character=character)
                self.readings.setdefault(name, lost)
        elif not skipped:
            for name, reading in assigned.items():
                acts = (*reading.acts, Act("syntax", sign)) if sign in (";", "&&", "||") else reading.acts
                self.readings[name] = replace(reading, acts=acts)
                self.names.pop(name, None)
                self._untold.add(name)
                if reading.value is not None:
                    self.names[name] = reading.value.reveal()
                    self._untold.discard(name)

    def _redirection(self, assigned: dict[str, Reading]) -> None:
        """``<`` or ``>`` and the word after it: no part of a value."""
        sign = self.peek()
        if self.peek(2) in ("<(", ">(") or (self.peek(2) == "<<" and self.peek(3) != "<<<"):
            raise Refused(f"stops at `{self.peek(2)}`", sign, self.line())
        while self.peek() in ("<", ">", "&", "|"):
            self.at += 1
        while self.peek() in (" ", "\t"):
            self.at += 1
        self._word(_Word(), self.names, assigning=False)
        for name, reading in assigned.items():
            assigned[name] = replace(reading, acts=(*reading.acts, Act("syntax", sign)))

    def _word(self, word: _Word, names: Mapping[str, str], *, assigning: bool) -> None:
        """Read to the end of a word."""
        before = ":"  # a tilde is one at the start and after a bare colon
        while self.at < len(self.text):
            char = self.peek()
            if char in " \t" or char in _ENDS:
                break
            before, last = (char, before)
            if char == "~" and assigning and last == ":":
                self._tilde(word, names)
            elif char == "\\":
                following = self.text[self.at + 1 : self.at + 2]
                word.acts.append(Act("lines", "\n") if following == "\n" else Act("escape", "\\"))
                word.add("" if following == "\n" else following or "\\")
                self.at += 2
            elif char == "'":
                word.acts.append(Act("quotes", "'"))
                word.add(self._to(char, word))
            elif char == '"':
                self._double(word, names)
            elif char == "$":
                self._dollar(word, names, quoted=False)
            elif char == "`":
                self._command_substitution("`")
            else:
                word.add(char)
                self.at += 1
        self.at = min(self.at, len(self.text))

    def _to(self, quote: str, word: _Word) -> str:
        """The text between a quote here and its pair."""
        end = self.text.find(quote, self.at + 1)
        if end < 0:
            raise Refused(f"stops at a `{quote}` without its pair", quote, self.line())
        part = self.text[self.at + 1 : end]
        if "\n" in part:
            word.acts.append(Act("lines", "\n"))
        self.at = end + 1
        return part

    def _double(self, word: _Word, names: Mapping[str, str]) -> None:
        line = self.line()
        word.acts.append(Act("quotes", '"'))
        self.at += 1
        while self.at < len(self.text):
            char = self.peek()
            if char == '"':
                self.at += 1
                return
            if char == "\\":
                following = self.text[self.at + 1 : self.at + 2]
                if following == "\n":
                    word.acts.append(Act("lines", "\n"))
                elif following and following in '$`"\\':
                    word.acts.append(Act("escape", "\\"))
                    word.add(following)
                else:
                    word.add("\\" + following)
                self.at += 2
            elif char == "$":
                self._dollar(word, names, quoted=True)
            elif char == "`":
                self._command_substitution("`")
            else:
                if char == "\n":
                    word.acts.append(Act("lines", "\n"))
                word.add(char)
                self.at += 1
        raise Refused('stops at a `"` without its pair', '"', line)

    def _dollar(self, word: _Word, names: Mapping[str, str], *, quoted: bool) -> None:
        following = self.text[self.at + 1 : self.at + 2]
        if following and following in "([":
            self._command_substitution(f"${following}")
        if following == "{":
            self._braced(word, names)
            return
        if following == "'" and not quoted:
            self.at += 1
            word.acts += [Act("expansion", "$'…'"), Act("quotes", "'")]
            part = self._ansi()
            word.unknown("reads `$'…'` with the escapes of C", "$") if "\\" in part else word.add(part)
            return
        if following == '"' and not quoted:
            word.acts.append(Act("expansion", '$"…"'))
            self.at += 1
            return
        found = _REFERENCE.match(self.text, self.at + 1)
        if not found:
            word.add("$")
            self.at += 1
            return
        self.at = found.end()
        name = found.group().replace("\\\n", "")
        if name == "$" and quoted and self.peek() == "{" and "}" not in self.text[self.at :].partition('"')[0]:
            # bash looks for the brace here too
            self._fatal = Refused("ends at a `${` that is no reference", "$", self.line())
        self._parameter(word, names, name, reference(name))

    def _parameter(self, word: _Word, names: Mapping[str, str], name: str, shown: str) -> None:
        word.acts.append(Act("expansion", shown))
        if name in names:
            word.add(names[name])
        elif name in _NO_ARGUMENTS:
            word.add(_NO_ARGUMENTS[name])
        elif name in _UNKNOWABLE or _BASHS_OWN.fullmatch(name) or name in self._untold:
            word.unknown(f"expands `{shown}`", "$")

    def _ansi(self) -> str:
        """The text of ``$'…'``, in which a backslash keeps a quote from closing it."""
        found = re.compile(r"'((?:[^'\\]|\\.)*+)'", re.DOTALL).match(self.text, self.at)
        if not found:
            raise Refused("stops at a `'` without its pair", "'", self.line())
        self.at = found.end()
        return found.group(1)

    def _braced(self, word: _Word, names: Mapping[str, str]) -> None:
        end = self.text.find("}", self.at)
        if end < 0:
            raise Refused("stops at a `${` without its `}`", "$", self.line())
        inner = self.text[self.at + 2 : end]
        self.at = end + 1
        if _NAME.fullmatch(inner) or (len(inner) == 1 and inner in {*_NO_ARGUMENTS, *_UNKNOWABLE}):
            self._parameter(word, names, inner, "${…}")
        elif _OPERATION.fullmatch(inner):
            word.acts.append(Act("expansion", "${…}"))
            word.unknown("expands `${…}`", "$")
        else:
            self._fatal = Refused("ends at a `${` that is no reference", "$", self.line())

    def _tilde(self, word: _Word, names: Mapping[str, str]) -> None:
        """``~`` alone is the home directory, ``~name`` another's, where there is one."""
        found = re.compile(r"~[^/: \t\n\\'\"$`;&|<>()]*+").match(self.text, self.at)
        prefix = found.group() if found else "~"
        self.at += len(prefix)
        while self.peek(2) == "\\\n":
            self.at += 2
        after = self.peek()
        if after and after in "\\'\"$`":
            word.add(prefix)
        elif prefix == "~":
            word.acts.append(Act("expansion", "~"))
            word.add(names["HOME"]) if "HOME" in names else word.unknown("expands `~`", "~")
        elif re.fullmatch(r"~(?:[+-]?[0-9]*|root|daemon|nobody|bin|sys|mail)", prefix):
            word.unknown("expands `~`", "~")
        else:
            word.add(prefix)

    def _command_substitution(self, opening: str) -> NoReturn:
        """``$(…)`` and backticks: bash would run the command inside, so nothing after it can be predicted."""
        shown = "backticks" if opening == "`" else f"`{opening}…`"
        raise Refused(f"would run what stands in {shown} as a command", opening[0], self.line())
