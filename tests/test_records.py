"""No record shows a secret: every record type of the package, built with a mark in each field, and what its repr shows.

A record that is new fails here until it holds its values as ``Secret``, hides them (``secret.shows_only``), or is said
below to be public, whole or field by field.
"""

from __future__ import annotations

import dataclasses
import enum
import importlib
import io
import json
import pkgutil
import re
import types
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

import msgspec
import pytest
from msgspec import Struct, field

import okx_doctor
from okx_doctor.credentials.comparing import compare_all
from okx_doctor.credentials.dialects import DIALECTS
from okx_doctor.credentials.documents import forms
from okx_doctor.credentials.documents.secret_files import from_directory
from okx_doctor.credentials.env_file import EnvFile, assignments, parse_env_file
from okx_doctor.credentials.load import Credentials, load_credentials
from okx_doctor.credentials.mangling import mangling
from okx_doctor.forensics.captures.capture import Capture
from okx_doctor.forensics.captures.detect import pieces
from okx_doctor.forensics.inspector import Inspector
from okx_doctor.forensics.search.subject import keys as keys_of
from okx_doctor.forensics.search.subject import subject
from okx_doctor.gate.accounts import generate
from okx_doctor.gate.serve.events import Handled
from okx_doctor.leaks.find import leaks
from okx_doctor.listening.received import heard
from okx_doctor.secrets.secret import Secret, shows_only

FACTS: Final[Mapping[str, str]] = {
    "catalogue.causes": "KnownCause",
    "catalogue.clients.client": "Bug Checked Client Setting Socket",
    "catalogue.clients.table": "Cell",
    "catalogue.clients.words": "Words",
    "catalogue.usual": "PossibleCause",
    "causes.rule": "Rule",
    "credentials.dialects": "Dialect",
    "credentials.documents.closed": "_Closed",
    "credentials.references": "Filling Reference",
    "decoding.failures.failure": "Failure",
    "decoding.knowledge": "Knowledge Retired",
    "decoding.surroundings": "Around",
    "forensics.search.encodings": "TextForm",
    "forensics.search.parts": "Mistake Separator Sweep",
    "forensics.writers.styles": "Style",
    "gate.api.endpoints": "Endpoint",
    "gate.market.instruments": "Instrument",
    "leaks.spellings": "_Between",
    "checking.checks": "Check",
    "forensics.captures.detect": "Mark Reader",
    "probes.context": "Skipped Unknown",
    "protocol.channels": "Home",
    "protocol.codes": "Code Observed Reports",
    "protocol.endpoints": "Endpoint",
    "protocol.facts": "Fact",
    "protocol.sites": "RetiredPort Site",
    "protocol.sources": "Source",
    "protocol.steps": "Rule Step",
    "protocol.scheme": "Login Names Scheme",
    "protocol.vectors": "Mismatch Vector",
}
"""What is known of OKX, of loaders and of mistakes: the same in every run."""

