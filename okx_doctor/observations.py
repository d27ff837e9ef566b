"""One frozen struct per thing measured: the contract between measuring and judging.

Every field is plain JSON (text, numbers, booleans, tuples of these), so that a saved report can be judged
again. No field may hold a credential or anything derived from one. Imports only ``model``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Final, Literal, TypeVar, get_args

from msgspec import Struct

from okx_doctor.model import Report

Slot = Literal["api_key", "secret", "passphrase"]
SLOTS: tuple[Slot, ...] = ("api_key", "secret", "passphrase")

FOREIGN: Final = "foreign"
ADDRESS: Final = "address"
Foreign = Annotated[str, FOREIGN]
"""Text of the user's own configuration (a file's name, a key in it), alone or in a sentence of ours. It is masked and
made fit for a line before anything is judged; a field of any other text holds our own words alone."""
Address = Annotated[str, ADDRESS]
"""A host or a URL of the user's own configuration: masked likewise, and spelled as it is."""


class Target(Struct, frozen=True, kw_only=True):
    """Where the run looks and what was asked of it.

    ``other_sites`` are sites that may be asked as well. ``not_api_reason`` and ``file_url_fault`` are sentences,
    empty where there is nothing to say; with ``file_url_hopeless`` no bot can use the file's address.
    ``file_url_ignored`` is a file's address that was not used, ``file_url_place`` the file that either is about.
    """

    site: str
    base_url: Address
    demo: bool
    official: bool
    other_sites: tuple[str, ...]
    offline: bool
    require: tuple[str, ...]
    forbid: tuple[str, ...]
    not_api_reason: str
    file_url_fault: Foreign
    file_url_hopeless: bool
    file_url_ignored: Foreign
    file_url_place: Foreign = ""


class Machine(Struct, frozen=True, kw_only=True):
    """The traits that decide which command corrects a clock. ``time_tools`` are the programs found, best first.

    ``docker_desktop``: a container in the virtual machine that Docker Desktop runs on macOS; on Windows that is WSL2.
    """

    system: Literal["linux", "macos", "windows", "other"]
    container: bool
    wsl: bool
    time_tools: tuple[str, ...]
    docker_desktop: bool = False


class FactsAge(Struct, frozen=True, kw_only=True):
    """How old the newest confirmation is of what is known of OKX: its ISO day, and days by this machine's clock."""

    confirmed: str
    days: float


class ProjectId(Struct, frozen=True, kw_only=True):
    """A project id of OKX's Web3 product is set beside the credentials: the variable, and where it is set."""

    variable: str
    source: Foreign


class RetiredSocket(Struct, frozen=True, kw_only=True):
    """A port of OKX's sockets that OKX has retired, in a variable's address, or dialled by a client that is installed.

    ``variable`` and ``source`` are empty for a client, ``client`` with its version is empty for a variable.
    """

    port: int
    variable: Foreign = ""
    source: Foreign = ""
    client: str = ""


class BotClient(Struct, frozen=True, kw_only=True):
    """The client that variables or files tell of, by its id in the table of clients."""

    client: str


ENVIRONMENT: Final = "the environment"
"""The place that the process's own variables are."""


class BotSetting(Struct, frozen=True, kw_only=True):
    """A setting of the bot's own beside its credentials, and whether this run uses it; ``remark`` says why not, or what
    is wrong with it. ``value`` is a proxy's address without user information, ``demo`` or ``live``, a header's name."""

    kind: Literal["proxy", "demo", "header"]
    place: Foreign
    value: Address
    used: bool
    remark: Foreign = ""


class PlaceSearched(Struct, frozen=True, kw_only=True):
    """A place that was looked at for credentials, and the result."""

    place: Foreign
    found: str


Held = Literal["", "secret-slot", "another-source", "digits", "base64"]
"""The reason why a value must not be sent: the secret slot's value, or another source's for it, is in it,
or as many hexadecimal digits as a secret has, or base64 of one. ``""``: it may be sent."""


