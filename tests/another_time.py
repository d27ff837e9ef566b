"""Programs that run at another time: Debian's faketime around a command, safe against what killed runs leave behind."""

from __future__ import annotations

from tests.needs import program

# faketime names its semaphore and its shared memory by its process id, and gives up where they exist already: those
# of a run that was killed stay until the machine starts anew (its README, "Cleaning up shared memory"). The shell
# becomes faketime, so its id is the one that has to be free.
_CLEARED = 'rm -f "/dev/shm/sem.faketime_sem_$$" "/dev/shm/faketime_shm_$$" && exec "$@"'


def shifted(clock: str) -> tuple[str, ...]:
    """What goes before a command so that its clock is off by ``clock``, in faketime's words; ``""`` is not at all.

    The monotonic clock stays as it is. The test has to ask for faketime.
    """
    if not clock:
        return ()
    return ("/bin/sh", "-c", _CLEARED, "sh", program("faketime"), "--exclude-monotonic", "-f", clock)
