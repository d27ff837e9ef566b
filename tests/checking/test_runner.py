from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence

import pytest

from okx_doctor.checking.checks import Check
from okx_doctor.checking.run import wire_tap
from okx_doctor.checking.runner import Run, run_checks
from okx_doctor.credentials.load import Credentials
from okx_doctor.observations import Evidence, NtpSilence, Observation, Resolution, VectorRun
from okx_doctor.probes.context import Context, Ending, Measured, Skipped, Unknown
from okx_doctor.probes.http import Http
from okx_doctor.protocol.vectors import good_vectors
from okx_doctor.secrets.redactor import Redactor
from okx_doctor.settings import Options, settle

pytestmark = pytest.mark.slow

PATIENCE = 120.0
"""Seconds that nothing here needs and everything is given."""

Measure = Callable[[Context, Evidence], Ending]


def _context(seconds: float = PATIENCE, *, monotonic: Callable[[], float] = time.monotonic) -> Context:
    settings = settle(Options(offline=True), {}, ())
    began = monotonic()
    return Context(
        credentials=Credentials.of("k", "s", "p"),
        target=settings.target,
        sites=settings.sites,
        websocket_url=settings.websocket_url,
        ntp_servers=settings.ntp_servers,
        began=began,
        deadline=began + seconds,
        now=time.time,
        monotonic=monotonic,
        http=Http(user_agent="okx-doctor/test"),
        wire_tap=wire_tap,
        vectors=good_vectors(),
        rest_known=threading.Event(),
        redactor=Redactor(()),
    )


def _check(name: str, measure: Measure, *requires: str, replaced_by: type[Observation] | None = None) -> Check:
    return Check(
        id=name,
        title=f"{name} is fine",
        measure=measure,
        summary=lambda own, everything: "",
        requires=requires,
        replaced_by=replaced_by,
    )


def _saw(*names: str) -> Measured:
    return Measured(observations=tuple(NtpSilence(server=name, reason="") for name in names))


def _measures(name: str) -> Measure:
    return lambda context, evidence: _saw(name)


def _run(
    checks: Sequence[Check], context: Context | None = None, *, selected: Sequence[str] | None = None
) -> tuple[Run, ...]:
    chosen = [check.id for check in checks] if selected is None else selected
    return run_checks(checks, context or _context(), chosen, "not selected")


@pytest.fixture
def release() -> Iterator[threading.Event]:
    """What a check waits for that does not end by itself; let go at the end of the test."""
    event = threading.Event()
    yield event
    event.set()
    for thread in threading.enumerate():
        if thread.name == "stuck":
            thread.join(PATIENCE)
            assert not thread.is_alive()


def _stuck(release: threading.Event) -> Measure:
    def measure(context: Context, evidence: Evidence) -> Ending:
        release.wait(PATIENCE)
        return _saw("too late")

    return measure


def test_results_stand_in_declared_order_whatever_order_they_came_in() -> None:
    ended = {name: threading.Event() for name in ("a", "b", "c")}

    def after(name: str, *others: str) -> Measure:
        def measure(context: Context, evidence: Evidence) -> Ending:
            assert all(ended[other].wait(PATIENCE) for other in others)
            ended[name].set()
            return _saw(name)

        return measure

    runs = _run([_check("a", after("a", "b")), _check("b", after("b", "c")), _check("c", after("c"))])

    assert [(run.check_id, run.kind, run.reason) for run in runs] == [(name, "measured", "") for name in "abc"]


def test_checks_that_do_not_need_one_another_run_at_the_same_time() -> None:
    together = threading.Barrier(3, timeout=PATIENCE)

    def measure(context: Context, evidence: Evidence) -> Ending:
        together.wait()
        return _saw()

    assert {run.kind for run in _run([_check(name, measure) for name in "abc"])} == {"measured"}


def test_a_run_ends_with_its_last_check_and_does_not_wait_for_the_deadline() -> None:
    began = time.monotonic()
    _run([_check("a", _measures("a"))], _context(seconds=600.0))

    assert time.monotonic() - began < 60