class CredentialValue(Struct, frozen=True, kw_only=True):
    """The shape of one credential, never its text.

    ``shape``: absent, empty, uuid, hex32, placeholder, reference, pem, other. ``edges`` names whitespace at the ends,
    ``wrapped`` quotes and stray signs around the value, ``odd_characters`` what is not printable ASCII, each
    with its position counted from 1. ``letter_case``: mixed, lower, upper, none. ``source`` says where the
    value came from, ``alias`` the name used where it is not the usual one.
    ``same_as`` are the slots with the same letters and digits. ``holds_secret``: it must not be sent, for the reason
    ``held``. ``digits`` is the longest run of hexadecimal digits, given only where it is as long as a secret's.
    ``lacks`` names the kinds of characters that OKX asks a passphrase for and this one has none of.
    ``reference`` is the form of the reference in place of a value or of one that left it empty, ``refers_to`` the name
    in it where it has one.
    """

    slot: Slot
    shape: Literal["absent", "empty", "uuid", "hex32", "placeholder", "reference", "pem", "other"]
    length: int
    edges: tuple[str, ...]
    wrapped: tuple[str, ...]
    odd_characters: tuple[str, ...]
    letter_case: Literal["mixed", "lower", "upper", "none"]
    source: Foreign
    alias: str
    same_as: tuple[str, ...]
    variable: str
    holds_secret: bool
    held: Held = ""
    digits: int = 0
    lacks: tuple[str, ...] = ()
    reference: str = ""
    refers_to: Foreign = ""


class NearName(Struct, frozen=True, kw_only=True):
    """A name that may be meant for a slot which no source names: in a line of a file, or in the environment.

    Without ``file`` and ``line`` it is a variable of the environment.
    """

    slot: Slot
    variable: Foreign
    file: Foreign = ""
    line: int = 0

    @property
    def place(self) -> str:
        """The place that it is in, as ``PlaceSearched`` names it."""
        return self.file or ENVIRONMENT


class SlotsSwapped(Struct, frozen=True, kw_only=True):
    """The shapes leave no doubt that values are in one another's slots: pairs of (slot, slot whose value it holds)."""

    holds: tuple[tuple[str, str], ...]


class FileMangled(Struct, frozen=True, kw_only=True):
    """A file says one thing and its loader made another; ``character`` caused that, empty where quotes are missing.

    ``line`` is 0 where it is not known. ``corrected`` is how the line should be written, with ``…`` for the value.
    Not ``suspected``: it may well be meant, and is a fault only where OKX takes what is written instead.
    """

    slot: Slot
    file: Foreign
    line: int
    character: str
    what: str
    corrected: Foreign = ""
    suspected: bool = True


class SourceShadowed(Struct, frozen=True, kw_only=True):
    """Two sources hold this slot with different values; the first wins."""

    slot: Slot
    used: Foreign
    shadowed: Foreign


class SourceAgreeing(Struct, frozen=True, kw_only=True):
    """Another source that holds this slot with the same value as the one in force."""

    slot: Slot
    used: Foreign
    also: Foreign


class FileExposure(Struct, frozen=True, kw_only=True):
    """A file that holds credentials, as others see it.

    ``mode`` is its POSIX mode in octal, empty where there is none. ``readers`` are those who can open it, all
    directories on the way considered; unknown where that is not judged (Windows, a container's secret mount).
    """

    file: Foreign
    mode: str
    readers: Literal["owner", "group", "everyone", "unknown"]
    git: Literal["tracked", "not ignored", "ignored", "outside", "unknown"]


class PassphraseShared(Struct, frozen=True, kw_only=True):
    """The passphrase in force is also that of these profiles, which have other keys."""

    source: Foreign
    profiles: tuple[Foreign, ...]


class DialectsDiffer(Struct, frozen=True, kw_only=True):
    """Another loader would make another value of the line that is in force.

    ``others``: pairs of (loader, how it differs). ``spelling`` is the text to write instead, which all loaders but
    ``exceptions`` read in the same way.
    """

    slot: Slot
    variable: str
    file: Foreign
    line: int
    others: tuple[tuple[str, str], ...]
    spelling: str
    exceptions: tuple[str, ...]


