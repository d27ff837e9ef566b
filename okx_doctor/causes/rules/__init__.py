"""One rule per cause that evidence can establish, gathered in ``ALL``."""

from __future__ import annotations

from typing import Final

from okx_doctor.causes.rule import Rule
from okx_doctor.causes.rules import (
    exposure,
    forms,
    key,
    network,
    presence,
    product,
    references,
    slots,
    sources,
    suspected,
    time,
)

ALL: Final[tuple[Rule, ...]] = (
    *network.RULES,
    *time.RULES,
    *references.RULES,
    *presence.RULES,
    *slots.RULES,
    *forms.RULES,
    *sources.RULES,
    *suspected.RULES,
    *key.RULES,
    *product.RULES,
    *exposure.RULES,
)
