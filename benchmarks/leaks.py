"""Looks for credentials in all that is written of every staged fault, with credentials of every awkward kind.

``python -m benchmarks.leaks`` prints how many documents were looked through, and each leak. The credentials are those
of ``tests/cli/test_sentinels.py``; each stands in the account and in the environment, then the fault is staged.
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
from tests.cli.test_sentinels import TOLD, leaks, skeleton


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


def found_in(bench: Bench, report: Report, sentinels: Mapping[str, str]) -> Iterator[str]:
    """Where a credential of the bench shows, and where a document is not whole."""
    alarm = redactor_of([bench.account.secret, bench.account.passphrase])
    secret = bench.account.secret.reveal()
    for name, text in documents(report):
        if not skeleton(name.rpartition(" ")[2], text):
            yield f"{name}: not whole"
        shown = {
            *leaks(secret, text.encode()),
            *(each for one in sentinels.values() for each in leaks(one, text.encode())),
        }
        if shown or alarm.finds(text):
            yield f"{name}: {sorted(shown) or 'the alarm'}"


def main() -> None:
    counts: Counter[str] = Counter()
    for kind, sentinel in TOLD.items():
        for cause, bench in benches(sentinel):
            try:
                report, _ = run_bench(bench, Options(timeout=10.0))
            except UnusableFile:  # the stage's file cannot hold this passphrase as it is
                continue
            for line in found_in(bench, report, {kind: sentinel}):
                counts["leaks"] += 1
                print(f"{kind}, {cause}: {line}")
            counts["runs"] += 1
            counts["documents"] += 2 * len(REPORT_FORMATS)
    print(
        f"{counts['documents']} documents of {counts['runs']} runs with {len(TOLD)} kinds of passphrase:",
        f"{counts['leaks']} leaks",
    )
    sys.exit(bool(counts["leaks"]))


if __name__ == "__main__":
    main()
