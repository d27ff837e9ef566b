"""The text of a failed test: each kind of refused request once, with its full explanation."""

from __future__ import annotations

from collections.abc import Sequence

from okx_doctor.forensics.inspector import Inspector, inspect_each
from okx_doctor.forensics.search.parts import Keys
from okx_doctor.gate.accounts import Account
from okx_doctor.listening.listener import ListenedRequest
from okx_doctor.listening.received import ReceivedRequest
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
    masks = Masks(value for keys in known for value in (keys.secret, keys.passphrase, keys.api_key))
    seen: set[tuple[str, ...]] = set()
    said = [f"OKX would refuse {refused} of {total} requests:\n\n"]
    found = inspect_each((one.capture for one in wrong), *map(Inspector, known))
    for one, inspection in zip(wrong, found, strict=True):
        mask = masks.carried(inspection.capture.request) if inspection else masks.loaded
        said.append(text_line(one, inspection, mask, _LOOK))
        names = ListenedRequest(heard=one, inspection=inspection).names
        if inspection and names not in seen:
            seen.add(names)
            said.append(text_explanation(one, inspection, mask, _LOOK))
    if refused > len(wrong):
        said.append(f"\n… and {refused - len(wrong)} more.")
    return "".join(said).rstrip()
