"""An asyncio loop in one daemon thread, started and ended from outside. Imports the standard library."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Coroutine
from typing import TypeVar

_Result = TypeVar("_Result")

_STOP_SECONDS = 5.0


class LoopThread:
    """Runs coroutines given from another thread. ``crashes`` holds what no coroutine caught, newest last."""

    def __init__(self, name: str) -> None:
        self.crashes: deque[BaseException | str] = deque(maxlen=100)
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(self._note_crash)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[None, None, _Result], seconds: float = _STOP_SECONDS) -> _Result:
        """The coroutine's result. Raises what it raises, and ``TimeoutError`` after ``seconds``."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(seconds)
        except TimeoutError:
            future.cancel()
            raise

    def stop(self) -> None:
        """Cancel what still runs, end the loop and wait for the thread, a few seconds at most."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_STOP_SECONDS)

    def _run(self) -> None:
        self._loop.run_forever()
        self._loop.run_until_complete(self._wind_down())
        self._loop.close()

    async def _wind_down(self) -> None:
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await asyncio.sleep(0)  # transports close their sockets in a callback of the next turn

    def _note_crash(self, _loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        error = context.get("exception")
        if isinstance(error, OSError):
            return  # a connection that broke, or a client that refused the certificate
        self.crashes.append(error if isinstance(error, BaseException) else str(context.get("message")))
