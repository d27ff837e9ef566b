"""An exchange for tests, and the pytest fixture that gives it. Nothing of either is imported before it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from okx_doctor.testing.exchange import SHOWN, Account, Clock, OkxExchange, Ran, Request, Stage

__all__ = ["SHOWN", "Account", "Clock", "OkxExchange", "Ran", "Request", "Stage"]

if not TYPE_CHECKING:  # a type checker shall know these names and no others

    def __getattr__(name):
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from okx_doctor.testing import exchange

        return getattr(exchange, name)
