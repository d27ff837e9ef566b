"""``okx-doctor sign``."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterator
from typing import Final, NamedTuple, get_args

import click
from msgspec.structs import replace

from okx_doctor import __version__
from okx_doctor.cli.credential_options import credential_options, places
from okx_doctor.cli.input_file import open_input, piped
from okx_doctor.cli.output import FORMATS, checked, look, write
from okx_doctor.credentials.files import UnusableFile
from okx_doctor.credentials.load import Credentials, LoadedValue, load_credentials
from okx_doctor.credentials.places import CredentialSources
from okx_doctor.credentials.variables import VARIABLES
from okx_doctor.model import Tool
from okx_doctor.protocol import steps, timestamps
from okx_doctor.protocol.signing import WEBSOCKET_METHOD, WEBSOCKET_PATH, prehash
from okx_doctor.protocol.signing import sign as signed
from okx_doctor.report.signing import Reference, Shell, Shown, render_json, render_text
from okx_doctor.secrets.redactor import Redactor, redactor_of
from okx_doctor.secrets.secret import shows_only
from okx_doctor.settings import Options, UsageError, settle

BODY_LIMIT: Final = 16 * 1024 * 1024
_URL: Final = re.compile(r"(?:https?|wss?)://[^/?#]*", re.IGNORECASE)
_METHODS: Final = ("GET", "POST")
_TOKEN: Final = re.compile(r"[A-Za-z]+", re.ASCII)


@shows_only("file")
class _Body(NamedTuple):
    content: bytes = b""
    file: str = ""


@shows_only("method")
class _Request(NamedTuple):
    method: str
    target: str
    notes: tuple[str, ...]


@click.command("sign", short_help="The reference for one request: what to sign, headers, curl.")
@click.argument("method", required=False)
@click.argument("path", required=False)
@click.option("--body", metavar="TEXT|@FILE|-", help="The body, a file that holds it, or standard input.")
@click.option("--timestamp", metavar="TEXT", help="The timestamp to sign (default: now).")
@click.option("--demo", is_flag=True, help="For demo trading: with its header.")
@click.option("--websocket", is_flag=True, help="The login of a WebSocket; takes no METHOD and PATH.")
@click.option("--reveal", is_flag=True, help="Show API key and passphrase; the secret key is never shown.")
@credential_options
@click.option(
    "--shell",
    type=click.Choice(get_args(Shell)),
    default="powershell" if sys.platform == "win32" else "posix",
    show_default=True,
    help="The shell that the curl command is for.",
)
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--output", type=click.Path(), help="Write the answer to this file (mode 0600).")
def command(
    method: str | None,
    path: str | None,
    body: str | None,
    timestamp: str | None,
    demo: bool,
    websocket: bool,
    reveal: bool,
    asked: CredentialSources,
    shell: Shell,
    form: str,
    output: str | None,
) -> None:
    """Show how OKX wants one request: the text to sign, its signature, the headers, a curl command.

    PATH is the path with its query, as it goes on the wire. Nothing is sent. Without a secret key only the text to
    sign is shown. Exit status: 0, or 2 for wrong usage.
    """
    request = _login(method, path, body) if websocket else _request(method, path)
    if body == "-" and asked.from_standard_input:
        raise click.UsageError("standard input holds the body or the credentials, not both; put one into a file")
    try:
        read = places(asked)
        target = settle(Options(demo=demo or None), os.environ, read).target
    except (UsageError, UnusableFile) as error:
        raise click.UsageError(str(error)) from None
    credentials = load_credentials(os.environ, read)
    content = _body(body)
    if timestamp is not None and (not timestamp or not timestamp.isascii() or not timestamp.isprintable()):
        raise click.UsageError("the timestamp is empty or holds what no header can carry")
    now = time.time()
    stamp = timestamp if timestamp is not None else _stamp(now, websocket=websocket)
    notes = [*request.notes, *_notes(request, content, stamp, now, websocket=websocket)]
    known = redactor_of((_secret_only(credentials) if reveal else credentials).secrets())
    message = prehash(stamp, request.method, request.target, content.content)
    secret = credentials.secret.reveal()
    _without_secret(secret, message)
    if not secret:
        notes.append("No secret key was loaded (OKX_SECRET_KEY, or a file): only the text to sign is shown.")
    reference = Reference(
        channel="websocket" if websocket else "rest",
        method=request.method,
        target=known.told(request.target),
        timestamp=known.told(stamp),
        body=_masked(content.content, known),
        body_file=known.told(content.file),
        size=len(message),
        base_url=target.base_url,
        demo=target.demo and not websocket,
        api_key=_shown(credentials.api_key, known, reveal=reveal),
        passphrase=_shown(credentials.passphrase, known, reveal=reveal),
        signature=signed(secret, message) if secret else None,
        notes=(*notes, *_to_fill_in(credentials, known, reveal=reveal, websocket=websocket)),
    )
    if form == "json":
        printed = render_json(reference, Tool(version=__version__), shell)
    else:
        printed = render_text(reference, shell=shell, **look(output))
    write(checked(printed, known), output)


def _login(method: str | None, path: str | None, body: str | None) -> _Request:
    """A login always signs the same method and path."""
    if (method or WEBSOCKET_METHOD).upper() != WEBSOCKET_METHOD or (path or WEBSOCKET_PATH) != WEBSOCKET_PATH:
        raise click.UsageError(f"a WebSocket login always signs {WEBSOCKET_METHOD} {WEBSOCKET_PATH}; leave both out")
    if body:
        raise click.UsageError("a WebSocket login signs no body")
    return _Request(WEBSOCKET_METHOD, WEBSOCKET_PATH, ())


def _request(method: str | None, path: str | None) -> _Request:
    """Method and target as they are signed, with what was changed in them."""
    if method is None or path is None:
        raise click.UsageError("name a method and a path, as in: okx-doctor sign GET /api/v5/account/balance")
    if not _TOKEN.fullmatch(method):
        raise click.UsageError("METHOD is one word, GET or POST; it stands before the path")
    notes = []
    upper = method.upper()
    if method != upper:
        notes.append(f"The method is signed in upper case: {upper}.")
    target = path
    if host := _URL.match(target):
        target = target[host.end() :]
        target = target if target.startswith("/") else f"/{target}"
        notes.append("Scheme and host were dropped: only the path with its query is signed.")
    if "#" in target:
        target = target.partition("#")[0]
        notes.append("The fragment behind # was dropped: it does not travel.")
    if not target.startswith("/"):
        raise click.UsageError("PATH begins with a slash, as in /api/v5/account/balance, or is a whole URL")
    if any(char.isspace() or not (char.isprintable() or char > "\x7f") for char in target):
        raise click.UsageError("PATH holds a blank or a control character; percent-encode it, a blank as %20")
    try:
        target.encode()
    except UnicodeEncodeError:
        raise click.UsageError("PATH is no UTF-8 text; percent-encode it") from None
    if not target.isascii():
        notes.append("The path is not ASCII: most clients percent-encode it before they send it. Sign what is sent.")
    if upper not in _METHODS:
        notes.append(f"OKX's v5 API is called with GET and POST, not with {upper}.")
    return _Request(upper, target, tuple(notes))


def _body(given: str | None) -> _Body:
    """The bytes of the body. No message repeats any of them."""
    if not given:
        return _Body()
    if given == "-":
        return _Body(_printable(_limited(piped(BODY_LIMIT))))
    if given.startswith("@"):
        name = given[1:]
        try:
            with open_input(name) as stream:
                return _Body(_limited(stream.read(BODY_LIMIT + 1)), name)
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or "no such file"
            raise click.UsageError(f"cannot read the body from {name}: {why}") from None
    return _Body(_printable(os.fsencode(given)))


def _limited(content: bytes) -> bytes:
    if len(content) > BODY_LIMIT:
        raise click.UsageError(f"the body is longer than {BODY_LIMIT // 1024 // 1024} MiB; OKX takes no such request")
    return content


def _printable(content: bytes) -> bytes:
    """A body that a command line can hold."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise click.UsageError("the body is no UTF-8 text; put it into a file and write --body @FILE") from None
    if "\0" in text:
        raise click.UsageError("the body holds a NUL byte; put it into a file and write --body @FILE")
    return content


