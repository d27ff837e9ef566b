"""One scenario of ``check``: what is staged, and exactly what must be made of it."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, field

from okx_doctor.checking.simulation import STAGES, Bench, Stage, healthy
from okx_doctor.settings import Options

Named = tuple[str, str, str]
"""Cause id, confidence, severity."""

Reach = Literal["as staged", "by name", "another name", "own proxy"]
"""How the exchange is reached: ``by name`` as localhost, ``another name`` under a base URL that is no site's,
``own proxy`` through the exchange itself, which takes the absolute form that a proxy is sent."""


class Scenario(Struct, frozen=True, kw_only=True):
    """One bench and its verdict. A step is an id of ``STAGES`` or a stage of our own.

    ``twin_of`` names the causes of which this is the nearest correct configuration. ``open`` are causes that must
    stand among the undetermined ones, ``texts`` what the verdict must say somewhere.
    """

    name: str
    steps: tuple[str | Stage, ...] = ()
    options: Options = field(default_factory=Options)
    reach: Reach = "as staged"
    causes: tuple[Named, ...] = ()
    exit: int = 0
    twin_of: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()

    def bench(self) -> Bench:
        bench = healthy()
        for step in self.steps:
            bench = STAGES[step](bench) if isinstance(step, str) else step(bench)
        return bench


def proven(cause: str) -> Named:
    return cause, "proven", "error"


def stated(cause: str) -> Named:
    return cause, "stated", "error"


def likely(cause: str) -> Named:
    return cause, "likely", "error"


def possible(cause: str) -> Named:
    return cause, "possible", "error"


def warned(cause: str, confidence: str = "stated") -> Named:
    return cause, confidence, "warning"
