"""How one request fared at each step of OKX's check, and what it is refused with."""

from __future__ import annotations

from msgspec import Struct

from okx_doctor.gate.accounts import Account
from okx_doctor.protocol.steps import Layer, Provenance


class Refusal(Struct, frozen=True, kw_only=True):
    """An answer that refuses: HTTP status (0 on a socket), code, text; the layer decides the envelope."""

    status: int
    code: str
    message: str
    layer: Layer = "gateway"


class Step(Struct, frozen=True, kw_only=True):
    """One step, evaluated. ``passed`` is ``None`` where it could not be evaluated because an earlier one failed.

    ``refusal`` is what OKX answers, at the first step that failed.
    """

    id: str
    passed: bool | None
    provenance: Provenance
    refusal: Refusal | None


class Trace(Struct, frozen=True, kw_only=True):
    """All steps in OKX's order, and the account whose key was presented where this site knows it."""

    steps: tuple[Step, ...]
    account: Account | None
    stopped: Step | None
    """The first step that failed; ``None`` when all pass."""

    @property
    def refusal(self) -> Refusal | None:
        """OKX's answer: the refusal of the first failed step; ``None`` when all steps pass."""
        return self.stopped.refusal if self.stopped else None

    @property
    def stopped_at(self) -> str:
        """The id of the first failed step; ``""`` when all steps pass."""
        return self.stopped.id if self.stopped else ""

    def step(self, step_id: str) -> Step:
        """The step with this id. Raises ``KeyError`` for another."""
        for step in self.steps:
            if step.id == step_id:
                return step
        raise KeyError(step_id)
