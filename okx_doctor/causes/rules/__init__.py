"""One rule per cause that evidence can establish, gathered in ``ALL``."""

from __future__ import annotations

from typing import Final

from okx_doctor.causes.rule import Rule
from okx_doctor.causes.rules import credentials, exposure, key, network, product, references, time

ALL: Final[tuple[Rule, ...]] = (
    *network.RULES,
    *time.RULES,
    *references.RULES,
    *credentials.RULES,
    *key.RULES,
    *product.RULES,
    *exposure.RULES,
)
