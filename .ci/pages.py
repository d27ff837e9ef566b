"""What ``mkdocs build`` gets besides the files under docs: pages that the code itself makes, and links between pages.

Files link to one another as they lie in the repository; on the site the same links lead from page to page. A file that
is linked to and is no page is laid beside the pages, so that no address of the repository is needed.
"""

from __future__ import annotations

import posixpath
import re
import shutil
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import click
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from okx_doctor.catalogue.causes import CAUSES, page
from okx_doctor.catalogue.clients.client import Client
from okx_doctor.catalogue.clients.table import BOTS, CLIENTS, HTTP_LIBRARIES, LIBRARIES
from okx_doctor.catalogue.clients.words import capture_line
from okx_doctor.catalogue.usual import PossibleCause, causes_behind
from okx_doctor.cli import group
from okx_doctor.protocol.codes import Code, all_codes, find, without_values

ROOT: Final = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.catalogue.clients_page import section  # noqa: E402  a module beside its test, not installed

PROJECT: Final[Mapping[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
OF_THE_ROOT: Final = {
    "README.md": "index.md",
    "docs/README.md": "manual.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "CHANGELOG.md": "changelog.md",
    "LICENSE": "license.md",
}
"""By its place in the repository, the page that a file becomes."""
CAUSE_PAGES: Final = "okx_doctor/catalogue/pages"
LINK: Final = re.compile(r"\]\(([^)\s]+)\)")
FENCE: Final = re.compile(r"^ *(```|~~~)")
ITEM: Final = re.compile(r"(?:[-*]|\d+\.) ")
CODES_OF_A_401: Final = tuple(dict.fromkeys(row.code for row in all_codes() if row.wire_status == 401))
FOREIGN: Final = re.compile(r"([\"'`])https?://(?!www\.w3\.org/)[^\"'`]*\1")
"""An address of elsewhere as a text in a script."""


class Source(NamedTuple):
    """A page's text, and the file of the repository that its links go out from."""

    origin: str
    text: str


# What the code makes


def made() -> dict[str, Source]:
    """By its place on the site, every page that is no file under docs."""
    pages = {page: Source(origin, (ROOT / origin).read_text("utf-8")) for origin, page in OF_THE_ROOT.items()}
    pages["license.md"] = Source("LICENSE", f"# License\n\n{pages['license.md'].text}")
    for cause in CAUSES:
        origin = f"{CAUSE_PAGES}/{cause.id}.md"
        pages[f"causes/{cause.id}.md"] = Source(origin, _cause_page(cause.id))
    pages["codes.md"] = Source("docs/codes.md", _code_index())
    for code in dict.fromkeys(row.code for row in all_codes()):
        pages[f"codes/{code}.md"] = Source(f"docs/codes/{code}.md", _code_page(code))
    pages["clients/index.md"] = Source("docs/clients/index.md", _client_index())
    for client in CLIENTS:
        pages[f"clients/{client.id}.md"] = Source(f"docs/clients/{client.id}.md", _client_page(client))
    return pages


def options(command: str) -> str:
    """What a command's ``--help`` prints, for its page."""
    above = click.Context(group, info_name="okx-doctor", terminal_width=78, **group.context_settings)
    found = group.get_command(above, command)
    assert found is not None
    context = click.Context(found, parent=above, info_name=command, **found.context_settings)
    return f"\n## Every option\n\n`okx-doctor {command} --help` prints:\n\n```text\n{found.get_help(context)}\n```\n"


def by_name() -> str:
    """How to install from an index. Nowhere to be read until the package is there."""
    name = PROJECT["name"]
    lines = (f"pip install {name}", f"pipx install {name}", f"uvx {name} check --simulate")
    return "\n## By name\n\n" + "\n".join(("```sh", *lines, "```", ""))


def _cause_page(cause: str) -> str:
    """The page that ``explain`` prints, its ids as links, and the codes that it stands behind."""
    text = _linked(page(cause), cause)
    behind = [row for row in all_codes() if cause in (*row.causes, *row.likely, *row.possible)]
    listed = "".join(f"- {_linked_code(row.code)}: {_plain(_said(row))}\n" for row in behind)
    return f"{text.rstrip()}\n" + (f"\n## Codes that it stands behind\n\n{listed}" if listed else "")


def _linked(text: str, own: str = "") -> str:
    """The text with a link at each cause's id that stands between backticks outside of code."""
    known = {cause.id for cause in CAUSES} - {own}

    def link(found: re.Match[str]) -> str:
        return f"[{found[0]}](/causes/{found[1]}.md)" if found[1] in known else found[0]

    return "\n".join(line if fenced else re.sub(r"(?<!\[)`([a-z0-9-]+)`", link, line) for fenced, line in _fenced(text))


def _code_index() -> str:
    rows = "".join(
        f"| {_linked_code(row.code)} | {_channel(row)} | {_status(row.wire_status)} | {_plain(_said(row))} |\n"
        for row in all_codes()
    )
    return (
        "# Error codes\n\nEvery code of OKX's about a key, a signature, a request or an account that a cause is known"
        " for.\n`okx-doctor explain CODE` prints the same, and knows all others by OKX's own words.\n\n"
        f"| code | channel | status | text |\n|---|---|---|---|\n{rows}"
    )


def _code_page(code: str) -> str:
    rows = [row for row in all_codes() if row.code == code]
    return f"# {code}: {_plain(_said(rows[0]))}\n" + "".join("".join(_code_row(row)) for row in rows)


def _code_row(row: Code) -> Iterator[str]:
    yield f"\n## {_channel(row)}\n\n"
    if row.explained or row.meaning:
        yield f"{_linked(_plain(row.explained or row.meaning))}\n\n"
    for heading, text in (("It proves", row.proves), ("It is not", row.misread)):
        if text:
            yield f"**{heading}:** {_linked(_plain(text))}\n\n"
    yield f"- documented: {_answer(row.status, row.text)}\n"
    if row.observed:
        yield f"- seen on the wire: {_answer(row.observed.status, row.observed.text)}\n"
        yield f"- seen in: {_plain(row.observed.source)}\n"
    yield f"- source: {_plain(row.source)}\n"
    causes = [cause for cause in causes_behind(row) if cause.id in (*row.causes, *row.likely) or cause.reports]
    if causes:
        yield "\nCauses, most usual first:\n\n| cause | fault | public reports |\n|---|---|---|\n"
        yield from (
            f"| [`{cause.id}`](/causes/{cause.id}.md) | {cause.title} | {_counted(cause)} |\n" for cause in causes
        )
    if row.next:
        yield f"\nNext:\n\n```sh\n{row.next}\n```\n"


def _counted(cause: PossibleCause) -> str:
    return f"{cause.reports} of {cause.out_of}" if cause.reports else ""


def _client_index() -> str:
    listed = "".join(
        f"\n## {title}\n\n" + "".join(f"- [{client.name}](/clients/{client.id}.md)\n" for client in clients)
        for title, clients in (
            ("Bots", BOTS),
            ("Libraries for exchanges", LIBRARIES),
            ("HTTP libraries", HTTP_LIBRARIES),
        )
    )
    return f"# My client says 401: what now?\n\nChoose what your bot is made of.\n{listed}"


def _client_page(client: Client) -> str:
    capture = capture_line(client)
    shown = "\n".join(("```text", *capture.lines, "```", "", "")) if capture.lines else ""
    note = f"({_plain(capture.note)})\n\n" if capture.note else ""
    causes = "".join(f"- {_code_line(code)}\n" for code in CODES_OF_A_401)
    return f"""\
# {client.name} says 401: what now?

A 401 is OKX's answer to a key, a passphrase, a clock, a site or a signature; its code says to which. Three steps, each
from where the bot runs.

## 1. Paste what it printed

```sh
okx-doctor decode "THE MESSAGE"
```

Nothing of it is sent. It names the code, what it rules out and what to run next. The codes that come with a 401:

{causes}
## 2. Check credentials, clock, network and site

```sh
okx-doctor check
```

in the shell and the directory that the bot runs in, with its variables or files ([where they are looked
for](/credentials.md)). It corrects one thing at a time until OKX accepts the call, and names what it was.

## 3. It is healthy, and the bot is still refused

Then the fault is in the request. On Linux run the bot as it is, sealed off from the network:

```sh
okx-doctor run -- COMMAND OF THE BOT
```

Elsewhere, or for one request: have {client.name} print it ([how to capture](/capture.md)) and hand it to
[`inspect`](/inspect.md).

{shown}{note}## What to write in {client.name}

`{{rest}}` and `{{socket}}` are [the site's addresses](/clients.md), `HOST:PORT` a proxy, `…` a value of your own.
*run*: tried in that version; *read*: it is in that version's source; else unverified.

{section(client)}"""


def _code_line(code: str) -> str:
    row = find(code)
    assert row is not None
    return f"{_linked_code(code)}: {_plain(_said(row))}"


def _linked_code(code: str) -> str:
    return f"[{code}](/codes/{code}.md)"


def _said(row: Code) -> str:
    return without_values(row.wording) or "(no text)"


def _channel(row: Code) -> str:
    return "WebSocket" if row.channel == "websocket" else "REST"


def _status(status: int | None) -> str:
    return f"HTTP {status}" if status else ""


def _answer(status: int | None, text: str) -> str:
    return ", ".join(filter(None, (_status(status), _plain(text) or "(no text)")))


def _plain(text: str) -> str:
    """A text of others as Markdown that shows it as it is, also in a cell of a table."""
    escaped = re.sub(r"([\\*_|\[\]#{}])", r"\\\1", " ".join(text.split()))
    return escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


# Links and lists, from what a forge reads to what mkdocs reads


def places() -> dict[str, str]:
    """By its place in the repository, each file that is a page of the site under another name."""
    return {**OF_THE_ROOT, **{f"{CAUSE_PAGES}/{cause.id}.md": f"causes/{cause.id}.md" for cause in CAUSES}}


def target(link: str, origin: str) -> str:
    """Where a link in a file leads: a place on the site, from its root. Raises ``ValueError`` where nothing is."""
    if link.startswith("/"):
        return link.removeprefix("/")
    there = posixpath.normpath(posixpath.join(posixpath.dirname(origin), link)) if link else origin
    if there in (known := places()):
        return known[there]
    if not (ROOT / there).exists():
        raise ValueError(f"{origin} links to {link}, and there is no {there}")
    if (ROOT / there).is_dir():
        return target(f"{there}/README.md".removeprefix("docs/"), "docs/index")
    return there.removeprefix("docs/") if there.startswith("docs/") else f"files/{there}"


def translated(text: str, origin: str, place: str) -> str:
    """A page as mkdocs reads it: links lead over the site, and a list begins after an empty line."""

    def link(found: re.Match[str]) -> str:
        address = urlsplit(found[1])
        if address.scheme or not address.path:
            return found[0]
        there = posixpath.relpath(target(address.path, origin), posixpath.dirname(place) or ".")
        return f"]({there}#{address.fragment})" if address.fragment else f"]({there})"

    lines: list[str] = []
    for fenced, line in _fenced(text):
        before = lines[-1] if lines else ""
        if not fenced and ITEM.match(line) and before and not before.startswith((" ", "#")) and not ITEM.match(before):
            lines.append("")
        lines.append(line if fenced else LINK.sub(link, line))
    return "\n".join(lines)


def linked_files(texts: Mapping[str, Source]) -> set[str]:
    """The files of the repository that pages link to and that are no pages."""
    found = set()
    for source in texts.values():
        for fenced, line in _fenced(source.text):
            for link in () if fenced else LINK.findall(line):
                address = urlsplit(link)
                if address.path and not address.scheme:
                    found.add(target(address.path, source.origin))
    return {place.removeprefix("files/") for place in found if place.startswith("files/")}


def _fenced(text: str) -> Iterator[tuple[bool, str]]:
    """Each line, and whether it belongs to a block of code."""
    inside = ""
    for line in text.split("\n"):
        fence = FENCE.match(line)
        if fence and not inside:
            inside = fence[1]
            yield True, line
        elif fence and fence[1] == inside:
            inside = ""
            yield True, line
        else:
            yield bool(inside), line


# The hook's events


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Addresses come from the package's own settings alone: ``project.urls`` in pyproject.toml."""
    urls = PROJECT.get("urls", {})
    config.site_url = urls.get("Documentation")
    config.repo_url = urls.get("Repository")
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    readme = files.get_file_from_path("README.md")
    if readme:
        files.remove(readme)
    pages = made()
    for place, source in pages.items():
        files.append(File.generated(config, place, content=translated(source.text, source.origin, place)))
    own = {
        f"docs/{file.src_uri}": Source(f"docs/{file.src_uri}", file.content_string)
        for file in files.documentation_pages()
        if file.src_uri not in pages
    }
    for path in sorted(linked_files({**pages, **own})):
        files.append(File.generated(config, f"files/{path}", content=(ROOT / path).read_bytes()))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    if page.file.generated_by is None:
        place = page.file.src_uri
        if (command := place.removesuffix(".md")) in group.list_commands(click.Context(group)):
            markdown += options(command)
        markdown = translated(markdown, f"docs/{place}", place)
    if page.file.src_uri == "install.md" and config.extra["published"]:
        markdown += by_name()
    return markdown


def on_post_build(config: MkDocsConfig) -> None:
    """Nothing of the theme's names an address of elsewhere: not what it might load, not where it comes from."""
    for file in Path(config.site_dir, "assets").rglob("*"):
        if file.suffix == ".map":
            file.unlink()
        elif file.suffix in (".js", ".css"):
            text = file.read_text("utf-8")
            text = re.sub(r"\n?/[/*]# sourceMappingURL=\S+(?: ?\*/)?", "", text)
            file.write_text(FOREIGN.sub(r"\1\1", text), "utf-8", newline="\n")
    shutil.rmtree(Path(config.site_dir, "assets/javascripts/lunr"), ignore_errors=True)  # languages but English
    Path(config.site_dir, "sitemap.xml.gz").unlink(missing_ok=True)  # it holds the time that it was made at
    for name in () if config.site_url else ("sitemap.xml", "404.html"):  # which a server gives under its address
        Path(config.site_dir, name).unlink(missing_ok=True)
