"""What a signed call may prove: exchanges that answer as they like, and another account's values lying about."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from typing import Any
from unittest.mock import patch

import pytest
from msgspec import Struct
from msgspec.structs import replace

from okx_doctor.checking.simulation import Stage
from okx_doctor.gate import answering
from okx_doctor.gate.accounts import Account, generate
from okx_doctor.gate.api.replies import Reply
from okx_doctor.gate.evaluate import Trace, Venue, evaluate_login
from okx_doctor.gate.serve import exchange, sockets
from okx_doctor.model import Health
from okx_doctor.protocol.signing import DEMO_HEADER, KEY_HEADER, PASSPHRASE_HEADER
from okx_doctor.protocol.wire import WireRequest
from okx_doctor.report.json import render_json
from okx_doctor.report.text import render_text
from okx_doctor.settings import Options
from tests.scenarios.running import Outcome, run
from tests.scenarios.scenario import Scenario
from tests.scenarios.stages import (
    BALANCE,
    BUILDER,
    CONFIG,
    KEY,
    PASSPHRASE,
    SECRET,
    add_env_line,
    alter,
    both_have,
    exchange_ahead,
)

pytestmark = pytest.mark.slow

Says = tuple[int, str] | None
"""Status and code; ``None`` for what the gate makes of it."""

DIFFER = "answers differ from call to call"


class CredentialSources(Struct, frozen=True, kw_only=True):
    """A signed request as an exchange sees it that answers by a table. ``number`` counts from 1."""

    number: int
    path: str
    key: str
    passphrase: str
    demo: bool


def run_answering(scenario: Scenario, says: Callable[[CredentialSources], Says], *accounts: Account) -> Outcome:
    """Run a scenario against an exchange that knows these accounts too, and answers signed calls as told."""
    count = 0
    lock = threading.Lock()

    def answer(request: WireRequest, *, venue: Venue, **rest: Any) -> tuple[Reply, Trace | None]:
        nonlocal count
        venue = replace(venue, accounts=(*venue.accounts, *accounts))
        reply, trace = answering.answer(request, venue=venue, **rest)
        if trace is None:
            return reply, trace
        with lock:
            count += 1
            number = count
        said = says(
            CredentialSources(
                number=number,
                path=request.path,
                key=request.header(KEY_HEADER) or "",
                passphrase=request.header(PASSPHRASE_HEADER) or "",
                demo=request.header(DEMO_HEADER) == "1",
            )
        )
        if said is not None:
            status, code = said
            reply = Reply(status=status, body=json.dumps({"code": code, "msg": "", "data": []}).encode(), code=code)
        return reply, trace

    options = replace(scenario.options, skip=("body",))  # which asks an exchange of its own
    with patch.object(exchange, "answer", answer):
        return run(replace(scenario, options=options))


def one_after_another(*codes: str) -> Callable[[CredentialSources], Says]:
    """The codes of the first signed calls; what follows is up to the gate."""

    def says(asked: CredentialSources) -> Says:
        if asked.number > len(codes):
            return None
        code = codes[asked.number - 1]
        return (200 if code == "0" else 401), code

    return says


def proven(found: Outcome) -> list[str]:
    return [cause.id for cause in found.report.verdict.causes if cause.confidence.value == "proven"]


def signed(found: Outcome) -> list[tuple[int, str]]:
    return [(handled.status, handled.code) for handled in found.handled if handled.trace is not None]


def refused_passphrases(found: Outcome) -> int:
    codes = [code for _, code in signed(found)] + [login.code for login in found.logins]
    return sum(code in ("50105", "60024") for code in codes)


def env_file_with(account: Account, *names: str) -> Sequence[Stage]:
    """The env file has these values of an account, beside those in the environment."""
    texts = {
        KEY: account.api_key,
        SECRET: account.secret.reveal(),
        PASSPHRASE: f"'{account.passphrase.reveal()}'",
    }
    return [add_env_line(name, texts[name]) for name in names]


# Another account in a file


@pytest.mark.parametrize("held_there", [(KEY, SECRET), (KEY, PASSPHRASE), (KEY,), (SECRET,), (SECRET, PASSPHRASE)])
@pytest.mark.parametrize("fault", ["secret-wrong", "passphrase-wrong", "wrong-environment"])
def test_half_of_another_account_in_a_file_proves_nothing_of_the_sources(
    held_there: tuple[str, ...], fault: str
) -> None:
    other = generate()
    scenario = Scenario(name="two accounts", steps=(fault, *env_file_with(other, *held_there)))

    found = run_answering(scenario, lambda asked: None, other)

    assert "credential-sources-conflict" not in proven(found)
    assert set(proven(found)) <= {fault}
    assert fault in [cause.id for cause in found.report.verdict.causes] or found.report.exit_status() == 1


def test_a_wrong_secret_is_named_although_a_file_has_key_and_secret_of_another_account() -> None:
    other = generate()
    scenario = Scenario(name="two accounts", steps=("secret-wrong", *env_file_with(other, KEY, SECRET)))

    found = run_answering(scenario, lambda asked: None, other)

    assert [(cause.id, cause.confidence.value) for cause in found.report.verdict.causes] == [("secret-wrong", "likely")]


def test_half_of_another_account_that_shares_the_passphrase_is_accepted_and_proves_nothing() -> None:
    other = generate()
    scenario = Scenario(
        name="two accounts, one passphrase",
        steps=(both_have(PASSPHRASE, other.passphrase.reveal()), "secret-wrong", *env_file_with(other, KEY, SECRET)),
    )

    found = run_answering(scenario, lambda asked: None, other)

    assert signed(found)[1] == (200, "0")
    assert proven(found) == []


def test_the_whole_set_of_another_source_is_proven_only_when_it_is_accepted() -> None:
    other = generate()
    whole = env_file_with(other, KEY, SECRET, PASSPHRASE)

    right = run_answering(Scenario(name="right", steps=("secret-wrong", *whole)), lambda asked: None, other)
    demo = replace(other, demo=True)
    elsewhere = run_answering(Scenario(name="demo", steps=("api-key-unknown", *whole)), lambda asked: None, demo)
    frozen = replace(other, state="frozen")
    refused = run_answering(Scenario(name="frozen", steps=("api-key-unknown", *whole)), lambda asked: None, frozen)

    assert proven(right) == ["credential-sources-conflict"]
    assert proven(elsewhere) == ["credential-sources-conflict"]
    assert proven(refused) == []


# What contradicts itself


def _quoted(code_of: dict[tuple[bool, bool], str]) -> Callable[[CredentialSources], Says]:
    """By environment and whether the passphrase stands in quotes."""

    def says(asked: CredentialSources) -> Says:
        code = code_of[asked.demo, asked.passphrase.startswith('"')]
        return (200 if code == "0" else 401), code

    return says


def test_nothing_is_proven_that_the_corrected_state_is_refused_for_all_the_same() -> None:
    table = {(False, True): "50101", (True, True): "50105", (True, False): "50101", (False, False): "50101"}

    found = run_answering(Scenario(name="50101 again", steps=("credential-quoted",)), _quoted(table))

    assert proven(found) == []
    assert "wrong-environment" in [row.id for row in found.report.verdict.undetermined]


@pytest.mark.parametrize("seconds", [0.0, 10.0, -20.0])
def test_a_clock_that_agrees_convicts_nothing_whatever_okx_answers(seconds: float) -> None:
    found = run_answering(
        Scenario(name="50102 now and then", steps=(exchange_ahead(seconds),)), one_after_another("50102", "0", "50102")
    )

    assert [cause.id for cause in found.report.verdict.causes if cause.severity.value == "error"] == []
    assert found.report.exit_status() == 3
    assert DIFFER in render_text(found.report, width=500)
    assert DIFFER in render_json(found.report)


@pytest.mark.parametrize(
    ("staged", "codes"),
    [
        ("credential-quoted", ("50105", "0", "0")),
        ("wrong-environment", ("50101", "0", "0")),
        ("clock-drift", ("50102", "0", "50105")),
        ("wrong-environment", ("50101", "50105", "50113")),
    ],
)
def test_answers_that_differ_between_equal_calls_end_without_a_verdict(staged: str, codes: tuple[str, ...]) -> None:
    found = run_answering(Scenario(name="contradiction", steps=(staged,)), one_after_another(*codes))

    assert proven(found) == []
    assert found.report.status is Health.UNDETERMINED
    assert found.report.exit_status() == 3
    assert DIFFER in render_text(found.report, width=500)
    assert DIFFER in json.loads(render_json(found.report))["checks"][12]["summary"]


def test_a_second_wave_that_is_refused_takes_the_proof_away() -> None:
    def says(asked: CredentialSources) -> Says:
        return (401, "50101") if asked.path != CONFIG else None

    found = run_answering(Scenario(name="refused later", steps=("wrong-environment",)), says)

    assert proven(found) == []
    assert found.report.exit_status() == 3


def test_what_is_proven_by_this_machine_alone_stands_beside_a_contradiction() -> None:
    found = run_answering(
        Scenario(name="and a base URL", steps=("base-url-invalid", "wrong-environment")),
        one_after_another("50101", "0", "0"),
    )

    assert DIFFER in render_json(found.report)
    assert (proven(found), found.report.exit_status()) == (["base-url-invalid"], 3)


# Accepted


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 429, 500, 503])
@pytest.mark.parametrize("code", ["60024", "60009", "60011", "58004", "50005", "50199", "50011", "1", "51010", "50113"])
def test_only_code_0_with_2xx_is_told_as_accepted(status: int, code: str) -> None:
    found = run_answering(Scenario(name="not accepted"), lambda asked: (status, code))

    assert found.report.exit_status() != 0
    assert "OKX accepts GET account/config" not in render_text(found.report, width=500)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500])
def test_code_0_without_2xx_is_not_accepted(status: int) -> None:
    found = run_answering(Scenario(name="0"), lambda asked: (status, "0"))

    assert found.report.exit_status() == 3


@pytest.mark.parametrize(
    ("says", "healthy"),
    [
        ((200, "0"), True),
        ((200, "51010"), True),
        ((400, "51010"), True),
        ((400, "51000"), True),
        ((410, "50005"), True),
        ((401, "51010"), False),
        ((403, "50035"), False),
        ((401, "50113"), False),
        ((200, "50105"), False),
        ((200, "60011"), False),
        ((400, "50199"), False),
        ((200, "50011"), False),
        ((503, "50001"), False),
        ((404, "404"), False),
    ],
    ids=str,
)
@pytest.mark.parametrize("path", [BALANCE, BUILDER])
def test_what_follows_the_first_call_is_healthy_when_it_is_past_authentication(
    path: str, says: tuple[int, str], healthy: bool
) -> None:
    found = run_answering(Scenario(name="after it"), lambda asked: says if asked.path == path else None)

    assert found.report.exit_status() == (0 if healthy else 3)


# The budget


WEBSOCKET = Options(websocket=True)


def _refusing_after(accepted: int) -> Callable[[CredentialSources], Says]:
    """Refuses every passphrase once it has accepted so many calls."""
    return lambda asked: None if asked.number <= accepted else (401, "50105")


@pytest.mark.parametrize("accepted", [0, 1, 2])
@pytest.mark.parametrize("staged", [(), ("credential-quoted",), ("credential-whitespace",), ("wrong-environment",)])
@pytest.mark.parametrize("try_case", [False, True])
def test_never_more_passphrases_are_refused_than_is_allowed(
    accepted: int, staged: tuple[str, ...], try_case: bool
) -> None:
    options = Options(websocket=True, try_case=try_case)
    with patch.object(sockets, "evaluate_login", _refuse_login):
        found = run_answering(Scenario(name="refuses", steps=staged, options=options), _refusing_after(accepted))

    assert refused_passphrases(found) <= (6 if try_case else 2)
    assert found.report.exit_status() != 0
    assert set(proven(found)) <= set(staged)


def _refuse_login(login: Any, **rest: Any) -> Trace:
    return evaluate_login(replace(login, passphrase="another"), **rest)


def test_refused_passphrases_of_two_keys_are_counted_together() -> None:
    other = generate()
    wrong = replace(other, passphrase=generate().passphrase)
    quoted: Stage = alter(PASSPHRASE, lambda text: f'"{text}"')
    steps: tuple[str | Stage, ...] = ("passphrase-wrong", quoted, *env_file_with(wrong, KEY, SECRET, PASSPHRASE))

    found = run_answering(Scenario(name="two keys", steps=steps), lambda asked: None, other)

    assert refused_passphrases(found) == 2


@pytest.mark.parametrize("options", [Options(), WEBSOCKET])
def test_never_more_than_twelve_signed_calls_are_made(options: Options) -> None:
    """Five corrections get past one step each, the last state is refused, and what is taken back is accepted."""
    codes = ("50102", "50111", "50119", "50119", "50119", "50101", "50113", "50110", *["0"] * 20)
    quoted: list[Stage] = [alter(name, lambda text: f'"{text}"') for name in (KEY, SECRET)]

    steps: tuple[Stage, ...] = (exchange_ahead(45.0), *quoted)
    found = run_answering(Scenario(name="many layers", steps=steps, options=options), one_after_another(*codes))

    assert len(signed(found)) + len(found.logins) == 12
    assert found.report.exit_status() == 3


@pytest.mark.parametrize("at", [1, 2, 3, 4])
@pytest.mark.parametrize("limited", [(429, "50011"), (429, "0"), (200, "50011"), (429, "50105")])
def test_after_a_rate_limit_only_what_was_under_way_arrives(at: int, limited: tuple[int, str]) -> None:
    def says(asked: CredentialSources) -> Says:
        return limited if asked.number >= at else None

    found = run_answering(Scenario(name="limited", steps=("wrong-environment",), options=WEBSOCKET), says)

    calls = signed(found)
    first = calls.index(limited)
    beside = 2 if at == 4 else 0  # query, body and login go out together
    assert len(calls) - first - 1 + len(found.logins) <= beside
    assert found.report.exit_status() != 0


def test_an_accepted_call_that_is_no_part_of_the_final_state_licenses_nothing() -> None:
    found = run_answering(Scenario(name="not final", options=WEBSOCKET), one_after_another("50101", "50113", "0"))

    assert {handled.request.path for handled in found.handled if handled.trace is not None} == {CONFIG}
    assert found.logins == ()
    assert found.report.exit_status() == 3
