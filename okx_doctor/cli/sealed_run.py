"""One run of a sealed command, from its seal to its end."""

from __future__ import annotations

import gc
import os
import shlex
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

from okx_doctor.cli.exchange_options import Asked, Identity
from okx_doctor.cli.output import checked, look
from okx_doctor.cli.sink import Sink
from okx_doctor.confining.command import shell_status, signals_passed_on
from okx_doctor.confining.confine import PORTS, Confined, confine
from okx_doctor.confining.relay import UNIX
from okx_doctor.confining.trust import CA_BUNDLE
from okx_doctor.credentials.variables import replacing
from okx_doctor.gate.accounts import variables
from okx_doctor.gate.serve.certificates import Issued
from okx_doctor.gate.serve.exchange import Handed, Plan
from okx_doctor.listening.listener import Listener, Summary
from okx_doctor.probes.installed import diallers
from okx_doctor.protocol.sites import DOMAINS, RETIRED_PORTS, hosts
from okx_doctor.report.running import Ended, beginning, ending, ending_line, nothing_came
from okx_doctor.secrets.request_masks import Masks

if TYPE_CHECKING:
    from okx_doctor.cli.listening_session import Session, Stop
    from okx_doctor.report.inspection import Look

_MOMENT_SECONDS: Final = 0.1
_TRUST: Final = f"it brings its own roots; set its CA option to ${CA_BUNDLE}"
_NO_SEAL: Final = 2
_GAP: Final = "\n"
_DEAD: Final = "websocket-port-retired"


