"""One session of a listener: what it judged is written, recorded and counted until it is to end."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Final

from okx_doctor.cli import say, unexpected
from okx_doctor.cli.output import checked
from okx_doctor.cli.sink import Sink
from okx_doctor.forensics.masked_verdict import masked
from okx_doctor.forensics.search.parts import Keys
from okx_doctor.forensics.verdict import Inspection, valid
from okx_doctor.listening.listener import Judged, Listener, Summary
from okx_doctor.listening.received import OrdinaryRequest, ReceivedRequest
from okx_doctor.listening.recording import record
from okx_doctor.model import Cause
from okx_doctor.report.inspection import Look
from okx_doctor.report.listening import PlainLines, json_line, text_explanation, text_line, text_summary
from okx_doctor.secrets.request_masks import Mask, Masks

_TICK: Final = 0.1
_PATIENCE: Final = 15.0
"""Seconds. A search takes one; on a busy machine its polite worker takes many. A second Ctrl-C ends at once."""
_BATCH: Final = 1024
_WRITTEN_AT_ONCE: Final = 1 << 16
_REMEMBERED_KINDS: Final = 1000

Stop = Callable[[], bool]


class Session:
    """Writes what the listener has judged, until it is to end."""

    def __init__(
        self,
        keys: Keys,
        masks: Masks,
        form: str,
        look: Look,
        out: Sink,
        recording: Sink | None,
        *,
        on_terminal: bool = False,
    ) -> None:
        """``look`` is how text is shown where ``out`` goes; ``on_terminal`` marks where Ctrl-C is typed."""
        self._on_terminal = on_terminal
        self._keys, self._masks, self._form, self._out, self._recording = keys, masks, form, out, recording
        self._look = look
        self._seen: dict[tuple[str, ...], int] = {}
        self._explained: dict[str, Cause] = {}
        self._plain = PlainLines(masks.loaded, self._look, self._checked)
        self._summary = Summary()
        self.gap = "\n"  # before the summary, unless an explanation has just left one
        self._last = time.monotonic()

    def run(self, listener: Listener, stop: Stop, until_idle: float | None) -> None:
        """Print events until a signal, until the listener is full, or until ``until_idle`` seconds without an event."""
        while not stop() and not listener.full:
            self._write(listener.take(_TICK, _BATCH))
            idle = time.monotonic() - self._last
            if until_idle is not None and idle >= until_idle and not listener.explaining and not listener.untaken:
                return

    def end(self, listener: Listener) -> Summary:
        """Once the port is closed, wait a moment for the requests still being judged; print the summary of all."""
        self.drain(listener)
        if self._form == "text":
            gap = "\n" if self._on_terminal else self.gap  # a terminal has shown ^C at the line's beginning
            self._out.write(f"{gap}{self.summed_up(listener)}")
        elif listener.lost:
            say(f"okx-doctor: {listener.lost} requests came faster than they could be written")
        return self._summary

    def drain(self, listener: Listener) -> Summary:
        """Once the port is closed, wait a moment for the requests still being judged. Returns the sums."""
        patience = time.monotonic() + _PATIENCE
        while (listener.explaining or listener.untaken) and time.monotonic() < patience:
            self._write(listener.take(_TICK, _BATCH))
        self._write(listener.unexplained())
        for crash in listener.crashes:
            say(f"okx-doctor: {unexpected(crash)}")
        return self._summary

    def summed_up(self, listener: Listener) -> str:
        """The summary as text."""
        summary = self._summary
        return text_summary(
            accepted=summary.accepted,
            refused=summary.refused,
            signed=summary.signed,
            causes=summary.causes.most_common(),
            explained=self._explained,
            lost=listener.lost,
            look=self._look,
        )

    def _write(self, taken: Iterable[Judged]) -> None:
        held: list[str] = []
        new: list[str] = []
        size = 0
        for judged in taken:
            told = self._told(judged)
            held.append(told)
            if self._form == "json" or not isinstance(judged, OrdinaryRequest):
                new.append(told)
            size += len(told)
            if size > _WRITTEN_AT_ONCE:
                self._put(held, new)
                held, new, size = [], [], 0
        self._put(held, new)

    def _put(self, held: Sequence[str], new: Sequence[str]) -> None:
        """Write what is held; ``new`` is that of it which has not been checked yet."""
        text = "".join(held)
        if not text:
            return
        self._checked("".join(new))
        self._last = time.monotonic()
        self.gap = "" if text.endswith("\n\n") else "\n"
        self._out.write(text)

    def _checked(self, text: str) -> str:
        return checked(text, self._masks.redactor) if text else ""

    def _told(self, judged: Judged) -> str:
        self._summary.add(judged)
        if isinstance(judged, OrdinaryRequest):
            return self._told_ordinary(judged)
        one, inspection = judged.heard, judged.inspection
        mask = self._masks.carried(one.sent) if one.sent else self._masks.loaded
        self._record(one, mask)
        if self._form == "json":
            return self._json(one, inspection, mask)
        if inspection is None or not judged.names:
            return text_line(one, inspection, mask, self._look)
        kind = (str(judged.refused), *judged.names)
        same_as = self._seen.get(kind, 0)
        line = text_line(one, inspection, mask, self._look, same_as)
        if same_as or len(self._seen) >= _REMEMBERED_KINDS:
            return line
        self._seen[kind] = one.number
        if judged.refused:
            self._explained |= {cause.id: masked(cause, mask) for cause in inspection.causes}
        return line + text_explanation(one, inspection, mask, self._look)

    def _told_ordinary(self, judged: OrdinaryRequest) -> str:
        if self._recording:
            self._record(judged.heard, self._masks.loaded)
        if self._form == "json":
            return self._json(judged.heard, None, self._masks.loaded)
        return self._plain.line(judged)

    def _record(self, one: ReceivedRequest, mask: Mask) -> None:
        if self._recording and one.signed:
            line = record(one, self._keys, mask.value)
            self._recording.write(self._checked(f"{line}\n" if line else ""))

    def _json(self, one: ReceivedRequest, inspection: Inspection | None, mask: Mask) -> str:
        capture = one.capture if one.accepted else None
        return json_line(one, inspection or (valid(capture) if capture else None), mask)


@contextmanager
def signals() -> Iterator[Stop]:
    """Whether Ctrl-C or a request to end has come. The second one ends at once, and the third without tidying up."""
    asked: list[int] = []
    numbers = [signal.SIGINT, signal.SIGTERM]
    hangup = getattr(signal, "SIGHUP", None)
    if hangup is not None and signal.getsignal(hangup) is not signal.SIG_IGN:  # nohup's wish is respected
        numbers.append(hangup)

    def handle(number: int, _frame: FrameType | None) -> None:
        asked.append(number)
        if len(asked) > 1:
            for each in numbers:
                signal.signal(each, signal.SIG_DFL)
            raise KeyboardInterrupt

    before = {number: signal.signal(number, handle) for number in numbers}
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
