"""The command as a process: forked, held back until it is let go, its signals and its end.

Fork while the process has one thread where that can be had: after it the child makes system calls and executes, and
nothing else.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import select
import signal
import socket
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Final, NamedTuple, NoReturn

from okx_doctor.confining import kernel
from okx_doctor.confining.walls import Refusal, Refused

NOT_EXECUTABLE, NOT_FOUND, SIGNALLED = 126, 127, 128
READY, GO = b"ready", b"go"
_REFUSED, _NOT_STARTED = b"refused", b"not started"
_MESSAGE_BYTES: Final = 8192
_IGNORED_BY_PYTHON: Final = ("SIGPIPE", "SIGXFSZ")
_TOLD_BY_TERMINAL: Final = ("SIGINT", "SIGQUIT")
_PASSED_ON: Final = ("SIGTERM", "SIGHUP")
_GRACE_SECONDS: Final = 5.0


class CannotStart(Exception):
    """The command cannot be executed: the status that a shell would give, and why."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


def fork(child: Callable[[socket.socket], None]) -> tuple[int, socket.socket]:
    """Run this in a child, which never returns from it. Gives its pid, and the line to it."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # other threads: the child needs none of their locks
        pid = os.fork()
    if pid == 0:
        _be_the_child(child, ours, theirs)
    theirs.close()
    return pid, ours


def _be_the_child(child: Callable[[socket.socket], None], ours: socket.socket, theirs: socket.socket) -> NoReturn:
    """Whatever happens, this process is never okx-doctor again."""
    try:
        ours.close()
        _reset_signals()
        child(theirs)
    except Refused as error:
        refusal = error.refusal
        _tell(theirs, _REFUSED, refusal.step, refusal.number, refusal.detail)
    except CannotStart as error:
        _tell(theirs, _NOT_STARTED, error.status, error.reason)
    except BaseException as error:
        _tell(theirs, _REFUSED, type(error).__name__, getattr(error, "errno", None) or 0, str(error))
    finally:
        os._exit(NOT_EXECUTABLE)


def _tell(line: socket.socket, word: bytes, *values: object) -> None:
    with contextlib.suppress(OSError):
        line.send(word + b" " + json.dumps(values).encode())


def _reset_signals() -> None:
    """A program expects what it would find without Python and without okx-doctor's own handlers."""
    for name in _IGNORED_BY_PYTHON:
        signal.signal(getattr(signal, name), signal.SIG_DFL)
    for number in signal.valid_signals():
        if callable(signal.getsignal(number)) and not isinstance(signal.getsignal(number), signal.Handlers):
            signal.signal(number, signal.SIG_DFL)


def wait_for_go(line: socket.socket, parent: int) -> None:
    """In the child: say that every wall is built, and wait. Ends this process where nobody lets it go."""
    kernel.end_with_parent(signal.SIGTERM)
    line.send(READY)
    if line.recv(len(GO)) != GO or os.getppid() != parent:
        os._exit(NOT_EXECUTABLE)


def execute(command: Sequence[str], environ: Mapping[str, str]) -> NoReturn:
    """In the child: become the command. Raises ``CannotStart``."""
    try:
        os.execvpe(command[0], list(command), dict(environ))  # noqa: S606  the point of it
    except OSError as error:
        number = error.errno or 0
        if not _is_anywhere(command[0], environ):  # a folder in PATH that may not be read is no answer
            number = errno.ENOENT
        status = NOT_FOUND if number == errno.ENOENT else NOT_EXECUTABLE
        raise CannotStart(status, f"{command[0]}: {os.strerror(number)}") from None
    except ValueError as error:  # a NUL in an argument
        raise CannotStart(NOT_EXECUTABLE, f"{command[0]}: {error}") from None


def _is_anywhere(name: str, environ: Mapping[str, str]) -> bool:
    """Whether there is such a program, executable or not, by its path or in PATH."""
    folders = [""] if "/" in name else os.get_exec_path(environ)
    return any(os.path.lexists(os.path.join(folder, name)) for folder in folders)  # noqa: PTH118  pathlib of 3.11 has no lexists


def heard(message: bytes) -> bytes:
    """A message of the child. Raises ``Refused`` or ``CannotStart`` where that is what it says."""
    for word in (_REFUSED, _NOT_STARTED):
        if message.startswith(word):
            values = json.loads(message[len(word) :])
            raise Refused(Refusal(*values)) if word == _REFUSED else CannotStart(*values)
    return message


