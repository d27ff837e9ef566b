"""What leaves in headers and logins, as the exchange itself has logged it: never a secret, and always what is none."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from okx_doctor.checking.run import RunInputs, examine, wire_tap
from okx_doctor.credentials.load import Credentials
from okx_doctor.credentials.places import CredentialSources, Place, read_places
from okx_doctor.gate.accounts import generate
from okx_doctor.gate.serve.exchange import Exchange, Plan
from okx_doctor.model import Report
from okx_doctor.observations import CallAnswer, Evidence, SignedCall, SocketLogin
from okx_doctor.peeling.corrections import as_loaded
from okx_doctor.probes.context import Context, Unknown
from okx_doctor.probes.http import Http, Reply
from okx_doctor.probes.signed import send_signed
from okx_doctor.probes.websocket import measure_login
from okx_doctor.protocol.endpoints import CONFIG
from okx_doctor.protocol.vectors import good_vectors
from okx_doctor.secrets.redactor import redactor_of
from okx_doctor.secrets.secret import Secret
from okx_doctor.settings import Options, settle
from tests.credentials.dressings import AROUND, BYTES, DRESSINGS, ENCODED, KEY, PLAIN, UNPADDED_BYTES, shows

pytestmark = pytest.mark.slow

SECRET = "22582BD0CFF14C41EDBF1AB98506286D"
ANOTHER = "9F3B7C21E8D04A56B1C7F02D93E84A6B"
PASSPHRASE = "Abc-Def-1234!"
SOUND = {"OKX_API_KEY": KEY, "OKX_SECRET_KEY": SECRET, "OKX_PASSPHRASE": PASSPHRASE}
IN_CLEAR = ("OKX_API_KEY", "OKX_PASSPHRASE")
EVERY = {**DRESSINGS, **UNPADDED_BYTES}


class Seen(Struct, frozen=True):
    """What a run came to, and every text of it that reached the exchange."""

    report: Report
    texts: tuple[str, ...]

    @property
    def causes(self) -> dict[str, str]:
        return {cause.id: cause.confidence.value for cause in self.report.verdict.causes}


@pytest.fixture(scope="module")
def okx() -> Iterator[Exchange]:
    known = generate(ip_allowlist=("127.0.0.1",))
    account = replace(known, api_key=KEY, secret=Secret(SECRET), passphrase=Secret(PASSPHRASE))
    with Exchange(Plan(accounts=(account,), sites=("global",), websocket=True)) as exchange:
        yield exchange
    assert not exchange.crashes


def run(okx: Exchange, environ: Mapping[str, str], places: tuple[Place, ...] = ()) -> Seen:
    """A run with these values, at an exchange that knows the sound ones."""
    requests, logins = len(okx.handled), len(okx.logins)
    report = examine(
        Options(only=("signed", "credentials", "websocket"), try_case=True, websocket=True, timeout=20),
        RunInputs(
            environ={**environ, "OKX_DOCTOR_SITES": f"global={okx.sites[0].rest[0]}"},
            places=places,
            sites=okx.sites,
            proxy="",
        ),
    )
    handled = tuple(okx.handled)[requests:]
    texts = [text for one in handled for text in (one.request.target, one.request.body.decode("utf-8", "replace"))]
    texts += [value for one in handled for _, value in one.request.headers]
    for one in tuple(okx.logins)[logins:]:
        texts += [one.login.api_key, one.login.passphrase]
    return Seen(report, tuple(texts))


@pytest.mark.parametrize("how", EVERY)
def test_no_dressing_of_the_secret_leaves_in_either_slot(okx: Exchange, how: str) -> None:
    """The secret slot holds the same secret, and then another one that does not belong to the key."""
    value = EVERY[how](SECRET)
    for slot in IN_CLEAR:
        for known in (SECRET, ANOTHER):
            if known == ANOTHER and slot == "OKX_PASSPHRASE" and how in UNPADDED_BYTES:
                continue  # beside a good secret, 22 characters are a passphrase
            seen = run(okx, {**SOUND, slot: value, "OKX_SECRET_KEY": known})
            assert [text for text in seen.texts if shows(text, SECRET)] == []
            assert value.strip() not in seen.texts
            expected = "api-key-malformed" if (slot, known) == ("OKX_API_KEY", ANOTHER) else "credentials-swapped"
            assert expected in seen.causes, f"{slot}: what is wrong with the value is said"


def test_sound_values_leave_as_they_are(okx: Exchange) -> None:
    """The tests of this file see what arrives: headers of four calls, and the login."""
    seen = run(okx, SOUND)
    assert (seen.causes.keys() & {"credentials-swapped", "api-key-malformed"}) == set()
    assert seen.texts.count(KEY) == seen.texts.count(PASSPHRASE) == 4


@settings(max_examples=40)
@given(
    st.integers(0, 2**128 - 1).map("{:032x}".format),
    st.sampled_from(IN_CLEAR),
    *map(st.sampled_from, (sorted(PLAIN), sorted({**ENCODED, **BYTES}), sorted(AROUND))),
    st.sampled_from(("the same", "another", "the same, dressed", "none")),
)
def test_nothing_that_leaves_holds_a_secret_dressed_in_any_ways(
    okx: Exchange, secret: str, slot: str, plain: str, encoded: str, around: str, known: str
) -> None:
    dressed = BYTES[encoded](secret) if encoded in BYTES else ENCODED[encoded](PLAIN[plain](secret))
    environ = {**SOUND, slot: AROUND[around](dressed), "OKX_SECRET_KEY": secret}
    match known:
        case "another":
            environ["OKX_SECRET_KEY"] = SECRET
        case "the same, dressed":
            environ["OKX_SECRET_KEY"] = PLAIN[plain](secret)
        case "none":
            del environ["OKX_SECRET_KEY"]
    seen = run(okx, environ)
    assert [text for text in seen.texts if shows(text, secret)] == []
    assert seen.report.verdict.causes


@settings(max_examples=25)
@given(
    st.uuids().map(str),
    st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=6, max_size=28),
    st.integers(0, 2**128 - 1).map("{:032X}".format),
)
def test_an_ordinary_key_and_passphrase_always_leave(okx: Exchange, key: str, some: str, secret: str) -> None:
    passphrase = f"Zw{some}yK"
    seen = run(okx, {"OKX_API_KEY": key, "OKX_SECRET_KEY": secret, "OKX_PASSPHRASE": passphrase})
    assert {key, passphrase} <= set(seen.texts)


def context(okx: Exchange, credentials: Credentials) -> Context:
    began = time.monotonic()
    settled = settle(Options(websocket=True), {"OKX_DOCTOR_SITES": f"global={okx.sites[0].rest[0]}"}, ())
    return Context(
        credentials=credentials,
        target=settled.target,
        sites=okx.sites,
        websocket_url=settled.websocket_url,
        ntp_servers={},
        began=began,
        deadline=began + 20,
        now=time.time,
        monotonic=time.monotonic,
        http=Http(user_agent="okx-doctor/test", proxy=lambda url: ""),
        wire_tap=wire_tap,
        vectors=good_vectors(),
        rest_known=threading.Event(),
        redactor=redactor_of(credentials.secrets()),
        want_websocket=True,
    )


@pytest.mark.parametrize("how", ["twice in a row", "groups of 8 with hyphens", "base64", "base64 of the bytes"])
@pytest.mark.parametrize("slot", IN_CLEAR)
def test_neither_a_call_nor_a_login_can_be_made_past_the_guard(okx: Exchange, slot: str, how: str) -> None:
    """Whatever asked for it, and even where OKX is said to have accepted these very values."""
    environ = {**SOUND, slot: EVERY[how](SECRET)}
    credentials = Credentials.of(environ["OKX_API_KEY"], SECRET, environ["OKX_PASSPHRASE"])
    here = context(okx, credentials)
    before = len(okx.handled), len(okx.logins)
    reply = send_signed(here, as_loaded(credentials, here.target), CONFIG, None)
    assert isinstance(reply, Reply)
    assert reply.failure is not None
    assert reply.failure.kind == "withheld"

    accepted = SignedCall(
        number=1,
        purpose="as loaded",
        about=(),
        endpoint=CONFIG.name,
        base_url=here.target.base_url,
        demo=False,
        corrections=(),
        answer=CallAnswer(status=200, form="okx", code="0", message=""),
        failure=None,
    )
    ending = measure_login(here, Evidence((accepted,)))
    assert isinstance(ending, Unknown)
    login = ending.observations[0]
    assert isinstance(login, SocketLogin)
    assert login.failure is not None
    assert login.failure.kind == "withheld"
    assert (len(okx.handled), len(okx.logins)) == before


@pytest.mark.parametrize(
    ("file_secret", "file_passphrase", "leaves"),
    [
        ("no-hexadecimal-text", "no-hexadecimal-text", False),
        ("no-hexadecimal-text", "No_Hexadecimal_Text!", False),
        (ANOTHER, f"{ANOTHER[:20]}-{ANOTHER[20:30]}", False),
        ("no-hexadecimal-text", PASSPHRASE, True),
    ],
)
def test_no_secret_of_any_source_leaves_in_a_correction(
    okx: Exchange, tmp_path: Path, file_secret: str, file_passphrase: str, leaves: bool
) -> None:
    """The passphrase in force is refused, and the file's is tried: unless it is what the file has as the secret."""
    file = tmp_path / "my.env"
    file.write_text(f"OKX_SECRET_KEY='{file_secret}'\nOKX_PASSPHRASE='{file_passphrase}'\n", "utf-8")
    wrong = {**SOUND, "OKX_PASSPHRASE": "Another-phrase-7"}
    seen = run(okx, wrong, read_places(CredentialSources(env_file=str(file), no_env_file=True), {}))
    assert "Another-phrase-7" in seen.texts
    assert (file_passphrase in seen.texts) is leaves
