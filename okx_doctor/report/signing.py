"""The reference for one request: the text to sign, the headers, and the request as a curl command."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct, to_builtins

from okx_doctor.model import Sentence, Tool
from okx_doctor.protocol.signing import (
    DEMO_HEADER,
    KEY_HEADER,
    PASSPHRASE_HEADER,
    SIGN_HEADER,
    TIMESTAMP_HEADER,
    login_entry,
    prehash,
)
from okx_doctor.secrets.secret import shows_only

SCHEMA: Final = "okx-doctor/signing/1"
_GLOBBED: Final = frozenset("[]{}")
_BODY_FILE: Final = "body.json"
_SINGLE_QUOTES: Final = re.compile("['\u2018\u2019\u201a\u201b]")
_SPECIAL: Final = re.compile('[`$"\u201c\u201d\u201e]')

Shell = Literal["posix", "powershell"]
"""The shell that a command is written for."""


@shows_only("variable")
class Shown(Struct, frozen=True, kw_only=True):
    """A credential as it is printed: by the variable that holds it, or revealed."""

    variable: str
    value: str | None = None

    @property
    def text(self) -> str:
        return f"${self.variable}" if self.value is None else self.value


@shows_only("channel", "method", "timestamp", "body_file", "base_url", "demo", "notes")
class Reference(Struct, frozen=True, kw_only=True):
    """One request as OKX expects it, in texts that may be shown. ``size`` is the number of bytes that are signed.

    ``signature`` is ``None`` without a secret, ``body_file`` where the body lies.
    """

    channel: Literal["rest", "websocket"]
    method: str
    target: str
    timestamp: str
    body: bytes
    body_file: str
    size: int
    base_url: str
    demo: bool
    api_key: Shown
    passphrase: Shown
    signature: str | None
    notes: tuple[str, ...] = ()

    @property
    def prehash(self) -> bytes:
        return prehash(self.timestamp, self.method, self.target, self.body)

    def headers(self) -> dict[str, str]:
        """The headers of a REST request; none without a signature, and none in a login, which is a message."""
        if self.signature is None or self.channel == "websocket":
            return {}
        found = {
            KEY_HEADER: self.api_key.text,
            SIGN_HEADER: self.signature,
            TIMESTAMP_HEADER: self.timestamp,
            PASSPHRASE_HEADER: self.passphrase.text,
        }
        if self.body:
            found["Content-Type"] = "application/json"
        if self.demo:
            found[DEMO_HEADER] = "1"
        return found


def literal(message: bytes) -> str:
    """The bytes as a quoted literal of Python and JSON, in ASCII; as a ``bytes`` literal where they are not UTF-8."""
    try:
        return json.dumps(message.decode()).replace("\x7f", "\\u007f")
    except UnicodeDecodeError:
        return repr(message)


def login(reference: Reference) -> str | None:
    """The WebSocket message that logs in."""
    if reference.channel != "websocket" or reference.signature is None:
        return None
    row = login_entry(reference.api_key.text, reference.signature, reference.timestamp, reference.passphrase.text)
    return json.dumps({"op": "login", "args": [row]})


def curl(reference: Reference, shell: Shell = "posix") -> str | None:
    """A command line that sends the request; what is not revealed is a variable for the shell to fill in.

    PowerShell passes quotes within a word on to a program as its version likes: there a body goes by a file.
    """
    headers = reference.headers()
    if not headers:
        return None
    posix = shell == "posix"
    quoted = _quoted if posix else _quoted_for_powershell
    first = ["curl" if posix else "curl.exe", "--silent", "--show-error"]
    if _GLOBBED & set(reference.target):
        first.append("--globoff")
    if "/." in reference.target:
        first.append("--path-as-is")
    if reference.method == "HEAD":
        first.append("--head")
    elif reference.method != ("POST" if reference.body else "GET"):
        first += ["--request", reference.method]
    lines = [f"{' '.join(first)} {quoted(reference.base_url + reference.target)}"]
    variables = {
        name: shown.variable
        for name, shown in ((KEY_HEADER, reference.api_key), (PASSPHRASE_HEADER, reference.passphrase))
        if shown.value is None
    }
    sign = "$" if posix else "$env:"
    for name, value in headers.items():
        lines.append(
            f'-H "{name}: {sign}{variables[name]}"' if name in variables else f"-H {quoted(f'{name}: {value}')}"
        )
    before = ""
    if reference.body_file:
        lines.append(f"--data-binary {quoted(f'@{reference.body_file}')}")
    elif reference.body and posix:
        lines.append(f"--data-raw {quoted(reference.body.decode())}")
    elif reference.body:
        before = f'[IO.File]::WriteAllText("$PWD\\{_BODY_FILE}", {quoted(reference.body.decode())})\n'
        lines.append(f"--data-binary '@{_BODY_FILE}'")
    return before + (" \\\n  " if posix else " `\n  ").join(lines)


def _quoted(text: str) -> str:
    """One word for a shell; with control characters in it as ``$'…'``, so that a terminal shows it as it is."""
    if all(char.isprintable() for char in text):
        return shlex.quote(text)
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    named = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return "$'" + "".join(named.get(char) or (char if char.isprintable() else _octal(char)) for char in escaped) + "'"


def _quoted_for_powershell(text: str) -> str:
    """One word for PowerShell, which takes curly quotes for straight ones."""
    if all(char.isprintable() for char in text):
        return f"'{_SINGLE_QUOTES.sub(lambda quote: quote.group() * 2, text)}'"
    escaped = _SPECIAL.sub(lambda char: f"`{char.group()}", text)
    named = {"\n": "`n", "\r": "`r", "\t": "`t"}
    shown = (named.get(char) or (char if char.isprintable() else f"$([char]{ord(char)})") for char in escaped)
    return f'"{"".join(shown)}"'


def _octal(char: str) -> str:
    return "".join(f"\\{byte:03o}" for byte in char.encode())


@shows_only("channel", "method", "timestamp", "prehash_bytes", "notes")
class Signing(Struct, frozen=True, kw_only=True, tag_field="schema", tag=SCHEMA):
    """The reference as JSON."""

    tool: Tool
    channel: Literal["rest", "websocket"]
    method: Annotated[str, Meta(pattern="^[A-Z]+$")]
    target: Annotated[str, Meta(pattern="^/")]
    timestamp: Sentence
    prehash: Annotated[Sentence, Meta(description="The text to sign; bytes that are no UTF-8 as \\xNN.")]
    prehash_literal: Annotated[
        str, Meta(min_length=2, description="The same as a literal of Python and JSON, in ASCII.")
    ]
    prehash_bytes: Annotated[int, Meta(ge=1)]
    signature: Annotated[str, Meta(min_length=44, max_length=44, description="null without a secret key.")] | None
    headers: Annotated[
        dict[str, str],
        Meta(description="Empty without a secret key and for a WebSocket. $NAME stands for what is not revealed."),
    ]
    curl: Annotated[str, Meta(pattern="^curl |(^|\\n)curl\\.exe ")] | None
    message: Annotated[str | None, Meta(description="The login message of a WebSocket.")]
    notes: tuple[Sentence, ...]


def render_json(reference: Reference, tool: Tool, shell: Shell = "posix") -> str:
    """One JSON object (schema ``okx-doctor/signing/1``)."""
    message = reference.prehash
    document = Signing(
        tool=tool,
        channel=reference.channel,
        method=reference.method,
        target=reference.target,
        timestamp=reference.timestamp,
        prehash=message.decode("utf-8", "backslashreplace"),
        prehash_literal=literal(message),
        prehash_bytes=reference.size,
        signature=reference.signature,
        headers=reference.headers(),
        curl=curl(reference, shell),
        message=login(reference),
        notes=reference.notes,
    )
    return json.dumps(to_builtins(document), indent=2, ensure_ascii=False) + "\n"


def render_text(
    reference: Reference,
    *,
    shell: Shell = "posix",
    width: int = 80,
    colour: bool = False,
    ascii_only: bool = False,
) -> str:
    """For people. Every text to copy is on lines of its own, never wrapped."""
    from okx_doctor.report.text import Paragraph, render_paragraphs
    from okx_doctor.secrets.foreign_text import visible

    def heading(text: str) -> str:
        return render_paragraphs(
            [Paragraph(text=text, style="bold")], width=width, colour=colour, ascii_only=ascii_only
        )

    def parts() -> Iterator[str]:
        message = reference.prehash
        yield f"{heading(f'The text to sign (prehash), {reference.size} bytes')}{literal(message)}\n"
        if headers := reference.headers():
            rows = "".join(f"{name}: {visible(value)}\n" for name, value in headers.items())
            yield f"{heading('Headers')}{rows}"
        if command := curl(reference, shell):
            yield f"{heading('The request, good for 30 seconds around its timestamp')}{command}\n"
        if message_text := login(reference):
            yield f"{heading('The login message, good for 30 seconds around its timestamp')}{message_text}\n"
        if reference.notes:
            notes = [Paragraph(text=note, bullet=True) for note in reference.notes]
            shown = render_paragraphs(notes, width=width, colour=colour, ascii_only=ascii_only)
            yield f"{heading('Notes')}{shown}"

    return "\n".join(parts())
