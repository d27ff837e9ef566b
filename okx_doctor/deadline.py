"""Work that may never end, waited for only so long."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import TypeVar

Result = TypeVar("Result")


def within(seconds: float | None, work: Callable[[], Result]) -> Result:
    """Return or raise what ``work`` does; ``None`` waits for as long as it takes. Raises ``TimeoutError`` without it.

    It runs in a thread of its own, which is left behind where it takes longer.
    """
    if seconds is None:
        return work()
    returned: list[Result] = []
    raised: list[BaseException] = []

    def run() -> None:
        try:
            returned.append(work())
        except BaseException as error:  # the caller gets it, whatever it is
            raised.append(error)

    worker = Thread(target=run, daemon=True)
    worker.start()
    worker.join(max(0.0, seconds))
    if raised:
        raise raised[0]
    if not returned:
        raise TimeoutError
    return returned[0]
