"""Faults put into what decides a verdict, one at a time: the adversary's suite has to notice every one.

Run by hand: ``python -m benchmarks.mutants [--jobs 2] [NAME]...``. Each mutation is a text of the package that is
replaced in a copy of it; a text that is not there exactly once is an error, so that a mutation cannot outlive what it
mutates. Prints how each ended and ends with 1 where one survived.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from msgspec import Struct

ROOT: Final = Path(__file__).parent.parent
SUITE: Final = (
    "tests/adversary/test_known_adversaries.py",
    "tests/adversary/test_proofs.py",
    "tests/adversary/test_faithful.py",
    "tests/adversary/test_unfaithful.py",
)
"""Quick ones first: the first test that fails has found the mutant."""


class Mutation(Struct, frozen=True, kw_only=True):
    """``anchor`` is the text of ``file`` that becomes ``instead``."""

    name: str
    file: str
    anchor: str
    instead: str

    def of(self, source: str) -> str:
        """The source with the fault in it. Raises ``LookupError`` where the anchor is not there exactly once."""
        if source.count(self.anchor) != 1:
            raise LookupError(f"{self.name}: the anchor stands {source.count(self.anchor)} times in {self.file}")
        return source.replace(self.anchor, self.instead)


_OUTCOME: Final = "protocol/outcome.py"
_STORY: Final = "causes/conversation.py"
_BUDGET: Final = "peeling/budget.py"
_SIGNED: Final = "probes/signed.py"
_SOCKET: Final = "probes/websocket.py"

MUTATIONS: Final = tuple(
    Mutation(name=name, file=file, anchor=anchor, instead=instead)
    for name, file, anchor, instead in (
        (
            "accepted: whatever the status",
            _OUTCOME,
            'answered = 200 <= status < 300 or (code != "0" and 400 <= status < 500)',
            "answered = True",
        ),
        (
            "accepted: 401 and 403 are no refusals",
            _OUTCOME,
            "    if answer.status in (401, 403) or answer.code in GATE_CODES:\n        return Outcome.REFUSED\n",
            "    if answer.code in GATE_CODES:\n        return Outcome.REFUSED\n",
        ),
        (
            "accepted: a socket's code over REST",
            _OUTCOME,
            '    if code != "0" and code in _socket_codes():\n        return Trouble.STRANGE\n',
            "",
        ),
        (
            "accepted: a code that nobody knows",
            _OUTCOME,
            'return None if answered and (code == "0" or is_past_authentication(code)) else Trouble.STRANGE',
            "return None if answered else Trouble.STRANGE",
        ),
        (
            "accepted: 5xx with a code",
            _OUTCOME,
            "if status >= 500 or code in UNAVAILABLE_CODES:",
            "if code in UNAVAILABLE_CODES:",
        ),
        (
            "accepted: an error event with code 0",
            _SOCKET,
            ' or (told == "0" and event["event"] == "error")',
            "",
        ),
        (
            "accepted: every login",
            _OUTCOME,
            '    if code == "0":\n        return Outcome.ACCEPTED\n    return Outcome.REFUSED if code in _LOGIN_CODES',
            "    if code:\n        return Outcome.ACCEPTED\n    return Outcome.REFUSED if code in _LOGIN_CODES",
        ),
        (
            "accepted: nothing",
            _OUTCOME,
            'return Outcome.ACCEPTED if answer.code == "0" else Outcome.PAST',
            "return Outcome.PAST",
        ),
        (
            "passed: an earlier step counts as a later one",
            _OUTCOME,
            "now is not None and now > then",
            "now is not None",
        ),
        (
            "passed: any step of another key",
            _OUTCOME,
            'if "api_key" in changed or came_to is not Outcome.REFUSED or after.code == before.code:',
            "if came_to is not Outcome.REFUSED or after.code == before.code:",
        ),
        (
            "passed: an unclear answer",
            _OUTCOME,
            "    if after is None or came_to is Outcome.UNCLEAR:\n        return False\n",
            "    if after is None:\n        return False\n    if came_to is Outcome.UNCLEAR:\n        return True\n",
        ),
        (
            "proven: without taking back",
            _STORY,
            "self.conclusive and self.undone is not None and _same(self.before, self.undone)",
            "self.conclusive",
        ),
        (
            "proven: whatever the final state",
            _STORY,
            "proven = self.conclusive and self.undone",
            "proven = self.undone",
        ),
        (
            "proven: unsendable, and refused all the same",
            _STORY,
            "correction_of(final.answer.code) not in {field for field, _ in layer.correction.changes}",
            "True",
        ),
        (
            "proven: as soon as it was past once",
            _STORY,
            "conclusive=_is_past(layer, final) and",
            "conclusive=",
        ),
        (
            "proven: whatever came back",
            _STORY,
            "self.undone is not None and _same(self.before, self.undone)",
            "self.undone is not None",
        ),
        (
            "proven: although equal calls differ",
            _STORY,
            "layer.conclusive and differing is None and _can_explain",
            "layer.conclusive and _can_explain",
        ),
        (
            "proven: by half of a second account",
            _STORY,
            "conclusive=_is_past(layer, final) and _is_of_this_account(layer.correction, final, corrections)",
            "conclusive=_is_past(layer, final)",
        ),
        (
            "proven: although refused later for the same",
            _STORY,
            "            if not _is_refuted(layer, calls, corrections)\n",
            "",
        ),
        (
            "proven: never",
            _STORY,
            "return Confidence.PROVEN if proven else Confidence.LIKELY",
            "return Confidence.LIKELY",
        ),
        ("budget: thirteen calls", _BUDGET, "MAX_CALLS: Final = 12", "MAX_CALLS: Final = 13"),
        ("budget: calls are not counted", _BUDGET, "            self._calls -= 1\n", ""),
        (
            "budget: three refused passphrases",
            _BUDGET,
            "MAX_PASSPHRASE_REFUSALS: Final = 2",
            "MAX_PASSPHRASE_REFUSALS: Final = 3",
        ),
        (
            "budget: seven with --try-case",
            _BUDGET,
            "EXTRA_REFUSALS_WITH_TRY_CASE: Final = 4",
            "EXTRA_REFUSALS_WITH_TRY_CASE: Final = 5",
        ),
        ("budget: refusals are not counted", _BUDGET, "            self._refusals -= took.refused\n", ""),
        (
            "budget: what is under way may not be refused",
            _BUDGET,
            "return self._refusals > self._under_way",
            "return self._refusals > 0",
        ),
        ("budget: 429 ends nothing", _BUDGET, "            if took.ends:\n", "            if False:\n"),
        (
            "budget: a login's refusal costs nothing",
            _BUDGET,
            "refused=not login.code or login.code in PASSPHRASE_CODES",
            "refused=False",
        ),
        (
            "second wave: whatever was accepted on the way",
            _SIGNED,
            'if call.purpose in ("as loaded", "correction")]',
            "]",
        ),
    )
)


def applied(mutation: Mutation, place: Path) -> None:
    """Copy what the suite needs to ``place``, with the fault in it."""
    shutil.copytree(ROOT / "okx_doctor", place / "okx_doctor", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "tests" / "adversary", place / "tests" / "adversary")
    shutil.copytree(ROOT / "benchmarks", place / "benchmarks")
    shutil.copy(ROOT / "pyproject.toml", place)
    path = place / "okx_doctor" / mutation.file
    path.write_text(mutation.of(path.read_text("utf-8")), "utf-8")


def ended(mutation: Mutation) -> tuple[bool, str]:
    """Whether the suite noticed a mutation, and the test that did."""
    with tempfile.TemporaryDirectory() as folder:
        applied(mutation, Path(folder))
        command = (sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *SUITE)
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    failed = re.search(r"^FAILED \S*?::(\S+)", done.stdout, re.MULTILINE)
    if done.returncode == 1 and failed:
        return True, f"killed by {failed[1]}"
    return False, "survived" if done.returncode == 0 else f"did not run: {done.stdout[-400:]}{done.stderr[-400:]}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="only mutations whose name holds this")
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    chosen = [one for one in MUTATIONS if not asked.names or any(part in one.name for part in asked.names)]
    alive = 0
    with ThreadPoolExecutor(asked.jobs) as pool:
        for mutation, (killed, how) in zip(chosen, pool.map(ended, chosen), strict=True):
            alive += not killed
            print(f"{mutation.name:<50} {how}", flush=True)
    print(f"{len(chosen) - alive} of {len(chosen)} killed")
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main())