REPORTED: Final[Mapping[str, str]] = {
    "catalogue.absorption": "Claim",
    "causes.clock": "Offset",
    "causes.conversation": "Story",
    "causes.rule": "Abstains Excluded Holds",
    "checking.run": "Selection",
    "decoding.decode": "Decoded",
    "decoding.forms.messages": "Comparison",
    "decoding.sighting": "Sighting",
    "forensics.findings": "Finding",
    "forensics.signers": "ConformanceSet PublishedVector SignerVerdict ToSign",
    "forensics.masked_verdict": "RequestVerdict",
    "gate.steps": "Refusal Step",
    "gate.market.prices": "Prices",
    "forensics.inspection": "InspectionReport",
    "model": "Cause CheckResult Remedy Report RuledOut TargetSummary Tool Undetermined Verdict",
    "observations": (
        "BodyForm BotClient CallAnswer CallFailure Connection Correction CredentialValue DialectsDiffer FactsAge "
        "FileExposure FileMangled KeyFacts Machine NearName NtpSilence NtpTime PassphraseShared PeelingEnded "
        "BotSetting PlaceSearched ProjectId RetiredSocket "
        "Resolution SignedCall SlotsSwapped "
        "SocketLogin SourceAgreeing SourceShadowed Target VectorRun"
    ),
    "peeling.budget": "Denied",
    "probes.installed": "Installed",
    "peeling.peel": "PeelingTrace Question",
    "report.decoding": "CauseOfAnswer DecodedAnswer",
    "report.env_files": "BestSpelling DialectReading EnvVariable",
    "report.inspection": "FailureBeside InspectedRequest InspectionDocument",
    "report.listening": "ListenedLine ListenersAnswer StepTaken",
    "report.running": "HeldBack HeldConnections LeftRunning RunEnded",
    "report.schemas": "Document",
    "report.signer_test": "SignedText SignerTest TestedVector WrongGroup",
    "report.text": "Answer Paragraph",
    "surveying.questions": "Question",
    "surveying.survey": "Order Row",
    "report.timeline": "Request",
    "checking.runner": "Run",
    "watching.board": "Snapshot",
    "watching.metrics": "_Lines",
    "watching.rounds": "AddressResult",
    "watching.serve": "Page",
    "watching.standing": "Change NamedCause Notice Result",
}
"""What a report says, and what it is made of: it is there to be printed, and is masked where it is made."""

ASKED: Final[Mapping[str, str]] = {
    "gate.serve.certificates": "Issued",
    "probes.http": "Reply _Trace",
    "protocol.answers": "Answer",
    "settings": "Options Settings",
}
"""What was asked for on the command line, and how the network was reached."""

SEALED: Final = {
    "confining.command": "Leftover",
    "confining.confine": "NotLetOut",
    "confining.relay": "Allowed",
    "confining.seal": "Inside",
    "confining.sockets": "Address",
    "confining.walls": "Refusal",
}
"""Names and addresses inside a sealed place, and what the kernel refused."""

PUBLIC: Final = {
    f"{module}.{name}"
    for records in (FACTS, REPORTED, ASKED, SEALED)
    for module, names in records.items()
    for name in names.split()
}
"""Records that may show all they hold: no value of a credential, and no part of a request that is not masked."""

