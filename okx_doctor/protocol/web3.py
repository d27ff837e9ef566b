"""OKX's Web3 product (DEX, wallet, DeFi, payments): another API, with keys of its own that the exchange does not know.

It is signed as the exchange's API is, and its guides use the same names of variables: keys get mixed up.
"""

from __future__ import annotations

import re
from typing import Final

from okx_doctor.protocol.sources import Source

SOURCE: Final = Source("https://web3.okx.com/build/dev-docs and https://github.com/okx/okx-dex-sdk", "2026-11")

HOST: Final = "web3.okx.com"
PROJECT_HEADER: Final = "OK-ACCESS-PROJECT"
PROJECT_VARIABLES: Final = ("OKX_PROJECT_ID", "OKX_API_PROJECT", "OKX_API_PROJECT_ID", "OKX_DEX_PROJECT_ID")
REFUSAL: Final = "50125"
"""Its answer to a key on a path that the key is not entitled to (okx/okx-dex-sdk#6)."""

_PATH: Final = r"/api/v\d+/(?:dex|wallet|waas|defi|pay|payments|marketplace|explorer|balance)/|/api/v1/onchainos"


def is_web3_path(path: str) -> bool:
    """Whether a path is one of the Web3 product's. The exchange serves none that begins so."""
    return re.match(_PATH, path) is not None
