"""Looks for credentials in all that is written of every staged fault, with credentials of every awkward kind.

``python -m benchmarks.leaks`` prints how many documents were looked through, and each leak. The credentials are those
of ``tests/cli/test_sentinels.py``; each stands in the account and in the environment, then the fault is staged. One
that a report has of its own, as a year or a word, is no sign of a leak: a counterpart of its kind is looked for, and
the word stands as often in the report upon itself as in the one upon its counterpart.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from okx_doctor.checking.assemble import judge_again
from okx_doctor.checking.checks import ALL
from okx_doctor.checking.simulation import STAGES, Bench, healthy, run_bench
from okx_doctor.cli.output import REPORT_FORMATS, render
from okx_doctor.credentials.files import UnusableFile
from okx_doctor.gate.accounts import variables
from okx_doctor.model import Report
from okx_doctor.report.json import render_json
from okx_doctor.secrets.redactor import redactor_of
from okx_doctor.secrets.secret import Secret
from okx_doctor.settings import Options
from tests.cli.test_sentinels import OWN, SENTINELS, TOLD, leaks, skeleton

COUNTERPARTS: Mapping[str, str] = {
    "what JSON puts between a name and a value": '"; "',
    "an attribute": "klazz=",
    "a year": "1887",
    "a date": "1887-03-04",
    "a code": "50791",
    "a number": "0.00917",
    "one character": "\u0416",
    **{f"our own word {word}": word[::-1] for word in OWN},
}
"""Passphrases of the same kind that no report has of its own; a port or a time may hold the digits of a year."""


def benches(sentinel: str) -> Iterator[tuple[str, Bench]]:
    """A bench for each fault that can be staged upon an account with this passphrase."""
    sound = healthy()
    account = replace(sound.account, passphrase=Secret(sentinel))
    try:
        bench = replace(sound, account=account, environ=variables(account))
    except ValueError:  # no environment can hold it
        return
    for cause, stage in STAGES.items():
        try:
            yield cause, stage(bench)
        except (KeyError, ValueError):  # a passphrase that this fault cannot be staged upon
            continue


def documents(report: Report) -> Iterator[tuple[str, str]]:
    """Every format of the report, and of what ``diagnose`` makes of it."""
    for form in REPORT_FORMATS:
        yield f"check --format {form}", render([report], form, None)
    again = judge_again(render_json(report), ALL)
    for form in REPORT_FORMATS:
        yield f"diagnose --format {form}", render([again], form, None)


def found_in(bench: Bench, texts: Mapping[str, str], sentinel: str) -> Iterator[str]:
    """Where a credential of the bench shows (the passphrase if it can be told), and where a document is not whole."""
    alarm = redactor_of([bench.account.secret, bench.account.passphrase])
    secret = bench.account.secret.reveal()
    told = sentinel in (*TOLD.values(), *COUNTERPARTS.values())
    for name, text in texts.items():
        if not skeleton(name.rpartition(" ")[2], text):
            yield f"{name}: not whole"
        shown = {*leaks(secret, text.encode()), *(leaks(sentinel, text.encode()) if told else ())}
        if shown or alarm.finds(text):
            yield f"{name}: {sorted(shown) or 'the alarm'}"


def written_of(sentinel: str) -> Iterator[tuple[str, Bench, Mapping[str, str]]]:
    """Each fault with its documents, where it can be staged upon this passphrase."""
    for cause, bench in benches(sentinel):
        try:
            report, _ = run_bench(bench, Options(timeout=10.0))
        except UnusableFile:  # the stage's file cannot hold this passphrase as it is
            continue
        yield cause, bench, dict(documents(report))


def main() -> None:
    counts: Counter[str] = Counter()
    for kind, sentinel in SENTINELS.items():
        found: list[str] = []
        as_often: dict[tuple[str, str], int] = {}
        for one in filter(None, (sentinel, COUNTERPARTS.get(kind))):
            for cause, bench, texts in written_of(one):
                found += [f"{cause}: {line}" for line in found_in(bench, texts, one)]
                counts["runs"] += 1
                counts["documents"] += len(texts)
                for name, text in texts.items() if sentinel in OWN else ():
                    if as_often.setdefault((cause, name), text.count(sentinel)) != text.count(sentinel):
                        found.append(f"{cause}: {name}: {sentinel} is not there as often as beside {one}")
        counts["leaks"] += len(found)
        for line in found:
            print(f"{kind}, {line}", flush=True)
    print(
        f"{counts['documents']} documents of {counts['runs']} runs with {len(SENTINELS)} kinds of passphrase:",
        f"{counts['leaks']} leaks",
    )
    sys.exit(bool(counts["leaks"]))


if __name__ == "__main__":
    main()