class SealedRun:
    """A command, whose requests are judged by an identity, and what it may reach besides."""

    def __init__(self, asked: Asked, who: Identity, words: Sequence[str], allow: Sequence[str]) -> None:
        self._asked, self._who, self._words, self._allow = asked, who, tuple(words), tuple(allow)
        self._name = named(words)
        self._ended = threading.Event()

    def end(self, stack: ExitStack, certificate: Callable[[], Issued], whose: str) -> int:
        """Run it, with the certificate once it is made; the exit status.

        Raises ``CannotSeal``, ``NotAllowed`` and ``CannotStart``.
        """
        asked, account = self._asked, self._asked.account(self._who)
        stop: Stop = self._ended.is_set
        out = Sink.on_stderr(stop) if asked.output is None else stack.enter_context(Sink.to(asked.output, stop))
        recording = stack.enter_context(Sink.to(asked.record_to, stop)) if asked.record_to is not None else None
        given = replacing(variables(account), os.environ) if asked.generated else {}
        made = certificate()
        confined = stack.enter_context(
            confine(
                self._words,
                environ={**os.environ, **given},
                zones=DOMAINS,
                hosts=sorted(hosts()),
                authority_pem=made.ca_pem,
                ports=PORTS,
                allow=self._allow,
                meanwhile=self._load_the_market,
            )
        )
        plan = Plan(
            accounts=(account,),
            websocket=True,
            rate_limits=asked.rate_limits,
            market_seed=asked.market_seed,
            remembered=0,
        )
        handed = Handed(confined.sockets, made.context)
        listened = Listener(
            plan, (self._who.keys,), asked.exit_after, lines_only=asked.lines_only, handed=handed, trust=_TRUST
        )
        listener = stack.enter_context(listened)
        confined.process.when_ended(lambda: self._ends(listener))
        with signals_passed_on(confined.process):
            confined.let_go()
            said = checked(self._beginning(confined), self._masks.redactor) if asked.form == "text" else ""
            confined.started()
            out.write(said)
            listener.wait(_MOMENT_SECONDS)
            session = self._session(out, recording) if listener.came or not stop() else None
            if session:
                session.run(listener, stop, asked.until_idle)
        stopped = "" if stop() else self._why_stopped(listener)
        if stopped:
            confined.end()
        listener.close()
        if session is None and listener.came:
            session = self._session(out, recording)
        summary = session.drain(listener) if session else Summary()
        ended = self._told(confined, summary, stopped)
        self._close(session, listener, out, ended)
        return self._status(ended, summary, listener, whose)

    def _load_the_market(self) -> None:
        """Load now what the listener needs once there is a seal."""
        if self._asked.market_seed is not None:
            import_module("okx_doctor.gate.api.living")

    @cached_property
    def _masks(self) -> Masks:
        return Masks(self._who.secrets)

    def _session(self, out: Sink, recording: Sink | None) -> Session:
        """Loaded once something has come, or the command has had a moment to be loaded itself.

        So a command starts without waiting for what explains its requests, and one that sends none ends without it.
        """
        from okx_doctor.cli.listening_session import Session

        gc.freeze()
        gc.enable()  # off for the short commands; this one may run for days
        return Session(self._who.keys, self._masks, self._asked.form, self._look(), out, recording)

    def _look(self) -> Look:
        return look(self._asked.output, on_stderr=True)

    def _ends(self, listener: Listener) -> None:
        self._ended.set()
        listener.wake()

    def _beginning(self, confined: Confined) -> str:
        who = self._who
        return beginning(
            self._name,
            who=f"{who.site}, {'demo' if who.demo else 'live'} key",
            origin="credentials made for this run, which are in its environment"
            if self._asked.generated
            else f"the credentials from {who.origin}",
            allowed=[one for one in self._allow if one != UNIX],
            unix=UNIX in self._allow,
            in_container=confined.in_container,
            market_seed=self._asked.market_seed,
            clean=self._masks.loaded.value,
        )

    def _why_stopped(self, listener: Listener) -> str:
        if listener.full:
            return f"--exit-after {self._asked.exit_after}"
        return f"nothing came for {self._asked.until_idle:g} s"

    def _told(self, confined: Confined, summary: Summary, stopped: str) -> Ended:
        wanted = confined.not_let_out()
        return Ended(
            command=self._name,
            status=confined.wait() or 0,
            stopped=stopped,
            names=wanted.names,
            packets=wanted.packets,
            connections=wanted.connections,
            proxies=wanted.proxies,
            left=tuple((one.pid, one.name) for one in confined.leftovers()),
            diallers=tuple(str(one) for port in RETIRED_PORTS for one in diallers(self._words, port.port))
            if summary.causes[_DEAD]
            else (),
            other_key=summary.causes["api-key-differs"],
            origin=self._who.origin,
            sealed=confined.is_sealed(),
            accepted=summary.accepted,
            refused=summary.refused,
        )

    def _close(self, session: Session | None, listener: Listener, out: Sink, ended: Ended) -> None:
        """Say how it ended: where everything else was said, and on stderr in any case."""
        clean, redactor = self._masks.loaded.value, self._masks.redactor
        summed_up = session.summed_up(listener) if session else nothing_came(self._look())
        told = checked(ending(ended, clean, look(None, on_stderr=True)), redactor) + summed_up
        if self._asked.form == "json":
            out.write(checked(ending_line(ended, clean), redactor))
        else:
            out.write(f"{session.gap if session else _GAP}{told}")
        if self._asked.output is not None:
            Sink.on_stderr(self._ended.is_set).write(told)

    def _status(self, ended: Ended, summary: Summary, listener: Listener, whose: str) -> int:
        if not ended.sealed:
            return _NO_SEAL
        own = shell_status(ended.status)
        if whose == "bot":
            return own
        if summary.refused or listener.lost_refused:
            return 1
        if own and not ended.stopped:
            return own
        return 0 if summary.signed and not listener.lost and not listener.crashes else 3


def named(words: Sequence[str]) -> str:
    """Name a command where it is shown: its program, and the file that it runs.

    No other word: it may be a credential.
    """
    script = [word for word in words[1:2] if Path(word).is_file()]
    return shlex.join([Path(words[0]).name, *script])