SHOWN: Final[Mapping[str, str]] = {
    "cli.exchange_options.Identity": "site origin",
    "cli.sign._Body": "file",
    "cli.sign._Request": "method",
    "credentials.comparing.Column": "why character",
    "credentials.comparing.Compared": "name note",
    "credentials.comparing.Spelling": "advice",
    "credentials.dialects.bash._Word": "why character",
    "credentials.dialects.reading.Act": "character",
    "credentials.dialects.reading.Loaded": "readings.0 refusal character",
    "credentials.dialects.reading.Reading": "refusal character",
    "credentials.env_file.EnvFile": "label lines.0 profile",
    "credentials.env_file.Line": "name refusal",
    "credentials.documents.home.Found": "corrected",
    "credentials.documents.home.Beside": "remark",
    "credentials.documents.home.Source": "variable file key home",
    "credentials.documents.home.Home": "label profile same_passphrase",
    "credentials.documents.home.Leaf": "path file key corrected",
    "credentials.documents.compose._Beside": "named",
    "credentials.documents.compose._Entry": "name corrected",
    "credentials.documents.unit.Directive": "file key",
    "credentials.load.Alternative": "causes what",
    "credentials.load.Credentials": "same_passphrase",
    "credentials.mangling.LoaderChange": "character what",
    "credentials.places.CredentialSources": "env_file credentials profile dialect names.1 unit",
    "forensics.captures.capture.Capture": "form place",
    "forensics.captures.capture.Response": "code",
    "forensics.captures.capture.Unreadable": "place why",
    "forensics.captures.curl._Command": "method notes",
    "forensics.captures.har.Request": "method",
    "forensics.captures.json_capture.RawCapture": "method",
    "forensics.search.parts.Choice": "mistake causes done",
    "forensics.search.parts.Keys": "others.1 others.2",
    "forensics.search.parts.Recipe": "algorithm",
    "forensics.search.parts.Subject": "method",
    "forensics.search.parts.Variant": "causes",
    "forensics.signers.VectorResult": "equally_simple",
    "forensics.verdict.Inspection": "equally_simple",
    "gate.accounts.Account": "site permissions label",
    "gate.evaluate.Venue": "site",
    "gate.evaluate._Standing": "outcomes.0",
    "gate.serve.events.Handled": "site code",
    "gate.serve.events.HandledFrame": "code",
    "gate.serve.events.HandledLogin": "site code",
    "gate.serve.events.TurnedAway": "why",
    "gate.serve.exchange.Plan": "sites faults.0 faulty_paths stripped host host_names",
    "gate.serve.http.Upgrade": "caller_ip",
    "gate.api.replies.Reply": "content_type code",
    "leaks.find.Leak": "variable",
    "leaks.names.Named": "whose",
    "leaks.spellings.Name": "text",
    "leaks.tables.Cell": "name",
    "leaks.find._Candidate": "variable",
    "listening.received.Ordinary": "method code scheme",
    "listening.received.ReceivedRequest": "code",
    "probes.context.WireTap": "base_url",
    "probes.context.Context": "websocket_url ntp_servers.0 ntp_servers.1.0 facts_confirmed client",
    "peeling.corrections.Corrections": "start variants.0.0 variants.0.1",
    "peeling.corrections.CallCredentials": "base_url",
    "protocol.wire.WireRequest": "method",
    "report.signing.Reference": "method timestamp body_file base_url notes",
    "report.signing.Shown": "variable",
    "report.signing.Signing": "method timestamp notes",
    "checking.simulation.Bench": "profile require",
    "gate.serve.certificates.Made": "ca_pem",
    "testing.exchange.Order": "state",
    "testing.exchange.Request": "method code",
    "watching.profiles.Profile": "name",
    "watching.profiles.Reading": "complaints unread.0 unread.1",
}
"""Records of credentials and of requests, with the fields of text that they show: names, places, words of our own.

Of a field of pairs or of a mapping each place is numbered.
"""

_MARK: Final = re.compile(r"S3ntinel<(\w[\w.]*)>")
_TURNS: Final = 4
"""A field that may be of several types is built with each of them in turn."""

Record = type[Any]


def _modules() -> Iterator[pkgutil.ModuleInfo]:
    found = pkgutil.walk_packages(okx_doctor.__path__, "okx_doctor.")
    return (module for module in found if module.name != "okx_doctor.__main__")


@cache
def _records() -> Mapping[str, Record]:
    """Every record type by its name, without the package's own before it."""
    found: dict[str, Record] = {}
    for module in _modules():
        for kind in vars(importlib.import_module(module.name)).values():
            if _is_record(kind) and kind.__module__ == module.name:
                found[_name(kind)] = kind
    return found


def _is_record(kind: object) -> bool:
    return isinstance(kind, type) and (
        dataclasses.is_dataclass(kind)
        or issubclass(kind, msgspec.Struct)
        or (issubclass(kind, tuple) and hasattr(kind, "_fields"))
    )


def _name(kind: Record) -> str:
    return f"{kind.__module__}.{kind.__qualname__}".removeprefix("okx_doctor.")


def _hints(kind: Record) -> Mapping[str, Any]:
    """What a record is built from; a type that its module imports for type checkers alone is found by its name."""
    known: dict[str, object] = {}
    while True:
        try:
            hints = get_type_hints(kind, localns=known)
            break
        except NameError as error:
            (known[str(error.name)],) = {each for each in _records().values() if each.__name__ == error.name}
    if dataclasses.is_dataclass(kind):
        return {each.name: hints[each.name] for each in dataclasses.fields(kind) if each.init}
    names = kind.__struct_fields__ if issubclass(kind, msgspec.Struct) else kind._fields
    return {name: hints[name] for name in names}


def _built(kind: Record, turn: int, inside: tuple[Record, ...] = ()) -> Any:
    hints = _hints(kind).items()
    return kind(**{name: _value(hint, f"{_name(kind)}.{name}", turn, (*inside, kind)) for name, hint in hints})


