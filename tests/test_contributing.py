"""Each list of ``CONTRIBUTING.md`` is carried out on a copy of the package, and users of the copy see the new thing."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from msgspec import Struct

pytestmark = pytest.mark.slow

ROOT: Final = Path(__file__).parents[1]
GUIDE: Final = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
SECTIONS: Final = dict(re.findall(r"(?m)^## (.+)\n((?:(?!## ).*\n)*)", GUIDE))
SECRET: Final = "0123456789ABCDEF0123456789ABCDEF"
KEYS: Final = {
    "OKX_API_KEY": "00000000-0000-4000-8000-000000000000",
    "OKX_SECRET_KEY": SECRET,
    "OKX_PASSPHRASE": "an-Example-1",
}


class Edit(NamedTuple):
    """``new`` in the place of ``old``, which a file holds once. An empty ``old`` is the end, of a new file too."""

    file: str
    old: str
    new: str


class Seen(NamedTuple):
    """A command, a pattern that what it prints has to show, and the content of the file ``given``."""

    words: str
    pattern: str
    given: str = ""


class Addition(Struct, frozen=True, kw_only=True):
    """Something new, under its heading in the guide: the edits that make it, and where it shows.

    ``most`` numbered edits are what it may cost.
    """

    heading: str
    most: int
    edits: tuple[Edit, ...]
    seen: tuple[Seen, ...]


def signed(path: str) -> Mapping[str, str]:
    """The headers of a GET of the path."""
    moment = "2026-11-22T15:04:05.678Z"
    digest = hmac.digest(SECRET.encode(), f"{moment}GET{path}".encode(), hashlib.sha256)
    return {
        "OK-ACCESS-KEY": KEYS["OKX_API_KEY"],
        "OK-ACCESS-SIGN": base64.b64encode(digest).decode(),
        "OK-ACCESS-TIMESTAMP": moment,
        "OK-ACCESS-PASSPHRASE": KEYS["OKX_PASSPHRASE"],
    }


PATH: Final = "/api/v5/account/balance"

ADDITIONS: Final = (
    Addition(
        heading="A check",
        most=4,
        edits=(
            Edit(
                "okx_doctor/observations.py",
                "Observation = (\n",
                "class Weather(Struct, frozen=True, kw_only=True):\n"
                '    """The sky."""\n\n    sky: str\n\n\nObservation = (\n    Weather |\n',
            ),
            Edit(
                "okx_doctor/probes/machine.py",
                "",
                "\n\ndef measure_weather(context: Context, evidence: Evidence) -> Ending:\n"
                "    from okx_doctor.observations import Weather\n\n"
                '    return Measured(observations=(Weather(sky="blue"),))\n',
            ),
            Edit(
                "okx_doctor/checking/summaries.py",
                "",
                "\n\ndef weather(own: Evidence, _: Evidence) -> str:\n"
                "    from okx_doctor.observations import Weather\n\n"
                '    return f"the sky is {own.all(Weather)[0].sky}"\n',
            ),
            Edit(
                "okx_doctor/checking/checks.py",
                '    Check(\n        id="signature.vectors",\n',
                '    Check(\n        id="machine.weather",\n        title="the weather is fine",\n'
                "        measure=machine.measure_weather,\n        summary=summaries.weather,\n    ),\n"
                '    Check(\n        id="signature.vectors",\n',
            ),
        ),
        seen=(
            Seen("check --simulate clock-drift -v", r"machine\.weather +the sky is blue"),
            Seen("check --offline --only machine --format json", r'"weathers": \[\s*\{\s*"sky": "blue"'),
            Seen("check --only moon", r"machine\.weather"),
        ),
    ),
    Addition(
        heading="A cause",
        most=4,
        edits=(
            Edit(
                "okx_doctor/catalogue/causes.py",
                '        KnownCause("permission-missing", ',
                '        KnownCause("key-bound-twice", "permission", "The key is bound to two addresses"),\n'
                '        KnownCause("permission-missing", ',
            ),
            Edit(
                "okx_doctor/catalogue/pages/key-bound-twice.md",
                "",
                "# key-bound-twice\n\nThe key has two addresses.\n",
            ),
            Edit(
                "okx_doctor/causes/rules/key.py",
                "\nRULES = (\n",
                "\ndef judge_twice(evidence: Evidence) -> Judgement:\n"
                "    facts = evidence.first(KeyFacts)\n"
                "    if facts is None or facts.bound_addresses != 2:\n"
                '        return Excluded(because="the key has not two addresses")\n'
                "    return Holds(\n"
                "        confidence=Confidence.STATED,\n"
                '        because=("OKX lists two addresses",),\n'
                '        remedy=Remedy(text="Take one of them off."),\n'
                '        checks=("key.binding",),\n'
                "    )\n\n\n"
                'RULES = (\n    Rule(cause="key-bound-twice", reads=(KeyFacts,), judge=judge_twice),\n',
            ),
            Edit(
                "okx_doctor/checking/simulation.py",
                '    "host-not-api": _faulty(Fault.REDIRECT),\n',
                '    "key-bound-twice": _account(\n'
                "        lambda account: replace(account, ip_allowlist=(HOME_ADDRESS, FOREIGN_ADDRESS))\n    ),\n"
                '    "host-not-api": _faulty(Fault.REDIRECT),\n',
            ),
        ),
        seen=(
            Seen("explain", r"key-bound-twice +The key is bound to two addresses"),
            Seen("explain key-bound-twice", r"The key has two addresses\."),
            Seen("check --simulate key-bound-twice", r"key-bound-twice: stated(?s:.)*Take one of them off\."),
        ),
    ),
    Addition(
        heading="A mistake",
        most=2,
        edits=(
            Edit(
                "okx_doctor/forensics/variants/targets.py",
                "",
                "\n\ndef backwards(subject: Subject) -> Iterator[Variant]:\n    yield Variant(subject.path[::-1])\n",
            ),
            Edit(
                "okx_doctor/forensics/mistakes.py",
                '    Mistake(\n        id="path-dropped",\n',
                '    Mistake(\n        id="path-backwards",\n        axis="path",\n        cause="path-differs",\n'
                '        done="the path was signed backwards",\n        rebuild=targets.backwards,\n    ),\n'
                '    Mistake(\n        id="path-dropped",\n',
            ),
        ),
        seen=(
            Seen(
                "inspect --no-env-file given",
                r"path-differs: proven(?s:.)*the path was signed\s+backwards",
                json.dumps({"method": "GET", "url": f"https://www.okx.com{PATH}", "headers": signed(PATH[::-1])}),
            ),
        ),
    ),
    Addition(
        heading="A form of capture",
        most=3,
        edits=(
            Edit(
                "okx_doctor/forensics/captures/postcard.py",
                "",
                "from okx_doctor.forensics.captures import json_capture\n\n\n"
                "def read(numbered):\n    for number, line in numbered:\n"
                '        yield from json_capture.read(line.removeprefix(b"dear bot: "), f"card {number}")\n',
            ),
            Edit(
                "okx_doctor/forensics/captures/detect.py",
                "READERS: Final[tuple[Reader, ...]] = (\n",
                "from okx_doctor.forensics.captures import postcard\n\n"
                "READERS: Final[tuple[Reader, ...]] = (\n"
                '    Reader(form="postcard", marks=(Mark(Sign.LOG_LINE, re.compile(b"dear bot: ")),),'
                " read=_by_lines(postcard.read)),\n",
            ),
        ),
        seen=(
            Seen("inspect --help", r"--as \[postcard\|curl"),
            Seen(
                "inspect --no-env-file given",
                r"\(card 1\): invalid",
                "dear bot: "
                + json.dumps({"method": "GET", "url": f"https://www.okx.com{PATH}", "headers": signed(PATH.upper())}),
            ),
        ),
    ),
    Addition(
        heading="A report format",
        most=2,
        edits=(
            Edit(
                "okx_doctor/report/verse.py",
                "",
                'def render_verse(report, *, note=""):\n    return f"O {report.status.value} bot!\\n"\n',
            ),
            Edit(
                "okx_doctor/cli/output.py",
                '    "html": "okx_doctor.report.html:render_html",\n',
                '    "html": "okx_doctor.report.html:render_html",\n'
                '    "verse": "okx_doctor.report.verse:render_verse",\n',
            ),
        ),
        seen=(
            Seen("check --help", r"\|html\|verse\](?s:.)*html\s+and\s+verse\s+cut\s+IP"),
            Seen("check --offline --format verse", r"O healthy bot!"),
        ),
    ),
    Addition(
        heading="A site",
        most=1,
        edits=(
            Edit(
                "okx_doctor/protocol/sites.py",
                '    Site(\n        id="tr",\n',
                '    Site(\n        id="mars",\n        name="Mars",\n        registered_on="mars.okx.com",\n'
                '        rest=("https://mars.okx.com",),\n        websocket=None,\n'
                "        websocket_demo=None,\n    ),\n"
                '    Site(\n        id="tr",\n',
            ),
        ),
        seen=(
            Seen("check --offline --site mars", r"https://mars\.okx\.com"),
            Seen("check --simulate api-key-unknown", r"on every site: (?:http://127\.0\.0\.1:\d+\W+){5}"),
        ),
    ),
    Addition(
        heading="A code",
        most=1,
        edits=(
            Edit(
                "okx_doctor/protocol/codes.json",
                '{"code": "50000", "channel": "rest", "kind": "error", "status": 400,',
                '{"code": "50197", "channel": "rest", "kind": "error", "status": 401, "text": "It rains.", '
                '"category": "auth", "causes": ["api-key-unknown"], "source": "the sky", "date": "2026-11-26", '
                '"meaning": "The weather is bad."},\n'
                '{"code": "50000", "channel": "rest", "kind": "error", "status": 400,',
            ),
        ),
        seen=(
            Seen("explain 50197", r"HTTP 401, It rains\.(?s:.)*api-key-unknown"),
            Seen(
                "decode given",
                r"OKX answers 50197: It rains(?s:.)*api-key-unknown",
                '{"code":"50197"}',
            ),
        ),
    ),
    Addition(
        heading="A step of OKX's check",
        most=1,
        edits=(
            Edit(
                "okx_doctor/protocol/steps.py",
                '    Step(\n        id="passphrase",\n',
                '    Step(id="weather", stage="account", rest=_documented("50035", "place assumed")),\n'
                '    Step(\n        id="passphrase",\n',
            ),
        ),
        seen=(
            Seen("decode 50035 --format json", r'"wrong-environment",\s+"because": "OKX seems to check this earlier'),
        ),
    ),
    Addition(
        heading="An env-file loader",
        most=3,
        edits=(
            Edit(
                "okx_doctor/credentials/dialects/loud.py",
                "",
                "from okx_doctor.credentials.dialects import docker\n\n\n"
                "def load(text, environ):\n    return docker.load(text.upper(), environ)\n",
            ),
            Edit(
                "okx_doctor/credentials/dialects/__init__.py",
                '    Dialect(\n        id="node",\n',
                '    Dialect(\n        id="loud",\n        title="loud",\n        load=_model("loud"),\n'
                '        source="its din",\n        compared_with="thunder",\n    ),\n'
                '    Dialect(\n        id="node",\n',
            ),
        ),
        seen=(
            Seen("env given", r"loud +B ", "OKX_PASSPHRASE=quiet-1\n"),
            Seen("env --dialects", r"\| loud \| `loud` \| its din \| thunder \|"),
            Seen("check --help", r"\|loud\|"),
        ),
    ),
)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the package, with what its compiler made of it."""
    shutil.copytree(ROOT / "okx_doctor", tmp_path / "okx_doctor")
    return tmp_path


