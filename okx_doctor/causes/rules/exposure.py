"""Rules about how credentials are kept: files that others read, passphrases that keys share. Warnings, all of them."""

from __future__ import annotations

import re

from okx_doctor.causes.rule import Excluded, Holds, Judgement, Rule
from okx_doctor.model import Confidence, Remedy
from okx_doctor.observations import Evidence, FileExposure, PassphraseShared


def judge_exposed(evidence: Evidence) -> Judgement:
    """``credentials-exposed``: others can read a file with credentials, or git carries it along."""
    seen = evidence.all(FileExposure)
    open_to = [row for row in seen if row.readers in ("group", "everyone")]
    tracked = [row for row in seen if row.git == "tracked"]
    loose = [row for row in seen if row.git == "not ignored"]
    if not (open_to or tracked or loose):
        return Excluded(because="no file with credentials is seen to be open to others")
    steps = ["If the repository has left this machine, replace the key at OKX first: git keeps it."] if tracked else []
    steps += ["Close the file to others."] if open_to else []
    steps += ["Take it out of git, and name it in .gitignore."] if tracked else []
    steps += ["Name it in .gitignore before the next git add."] if loose and not tracked else []
    return Holds(
        confidence=Confidence.PROVEN,
        because=(
            *(f"{row.file} can be read by {_READERS[row.readers]} (mode {row.mode})" for row in open_to),
            *(f"git tracks {row.file}: it travels with every clone" for row in tracked),
            *(f"git does not ignore {row.file}: the next git add takes it along" for row in loose),
        ),
        remedy=Remedy(
            text=" ".join(steps),
            commands=(
                *(f"chmod 600 {row.file}" for row in open_to if _SHELL_SAFE.fullmatch(row.file)),
                *(f"git rm --cached {row.file}" for row in tracked if _SHELL_SAFE.fullmatch(row.file)),
            ),
        ),
        checks=("credentials.exposure",),
    )


def judge_reused(evidence: Evidence) -> Judgement:
    """``passphrase-reused``: profiles of other keys have the same passphrase."""
    shared = evidence.first(PassphraseShared)
    if shared is None:
        return Excluded(because="no other profile that was read has this passphrase")
    names = ", ".join(shared.profiles)
    return Holds(
        confidence=Confidence.PROVEN,
        because=(f"{shared.source} is the passphrase of another key as well: {names}",),
        remedy=Remedy(text="Create a new key for one of the profiles, with a passphrase of its own."),
        checks=("credentials.exposure",),
        slots=("passphrase",),
    )


_READERS = {"group": "its group", "everyone": "every user of this machine"}
_SHELL_SAFE = re.compile(r"(?!-)[\w./~-]+", re.ASCII)
"""A path that needs no quotes in a shell."""

RULES = (
    Rule(cause="credentials-exposed", reads=(FileExposure,), judge=judge_exposed),
    Rule(cause="passphrase-reused", reads=(PassphraseShared,), judge=judge_reused),
)