class VectorRun(Struct, frozen=True, kw_only=True):
    """The published signatures recomputed on this machine; ``mismatches`` are ``id: stage``."""

    total: int
    mismatches: tuple[str, ...]


class BodyForm(Struct, frozen=True, kw_only=True):
    """One way to build and send a JSON body, seen on a wire of this machine.

    ``own`` marks the way okx-doctor itself sends. ``accepted`` is the embedded exchange's word.
    """

    signed_as: str
    sent_with: str
    own: bool
    same_bytes: bool
    accepted: bool
    difference: str


class Resolution(Struct, frozen=True, kw_only=True):
    """A host name looked up. ``host`` is the proxy where one is used; ``failure`` is empty on success.

    ``false_address`` is set where a name of OKX's has an address that no public name has.
    """

    host: Address
    families: tuple[str, ...]
    milliseconds: float
    failure: str
    false_address: Literal["", "loopback", "private", "link-local", "unspecified"] = ""


FailureKind = Literal[
    "dns", "refused", "timeout", "tls", "proxy", "cut-off", "unreadable", "unsendable", "withheld", "throttled", "other"
]
"""``throttled``: HTTP 429 instead of a socket; ``unsendable``: the HTTP library refuses it; ``withheld``: it would put
a secret key into a header."""


class CallFailure(Struct, frozen=True, kw_only=True):
    """Why a call brought no usable answer. ``tls_code`` is OpenSSL's verification code, 0 without one."""

    kind: FailureKind
    detail: str
    tls_code: int = 0


class CallAnswer(Struct, frozen=True, kw_only=True):
    """An answer in short. ``form`` as in protocol.answers.Form.

    Only known words of the server's are repeated: ``message`` is a page's title and ``redirect_host`` a host, each
    where it is a known one.
    """

    status: int
    form: str
    code: str
    message: str
    caller_ip: Address = ""
    redirect_host: str = ""


class Connection(Struct, frozen=True, kw_only=True):
    """How the base URL was reached: ``family`` IPv4 or IPv6, ``proxy`` its address without user information.

    Milliseconds are -1 where the step did not happen.
    """

    base_url: Address
    family: str
    proxy: Address
    tcp_ms: float
    tls_ms: float
    tls_version: str
    answer: CallAnswer | None
    failure: CallFailure | None


class ExchangeTime(Struct, frozen=True, kw_only=True):
    """OKX's clock minus this machine's, in seconds, from one ``/public/time``; half the round trip is the doubt."""

    offset_s: float
    uncertainty_s: float


MAX_UNCERTAINTY_SECONDS = 1.0
"""A time server's answer in more doubt than this tells nothing of the clock."""


class NtpTime(Struct, frozen=True, kw_only=True):
    """A time server's clock minus this machine's, in seconds.

    The uncertainty is half the delay plus the distance from its source that the server states.
    """

    server: Address
    offset_s: float
    uncertainty_s: float
    stratum: int


STRAY_PACKETS: Final = "what it sends is no answer to what was asked"
"""Why a time server counts for nothing that is not silent: anybody can send such packets, and some servers do."""


class NtpSilence(Struct, frozen=True, kw_only=True):
    """A time server that gave no usable time."""

    server: Address
    reason: str


class Correction(Struct, frozen=True, kw_only=True):
    """One thing that can be put right in memory. ``causes`` are the ids it would convict.

    ``changes`` are (field, value) over site, environment, clock and the three slots; slot values are the
    names of variants, never their text. ``whole_set``: with it all three values are those of one source.
    """

    id: str
    causes: tuple[str, ...]
    what: Foreign
    changes: tuple[tuple[str, Address], ...]
    whole_set: bool = False