def _value(hint: Any, place: str, turn: int, inside: tuple[Record, ...]) -> Any:
    """A value of a type, marked with its place wherever there is room for text."""
    mark = f"S3ntinel<{place}>"
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        options = [option for option in inner if option is not type(None) and option not in inside]
        return _value(options[turn % len(options)], place, turn, inside)
    if origin is Literal:
        return inner[0]
    if origin is Callable:
        return lambda *_: None
    if origin is tuple and Ellipsis not in inner:
        return tuple(_value(each, f"{place}.{at}", turn, inside) for at, each in enumerate(inner))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        key, value = (_value(each, f"{place}.{at}", turn, inside) for at, each in enumerate(inner))
        return {key: value}
    if isinstance(origin, type) and issubclass(origin, Collection):
        made = [_value(inner[0], place, turn, inside)]
        return origin(made) if origin in (tuple, set, frozenset) else made
    if not isinstance(hint, type):
        return mark
    if _is_record(hint):
        return _built(hint, turn, inside)
    if issubclass(hint, enum.Enum):
        return next(iter(hint))
    if issubclass(hint, Secret):
        return Secret(mark)
    if issubclass(hint, bytes):
        return mark.encode()
    if issubclass(hint, str) or hint is object:
        return mark
    return 7 if issubclass(hint, int | float) else object()


def _seen(kind: Record) -> set[str]:
    """The places in a record, and in the records in it, whose text the repr shows."""
    return {place for turn in range(_TURNS) for place in _MARK.findall(repr(_built(kind, turn)))}


def _own(kind: Record) -> set[str]:
    """The same of the record itself, without its name."""
    before = f"{_name(kind)}."
    return {place.removeprefix(before) for place in _seen(kind) if place.startswith(before)}


@pytest.mark.parametrize("name", sorted(_records().keys() - PUBLIC))
def test_a_record_shows_what_it_is_said_to_show_and_nothing_else(name: str) -> None:
    assert _own(_records()[name]) == set(SHOWN.get(name, "").split())


def test_no_record_is_a_dataclass() -> None:
    """A struct, or a named tuple where nothing is imported that is not Python's own: a dataclass is slow to make."""
    modules = [importlib.import_module(module.name) for module in _modules()]
    kinds = [kind for module in modules for kind in vars(module).values() if isinstance(kind, type)]
    ours = [kind for kind in kinds if kind.__module__.startswith("okx_doctor.")]
    assert [kind for kind in ours if dataclasses.is_dataclass(kind)] == []


def test_every_record_that_is_said_to_show_something_exists_and_shows_something() -> None:
    records = _records()

    assert (PUBLIC | SHOWN.keys()) - records.keys() == set()
    assert PUBLIC & SHOWN.keys() == set()
    assert {name for name in PUBLIC if not _own(records[name])} == set()


class _Plain(Struct, frozen=True):
    value: str


class _Deep(Struct, frozen=True, kw_only=True):
    value: Mapping[str, tuple[tuple[int, bytes | None], ...]]
    other: Secret | None = None


class _Pair(NamedTuple):
    name: Literal["api_key"]
    value: object


class _Row(msgspec.Struct):
    value: str | msgspec.UnsetType


@pytest.mark.parametrize(
    ("kind", "places"),
    [(_Plain, {"value"}), (_Deep, {"value.0", "value.1.1"}), (_Pair, {"value"}), (_Row, {"value"})],
)
def test_a_record_that_would_show_a_secret_is_noticed_whatever_it_is_made_of(kind: Record, places: set[str]) -> None:
    assert _own(kind) == places


class _Typed(Struct, frozen=True):
    value: Secret
    others: tuple[tuple[Secret, str], ...] = field(default=())


@shows_only("name")
class _Hidden(NamedTuple):
    value: str
    name: str


@shows_only()
class _HiddenRow(msgspec.Struct):
    value: bytes
    inner: _Plain