def test_every_way_to_end_is_told_with_its_observations() -> None:
    seen = VectorRun(total=38, mismatches=())
    checks = [
        _check("measured", lambda context, evidence: Measured(observations=(seen,))),
        _check("skipped", lambda context, evidence: Skipped(reason="no need", observations=(seen,))),
        _check("unknown", lambda context, evidence: Unknown(reason="no answer", observations=(seen,))),
    ]

    runs = _run(checks)

    assert [(run.kind, run.reason) for run in runs] == [
        ("measured", ""),
        ("skip", "no need"),
        ("unknown", "no answer"),
    ]
    assert all(run.observations == (seen,) for run in runs)


def test_a_crash_is_a_result_that_tells_the_exceptions_type_and_nothing_else() -> None:
    def crashes(context: Context, evidence: Evidence) -> Ending:
        raise KeyError("Sesame-77")

    runs = _run([_check("a", _measures("a")), _check("b", crashes), _check("c", _measures("c"), "b")])

    assert [(run.kind, run.reason) for run in runs] == [("measured", ""), ("crash", "KeyError"), ("measured", "")]
    assert "Sesame" not in repr(runs)


def test_a_check_that_never_ends_is_unknown_at_the_deadline_and_holds_up_nobody(release: threading.Event) -> None:
    began = time.monotonic()

    runs = _run(
        [_check("stuck", _stuck(release)), _check("free", _measures("free"))],
        _context(seconds=0.3),
    )

    assert 0.25 < time.monotonic() - began < PATIENCE
    assert [(run.check_id, run.kind) for run in runs] == [("stuck", "unknown"), ("free", "measured")]
    assert "time" in runs[0].reason
    assert runs[0].observations == ()


def test_what_needs_a_check_that_never_ends_is_unknown_too(release: threading.Event) -> None:
    started = threading.Event()

    def measure(context: Context, evidence: Evidence) -> Ending:
        started.set()
        return _saw()

    runs = _run([_check("stuck", _stuck(release)), _check("waiting", measure, "stuck")], _context(seconds=0.2))

    assert [run.kind for run in runs] == ["unknown", "unknown"]
    assert not started.is_set()


def test_what_ends_after_the_deadline_is_told_to_nobody(release: threading.Event) -> None:
    told: list[str] = []
    checks = [_check("stuck", _stuck(release))]

    runs = run_checks(checks, _context(seconds=0.1), ["stuck"], "", lambda run: told.append(run.kind))
    before = list(told)
    release.set()
    for thread in threading.enumerate():
        if thread.name == "stuck":
            thread.join(PATIENCE)

    assert runs[0].kind == "unknown"
    assert "measured" not in told
    assert told == before


def test_a_check_begins_when_all_that_it_requires_has_ended() -> None:
    order: list[str] = []

    def notes(name: str) -> Measure:
        def measure(context: Context, evidence: Evidence) -> Ending:
            order.append(name)
            return _saw(name)

        return measure

    checks = [
        _check("last", notes("last"), "middle", "first"),
        _check("middle", notes("middle"), "first"),
        _check("first", notes("first")),
    ]

    runs = _run(checks)

    assert order == ["first", "middle", "last"]
    assert [run.check_id for run in runs] == ["last", "middle", "first"]


def test_a_check_sees_what_it_requires_directly_or_not_in_declared_order_and_nothing_else() -> None:
    seen: dict[str, list[str]] = {}

    def looks(name: str) -> Measure:
        def measure(context: Context, evidence: Evidence) -> Ending:
            seen[name] = [silence.server for silence in evidence.all(NtpSilence)]
            assert evidence.all(Resolution) == ()
            return _saw(f"{name}-1", f"{name}-2")

        return measure

    checks = [
        _check("a", looks("a")),
        _check("b", looks("b"), "c"),
        _check("c", looks("c")),
        _check("d", looks("d"), "b", "a"),
        _check("e", looks("e")),
    ]

    _run(checks)

    assert seen["d"] == ["a-1", "a-2", "b-1", "b-2", "c-1", "c-2"]
    assert seen["b"] == ["c-1", "c-2"]
    assert seen["a"] == seen["c"] == seen["e"] == []