@pytest.mark.parametrize("addition", [pytest.param(each, id=each.heading) for each in ADDITIONS])
def test_the_files_that_the_guide_lists_make_an_addition_that_users_see(addition: Addition, copied: Path) -> None:
    listed = re.findall(r"(?m)^\d+\. `([^`]+)`:", SECTIONS[addition.heading])
    edited = {edit.file for edit in addition.edits}
    assert sorted(_meant(name, edited - {*listed}) for name in listed) == sorted(edited)
    assert len(listed) <= addition.most

    for edit in addition.edits:
        _make(copied, edit)

    for seen in addition.seen:
        assert re.search(seen.pattern, shown := _printed(copied, seen)), f"{seen.words}\n{shown}"


@pytest.mark.parametrize("heading", SECTIONS)
def test_every_file_that_the_guide_names_is_there(heading: str) -> None:
    """A name of one's own stands for some file that is there."""
    named = re.findall(r"`((?:okx_doctor|tests|docs)/[^`]+)`", SECTIONS[heading])

    assert named
    assert [name for name in named if not any(ROOT.glob(re.sub(r"[A-Z]{2,}", "*", name)))] == []


def _meant(name: str, files: Collection[str]) -> str:
    """The file that a name in the guide stands for: itself, or the one of these that has a name of one's own there."""
    pattern = re.sub(r"[A-Z]{2,}", r"[\\w-]+", re.escape(name))
    return next((file for file in files if re.fullmatch(pattern, file)), name)


def _make(folder: Path, edit: Edit) -> None:
    file = folder / edit.file
    before = file.read_text("utf-8") if file.exists() else ""
    if edit.old:
        assert before.count(edit.old) == 1, edit.file
    file.write_text(before.replace(edit.old, edit.new) if edit.old else before + edit.new, "utf-8")


def _printed(folder: Path, seen: Seen) -> str:
    """What the command of the copy prints, on both streams."""
    (folder / "given").write_text(seen.given, "utf-8")
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TMPDIR") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-P", "-m", "okx_doctor", *seen.words.split()],
        cwd=folder,
        env={**kept, **KEYS, "PYTHONPATH": str(folder), "PYTHONUTF8": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    return done.stdout + done.stderr
