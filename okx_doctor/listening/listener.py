"""The listener: an exchange on a port, and the requests that reach it, judged as soon as a judgement is ready.

Theory of operation
-------------------

Three threads and one process work side by side, and nobody waits for a slower one:

- The *exchange's thread* answers requests. Its observer (``_observe``) puts each event into a queue and returns, so a
  bot gets its answer whether or not anybody reads the report. A look tells it what is accepted and ordinary. Where
  only lines are written, one value serves for all of these that are alike: each that is made here and freed by the
  caller's thread would travel from one processor to the other.
- The *caller's thread* takes from the queue (``take``) and numbers what it takes. It passes what is ordinary, makes a
  capture of any other event and hands it to the explainer.
- The *explainer's thread* speaks to a worker process, because a search takes seconds of computing that would stall the
  exchange if it ran in this process. A worker that dies is replaced, and its request is reported unexplained.

Explanations arrive later than the requests after them, which wait in line meanwhile: ``take`` gives all in the order
in which they came. Every queue has a bound, so a flood costs no memory: ``HELD_BYTES`` for events not yet taken
(further ones are counted as lost), ``WAITING`` and ``WAITING_BYTES`` for requests not yet explained (further ones are
reported without an explanation), ``_LINE`` for what waits in line, and ``_LINE_SECONDS`` for how long (what is not
explained by then is passed, and given when it is).
Each counter is written by one thread only, so none needs a lock; ``_woken`` is set after every put.

The worker gets the credentials through its pipe and nowhere else. On closing, the port closes first, then what came is
taken, then what still waits is given out unexplained.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import lru_cache
from queue import Empty, SimpleQueue
from threading import Event as Flag
from typing import Final, Self

from msgspec import Struct

from okx_doctor.forensics import structure
from okx_doctor.forensics.search.parts import Keys
from okx_doctor.forensics.verdict import Inspection
from okx_doctor.gate.serve.events import DeadPort, Event, Handled, HandledLogin
from okx_doctor.gate.serve.exchange import Exchange, Handed, Plan
from okx_doctor.listening.explainer import WAITING, WAITING_BYTES, Explainer
from okx_doctor.listening.received import Ordinary, OrdinaryRequest, ReceivedRequest, heard, held_bytes, is_ordinary
from okx_doctor.protocol.sites import Site
from okx_doctor.secrets.secret import shows_only

HELD_BYTES: Final = 64 * 1024 * 1024
"""The most that may wait to be written. Further events are counted and not shown, so that a flood takes no memory."""
_EVENT_BYTES: Final = 4096
_LINE_BYTES: Final = 512
_KNOWN_TARGET: Final = 256
"""Characters of a target at the most, where one value stands for all requests alike."""
_KINDS: Final = 1000
_LINE: Final = 1000
"""Requests that wait in line at the most, behind one that is not yet explained."""
_LINE_SECONDS: Final = 30.0
_GATHER_SECONDS: Final = 0.1
"""Between the first event and the look for more: taking each as it comes would make two threads fight over Python."""


class ListenedRequest(Struct, frozen=True, kw_only=True):
    """One thing that was heard, with its inspection where there is something to say of it and there was time."""

    heard: ReceivedRequest
    inspection: Inspection | None = None

    @property
    def refused(self) -> bool:
        """Whether OKX would have refused it, for whatever reason."""
        return not self.heard.accepted

    @property
    def names(self) -> tuple[str, ...]:
        """The causes, or the reason in words where there is none: what makes two refusals one of a kind."""
        causes = tuple(cause.id for cause in self.inspection.causes) if self.inspection else ()
        if causes or self.heard.accepted:
            return causes
        if self.heard.kind == "message":
            return (f"WebSocket code {self.heard.code}",)  # its reason may name a channel that the client made up
        return (self.heard.reason or f"code {self.heard.code}",)


Judged = ListenedRequest | OrdinaryRequest


@shows_only("size")
class _Came(Struct, frozen=True):
    """Something that reached the exchange; ``size`` are the bytes for which it counts while it waits."""

    what: Event | Ordinary
    size: int


class Summary:
    """Counts what was judged."""

    def __init__(self) -> None:
        self.accepted = 0
        self.refused = 0
        self.signed = 0
        self.causes: Counter[str] = Counter()

    def add(self, judged: Judged) -> None:
        """Count one."""
        if isinstance(judged, OrdinaryRequest):
            self.signed += 1
            self.accepted += 1
            return
        self.signed += judged.heard.signed
        if judged.refused:
            self.refused += 1
            self.causes.update(name for name in judged.names if name in self.causes or len(self.causes) < _KINDS)
        else:
            self.accepted += 1

    @property
    def total(self) -> int:
        return self.accepted + self.refused


class Listener:
    """A context in which a plan's exchange listens. ``keys`` are what its accounts sign with, at least one.

    ``most`` is the number of requests and logins after which it is ``full``; later ones are not judged.
    ``take`` gives what has been judged; ``lost`` counts events that came faster than they could be written, and
    ``lost_refused`` those of them that were refused.
    """

    def __init__(
        self,
        plan: Plan,
        keys: Sequence[Keys],
        most: int | None = None,
        now: Callable[[], float] = time.time,
        *,
        lines_only: bool = False,
        handed: Handed | None = None,
        trust: str = "",
    ) -> None:
        """``handed`` as for ``Exchange``; ``trust`` is how a client is brought to trust its certificate.

        ``lines_only``: of an ordinary request only the words of its line are kept.
        """
        self._keys = tuple(keys)
        self._most = most
        self._lines_only = lines_only
        self._requests = 0
        self._scheme = "http" if plan.tls == "off" and handed is None else "https"
        self._trust = trust or "it has to trust the listener's CA"
        self._ready: SimpleQueue[_Came] = SimpleQueue()
        self._found: SimpleQueue[tuple[int, Inspection | None]] = SimpleQueue()
        self._came = self._left = 0  # bytes; each is written by one thread only
        self._number = 0
        self._woken = Flag()
        self._waiting: dict[int, ReceivedRequest] = {}
        self._waiting_bytes = 0
        self._line: dict[int, Judged | None] = {}  # in the order in which they came; None is not yet explained
        self._asked_at: dict[int, float] = {}
        self._stack = ExitStack()
        self._exchange = Exchange(plan, now=now, observer=self._observe, handed=handed)
        self._explainer = Explainer(self._keys, self._done, early=handed is None)
        self.lost = 0
        self.lost_refused = 0

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(self._exchange)
            stack.enter_context(self._explainer)
            self._stack = stack.pop_all()
        return self

    def wake(self) -> None:
        """End the waiting in ``take``: something else has happened that its caller is to look at."""
        self._woken.set()

    def wait(self, seconds: float) -> None:
        """Wait at most so long until something comes, or until it is woken."""
        self._woken.wait(seconds)

    def close(self) -> None:
        """Close the port: what came so far can still be taken, and nothing more comes."""
        self._exchange.__exit__(None, None, None)

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    @property
    def site(self) -> Site:
        """The site that is played, its addresses those of this listener."""
        return self._exchange.sites[0]

    @property
    def ca_pem(self) -> bytes:
        """The certificate authority that a client has to trust under TLS."""
        return self._exchange.ca_pem

    @property
    def explaining(self) -> int:
        """How many requests wait for their explanation."""
        return len(self._waiting)

    @property
    def crashes(self) -> Sequence[BaseException | str]:
        """Failures in the exchange itself."""
        return tuple(self._exchange.crashes)

    @property
    def full(self) -> bool:
        """Whether as many requests were taken as were wanted."""
        return self._most is not None and self._requests >= self._most

    @property
    def came(self) -> bool:
        """Whether there is anything to tell: something has reached the exchange, or it failed."""
        return bool(self._came or self.lost or self._exchange.crashes)

    @property
    def untaken(self) -> int:
        """How much has not been taken yet."""
        return self._ready.qsize()

    def take(self, seconds: float, most: int) -> Iterator[Judged]:
        """Return at most ``most`` events and what waited in line, in the order in which they came.

        Where nothing is ready, the first event within ``seconds``.
        """
        # Not the queue's own waiting: with a timeout it can wait for ever (seen with CPython 3.11.7, idle for minutes).
        self._woken.wait(seconds)
        self._woken.clear()  # before looking: what comes from here on sets it again
        yield from self._explained()
        if not self._ready.empty() and self._ready.qsize() < most:
            time.sleep(_GATHER_SECONDS)
        try:
            for _ in range(most):
                if not self._found.empty():
                    yield from self._explained()
                came = self._ready.get_nowait()
                self._left += came.size
                if self.full:
                    continue
                self._number += 1
                judged = self._judged(self._number, came.what)
                if judged is not None and not self._line:
                    yield judged
                    continue
                self._line[self._number] = judged
                yield from self._next_in_line()
        except Empty:
            return
        self._woken.set()  # there may be more

    def _explained(self) -> Iterator[Judged]:
        while not self._found.empty():
            number, inspection = self._found.get_nowait()
            waited = self._waiting.pop(number, None)
            self._asked_at.pop(number, None)
            self._waiting_bytes -= _weight(waited)
            if waited:
                judged = ListenedRequest(heard=waited, inspection=inspection)
                if number in self._line:
                    self._line[number] = judged
                else:
                    yield judged
        yield from self._next_in_line()

    def _next_in_line(self) -> Iterator[Judged]:
        """Give what may go: up to the first that is not yet explained, unless that has held up the others enough."""
        too_old = time.monotonic() - _LINE_SECONDS
        while self._line:
            number = next(iter(self._line))
            waits = self._line[number] is None
            if waits and len(self._line) <= _LINE and self._asked_at.get(number, 0.0) > too_old:
                return
            judged = self._line.pop(number)
            if judged is not None:
                yield judged

    def unexplained(self) -> Iterator[Judged]:
        """Return the requests that still wait, unexplained. Those that were not even taken count as lost from here."""
        while not self._ready.empty():
            came = self._ready.get_nowait()
            if not self.full:
                self._lose(came.what)
        line, self._line = self._line, {}
        waiting, self._waiting, self._waiting_bytes = self._waiting, {}, 0
        for number, judged in line.items():
            yield judged or ListenedRequest(heard=waiting.pop(number))
        yield from (ListenedRequest(heard=one) for one in waiting.values())

    def _observe(self, event: Event) -> None:
        """In the exchange's thread: put an event where ``take`` finds it, as little of it as is needed."""
        if not isinstance(event, Handled) or not is_ordinary(event):
            came = _Came(event, _held_bytes(event))
        elif self._lines_only:
            came = _line_of(event.request.method, event.request.target, event.code)
        else:
            request = event.request
            what = Ordinary(
                method=request.method, target=request.target, code=event.code, event=event, scheme=self._scheme
            )
            came = _Came(what, _held_bytes(event))
        if self._came - self._left + came.size > HELD_BYTES:
            self._lose(came.what)
            return
        self._came += came.size
        self._ready.put(came)
        if not self._woken.is_set():
            self._woken.set()

    def _done(self, number: int, found: Inspection | None) -> None:
        """In the explainer's thread: the same for an explanation."""
        self._found.put((number, found))
        self._woken.set()

    def _lose(self, what: Event | Ordinary) -> None:
        self.lost += 1
        self.lost_refused += not isinstance(what, Ordinary) and not heard(1, what).accepted

    def _judged(self, number: int, what: Event | Ordinary) -> Judged | None:
        """A request that needs no explanation or gets none; ``None`` where it was handed to the explainer."""
        if number == 1:
            self._explainer.prepare()
        if isinstance(what, Ordinary):
            self._requests += 1
            return OrdinaryRequest(number, what)
        one = heard(number, what, self._scheme, self._trust)
        self._requests += one.kind in ("request", "login")
        capture = one.capture
        if capture is None or (one.accepted and not structure.findings(capture)):
            return ListenedRequest(heard=one)
        if len(self._waiting) >= WAITING or self._waiting_bytes + _weight(one) > WAITING_BYTES:
            return ListenedRequest(heard=one)
        self._explainer.ask(number, capture)
        self._waiting[number] = one
        self._asked_at[number] = time.monotonic()
        self._waiting_bytes += _weight(one)
        return None


def _line_of(method: str, target: str, code: str) -> _Came:
    return (_known_line if len(target) <= _KNOWN_TARGET else _new_line)(method, target, code)


def _new_line(method: str, target: str, code: str) -> _Came:
    return _Came(Ordinary(method=method, target=target, code=code), _LINE_BYTES + len(target))


_known_line: Final = lru_cache(maxsize=1024)(_new_line)


def _held_bytes(event: Event) -> int:
    match event:
        case Handled() | DeadPort():
            return _EVENT_BYTES + held_bytes(event.request)
        case HandledLogin(login=login):
            return _EVENT_BYTES + sum(map(len, (login.api_key, login.passphrase, login.timestamp, login.sign)))
        case _:
            return _EVENT_BYTES


def _weight(one: ReceivedRequest | None) -> int:
    return held_bytes(one.sent) if one and one.sent else 0
