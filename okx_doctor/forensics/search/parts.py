"""The words of the search: what a signature is made of, and what a mistake, a variant and a choice are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, Literal, NamedTuple

from msgspec import Struct, field

from okx_doctor.protocol.scheme import OKX
from okx_doctor.secrets.secret import Secret, shows_only

Slot = Literal["timestamp", "method", "path", "query", "body"]
Axis = Literal[
    "timestamp", "method", "path", "query", "body", "order", "separator", "key", "hash", "arguments", "recipe", "text"
]
Layout = tuple[Slot | bytes, ...]
"""The hashed text: slots and literal bytes, in their order."""

SLOTS: Final[tuple[Slot, ...]] = tuple(part for part in OKX.layout if part != "nonce")
OKX_LAYOUT: Final[Layout] = SLOTS

HmacVariant = Literal["hmac", "swapped", "plain", "secret first", "secret last", "digest first", "hex digest first"]
"""How key and message meet. ``digest first``: the HMAC of the message's plain hash instead of the message."""


def utf8(text: str) -> bytes:
    """The bytes of a text; half a character is written too, in three of them."""
    return text.encode("utf-8", "surrogatepass")


Where = Literal["between", "always", "end"]


class Separator(NamedTuple):
    """``text`` between the parts: only where both sides have something, always, or only behind the last."""

    text: bytes
    where: Where


@shows_only("algorithm", "manner")
class Recipe(NamedTuple):
    """A whole foreign way to sign: the text, the hash, how they meet; ``key`` where it is not the secret itself."""

    layout: Layout
    key: bytes | None = None
    algorithm: str = OKX.digest
    manner: HmacVariant = "hmac"


Value = bytes | str | Layout | Separator | Recipe
"""Bytes for a slot and the key, a layout for the order, a hash's name, a manner, a recipe."""


@shows_only("rank", "causes")
class Variant(NamedTuple):
    """One other value of a part. ``rank``: 3 common, 2 usual, 1 rare, 0 alone; it limits how many others
    it is combined with.

    ``causes`` replace the mistake's own where the variant knows better (a value that a loader altered).
    """

    value: Value
    note: str = ""
    rank: int = 3
    causes: tuple[str, ...] = ()


class Keys(Struct, frozen=True, kw_only=True):
    """The three credentials as they were loaded, and what else the secret may have been meant to be.

    ``others`` are ``(secret, causes, in words)``.
    """

    secret: Secret
    api_key: Secret = field(default=Secret(""))
    passphrase: Secret = field(default=Secret(""))
    others: tuple[tuple[Secret, tuple[str, ...], str], ...] = ()

    def opened(self) -> OpenKeys:
        """The same as text."""
        return OpenKeys(
            secret=self.secret.reveal(),
            api_key=self.api_key.reveal(),
            passphrase=self.passphrase.reveal(),
            others=tuple((other.reveal(), causes, words) for other, causes, words in self.others),
        )


@shows_only()
class OpenKeys(NamedTuple):
    """The three credentials as text, for as long as they are hashed and compared with what was sent."""

    secret: str
    api_key: str = ""
    passphrase: str = ""
    others: tuple[tuple[str, tuple[str, ...], str], ...] = ()

    def closed(self) -> Keys:
        """The same as values that cannot be printed."""
        return Keys(
            secret=Secret(self.secret),
            api_key=Secret(self.api_key),
            passphrase=Secret(self.passphrase),
            others=tuple((Secret(other), causes, words) for other, causes, words in self.others),
        )


@shows_only("method", "channel", "moment")
class Subject(Struct, frozen=True, kw_only=True):
    """A signed request taken apart, as OKX would sign it.

    ``query`` begins with its ``?``. ``moment`` is the time that the timestamp tells, in microseconds since 1970,
    ``None`` where it tells none. ``origin`` is scheme and host of the URL, ``""`` where the capture has none.
    ``sign_header`` is the name under which the signature was sent; ``nonce`` is what a neighbour of OKX signs besides.
    """

    timestamp: bytes
    method: bytes
    path: bytes
    query: bytes
    body: bytes
    signature: str
    keys: OpenKeys
    channel: Literal["rest", "websocket"] = "rest"
    origin: str = ""
    moment: int | None = None
    sent_key: str = ""
    sent_passphrase: str = ""
    sign_header: str = OKX.headers.sign
    nonce: bytes = b""

    def part(self, slot: Slot) -> bytes:
        """The bytes that OKX puts into a slot."""
        match slot:
            case "timestamp":
                return self.timestamp
            case "method":
                return self.method
            case "path":
                return self.path
            case "query":
                return self.query
            case "body":
                return self.body

    @property
    def target(self) -> bytes:
        return self.path + self.query

    @property
    def prehash(self) -> bytes:
        """The text that OKX expects to be signed."""
        return b"".join(map(self.part, SLOTS))


class Mistake(Struct, frozen=True, kw_only=True):
    """A named wrong way to sign: one entry of the table.

    ``done`` says in the past tense what was done. ``rebuild`` makes the values that the part then has; those equal
    to the right one are left out by the search. ``short`` entries are also tried together with every moment of the
    sweep and every typing error.
    """

    id: str
    axis: Axis
    cause: str
    done: str
    rebuild: Callable[[Subject], Iterable[Variant]]
    short: bool = False


class Sweep(Struct, frozen=True, kw_only=True):
    """A mistake with very many values: moments around the timestamp, typing errors of the secret.

    ``groups(subject, extent)`` are they, near ones first; extents are ``full`` (alone), ``near`` (with a short entry)
    and ``deep``. ``note`` describes one value.
    """

    id: str
    axis: Axis
    cause: str
    done: str
    groups: Callable[[Subject, Extent], Iterable[Group]]
    note: Callable[[Subject, bytes], str]

    def values(self, subject: Subject, extent: Extent) -> Iterator[bytes]:
        """All of them, one by one."""
        return (start + end for start, ends in self.groups(subject, extent) for end in ends)


Extent = Literal["full", "near", "deep"]

Group = tuple[bytes, Sequence[bytes]]
"""Values that begin alike: how they begin, and how each of them ends. Groups with equal ends share one sequence of
ends, from which the search makes its texts once.
"""


@shows_only("mistake", "axis", "causes", "done")
class Choice(NamedTuple):
    """A mistake that was made, with the value it led to."""

    mistake: str
    axis: Axis
    value: Value
    note: str
    causes: tuple[str, ...]
    done: str


Hypothesis = tuple[Choice, ...]
"""Mistakes made together. The empty one is the right way."""
