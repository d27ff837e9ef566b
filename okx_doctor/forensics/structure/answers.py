"""What OKX itself answered, where the capture has it. Codes decide, texts never do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from okx_doctor.forensics.captures.capture import Capture
from okx_doctor.forensics.findings import Finding, likely, possible, stated

_STATED: Final[Mapping[str, str]] = {
    "50100": "api-key-frozen",
    "50101": "wrong-environment",
    "50110": "ip-not-allowlisted",
    "50111": "api-key-malformed",
    "50114": "permission-missing",
    "50120": "permission-missing",
    "60005": "api-key-malformed",
}


def findings(capture: Capture) -> Iterator[Finding]:
    """Causes that the answer's code names; codes about time, headers and signature are judged with those."""
    code = capture.response.code if capture.response else ""
    if code in _STATED:
        yield stated(_STATED[code], f"OKX answered {code}")
    elif code in ("50119", "60032"):
        yield likely("wrong-site", f"OKX answered {code}: this site does not know the key")
        yield possible("api-key-unknown", f"OKX answered {code}: the key may also be deleted")
    elif code in ("50105", "60024"):
        yield stated("passphrase-wrong", f"OKX answered {code}")