def _stamp(now: float, *, websocket: bool) -> str:
    return timestamps.websocket_timestamp(now) if websocket else timestamps.rest_timestamp(now)


def _notes(asked: _Request, body: _Body, stamp: str, now: float, *, websocket: bool) -> Iterator[str]:
    if asked.method == "GET" and body.content:
        yield "OKX reads parameters of a GET from its query, not from a body; more: okx-doctor explain get-body-signed"
    if body.content.endswith((b"\n", b"\r")):
        yield "The body ends with a line break; it is signed and sent with it."
    channel: steps.Channel = "websocket" if websocket else "rest"
    moment = timestamps.parse_websocket_timestamp(stamp) if websocket else timestamps.parse_rest_timestamp(stamp)
    if moment is None:
        code = steps.step_named("timestamp-readable").code(channel)
        form = "seconds since 1970" if websocket else "2020-12-08T09:08:57.715Z"
        yield f"OKX refuses this timestamp with {code}; it wants the form {form}."
    elif abs(moment - now) > timestamps.WINDOW_SECONDS:
        code = steps.step_named("timestamp-fresh").code(channel)
        yield f"The timestamp is more than 30 seconds from this machine's time: OKX would refuse it with {code} now."


def _masked(content: bytes, known: Redactor) -> bytes:
    """A body without the loaded credentials, taken out before it is quoted for a shell or for JSON."""
    return known.told(content.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def _without_secret(secret: str, message: bytes) -> None:
    """Refuse a request that carries the secret itself: it would be printed, and sent."""
    if secret and len(secret) >= 4 and secret.encode("utf-8", "surrogateescape") in message:
        raise click.UsageError("the request holds the secret key itself; it belongs in no path and no body")


def _shown(loaded: LoadedValue, known: Redactor, *, reveal: bool) -> Shown:
    """A shell reference to a credential: the environment variable that holds it, else the usual one; or the value.

    A value that is in the secret's slot as well stays hidden.
    """
    source = loaded.source
    from_environment = source is not None and source.kind == "environment"
    variable = source.variable if source is not None and from_environment else VARIABLES[loaded.slot][0]
    return Shown(variable=variable, value=known.told(loaded.reveal()) or None if reveal else None)


def _to_fill_in(credentials: Credentials, known: Redactor, *, reveal: bool, websocket: bool) -> Iterator[str]:
    """Variables that a shell which runs the curl command does not know yet."""
    if not credentials.secret.value:
        return
    unset = [
        _shown(loaded, known, reveal=reveal).variable
        for loaded in (credentials.api_key, credentials.passphrase)
        if _shown(loaded, known, reveal=reveal).value is None
        and not (loaded.value and loaded.source is not None and loaded.source.kind == "environment")
    ]
    if unset and not websocket:
        needed = "both" if len(unset) > 1 else "it"
        yield f"Not set in this environment: {' and '.join(unset)}. The curl command needs {needed}."


def _secret_only(credentials: Credentials) -> Credentials:
    """The credentials without the two that may be revealed."""
    return replace(
        credentials,
        api_key=replace(credentials.api_key, value=None, alternatives=()),
        passphrase=replace(credentials.passphrase, value=None, alternatives=()),
    )
