"""``okx-doctor decode``."""

from __future__ import annotations

import codecs
import errno
import re
import sys
from pathlib import Path
from typing import Final

import click

from okx_doctor.cli.input_file import piped
from okx_doctor.cli.output import look, write

FORMATS: Final = ("text", "json")
SIZE_LIMIT: Final = 16 * 1024 * 1024
_OPTION: Final = re.compile(r"--?[a-z][a-z-]*(?:=.*)?")
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NOTHING: Final = (
    "nothing in it is an answer of OKX that is known here; paste the whole answer with its status and body, "
    "or only its code"
)
_NO_FILE: Final = "there is no such file, and as a text it holds no answer of OKX that is known here"
_NO_NAME: Final = (errno.ENAMETOOLONG, errno.EINVAL, errno.ENOTDIR)
"""The errors of a text that can be no file's name: too long, in characters or in bytes, or not one at all."""
_PATH: Final = re.compile(r"\S*[./\\]\S*")


@click.command(
    "decode",
    short_help="Read a code, an exception, a log, a transcript: what it means.",
    context_settings={"ignore_unknown_options": True},
)
@click.argument("words", nargs=-1, metavar="[CODE | TEXT | FILE | -]", type=click.UNPROCESSED)
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--output", type=click.Path(), help="Write the answer to this file (mode 0600).")
@click.pass_context
def command(ctx: click.Context, words: tuple[str, ...], form: str, output: str | None) -> None:
    """Say what an answer of OKX means, what usually causes it, what it rules out, and what decides.

    Takes a code, an exception's text, curl -i or -v output, log lines, JSON, an HTML page: as an argument, a file, or
    on standard input. Prints nothing of it but codes, statuses and the address in a 50110. Exit status: 0 recognised,
    2 not.
    """
    text = _pasted(words)
    from okx_doctor.decoding.decode import decode

    answers = decode(text)
    if not answers:
        raise click.UsageError(_NO_FILE if len(words) == 1 and _PATH.fullmatch(words[0]) else _NOTHING)
    from okx_doctor.report.decoding import render_json, render_text

    printed = render_json(answers) if form == "json" else render_text(answers, **look(output))
    write(printed, output)
    ctx.exit(0)


def _pasted(words: tuple[str, ...]) -> str:
    """The text to read. No message repeats any of it: it may be a secret."""
    if len(words) != 1 and "-" in words:
        raise click.UsageError("- stands for standard input and stands alone")
    if any(_OPTION.fullmatch(word) for word in words if word != "-"):
        raise click.UsageError("there is no such option; quote a text that begins with a dash")
    if words == ("-",) or (not words and sys.stdin is not None and not sys.stdin.isatty()):
        return _text(piped(SIZE_LIMIT), "standard input")
    if not words:
        raise click.UsageError("paste a code or a text as an argument, name a file, or pipe it in")
    if len(words) == 1 and not words[0].isdigit():
        content = _file(words[0])
        if content is not None:
            return _text(content, "the file")
    return " ".join(words)


def _file(name: str) -> bytes | None:
    """The contents of a file; ``None`` when the word names none."""
    path = Path(name)
    try:
        if not path.is_file():
            return None
        with path.open("rb") as stream:
            return stream.read(SIZE_LIMIT + 1)
    except ValueError:  # a NUL byte names no file
        return None
    except OSError as error:
        if error.errno in _NO_NAME:
            return None
        raise click.UsageError(f"cannot read the file: {error.strerror}") from None


def _text(raw: bytes, what: str) -> str:
    if len(raw) > SIZE_LIMIT:
        raise click.UsageError(f"{what} is larger than {SIZE_LIMIT} bytes; paste the part around the failure")
    encoding = next((name for mark, name in _MARKS if raw.startswith(mark)), "utf-8")
    return raw.decode(encoding, "replace")
