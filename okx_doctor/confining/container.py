"""Inside ``docker run --network none``: the network is sealed already, which the kernel is asked and nobody believed.

Nothing may be unshared or mounted there. Names go into the container's own ``/etc/hosts``, which is as it was
afterwards; the exchange listens on loopback.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from okx_doctor.confining import kernel
from okx_doctor.confining.walls import Refusal, Refused

ADDRESS: Final = "127.0.0.1"


def is_sealed() -> bool:
    """Whether there is no way out of this network: no interface that is up but ``lo``, no route but by ``lo``."""
    try:
        if any(name != "lo" for name in kernel.interfaces_up()):
            return False
        four = [line.split() for line in Path("/proc/net/route").read_text("ascii").splitlines()[1:]]
        six_table = Path("/proc/net/ipv6_route")
        six = [line.split() for line in six_table.read_text("ascii").splitlines()] if six_table.exists() else []
    except OSError:  # what cannot be asked is not believed
        return False
    return all(row[0] == "lo" for row in four) and all(row[-1] == "lo" for row in six)


@contextlib.contextmanager
def rewritten(path: Path, change: Callable[[str], str]) -> Iterator[None]:
    """While inside, a file says something else. Docker mounts it: it can be written, never replaced.

    Raises ``Refused``.
    """
    try:
        before = path.read_text("utf-8", "surrogateescape")
        _overwrite(path, change(before))
    except OSError as error:
        raise Refused(Refusal(str(path), error.errno or 0)) from None
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            _overwrite(path, before)


def _overwrite(path: Path, text: str) -> None:
    with path.open("r+", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)
        file.truncate()
