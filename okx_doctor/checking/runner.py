"""Runs checks: all at once, each after what it requires, none past the deadline; a crash is a result.

Pushes every ending to an observer and knows no console.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from okx_doctor.checking.checks import Check
from okx_doctor.observations import Evidence, Observation
from okx_doctor.probes.context import Context, Ending, Measured, Skipped, Unknown
from okx_doctor.shortage import shortage

EndingKind = Literal["measured", "skip", "unknown", "crash"]


class Run(Struct, frozen=True, kw_only=True):
    """How one check ended. ``reason`` is empty for a measured one; a crash's names the exception's type only."""

    check_id: str
    kind: EndingKind
    reason: str
    observations: tuple[Observation, ...] = ()
    duration_ms: int = 0


Observer = Callable[[Run], None]


def run_checks(
    checks: Sequence[Check],
    context: Context,
    selected: Collection[str],
    left_out: str,
    observer: Observer = lambda run: None,
    known: Sequence[Run] = (),
) -> tuple[Run, ...]:
    """Run the ``selected`` checks and return one ``Run`` per check of ``checks``, in their order.

    ``known`` are runs that were made before, taken for those of their checks.
    Whatever a thread still does at the context's deadline is left behind: threads are daemons.
    """
    board = _Board(checks, context, observer)
    for check in checks:
        if check.id not in selected:
            board.end(Run(check_id=check.id, kind="skip", reason=left_out))
    for run in known:
        if run.check_id in selected:
            board.end(run)
    made = {run.check_id for run in known}
    for check in checks:
        if check.id in selected and check.id not in made:
            board.start(check)
    board.wait()
    return board.close()


def _run(check_id: str, ending: Ending) -> Run:
    match ending:
        case Measured(observations=observations):
            return Run(check_id=check_id, kind="measured", reason="", observations=observations)
        case Skipped(reason=reason, observations=observations):
            return Run(check_id=check_id, kind="skip", reason=reason, observations=observations)
        case Unknown(reason=reason, observations=observations):
            return Run(check_id=check_id, kind="unknown", reason=reason, observations=observations)


class _Board:
    """Who has ended so far, and how."""

    def __init__(self, checks: Sequence[Check], context: Context, observer: Observer) -> None:
        self._checks = {check.id: check for check in checks}
        self._context = context
        self._observer = observer
        self._ended: dict[str, Run] = {}
        self._closed = False
        self._change = threading.Condition()

    def start(self, check: Check) -> None:
        """Start a check's thread; the check ends as unknown where no thread can be started."""
        try:
            threading.Thread(target=self.run, args=(check,), daemon=True, name=check.id).start()
        except RuntimeError as error:
            self.end(Run(check_id=check.id, kind="unknown", reason=shortage(error) or "no thread can be started"))

    def run(self, check: Check) -> None:
        """One check's thread: wait for what it requires, measure, note the ending."""
        with self._change:
            self._change.wait_for(lambda: self._closed or all(name in self._ended for name in check.requires))
            if self._closed:
                return
        began = self._context.monotonic()
        try:
            run = _run(check.id, check.measure(self._context, self._evidence(check)))
        except BaseException as error:  # whatever it is, it is this check's result and not the end of the run
            short = shortage(error)
            run = Run(check_id=check.id, kind="unknown" if short else "crash", reason=short or type(error).__name__)
        self.end(replace(run, duration_ms=round((self._context.monotonic() - began) * 1000)))

    def end(self, run: Run) -> None:
        with self._change:
            if self._closed:
                return
            self._ended[run.check_id] = run
            waiting = [check for name, check in self._checks.items() if name not in self._ended]
            if all(check.replaced_by for check in waiting):
                self._context.rest_known.set()
            self._change.notify_all()
        self._observer(run)

    def wait(self) -> None:
        """Until every check has ended or the deadline has come."""
        with self._change:
            self._change.wait_for(
                lambda: len(self._ended) == len(self._checks), timeout=max(0.0, self._context.remaining())
            )

    def close(self) -> tuple[Run, ...]:
        with self._change:
            self._closed = True
            self._change.notify_all()
            ended = dict(self._ended)
        for name in self._checks:
            ended.setdefault(name, Run(check_id=name, kind="unknown", reason="not finished within the time allowed"))
        return tuple(ended[name] for name in self._checks)

    def _evidence(self, check: Check) -> Evidence:
        """The observations of everything this check requires, directly or not, in declared order."""
        wanted: set[str] = set()
        queue = list(check.requires)
        while queue:
            name = queue.pop()
            if name not in wanted:
                wanted.add(name)
                queue += self._checks[name].requires
        with self._change:
            runs = [self._ended[name] for name in self._checks if name in wanted and name in self._ended]
        return Evidence(observation for run in runs for observation in run.observations)
