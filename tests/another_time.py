"""Programs that run at another time: Debian's faketime around a command, safe against what killed runs leave behind."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.needs import program

# faketime names its semaphore and its shared memory by its process id, and gives up where they exist already: those
# of a run that was killed stay until the machine starts anew (its README, "Cleaning up shared memory"). The shell
# becomes faketime, so its id is the one that has to be free.
_CLEARED = 'rm -f "/dev/shm/sem.faketime_sem_$$" "/dev/shm/faketime_shm_$$" && exec "$@"'


def shifted(clock: str, *more: str) -> tuple[str, ...]:
    """What goes before a command so that its clock is off by ``clock``, in faketime's words; ``""`` is not at all.

    ``more`` are options of faketime. The monotonic clock stays as it is. The test has to ask for faketime.
    """
    if not clock:
        return ()
    return ("/bin/sh", "-c", _CLEARED, "sh", program("faketime"), *more, "--exclude-monotonic", "-f", clock)


def jumping(file: Path) -> tuple[tuple[str, ...], Mapping[str, str]]:
    """What goes before a command so that its clock is off by what ``file`` says at that moment; and its variables.

    Threads read the file one after another (``-m``): side by side, one of them now and then gets the true time.
    """
    before = (*shifted("+0", "-m"), "/bin/sh", "-c", 'unset FAKETIME && exec "$@"', "sh")
    return before, {"FAKETIME_TIMESTAMP_FILE": str(file), "FAKETIME_NO_CACHE": "1"}