class SignedCall(Struct, frozen=True, kw_only=True):
    """One signed call of the conversation, in order. ``corrections`` lists the ids in force.

    ``purpose`` is why it was made; ``about`` the corrections it tries or takes back. ``started_ms`` counts from the
    beginning of the run; milliseconds are -1 where they are not known or nothing was sent.
    """

    number: int
    purpose: Literal["as loaded", "correction", "taken back", "second wave"]
    about: tuple[str, ...]
    endpoint: str
    base_url: Address
    demo: bool
    corrections: tuple[str, ...]
    answer: CallAnswer | None
    failure: CallFailure | None
    started_ms: int = -1
    duration_ms: int = -1


class PeelingEnded(Struct, frozen=True, kw_only=True):
    """Why no further correction was tried, where one was left."""

    reason: str


class KeyFacts(Struct, frozen=True, kw_only=True):
    """Facts about the key from ``account/config``; ``bound_addresses`` counts its IP allowlist."""

    permissions: tuple[str, ...]
    bound_addresses: int
    sub_account: bool
    demo: bool


class SocketLogin(Struct, frozen=True, kw_only=True):
    """One WebSocket login: ``code`` is ``"0"`` on success, ``""`` where no event came."""

    url: Address
    demo: bool
    code: str
    failure: CallFailure | None


Observation = (
    Target
    | Machine
    | FactsAge
    | ProjectId
    | BotClient
    | BotSetting
    | PlaceSearched
    | CredentialValue
    | NearName
    | RetiredSocket
    | SlotsSwapped
    | FileMangled
    | SourceShadowed
    | SourceAgreeing
    | FileExposure
    | PassphraseShared
    | DialectsDiffer
    | VectorRun
    | BodyForm
    | Resolution
    | Connection
    | ExchangeTime
    | NtpTime
    | NtpSilence
    | Correction
    | SignedCall
    | PeelingEnded
    | KeyFacts
    | SocketLogin
)

_SAID_OTHERWISE: Final[Mapping[type[Observation], str]] = {
    Target: "target",
    Machine: "machine",
    FactsAge: "facts_age",
    PlaceSearched: "places_searched",
    SlotsSwapped: "slots_swapped",
    FileMangled: "files_mangled",
    SourceShadowed: "sources_shadowed",
    SourceAgreeing: "sources_agreeing",
    PassphraseShared: "passphrases_shared",
    DialectsDiffer: "dialects_differ",
    PeelingEnded: "peeling_ended",
    KeyFacts: "key_facts",
}
"""Types whose name in a report is not their own in the plural."""


def _in_a_report(kind: type[Observation]) -> str:
    return _SAID_OTHERWISE.get(kind) or re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower() + "s"


KINDS: Final[Mapping[str, type[Observation]]] = {_in_a_report(kind): kind for kind in get_args(Observation)}
"""Name in a report's ``observations`` to type."""


def observations_from_rows(rows_by_name: Mapping[str, Sequence[Mapping[str, object]]]) -> tuple[Observation, ...]:
    """The observations of one check, from the rows that a report keeps of them.

    Raises ``KeyError`` for an unknown kind, ``msgspec.ValidationError`` for a row that does not fit its kind.
    """
    import msgspec

    return tuple(msgspec.convert(row, KINDS[name]) for name, rows in rows_by_name.items() for row in rows)


T = TypeVar("T")


class Evidence:
    """All observations of a run."""

    __slots__ = ("_observations",)

    def __init__(self, observations: Iterable[Observation]) -> None:
        self._observations = tuple(observations)

    def all(self, kind: type[T]) -> tuple[T, ...]:
        """Every observation of one type, in the order measured."""
        return tuple(seen for seen in self._observations if isinstance(seen, kind))

    def first(self, kind: type[T]) -> T | None:
        """The first observation of one type."""
        return next(iter(self.all(kind)), None)


def evidence_in(report: Report) -> Evidence:
    """All that the checks of a report observed."""
    return Evidence(seen for check in report.checks for seen in observations_from_rows(check.observations))