def test_a_check_that_requires_one_that_told_nothing_runs_all_the_same() -> None:
    def crashes(context: Context, evidence: Evidence) -> Ending:
        raise RuntimeError

    checks = [
        _check("crashed", crashes),
        _check("left", _measures("left")),
        _check("skipped", lambda context, evidence: Skipped(reason="no need")),
        _check("asks", lambda context, evidence: _saw(str(evidence.all(NtpSilence))), "crashed", "left", "skipped"),
    ]

    runs = _run(checks, selected=["crashed", "skipped", "asks"])

    assert runs[3].kind == "measured"
    assert runs[3].observations == (NtpSilence(server="()", reason=""),)


def test_an_unselected_check_is_skipped_with_the_reason_and_never_measured() -> None:
    measured = threading.Event()

    def measure(context: Context, evidence: Evidence) -> Ending:
        measured.set()
        return _saw()

    runs = run_checks([_check("a", measure), _check("b", _measures("b"))], _context(), ["b"], "left out with --offline")

    assert runs[0] == Run(check_id="a", kind="skip", reason="left out with --offline", observations=(), duration_ms=0)
    assert runs[1].kind == "measured"
    assert not measured.is_set()


def test_nothing_to_run_is_no_result() -> None:
    assert _run([]) == ()


def test_the_observer_is_told_of_each_check_once() -> None:
    told: queue.SimpleQueue[Run] = queue.SimpleQueue()

    def crashes(context: Context, evidence: Evidence) -> Ending:
        raise RuntimeError

    checks = [
        _check("left", _measures("left")),
        _check("a", _measures("a")),
        _check("crashed", crashes, "a"),
        _check("unknown", lambda context, evidence: Unknown(reason="no answer")),
        _check("b", _measures("b"), "crashed", "left"),
    ]

    runs = run_checks(checks, _context(), ["a", "crashed", "unknown", "b"], "left out", told.put)

    got = [told.get(timeout=PATIENCE) for _ in checks]
    assert told.empty()
    assert sorted(got, key=lambda run: run.check_id) == sorted(runs, key=lambda run: run.check_id)
    ids = [run.check_id for run in got]
    assert ids.index("a") < ids.index("crashed") < ids.index("b")


def test_the_duration_is_taken_from_the_contexts_clock() -> None:
    clock = [100.0]

    def measure(context: Context, evidence: Evidence) -> Ending:
        clock[0] += 1.25
        return _saw()

    runs = _run([_check("a", measure)], _context(monotonic=lambda: clock[0]))

    assert runs[0].duration_ms == 1250


def test_the_rest_is_known_when_only_checks_that_decide_nothing_are_left() -> None:
    known: list[bool] = []

    def deciding(context: Context, evidence: Evidence) -> Ending:
        known.append(context.rest_known.is_set())
        return _saw()

    def waiting(context: Context, evidence: Evidence) -> Ending:
        return _saw() if context.rest_known.wait(PATIENCE) else Unknown(reason="never told")

    runs = _run(
        [
            _check("waiting", waiting, replaced_by=VectorRun),
            _check("first", deciding),
            _check("second", deciding, "first"),
            _check("left", _measures("left")),
        ],
        selected=["waiting", "first", "second"],
    )

    assert runs[0].kind == "measured"
    assert known == [False, False]


def test_the_observer_is_told_of_a_check_while_others_still_run(release: threading.Event) -> None:
    told: queue.SimpleQueue[str] = queue.SimpleQueue()
    checks = [_check("fast", _measures("fast")), _check("stuck", _stuck(release), "fast")]

    worker = threading.Thread(
        target=run_checks,
        args=(checks, _context(), ["fast", "stuck"], "", lambda run: told.put(run.check_id)),
        daemon=True,
    )
    worker.start()

    assert told.get(timeout=PATIENCE) == "fast"  # while the other one still runs
    assert worker.is_alive()
    release.set()
    worker.join(PATIENCE)
    assert told.get(timeout=PATIENCE) == "stuck"


def test_a_run_that_is_known_is_taken_and_not_made_again() -> None:
    known = Run(check_id="a", kind="measured", reason="", observations=_saw("before").observations)

    def refuse(context: Context, evidence: Evidence) -> Ending:
        raise AssertionError("made again")

    def repeat(context: Context, evidence: Evidence) -> Ending:
        return Measured(observations=evidence.all(NtpSilence))

    runs = run_checks((_check("a", refuse), _check("b", repeat, "a")), _context(), {"a", "b"}, "", known=(known,))

    assert runs[0] == known
    assert runs[1].observations == known.observations
