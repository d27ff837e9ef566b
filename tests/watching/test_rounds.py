"""Rounds against an exchange in this process: what is shared, what is one conversation per key, and what limits it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from threading import Semaphore

import pytest
from msgspec import Struct, field
from msgspec.structs import replace

from okx_doctor.checking.run import RunInputs
from okx_doctor.credentials.places import CredentialSources
from okx_doctor.gate.accounts import Account
from okx_doctor.gate.api.faults import Fault
from okx_doctor.gate.serve.exchange import Exchange, Plan
from okx_doctor.model import Health
from okx_doctor.peeling.pace import SECONDS_PER_KEY
from okx_doctor.settings import Options
from okx_doctor.watching.profiles import Profile, read_profiles
from okx_doctor.watching.rounds import LIMITED_IN_A_ROW, AddressResult, Listener, Rounds
from okx_doctor.watching.standing import Result
from tests.watching.keys import accounts, sites, write

pytestmark = pytest.mark.slow

PATIENCE = 60.0


class Made(Struct):
    """What a round told."""

    addresses: list[AddressResult] = field(default_factory=list)
    keys: dict[str, Result] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)


def _profiles(folder: Path, known: Sequence[Account]) -> tuple[Profile, ...]:
    path = write(folder / "keys.toml", {f"bot-{number}": each for number, each in enumerate(known)})
    asked = CredentialSources(credentials=str(path), no_env_file=True)
    return read_profiles(asked, {}, everyone=True).profiles


def _round(
    exchange: Exchange, profiles: Sequence[Profile], *, end_after: int = 1000, timeout: float = PATIENCE
) -> Made:
    made = Made()

    def wait(seconds: float) -> bool:
        made.waits.append(seconds)
        return len(made.waits) >= end_after

    listener = Listener(address=made.addresses.append, key=made.keys.__setitem__, complaint=made.complaints.append)
    environ = {"OKX_DOCTOR_SITES": sites(exchange)}
    options = Options(ntp=(exchange.ntp,), timeout=timeout)
    Rounds(options, RunInputs(environ=environ, sites=exchange.sites), wait).make(profiles, listener)
    return made


def test_clock_and_name_are_measured_once_and_each_key_has_its_own_conversation(tmp_path: Path) -> None:
    keys = accounts(4)
    with Exchange(Plan(accounts=tuple(keys), ntp="answers")) as exchange:
        made = _round(exchange, _profiles(tmp_path, keys))
        asked = Counter(handled.request.target.split("?")[0] for handled in exchange.handled)

    assert {name: each.state.health for name, each in made.keys.items()} == {
        f"bot-{number}": Health.HEALTHY for number in range(4)
    }
    assert asked == {
        "/api/v5/public/time": 3,
        "/api/v5/account/config": 4,
        "/api/v5/account/balance": 4,
        "/api/v5/account/position-builder": 4,
    }
    assert [offset.reference for each in made.addresses for offset in each.offsets] == ["OKX", "time servers"]
    assert made.waits == [SECONDS_PER_KEY] * 3


def test_each_key_is_judged_by_itself(tmp_path: Path) -> None:
    well, foreign, unknown = accounts(3)
    foreign = replace(foreign, ip_allowlist=("203.0.113.7",))
    with Exchange(Plan(accounts=(well, foreign), ntp="answers")) as exchange:
        made = _round(exchange, _profiles(tmp_path, (well, foreign, unknown)))

    assert {name: [cause.id for cause in each.state.causes] for name, each in made.keys.items()} == {
        "bot-0": [],
        "bot-1": ["ip-not-allowlisted"],
        "bot-2": ["api-key-unknown"],
    }
    assert [each.facts is not None for _, each in sorted(made.keys.items())] == [True, False, False]


def test_while_okx_is_away_no_credential_is_sent_and_every_key_is_undetermined(tmp_path: Path) -> None:
    keys = accounts(3)
    plan = Plan(accounts=tuple(keys), ntp="answers", faults=(("*", Fault.UNAVAILABLE),))
    with Exchange(plan) as exchange:
        made = _round(exchange, _profiles(tmp_path, keys))
        targets = {handled.request.target for handled in exchange.handled}

    assert targets <= {"/api/v5/public/time"}
    assert [each.state.health for each in made.addresses] == [Health.UNDETERMINED]
    assert {(each.state.health, each.asked) for each in made.keys.values()} == {(Health.UNDETERMINED, False)}
    assert len(made.keys) == 3
    assert made.waits == []


def test_an_exchange_that_answers_429_to_everything_is_asked_no_further_and_that_is_one_line(tmp_path: Path) -> None:
    keys = accounts(12)
    paths = ("/api/v5/account/config",)
    plan = Plan(accounts=tuple(keys), ntp="answers", faults=(("*", Fault.RATE_LIMITED),), faulty_paths=paths)
    with Exchange(plan) as exchange:
        profiles = _profiles(tmp_path, keys)
        made = Made()
        told = Semaphore(0)

        def wait(seconds: float) -> bool:
            """The conversations that were begun have ended by then, as they have after a second."""
            made.waits.append(seconds)
            assert told.acquire(timeout=PATIENCE)
            return False

        def note(name: str, result: Result) -> None:
            made.keys[name] = result
            told.release()

        listener = Listener(address=made.addresses.append, key=note, complaint=made.complaints.append)
        around = RunInputs(environ={"OKX_DOCTOR_SITES": sites(exchange)}, sites=exchange.sites)
        Rounds(Options(ntp=(exchange.ntp,), timeout=PATIENCE), around, wait).make(profiles, listener)
        signed = [handled for handled in exchange.handled if "/account/" in handled.request.target]

    assert len(signed) == len(made.keys) == LIMITED_IN_A_ROW
    assert [text.count("9 keys wait for the next round") for text in made.complaints] == [1]


def test_a_round_that_is_to_end_begins_no_further_key(tmp_path: Path) -> None:
    keys = accounts(5)
    with Exchange(Plan(accounts=tuple(keys), ntp="answers")) as exchange:
        made = _round(exchange, _profiles(tmp_path, keys), end_after=2)

    assert set(made.keys) == {"bot-0", "bot-1"}


def test_a_key_whose_check_breaks_is_one_line_and_the_others_go_on(tmp_path: Path) -> None:
    from okx_doctor.checking.run import examine

    keys = accounts(2)
    made = Made()
    with Exchange(Plan(accounts=tuple(keys), ntp="answers")) as exchange:
        profiles = _profiles(tmp_path, keys)

        def breaking(options: Options, around: RunInputs, credentials: object, **given: object) -> object:
            if credentials is profiles[0].credentials:
                raise MemoryError
            return examine(options, around, credentials, **given)  # type: ignore[arg-type]  # as it was called

        listener = Listener(address=made.addresses.append, key=made.keys.__setitem__, complaint=made.complaints.append)
        around = RunInputs(environ={"OKX_DOCTOR_SITES": sites(exchange)}, sites=exchange.sites)
        rounds = Rounds(
            Options(ntp=(exchange.ntp,), timeout=PATIENCE),
            around,
            lambda seconds: False,
            breaking,  # type: ignore[arg-type]  # stands in for the one that it calls
        )
        rounds.make(profiles, listener)

    assert made.complaints == ["bot-0 could not be checked (MemoryError)"]
    assert made.keys["bot-1"].state.health is Health.HEALTHY


def test_a_profile_whose_site_is_not_there_is_one_line(tmp_path: Path) -> None:
    (key,) = accounts(1)
    path = write(tmp_path / "keys.toml", {"bot": key})
    path.write_text(path.read_text("utf-8") + "demo = 'on'\nsite = 'tr'\n")
    asked = CredentialSources(credentials=str(path), no_env_file=True)
    made = Made()
    listener = Listener(address=made.addresses.append, key=made.keys.__setitem__, complaint=made.complaints.append)
    environ = {"OKX_DOCTOR_SITES": "global=http://127.0.0.1:9"}
    rounds = Rounds(Options(), RunInputs(environ=environ), lambda seconds: False)

    rounds.make(read_profiles(asked, {}, everyone=True).profiles, listener)

    assert [text.startswith("bot cannot be checked: ") for text in made.complaints] == [True]
    assert made.keys == {}


def test_what_is_measured_by_one_way_to_okx_is_not_taken_for_another(tmp_path: Path) -> None:
    keys = accounts(3)
    path = write(tmp_path / "keys.toml", {f"bot-{number}": each for number, each in enumerate(keys)})
    path.write_text(path.read_text("utf-8") + "proxy_url = 'http://127.0.0.1:9'\n")  # of the last profile
    asked = CredentialSources(credentials=str(path), no_env_file=True)
    with Exchange(Plan(accounts=tuple(keys), ntp="answers")) as exchange:
        made = _round(exchange, read_profiles(asked, {}, everyone=True).profiles)

    assert len(made.addresses) == 2
    assert {each.state.health for each in made.keys.values()} == {Health.HEALTHY}
