"""The manual as a site: built strictly, whole, nothing in it from elsewhere, and the same as what a forge shows."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import click
import pytest
from lxml import html
from markdown_it import MarkdownIt

from okx_doctor.catalogue.causes import CAUSES
from okx_doctor.catalogue.clients.table import CLIENTS
from okx_doctor.cli import group
from okx_doctor.protocol.codes import all_codes
from tests.needs import needs, program
from tests.report.browser import Page, chromium, local, trap
from tests.repository.naming import found

pytestmark = pytest.mark.slow
ROOT: Final = Path(__file__).parents[2]
LOADING: Final = ("src", "srcset", "poster", "data", "action", "formaction", "background", "manifest")
"""The attributes whose address a browser loads by itself; of a ``link`` it is ``href``."""
ELSEWHERE: Final = re.compile(r"(?:\w+:)?//")
IN_A_SCRIPT: Final = re.compile(r"""["'`](?:(?:https?|wss?):)?//(?!www\.w3\.org/)[\w.$-]""")
IN_A_STYLE: Final = re.compile(r"""(?:url\(\s*|@import\s+)["']?(?:\w+:)?//""")
COMMANDS: Final = group.list_commands(click.Context(group))
PARTS: Final = ("li", "pre", "table", "td", "h1", "h2", "h3")
ONE_OF_A_KIND: Final = (
    "index.html",
    "check.html",
    "clients.html",
    "codes.html",
    "causes/wrong-site.html",
    "codes/50113.html",
    "clients/ccxt-python.html",
    "security-model.html",
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as CI builds it."""
    place = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", place],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert (done.returncode, "WARNING" in done.stderr) == (0, False), done.stderr
    return place


@pytest.fixture(scope="module")
def pages(built: Path) -> Mapping[str, Any]:
    """By its place on the site, every page as a tree."""
    return {file.relative_to(built).as_posix(): html.parse(file).getroot() for file in sorted(built.rglob("*.html"))}


@pytest.fixture(scope="module")
def hook() -> ModuleType:
    """The module that makes the pages which are no files."""
    spec = importlib.util.spec_from_file_location("pages", ROOT / ".ci/pages.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def loaded(page: Any) -> Iterator[str]:
    """What a browser loads for a page by itself."""
    for element in page.iter():
        names = ("href", *LOADING) if element.tag == "link" else LOADING
        yield from (address for name in names if (address := element.get(name)))


def article(page: Any) -> Any:
    (shown,) = page.xpath("//article")
    return shown


def test_every_cause_code_client_and_command_has_a_page_at_its_address(pages: Mapping[str, Any]) -> None:
    wanted = {
        *(f"causes/{cause.id}.html" for cause in CAUSES),
        *(f"codes/{row.code}.html" for row in all_codes()),
        *(f"clients/{client.id}.html" for client in CLIENTS),
        *(f"{command}.html" for command in COMMANDS),
    }
    assert wanted - set(pages) == set()


def test_nothing_is_loaded_from_elsewhere(built: Path, pages: Mapping[str, Any]) -> None:
    met = {place: [one for one in loaded(page) if ELSEWHERE.match(one)] for place, page in pages.items()}
    for place, page in pages.items():
        styles = [style.text or "" for style in page.iter("style")] + page.xpath("//@style")
        scripts = [script.text or "" for script in page.iter("script")] + page.xpath("//@*[starts-with(name(), 'on')]")
        met[place] += [text for text in styles if IN_A_STYLE.search(text)]
        met[place] += [text for text in scripts if IN_A_SCRIPT.search(text)]
    for suffix, pattern in ((".js", IN_A_SCRIPT), (".css", IN_A_STYLE)):
        files = list((built / "assets").rglob(f"*{suffix}"))
        assert files
        for file in files:
            met[file.name] = [one[0] for one in pattern.finditer(file.read_text("utf-8"))]
    assert {place: what for place, what in met.items() if what} == {}


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ('t("https://unpkg.com/mermaid.js")', IN_A_SCRIPT),
        ("fetch(`https://${host}/x`)", IN_A_SCRIPT),
        ("import '//cdn.invalid/x.js'", IN_A_SCRIPT),
        ("@import 'https://fonts.invalid/css'", IN_A_STYLE),
        ("src: url(//fonts.invalid/a.woff2)", IN_A_STYLE),
    ],
)
def test_what_would_load_from_elsewhere_is_found(text: str, pattern: re.Pattern[str]) -> None:
    assert pattern.search(text)


def test_every_link_within_the_site_leads_to_a_page_and_a_heading(built: Path, pages: Mapping[str, Any]) -> None:
    names = {place: {*page.xpath("//@id"), *page.xpath("//a/@name"), ""} for place, page in pages.items()}
    dead = []
    for place, page in pages.items():
        for link in (*page.xpath("//a/@href"), *loaded(page)):
            address = urlsplit(link)
            if address.scheme or address.netloc:
                continue
            there = (built / place).parent / unquote(address.path) if address.path else built / place
            inside = there.resolve().relative_to(built.resolve()).as_posix()
            if not there.is_file() or (inside in names and address.fragment not in names[inside]):
                dead.append((place, link))
    assert dead == []


@pytest.mark.parametrize("command", COMMANDS)
def test_the_page_of_a_command_has_its_help(command: str, pages: Mapping[str, Any]) -> None:
    """As a process of its own prints it: click keeps a command's options of help as they were first asked for."""
    words = [sys.executable, "-m", "okx_doctor", command, "--help"]
    environment = {**os.environ, "COLUMNS": "80", "PYTHONUTF8": "1"}
    said = subprocess.run(words, env=environment, cwd=ROOT, capture_output=True, encoding="utf-8", check=True).stdout
    assert said.strip() in article(pages[f"{command}.html"]).text_content()


def test_a_page_has_the_parts_that_a_forge_shows(pages: Mapping[str, Any]) -> None:
    """Lists, tables and blocks of code come out alike, though the two read Markdown by different rules."""
    forge = MarkdownIt("commonmark").enable("table")
    differing = {}
    files = {"index": ROOT / "README.md", **{file.stem: file for file in (ROOT / "docs").glob("[a-z]*.md")}}
    files |= {f"causes/{file.stem}": file for file in (ROOT / "okx_doctor/catalogue/pages").glob("*.md")}
    for name, file in files.items():
        wanted = Counter(element.tag for element in html.fromstring(forge.render(file.read_text("utf-8"))).iter(*PARTS))
        shown = Counter(element.tag for element in article(pages[f"{name}.html"]).iter(*PARTS))
        added = shown - wanted
        if name in COMMANDS:
            added -= Counter(h2=1, pre=1)
        if name.startswith("causes/"):
            added -= Counter(h2=1, li=shown["li"])
        if wanted - shown or added:
            differing[name] = (wanted - shown, added)
    assert differing == {}


def test_no_page_names_an_address_of_the_project_or_installs_by_name(pages: Mapping[str, Any]) -> None:
    assert {place: what for place, page in pages.items() if (what := found(article(page).text_content()))} == {}
    assert not any(
        page.xpath("//link[@rel='canonical']") or page.xpath("//*[@class='md-source']") for page in pages.values()
    )


@pytest.mark.parametrize("published", [True, False])
def test_one_switch_tells_how_to_install_by_name(published: bool, hook: ModuleType) -> None:
    config = SimpleNamespace(extra={"published": published})
    page = SimpleNamespace(file=SimpleNamespace(generated_by=None, src_uri="install.md"))
    said = hook.on_page_markdown("# Installing\n", page=page, config=config, files=None)
    assert len(found(said)) == (3 if published else 0)


def test_one_setting_gives_the_site_and_its_repository_their_addresses(
    hook: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = SimpleNamespace(site_url="", repo_url="")
    monkeypatch.setattr(
        hook, "PROJECT", {"urls": {"Documentation": "https://d.invalid/", "Repository": "https://r.invalid/"}}
    )
    hook.on_config(config)
    assert (config.site_url, config.repo_url) == ("https://d.invalid/", "https://r.invalid/")


@pytest.mark.machine
@needs("chromium")
@pytest.mark.parametrize("pixels", [390, 1280])
def test_pages_fit_their_window_and_complain_of_nothing(pixels: int, built: Path) -> None:
    with trap() as trapped, chromium(program("chromium"), trapped.port) as tab:
        tab.width(pixels)
        assert {place: _seen(tab, built / place, pixels) for place in ONE_OF_A_KIND} == dict.fromkeys(ONE_OF_A_KIND)
        assert trapped.asked == []


@pytest.mark.machine
@needs("chromium")
def test_what_is_searched_for_is_found_where_the_pages_are_files(built: Path) -> None:
    with trap() as trapped, chromium(program("chromium"), trapped.port) as tab:
        tab.width(1280)
        tab.open(local(built / "index.html"))
        tab.evaluate("document.querySelector('.md-search__input').focus()")
        tab.call("Input.insertText", text="wrong-site")
        results = "[...document.querySelectorAll('.md-search-result__link')].map(link => link.href)"
        tab.evaluate(
            f"new Promise(end => {{ const look = () => {results}.length ? end() : setTimeout(look, 50); look() }})"
        )
        first, *_ = tab.evaluate(results)
        assert first.partition("?")[0] == local(built / "causes/wrong-site.html")


def _seen(tab: Page, file: Path, pixels: int) -> object:
    """What is wrong with a page in the browser, ``None`` where nothing is."""
    seen = tab.open(local(file))
    asked = [address for address in seen.requested if not address.startswith(("file:", "data:", "blob:"))]
    wide = tab.evaluate("document.documentElement.scrollWidth") > pixels
    return (asked, seen.console, seen.exceptions, wide) if asked or seen.console or seen.exceptions or wide else None