class Process:
    """The command's process, from the fork to its end."""

    def __init__(self, pid: int, line: socket.socket) -> None:
        self.pid = pid
        self.line = line
        self._pidfd = os.pidfd_open(pid)
        self._ended: int | None = None
        self._gone = False
        self._closed = False

    def expect(self, word: bytes) -> None:
        """Wait for a word of the child. Raises ``Refused``."""
        if heard(self.line.recv(_MESSAGE_BYTES)) != word:
            raise Refused(Refusal("the sealed process ended by itself", 0))

    def let_go(self) -> None:
        """Let the command run. Raises ``CannotStart``."""
        with _ended_early():
            self.line.send(GO)
        self._gone = True

    def started(self) -> None:
        """Wait until it has been executed, when the line closes. Raises ``CannotStart``."""
        with _ended_early():
            heard(self.line.recv(_MESSAGE_BYTES))

    def status(self) -> int | None:
        """How it ended, negative for a signal; ``None`` while it runs."""
        if self._ended is None:
            done, status = os.waitpid(self.pid, os.WNOHANG)
            if done:
                self._ended = os.waitstatus_to_exitcode(status)
        return self._ended

    def wait(self, seconds: float | None = None) -> int | None:
        """The same, waiting for it."""
        if self.status() is None:
            poll = select.poll()
            poll.register(self._pidfd, select.POLLIN)
            poll.poll(None if seconds is None else seconds * 1000)
        return self.status()

    def when_ended(self, call: Callable[[], object]) -> None:
        """Call this once it has ended, in a thread of its own."""
        mine = os.dup(self._pidfd)

        def wait() -> None:
            poll = select.poll()
            poll.register(mine, select.POLLIN)
            poll.poll()
            os.close(mine)
            call()

        threading.Thread(target=wait, name="okx-doctor-waiting", daemon=True).start()

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.status() is None:
            signal.pidfd_send_signal(self._pidfd, number)

    def end(self, grace_seconds: float = _GRACE_SECONDS) -> None:
        """End it: asked first, where it has been let go, then at once. Nothing is left of it here."""
        if self._closed:
            return
        self.line.close()
        if self._gone and self.status() is None:
            self.send_signal(signal.SIGTERM)
            self.send_signal(signal.SIGCONT)
            self.wait(grace_seconds)
        self.send_signal(signal.SIGKILL)
        self.wait()
        os.close(self._pidfd)
        self._closed = True


@contextlib.contextmanager
def _ended_early() -> Iterator[None]:
    try:
        yield
    except ConnectionError:
        raise CannotStart(NOT_EXECUTABLE, "it was ended before it started") from None


Handler = Callable[[int, FrameType | None], object] | int | None


def shell_status(ended: int) -> int:
    """The status that a shell gives for it: 128 and the signal's number where a signal ended it."""
    return SIGNALLED - ended if ended < 0 else ended


@contextlib.contextmanager
def signals_passed_on(process: Process) -> Iterator[None]:
    """While inside, the command decides: the terminal tells it of Ctrl-C itself, TERM and HUP are passed on.

    Handlers, not ``SIG_IGN``, which the command would inherit. In the main thread alone.
    """

    def leave_it(_number: int, _frame: FrameType | None) -> None:
        return None

    def pass_on(number: int, _frame: FrameType | None) -> None:
        process.send_signal(number)

    wanted = {**dict.fromkeys(_TOLD_BY_TERMINAL, leave_it), **dict.fromkeys(_PASSED_ON, pass_on)}
    before: dict[signal.Signals, Handler] = {}
    for name, handler in wanted.items():
        number = getattr(signal, name)
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup: then the command ignores it too
            before[number] = signal.signal(number, handler)
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)


class Leftover(NamedTuple):
    """A process that goes on after the command has ended. It has no network, then as before."""

    pid: int
    name: str


def leftovers(network: str, mark: str) -> tuple[Leftover, ...]:
    """Processes that live in this network, or whose environment has this text: started by the command."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):  # it has ended, or is another user's
                if network_of(entry.name) == network or mark.encode() in (entry / "environ").read_bytes():
                    rows = (entry / "status").read_text("utf-8", "replace").splitlines()
                    told = dict(row.split(":", 1) for row in rows if ":" in row)
                    if told["State"].strip()[0] not in "ZX":
                        found.append(Leftover(int(entry.name), told["Name"].strip()))
    return tuple(found)


def network_of(process: int | str) -> str:
    """The network of a process, by the kernel's name for it. Raises ``OSError`` where it may not be asked."""
    return str(Path(f"/proc/{process}/ns/net").readlink())