@pytest.mark.parametrize(("kind", "places"), [(_Typed, {"others.1"}), (_Hidden, {"name"}), (_HiddenRow, set())])
def test_a_type_and_a_repr_that_hide_are_noticed_too(kind: Record, places: set[str]) -> None:
    assert _own(kind) == places


_KEY: Final = "c0ffee00-1234-4abc-8def-0123456789ab"
_SECRET: Final = "0A1B2C3D4E5F60718293A4B5C6D7E8F9"
_PHRASE: Final = "Sunny #Day-7$x"
_VALUES: Final = {"OKX_API_KEY": _KEY, "OKX_SECRET_KEY": _SECRET, "OKX_PASSPHRASE": _PHRASE}
_TELLING: Final = (_KEY, _SECRET, _PHRASE, "Sunny", "Day-7")
_ENV_TEXT: Final = "".join(f"{name}={value}\n" for name, value in _VALUES.items())
_KEYED: Final = {"apiKey": _KEY, "secret": _SECRET, "password": _PHRASE}
_SENT: Final = (
    f"curl -X POST 'https://www.okx.com/api/v5/trade/order?secret={_SECRET}' -H 'OK-ACCESS-KEY: {_KEY}' "
    f"-H 'OK-ACCESS-PASSPHRASE: {_PHRASE}' -H 'OK-ACCESS-SIGN: x' --data '{{\"secretKey\": \"{_SECRET}\"}}'"
)


def _env_file() -> EnvFile:
    return parse_env_file(_ENV_TEXT, "bot.env", _VALUES)


def _secret_files(folder: Path) -> object:
    for name, value in _VALUES.items():
        (folder / name).write_text(value)
    return from_directory(folder)


def _capture() -> Capture:
    (piece,) = pieces(io.BytesIO(_SENT.encode()))
    assert isinstance(piece, Capture)
    return piece


def _handled() -> Handled:
    return Handled(request=_capture().request, trace=None, site="global", status=401, code="50105", received_at=0.0)


def _inspected() -> object:
    keys = keys_of(Credentials.of(_KEY, _SECRET, _PHRASE))
    return keys, Inspector(keys).inspect(_capture()), subject(_capture(), keys.opened()) if keys else None


MADE: Final[Mapping[str, Callable[[Path], object]]] = {
    "an env file": lambda _: _env_file(),
    "an env file, line by line": lambda _: [assignments(_env_file(), name) for name in _VALUES],
    "every loader's reading": lambda _: [_env_file().read_by(dialect) for dialect in DIALECTS],
    "what a loader altered": lambda _: [mangling(line) for line in _env_file().lines.values()],
    "loaders compared": lambda _: compare_all(_env_file()),
    "a TOML file": lambda _: forms.read("".join(f"{name} = '{v}'\n" for name, v in _KEYED.items()), "a.toml", None, {}),
    "a JSON file": lambda _: forms.read(json.dumps(_KEYED), "a.json", None, {}),
    "a YAML file": lambda _: forms.read("".join(f"{name}: {v}\n" for name, v in _KEYED.items()), "a.yaml", None, {}),
    "secret files": _secret_files,
    "credentials": lambda _: load_credentials({"OKX_PASSPHRASE": "Sunny "}, [_env_file()]),
    "credentials of one's own": lambda _: Credentials.of(_KEY, f" {_SECRET}", f"'{_PHRASE}'"),
    "a captured request": lambda _: _capture(),
    "a request at the exchange": lambda _: _handled(),
    "a request at the listener": lambda _: heard(1, _handled()),
    "an inspection": lambda _: _inspected(),
    "an account": lambda _: generate(api_key=_KEY, secret=Secret(_SECRET), passphrase=Secret(_PHRASE)),
    "assignments in a file": lambda _: list(leaks(_ENV_TEXT)),
}


@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize("show", [repr, str, "{}".format], ids=["repr", "str", "format"])
def test_what_is_made_of_real_files_and_requests_shows_no_value(
    tmp_path: Path, name: str, show: Callable[[object], str]
) -> None:
    text = show(MADE[name](tmp_path))

    assert len(text) > 20
    assert [value for value in _TELLING if value in text] == []
