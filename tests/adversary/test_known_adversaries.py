"""Exchanges that once made a verdict wrong, each with its kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from msgspec.structs import replace

from okx_doctor.model import Health
from okx_doctor.observations import CallFailure, SocketLogin
from okx_doctor.peeling.budget import PASSPHRASES_SPENT, Budget, Denied, login_cost
from tests.adversary.answers import Answer
from tests.adversary.asked import BALANCE, BUILDER, CONFIG, LOGIN, Asked
from tests.adversary.bots import SECRET_DRESSES, Account, Bot, Home, Slot, Values
from tests.adversary.invariants import judged, proven
from tests.adversary.running import Case, Seen
from tests.adversary.servers import LATER, Server, by_path, gate, script

pytestmark = pytest.mark.slow

OWN = Account(key="3f0c2b7e-9c41-4d7a-8a53-0f6f1f6b2c11", secret="5A0F" * 7 + "77C1", passphrase="rightPhrase!1")
OTHER = Account(key="b1d7e0aa-52c9-4f3e-9d06-7c1f00a9e2d4", secret="9E3B" * 7 + "20D8", passphrase="otherPhrase!2")
MISTYPED = "5A0F" * 7 + "77C2"
HEALTHY = Bot(accounts=(OWN, OTHER), holds={"environment": OWN.values()})
QUOTED: Values = {**OWN.values(), "passphrase": f'"{OWN.passphrase}"'}
IN_QUOTES = replace(
    HEALTHY,
    holds={"environment": QUOTED},
    dressed={"passphrase": ("credential-quoted",)},
    clean={"passphrase": OWN.passphrase},
)
IN_QUOTES_AND_LATE = replace(IN_QUOTES, offset=45.0)
UNSENDABLE = replace(
    HEALTHY,
    holds={"environment": {**OWN.values(), "passphrase": f"{OWN.passphrase}\n"}},
    dressed={"passphrase": ("credential-whitespace",)},
    clean={"passphrase": OWN.passphrase},
)
UNSENDABLE_KEY = replace(
    HEALTHY,
    holds={"environment": {**OWN.values(), "key": f"\u201c{OWN.key}\u201d"}},
    dressed={"key": ("credential-characters", "credential-quoted")},
    clean={"key": OWN.key},
)
ACCEPTED = Answer()


def refusal(code: str, status: int = 401) -> Answer:
    return Answer(status=status, code=code)


def checked(bot: Bot, server: Server, *, faithful: bool = False) -> Seen:
    """A run, once nothing is wrong with it."""
    seen, found = judged(Case(name="known", bot=bot, server=lambda: server, faithful=faithful))
    assert not found, "\n".join(map(str, (*found, *seen.log)))
    return seen


def check(bot: Bot, server: Server, *, faithful: bool = False) -> tuple[Health, tuple[str, ...]]:
    """What a run says, once nothing is wrong with it."""
    report = checked(bot, server, faithful=faithful).report
    return report.status, proven(report)


@pytest.mark.parametrize("order", [("50105", "50113"), ("50113", "50105")], ids=" then ".join)
@pytest.mark.parametrize("slots", [("key", "secret"), ("key", "passphrase"), ("key",)], ids="-".join)
@pytest.mark.parametrize("mistyped", ["secret", "passphrase"])
def test_half_of_a_second_account_in_a_file_convicts_nothing(
    order: tuple[str, str], slots: tuple[Slot, ...], mistyped: Slot
) -> None:
    values: dict[Slot, str] = {**OWN.values(), mistyped: MISTYPED if mistyped == "secret" else "rightPhrase!7"}
    bot = replace(HEALTHY, holds={"environment": values, "x.env": {slot: OTHER.values()[slot] for slot in slots}})
    steps = ("50102", "50111", "50119", "50100", "50110", "50101", *order)
    status, found = check(bot, gate(bot.accounts, steps), faithful=True)
    assert (status, found) == (Health.UNHEALTHY, ())


@pytest.mark.parametrize("code", [code for code in LATER if code not in ("50100", "50110")])
def test_the_environment_of_a_second_account_is_not_the_bots(code: str) -> None:
    mistakes: Values = {"secret": MISTYPED} if code == "50113" else {"passphrase": "rightPhrase!7"}
    second = replace(OTHER, demo=True)
    bot = replace(
        HEALTHY,
        accounts=(OWN, second),
        holds={"environment": {**OWN.values(), **mistakes}, "x.env": second.values()},
    )
    check(bot, gate(bot.accounts, ("50102", "50111", "50119", *LATER)), faithful=True)


def test_a_state_refused_with_the_code_that_its_correction_explains_proves_nothing() -> None:
    answers = {
        (False, QUOTED["passphrase"]): refusal("50101"),
        (True, QUOTED["passphrase"]): refusal("50105"),
        (True, OWN.passphrase): refusal("50101"),
        (False, OWN.passphrase): refusal("50101"),
    }
    _, found = check(IN_QUOTES, lambda asked: answers[asked.state.demo, asked.state.passphrase])
    assert "wrong-environment" not in found


@pytest.mark.parametrize("offset", [0.0, 0.001, -0.4, 6.0, -20.0])
def test_a_clock_that_agrees_is_not_convicted_by_one_node_that_is_off(offset: float) -> None:
    nodes = script([refusal("50102"), ACCEPTED, refusal("50102"), ACCEPTED])
    status, found = check(replace(HEALTHY, offset=offset), nodes)
    assert (status is Health.HEALTHY, found) == (False, ())


@pytest.mark.parametrize("late", [refusal("50101"), refusal("50105"), refusal("50113"), refusal("50119")], ids=str)
@pytest.mark.parametrize("websocket", [False, True], ids=["", "socket"])
def test_all_signed_calls_of_a_run_come_out_of_one_budget(late: Answer, websocket: bool) -> None:
    """Everything is off that can be, so that the conversation is as long as it can get."""
    own = replace(OWN, site="tr", demo=True)
    values: Values = {slot: f'"{text}"' for slot, text in own.values().items()}
    bot = Bot(
        accounts=(own, OTHER),
        holds={"environment": values, "x.env": OTHER.values(), ".env": {"passphrase": "older!3"}},
        offset=45.0,
        dressed=dict.fromkeys(values, ("credential-quoted",)),
        clean=own.values(),
        websocket=websocket,
    )
    faithful = gate(bot.accounts, ("50102", "50111", "50119", *LATER))
    check(bot, faithful, faithful=True)
    check(bot, by_path(faithful, lambda asked: late))
    check(bot, lambda asked: ACCEPTED if asked.number % 5 == 0 else faithful(asked))
    check(replace(bot, try_case=True), lambda asked: late if asked.state.passphrase != own.passphrase else ACCEPTED)


@pytest.mark.parametrize("try_case", [False, True])
@pytest.mark.parametrize("websocket", [False, True], ids=["", "socket"])
@pytest.mark.parametrize("before", [0, 1, 2], ids="{} refused before".format)
def test_refused_passphrases_are_counted_wherever_they_are_refused(
    before: int, websocket: bool, try_case: bool
) -> None:
    def answer(asked: Asked) -> Answer:
        if asked.path == CONFIG:
            return refusal("50105") if asked.nth <= before else ACCEPTED
        return refusal("60024" if asked.path == LOGIN else "50105")

    bot = replace(
        IN_QUOTES,
        holds={**IN_QUOTES.holds, "x.env": {"passphrase": "older!3"}, ".env": OTHER.values()},
        websocket=websocket,
        try_case=try_case,
    )
    check(bot, answer)


@pytest.mark.parametrize("code", ["60024", "60009", "60011", "58004", "50005", "50113", "0", "1", "51010"])
@pytest.mark.parametrize("status", [401, 403, 500, 503])
def test_what_is_not_accepted_is_not_healthy(code: str, status: int) -> None:
    health, found = check(HEALTHY, lambda asked: Answer(status=status, code=code))
    assert (health is Health.HEALTHY, found) == (False, ())


@pytest.mark.parametrize("status", [302, 400, 404, 418])
def test_code_0_is_accepted_with_2xx_alone(status: int) -> None:
    health, found = check(HEALTHY, lambda asked: Answer(status=status, code="0"))
    assert (health is Health.HEALTHY, found) == (False, ())


@pytest.mark.parametrize("path", ["balance", "position-builder", LOGIN])
@pytest.mark.parametrize(
    "answer",
    [refusal("50105"), refusal("50101", 200), refusal("60024", 200), Answer(status=500, code="", shape="html")],
)
def test_one_call_that_is_not_accepted_is_enough_not_to_be_healthy(path: str, answer: Answer) -> None:
    bot = replace(HEALTHY, websocket=True)
    health, _ = check(bot, lambda asked: answer if path in asked.path else ACCEPTED)
    if path != LOGIN or answer.shape == "okx":
        assert health is not Health.HEALTHY


@pytest.mark.parametrize("shape", ["error event", "odd code", "closed", "junk"])
def test_a_login_is_accepted_by_a_login_event_with_code_0_alone(shape: str) -> None:
    odd = next(answer for answer in _EVENTS if answer.shape == shape)
    health, _ = check(replace(HEALTHY, websocket=True), lambda asked: odd if asked.path == LOGIN else ACCEPTED)
    assert health is not Health.HEALTHY


_EVENTS = (
    Answer(code="", shape="error event"),
    Answer(code="", shape="odd code"),
    Answer(code="", shape="closed"),
    Answer(code="", shape="junk"),
)


@pytest.mark.parametrize("at", range(1, 7))
@pytest.mark.parametrize("shape", ["okx", "html"])
def test_nothing_is_signed_after_a_429(at: int, shape: str) -> None:
    limited = Answer(status=429, code="50011") if shape == "okx" else Answer(status=429, code="", shape="html")
    own = replace(OWN, site="tr", demo=True)
    bot = replace(IN_QUOTES, accounts=(own, OTHER), offset=45.0, websocket=True)
    faithful = gate(bot.accounts, ("50102", "50111", "50119", *LATER))
    check(bot, lambda asked: limited if asked.number == at else faithful(asked))


@pytest.mark.parametrize("slot", ["key", "passphrase"])
@pytest.mark.parametrize("held", [True, False], ids=["beside itself", "beside another"])
@pytest.mark.parametrize("dress", SECRET_DRESSES)
def test_a_secret_key_goes_into_no_header_however_dressed(
    dress: Callable[[str, str], str], slot: Slot, held: bool
) -> None:
    values = {**OWN.values(), slot: dress(OWN.secret, OWN.key), "secret": OWN.secret if held else OTHER.secret}
    check(replace(HEALTHY, holds={"environment": values}), lambda asked: ACCEPTED)


@pytest.mark.parametrize("path", [BALANCE, BUILDER])
@pytest.mark.parametrize("code", ["99999", "12345", "60024"])
@pytest.mark.parametrize("status", [200, 400, 404])
def test_a_code_that_nobody_knows_is_not_past_authentication(path: str, code: str, status: int) -> None:
    odd = Answer(status=status, code=code)
    assert check(HEALTHY, lambda asked: odd if asked.path == path else ACCEPTED) == (Health.UNDETERMINED, ())


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_servers_own_trouble_is_no_refusal_whatever_its_code(status: int) -> None:
    answers = {QUOTED["passphrase"]: refusal("50105", status), OWN.passphrase: ACCEPTED}
    seen = checked(IN_QUOTES, lambda asked: answers[asked.state.passphrase])
    assert (len(seen.log), proven(seen.report)) == (1, ())
    assert check(HEALTHY, lambda asked: refusal("50113", status)) == (Health.UNDETERMINED, ())


@pytest.mark.parametrize("code", ["60009", "60011", "60024"])
@pytest.mark.parametrize("status", [401, 403])
def test_a_sockets_code_over_rest_is_no_refusal(code: str, status: int) -> None:
    assert check(UNSENDABLE, lambda asked: refusal(code, status))[1] == ()


def test_what_could_not_be_sent_is_not_proven_by_the_refusal_that_it_is_to_explain() -> None:
    assert check(UNSENDABLE, lambda asked: refusal("50105"))[1] == ()
    assert check(UNSENDABLE, lambda asked: refusal("50113"))[1] == ("credential-whitespace",)


@pytest.mark.parametrize("earlier", ["50119", "50111", "50112", "50103"])
def test_an_earlier_step_is_no_step_forward(earlier: str) -> None:
    answers = {QUOTED["passphrase"]: refusal("50105"), OWN.passphrase: refusal(earlier)}
    assert check(IN_QUOTES, lambda asked: answers[asked.state.passphrase])[1] == ()


def test_with_another_key_only_a_later_step_counts() -> None:
    lying_about: Values = {"key": OTHER.key, "secret": OTHER.secret}
    bot = replace(HEALTHY, holds={"environment": {**OWN.values(), "secret": MISTYPED}, "x.env": lying_about})
    answers = {OWN.key: refusal("50113"), OTHER.key: refusal("50105")}
    causes = checked(bot, lambda asked: answers[asked.state.key]).report.verdict.causes
    assert [cause.id for cause in causes] == ["secret-wrong"]


@pytest.mark.parametrize("unclear", [Answer(status=503, code="", shape="html"), Answer(code="99999")], ids=str)
def test_an_unclear_answer_of_a_site_ends_no_search(unclear: Answer) -> None:
    answers = {"eea": refusal("50119"), "tr": ACCEPTED}
    bot = replace(HEALTHY, site="eea", accounts=(replace(OWN, site="tr"), OTHER))
    assert check(bot, lambda asked: answers.get(asked.state.site, unclear))[1] == ("wrong-site",)


@pytest.mark.parametrize(
    "back", [refusal("50113"), refusal("50101"), Answer(status=503, code="", shape="html")], ids=str
)
def test_a_correction_whose_refusal_does_not_come_back_is_not_proven(back: Answer) -> None:
    def answer(asked: Asked) -> Answer:
        quoted = asked.state.passphrase == QUOTED["passphrase"]
        if not asked.state.fresh:
            return refusal("50102") if quoted else back
        return refusal("50105") if quoted else ACCEPTED

    assert check(IN_QUOTES_AND_LATE, answer)[1] == ("credential-quoted",)


def test_what_was_not_taken_back_is_not_proven() -> None:
    """The refusals of a passphrase are spent before it is its turn."""

    def answer(asked: Asked) -> Answer:
        if not asked.state.fresh:
            return refusal("50102" if asked.nth == 1 else "50105")
        return refusal("50105") if asked.state.passphrase == QUOTED["passphrase"] else ACCEPTED

    seen = checked(IN_QUOTES_AND_LATE, answer)
    assert (len(seen.log), proven(seen.report)) == (4, ())


def test_nothing_is_proven_where_equal_calls_were_answered_differently() -> None:
    def answer(asked: Asked) -> Answer:
        if not asked.state.fresh:
            return refusal("50102")
        if asked.state.passphrase != QUOTED["passphrase"]:
            return ACCEPTED
        return refusal("50105" if asked.nth < 3 else "50113")

    assert check(IN_QUOTES_AND_LATE, answer) == (Health.UNDETERMINED, ())


def test_a_refusal_that_comes_again_with_more_put_right_refutes_what_was_to_explain_it() -> None:
    def answer(asked: Asked) -> Answer:
        quoted = asked.state.passphrase == QUOTED["passphrase"]
        return refusal("50105" if asked.state.fresh and quoted else "50102")

    assert check(IN_QUOTES_AND_LATE, answer)[1] == ()


@pytest.mark.parametrize(("bot", "code"), [(UNSENDABLE, "50105"), (UNSENDABLE_KEY, "50111")], ids=["passphrase", "key"])
def test_a_value_put_right_that_is_refused_later_does_not_prove_why_it_could_not_be_sent(bot: Bot, code: str) -> None:
    """Put right it gets past its own step, and in the other environment it is refused there after all."""

    def answer(asked: Asked) -> Answer:
        return refusal("50101") if asked.state.demo == bot.demo else refusal(code)

    assert not set(bot.dressed[next(iter(bot.dressed))]) & set(check(bot, answer)[1])


def test_every_case_of_a_passphrase_comes_out_of_the_same_six_refusals() -> None:
    elsewhere: Mapping[Home, Values] = {"profile": {"passphrase": "older!3"}, ".env": {"passphrase": "oldest!4"}}
    bot = replace(IN_QUOTES, holds={**IN_QUOTES.holds, **elsewhere}, try_case=True)
    assert len(checked(bot, lambda asked: refusal("50105")).log) == 6


def test_what_was_accepted_in_the_end_is_asked_more_whatever_came_of_taking_it_back() -> None:
    bot = replace(HEALTHY, offset=45.0)
    seen = checked(bot, gate(bot.accounts, ("50102", "50111", "50119", *LATER)), faithful=True)
    assert {entry.asked.path for entry in seen.log} == {CONFIG, BALANCE, BUILDER}
    assert all(entry.asked.state.fresh for entry in seen.log if entry.asked.path != CONFIG)


@pytest.mark.parametrize("code", ["60024", "50105", ""], ids=["60024", "50105", "no event"])
def test_a_login_takes_a_refusal_of_the_same_budget_whoever_comes_after_it(code: str) -> None:
    """Which of the calls that go out together comes last is chance, so the budget itself is asked."""
    budget = Budget()
    failure = None if code else CallFailure(kind="timeout", detail="")
    login = SocketLogin(url="ws://127.0.0.1", demo=False, code=code, failure=failure)

    def log_in() -> SocketLogin:
        return login

    for _ in range(2):
        assert budget.spend(log_in, login_cost) is login
    assert budget.spend(log_in, login_cost) == Denied(reason=PASSPHRASES_SPENT)
