"""The text of a failed test: each kind of refused request once, with its full explanation."""

from __future__ import annotations

from collections.abc import Sequence

from okx_doctor.forensics.inspector import Inspector
from okx_doctor.forensics.search.parts import Keys
from okx_doctor.gate.accounts import Account
from okx_doctor.listening.listener import ListenedRequest
from okx_doctor.listening.received import ReceivedRequest
from okx_doctor.protocol.signing import KEY_HEADER
from okx_doctor.report.inspection import Look
from okx_doctor.report.listening import text_explanation, text_line
from okx_doctor.secrets.request_masks import Masks
from okx_doctor.secrets.secret import Secret

_LOOK: Look = {"width": 80, "colour": False, "ascii_only": False}


def keys_of(account: Account) -> Keys:
    """The keys that an account signs with."""
    return Keys(secret=account.secret, api_key=Secret(account.api_key), passphrase=account.passphrase)


def explained(wrong: Sequence[ReceivedRequest], refused: int, total: int, accounts: Sequence[Account]) -> str:
    """A line for each that is wrong, and below the first of each kind why.

    ``wrong`` are the first of the ``refused`` ones among ``total``.
    """
    known = [keys_of(account) for account in accounts]
    inspectors = {keys.api_key: Inspector(keys) for keys in known}
    masks = Masks(value for keys in known for value in (keys.secret, keys.passphrase, keys.api_key))
    seen: set[tuple[str, ...]] = set()
    said = [f"OKX would refuse {refused} of {total} requests:\n\n"]
    for one in wrong:
        judged = ListenedRequest(heard=one)
        mask = masks.loaded
        capture = one.capture
        if capture:
            sent_key = Secret(capture.request.header(KEY_HEADER) or "")
            inspector = inspectors.get(sent_key) or inspectors[known[0].api_key]
            judged = ListenedRequest(heard=one, inspection=inspector.inspect(capture))
            mask = masks.carried(capture.request)
        said.append(text_line(one, judged.inspection, mask, _LOOK))
        if judged.inspection and judged.names not in seen:
            seen.add(judged.names)
            said.append(text_explanation(one, judged.inspection, mask, _LOOK))
    if refused > len(wrong):
        said.append(f"\n… and {refused - len(wrong)} more.")
    return "".join(said).rstrip()
