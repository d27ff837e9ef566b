"""The catalogue as the inspection of requests needs it, which knows none itself."""

from __future__ import annotations

from typing import Final

from okx_doctor.catalogue import causes as catalogue
from okx_doctor.forensics.verdict import Vocabulary

VOCABULARY: Final = Vocabulary(
    title=lambda cause: catalogue.entry(cause).title,
    severity=lambda cause: catalogue.entry(cause).severity,
    absorbs=catalogue.ABSORBS,
)
