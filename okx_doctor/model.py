"""The values that pass between measuring, judging and printing. Imports nothing of the package."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

Sentence = Annotated[str, Meta(min_length=1)]
"""Text that is never empty."""
CauseId = Annotated[
    str,
    Meta(description="As okx-doctor explain lists them.", extra_json_schema={"pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"}),
]
"""The id of a cause; its pattern is for a schema, since to compile it costs every start of the program."""
CHECK_ID: Final = r"^[a-z]+\.[a-z]+$"
"""The form of a check's id."""


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


class Confidence(StrEnum):
    """How sure a named cause is.

    ``PROVEN``: reproduced; it failed, got past with this one thing corrected, and failed again as it was.
    ``STATED``: OKX's answer says so and nothing contradicts it.
    """

    PROVEN = "proven"
    STATED = "stated"
    LIKELY = "likely"
    POSSIBLE = "possible"

    @property
    def doubt(self) -> int:
        """0 for ``PROVEN``, and the more the less sure."""
        return tuple(Confidence).index(self)

    @property
    def is_sure(self) -> bool:
        """Whether there is proof, not only evidence."""
        return self in (Confidence.PROVEN, Confidence.STATED)


class CheckStatus(StrEnum):
    PASS = "pass"  # noqa: S105  a status, not a password
    WARN = "warn"
    FAIL = "fail"
    SKIP = "skip"
    UNKNOWN = "unknown"
    CRASH = "crash"


class Health(StrEnum):
    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"
    UNDETERMINED = "undetermined"


class Remedy(Struct, frozen=True, kw_only=True):
    """The one thing to do. ``commands`` are safe to run unchanged; ``verify`` shows that it worked.

    ``lines`` are for the settings or the source of the user's own client, each behind the client's name.
    """

    text: Sentence
    commands: tuple[Sentence, ...] = ()
    lines: tuple[Sentence, ...] = ()
    verify: Sentence = "okx-doctor check"


class Cause(Struct, frozen=True, kw_only=True):
    """A named fault that holds, with its proof and its remedy."""

    id: CauseId
    severity: Severity
    confidence: Annotated[
        Confidence, Meta(description="proven: reproduced. stated: OKX says so and nothing contradicts it.")
    ]
    title: Sentence
    because: Annotated[tuple[Sentence, ...], Meta(min_length=1)]
    remedy: Remedy
    checks: tuple[Sentence, ...]

    @property
    def convicts(self) -> bool:
        """Whether it decides how a run or a request is judged: an error that is more than possible."""
        return self.severity is Severity.ERROR and self.confidence is not Confidence.POSSIBLE


class RuledOut(Struct, frozen=True, kw_only=True):
    """A cause that the evidence excludes."""

    id: CauseId
    because: Sentence


class Undetermined(Struct, frozen=True, kw_only=True):
    """A cause that could be neither named nor excluded, and what would settle it."""

    id: CauseId
    missing: Sentence


class Verdict(Struct, frozen=True, kw_only=True):
    """Causes in the order to fix them, those excluded, those left open, and warnings that the user accepts."""

    causes: tuple[Cause, ...] = ()
    ruled_out: tuple[RuledOut, ...] = ()
    undetermined: tuple[Undetermined, ...] = ()
    ignored: Annotated[tuple[CauseId, ...], Meta(description="Warnings that hold and that the user accepts.")] = ()


class CheckResult(Struct, frozen=True, kw_only=True):
    """One check as it is reported. ``observations`` maps an observation's name to its JSON-ready rows."""

    id: Annotated[str, Meta(pattern=CHECK_ID)]
    group: Annotated[str, Meta(pattern="^[a-z]+$")]
    title: Sentence
    status: CheckStatus
    summary: str
    duration_ms: Annotated[int, Meta(ge=0)]
    observations: dict[str, list[dict[str, object]]]


class Tool(Struct, frozen=True, kw_only=True):
    """The program that made a report."""

    name: Literal["okx-doctor"] = "okx-doctor"
    version: Sentence


class TargetSummary(Struct, frozen=True, kw_only=True):
    """Whose key a run checked, and where.

    ``key`` is masked, ``…6e17``, and empty where the value has not the form of a key. ``source`` names the places that
    the three values came from, ``address`` the way to OKX, ``label`` is the user's own name for the run. ``settings``
    are the bot's own settings of proxy, demo trading and headers, each with whether it is used.
    """

    site: str
    base_url: Annotated[str, Meta(extra_json_schema={"pattern": "^https?://"})]
    environment: Literal["live", "demo"]
    profile: str | None = None
    key: Annotated[str, Meta(description="Masked, as …6e17; empty where the value has not the form of a key.")] = ""
    source: str = ""
    address: Annotated[str, Meta(description="The way to OKX, and the address that OKX named.")] = ""
    label: str = ""
    settings: Annotated[
        tuple[str, ...],
        Meta(description="What the bot's own file or environment says of proxy, demo trading and headers, in words."),
    ] = ()


SEVERAL: Final = "okx-doctor/reports/1"
"""The schema of a document of several reports."""


class Report(Struct, frozen=True, kw_only=True):
    """The whole outcome of a run; ``started_at`` is UTC, durations are milliseconds.

    ``exit_status`` is what the command line exits with: 0 healthy, 1 a cause holds, 3 could not judge.
    """

    schema: Literal["okx-doctor/report/1"]
    tool: Tool
    started_at: Annotated[
        str,
        Meta(
            pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$",
            description="UTC.",
        ),
    ]
    duration_ms: Annotated[int, Meta(ge=0)]
    target: TargetSummary
    status: Health
    verdict: Verdict
    checks: Annotated[tuple[CheckResult, ...], Meta(min_length=1)]

    @property
    def healthy(self) -> bool:
        return self.status is Health.HEALTHY

    def exit_status(self, *, fail_on_warning: bool = False) -> int:
        match self.status:
            case Health.UNHEALTHY:
                return 1
            case Health.UNDETERMINED:
                return 3
            case Health.HEALTHY:
                return 1 if fail_on_warning and self.verdict.causes else 0


def exit_status(reports: Iterable[Report], *, fail_on_warning: bool = False) -> int:
    """The exit status of several reports: 1 where one is unhealthy, else 3 where one could not judge, else 0."""
    return min((report.exit_status(fail_on_warning=fail_on_warning) for report in reports), key=(1, 3, 0).index)


def counted(number: int, noun: str) -> str:
    """``1 warning``, ``2 warnings``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
