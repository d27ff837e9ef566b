"""Which slot a value belongs into by its shape, and which values of a run are secret keys. Pure."""

from __future__ import annotations

from okx_doctor.credentials import shapes
from okx_doctor.credentials.load import Credentials
from okx_doctor.credentials.secret_shape import alike
from okx_doctor.observations import SLOTS, Slot


def swapped_slots(credentials: Credentials) -> tuple[tuple[Slot, Slot], ...]:
    """(slot, the slot whose value it holds) where the shapes leave no doubt, else an empty tuple.

    No doubt: exactly one value is a UUID, exactly one is 32 hexadecimal digits, the third is neither, and they
    are not in the slots where they belong.
    """
    kinds = {
        loaded.slot: shapes.shape(None if loaded.value is None else shapes.cleaned(loaded.reveal()))
        for loaded in credentials.values()
    }
    keys = [slot for slot in SLOTS if kinds[slot] == "uuid"]
    secrets = [slot for slot in SLOTS if kinds[slot] == "hex32"]
    others = [slot for slot in SLOTS if kinds[slot] == "other"]
    if len(keys) != 1 or len(secrets) != 1 or len(others) != 1:
        return ()
    owners: tuple[Slot, ...] = ("api_key", "secret", "passphrase")
    held = zip((*keys, *secrets, *others), owners, strict=True)
    return tuple((slot, owner) for slot, owner in held if slot != owner)


def known_secrets(credentials: Credentials) -> tuple[str, ...]:
    """Every value that a source has for the secret slot, and where slots are swapped, the secret in another slot.

    A value that is another slot's by its shape is not counted as a secret.
    """
    swapped = swapped_slots(credentials)
    foreign = next((credentials.secret.reveal() for slot, _ in swapped if slot == "secret"), "")
    texts = [credentials.secret.reveal(), *(other.value.reveal() for other in credentials.secret.alternatives)]
    texts += [credentials.value(slot).reveal() for slot, owner in swapped if owner == "secret"]
    return tuple(dict.fromkeys(text for text in texts if text and not alike(text, foreign)))
