from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec import Struct, field

from okx_doctor.observations import CallAnswer, CallFailure, Correction, FailureKind, SignedCall
from okx_doctor.peeling.budget import (
    EXTRA_REFUSALS_WITH_TRY_CASE,
    MAX_CALLS,
    MAX_PASSPHRASE_REFUSALS,
    Budget,
    Denied,
    cost,
)
from okx_doctor.peeling.peel import Kind, Option, PeelingTrace, Purpose, Question, peel

RESERVED = 3
"""What the second wave and a WebSocket login need."""

LIMIT = MAX_CALLS - RESERVED
FIELDS: Mapping[Kind, str] = {
    "clock": "clock",
    "environment": "environment",
    "site": "base_url",
    "api_key": "api_key",
    "secret": "secret",
    "passphrase": "passphrase",
    "case": "passphrase",
}
CURED_BY: Mapping[str, Kind] = {
    "50102": "clock",
    "50101": "environment",
    "50119": "site",
    "50111": "api_key",
    "50105": "passphrase",
    "50113": "secret",
}

Reply = CallAnswer | CallFailure


def _says(code: str, status: int = 401) -> CallAnswer:
    return CallAnswer(status=200 if code == "0" else status, form="okx", code=code, message="")


def _page(status: int) -> CallAnswer:
    return CallAnswer(status=status, form="page", code="", message="")


def _fails(kind: FailureKind) -> CallFailure:
    return CallFailure(kind=kind, detail="")


UNSENDABLE = _fails("unsendable")


def _option(kind: Kind, name: str, *fields: str) -> Option:
    changes = tuple((changed, name) for changed in fields or (FIELDS[kind],))
    return Option(kind=kind, correction=Correction(id=name, causes=("some-cause",), what=name, changes=changes))


class Layer(Struct, frozen=True, kw_only=True):
    """One thing that is wrong: what is answered until one of these corrections is in force."""

    reply: Reply
    cured_by: frozenset[str] = frozenset()


def _layer(reply: str | Reply, *cured_by: str) -> Layer:
    return Layer(reply=_says(reply) if isinstance(reply, str) else reply, cured_by=frozenset(cured_by))


Answerer = Callable[[tuple[str, ...]], Reply | str]


def _exchange(*layers: Layer) -> Answerer:
    """OKX with these things wrong, in the order it looks at them."""

    def answer(corrections: tuple[str, ...]) -> Reply:
        return next((layer.reply for layer in layers if not layer.cured_by & set(corrections)), _says("0"))

    return answer


class Talk(Struct, kw_only=True):
    """Answers calls and keeps the score of them."""

    answerer: Answerer
    budget: Budget
    asked: list[Question] = field(default_factory=list)

    def ask(self, question: Question) -> SignedCall | str:
        def made() -> SignedCall | str:
            self.asked.append(question)
            return self._made(question)

        answered = self.budget.spend(
            made,
            lambda call: cost(None, UNSENDABLE) if isinstance(call, str) else cost(call.answer, call.failure),
            spare=question.spare,
        )
        return answered.reason if isinstance(answered, Denied) else answered

    def _made(self, question: Question) -> SignedCall | str:
        reply = self.answerer(question.corrections)
        if isinstance(reply, str):
            return reply
        return SignedCall(
            number=len(self.asked),
            purpose=question.purpose,
            about=question.about,
            endpoint="GET /api/v5/account/config",
            base_url="https://www.okx.com",
            demo=False,
            corrections=question.corrections,
            answer=reply if isinstance(reply, CallAnswer) else None,
            failure=reply if isinstance(reply, CallFailure) else None,
        )


def _converse(
    answerer: Answerer,
    options: Sequence[Option] = (),
    *,
    start: tuple[str, ...] = (),
    try_case: bool = False,
    reserved: int = RESERVED,
) -> PeelingTrace:
    talk = Talk(answerer=answerer, budget=Budget(try_case=try_case))
    conversation = peel(talk.ask, options, start, reserved=reserved)
    sent = [call for call in conversation.calls if call.failure is None or call.failure.kind != "unsendable"]
    peeled = [call for call in sent if call.purpose != "taken back"]
    assert len(peeled) <= MAX_CALLS - reserved
    accepted = any(call.answer and call.answer.code == "0" for call in peeled)
    assert len(sent) <= MAX_CALLS - (reserved if accepted else 0)
    refused = sum(call.answer is not None and call.answer.code == "50105" for call in sent)
    assert refused <= MAX_PASSPHRASE_REFUSALS + (EXTRA_REFUSALS_WITH_TRY_CASE if try_case else 0)
    return conversation


def _codes(conversation: PeelingTrace) -> list[str]:
    return [
        call.answer.code or str(call.answer.status) if call.answer else call.failure.kind if call.failure else ""
        for call in conversation.calls
    ]


def _about(conversation: PeelingTrace, purpose: Purpose) -> list[tuple[str, ...]]:
    return [call.about for call in conversation.calls if call.purpose == purpose]


def test_an_accepted_call_is_the_only_one() -> None:
    conversation = _converse(_exchange(), [_option("clock", "clock"), _option("site", "site:eea")])

    assert (_codes(conversation), conversation.in_force, conversation.ended) == (["0"], (), "")


def test_a_refusal_that_nothing_can_correct_is_the_only_call() -> None:
    for code in ("50110", "50100", "50103", "50112", "50113"):
        conversation = _converse(_exchange(_layer(code)), [_option("clock", "clock")])

        assert (_codes(conversation), conversation.in_force, conversation.ended) == ([code], (), "")


@pytest.mark.parametrize(
    "reply",
    [_fails("timeout"), _fails("dns"), _fails("tls"), _page(403), _page(503), _says("50011", 429), _says("50001", 503)],
    ids=str,
)
def test_where_nobody_judged_the_call_nothing_is_corrected(reply: Reply) -> None:
    options = [_option(kind, kind) for kind in FIELDS]

    assert len(_converse(_exchange(_layer(reply)), options).calls) == 1


def test_one_layer_is_corrected_and_taken_back() -> None:
    conversation = _converse(_exchange(_layer("50102", "clock")), [_option("clock", "clock")])

    assert [(call.purpose, call.about, call.corrections) for call in conversation.calls] == [
        ("as loaded", (), ()),
        ("correction", ("clock",), ("clock",)),
        ("taken back", ("clock",), ()),
    ]
    assert _codes(conversation) == ["50102", "0", "50102"]
    assert (conversation.in_force, conversation.ended) == (("clock",), "")


def test_layers_hidden_behind_one_another_are_all_found_and_each_taken_back_alone() -> None:
    layers = (
        _layer("50102", "clock"),
        _layer("50119", "site:eea"),
        _layer("50101", "environment"),
        _layer("50105", "passphrase-1"),
    )
    options = [
        _option("passphrase", "passphrase-1"),
        _option("site", "site:eea"),
        _option("clock", "clock"),
        _option("environment", "environment"),
    ]

    conversation = _converse(_exchange(*layers), options)

    found = ("clock", "site:eea", "environment", "passphrase-1")
    assert conversation.in_force == found
    assert _codes(conversation) == ["50102", "50119", "50101", "50105", "0", "50102", "50119", "50101", "50105"]
    assert _about(conversation, "taken back") == [(name,) for name in found]
    for call in conversation.calls[-4:]:
        assert call.corrections == tuple(name for name in found if name not in call.about)


def test_a_correction_that_changes_nothing_is_not_kept() -> None:
    options = [_option("secret", "secret-1"), _option("secret", "secret-2"), _option("secret", "secret-3")]

    conversation = _converse(_exchange(_layer("50113", "secret-2")), options)

    assert conversation.in_force == ("secret-2",)
    assert [call.corrections for call in conversation.calls] == [(), ("secret-1",), ("secret-2",), ()]


def test_of_two_corrections_of_one_field_only_the_latter_is_in_force() -> None:
    options = [_option("passphrase", "passphrase-1"), _option("source", "from a", "secret", "passphrase")]
    layers = (_layer("50105", "passphrase-1", "from a"), _layer("50113", "from a"))

    conversation = _converse(_exchange(*layers), options)

    assert conversation.in_force == ("from a",)
    assert [call.corrections for call in conversation.calls] == [(), ("passphrase-1",), ("from a",), ()]


@pytest.mark.parametrize(
    ("code", "kinds"),
    [
        ("50119", ["site", "source"]),
        ("50111", ["api_key", "source"]),
        ("50105", ["passphrase"]),
        ("50113", ["secret", "source"]),
        ("50102", ["clock"]),
        ("50101", ["environment", "site"]),
    ],
)
def test_a_code_calls_for_its_own_corrections_in_their_order(code: str, kinds: list[str]) -> None:
    every: tuple[Kind, ...] = ("source", "case", "secret", "passphrase", "api_key", "site", "environment", "clock")
    options = [_option(kind, kind, FIELDS.get(kind, "api_key")) for kind in every]

    conversation = _converse(_exchange(_layer(code)), options)

    alone = [about for about in _about(conversation, "correction") if len(about) == 1]
    assert alone == [(kind,) for kind in kinds]
    assert conversation.in_force == ()


SITES = [_option("environment", "environment"), _option("site", "site:eea"), _option("site", "site:us+au")]


def test_a_site_is_asked_in_the_other_environment_only_where_it_answers_50101() -> None:
    """The key belongs to the third site's other environment; the second does not know it."""

    def answer(corrections: tuple[str, ...]) -> Reply:
        asked = set(corrections)
        if "site:eea" in asked:
            return _says("50119")
        return _says("0" if asked == {"site:us+au", "environment"} else "50101")

    conversation = _converse(answer, SITES)

    assert _about(conversation, "correction") == [
        ("environment",),
        ("site:eea",),
        ("site:us+au",),
        ("site:us+au", "environment"),
    ]
    assert conversation.in_force == ("site:us+au", "environment")
    assert _about(conversation, "taken back") == [("site:us+au",), ("environment",)]


def test_the_sites_are_asked_no_further_once_one_knows_the_key() -> None:
    conversation = _converse(_exchange(_layer("50119", "site:eea", "site:us+au")), SITES)

    assert _about(conversation, "correction") == [("site:eea",)]


def test_a_50101_in_every_environment_of_every_site_ends_the_peeling() -> None:
    conversation = _converse(_exchange(_layer("50101")), SITES)

    assert [set(about) for about in _about(conversation, "correction")] == [
        {"environment"},
        {"site:eea"},
        {"site:eea", "environment"},
        {"site:us+au"},
        {"site:us+au", "environment"},
    ]
    assert conversation.in_force == ()


def test_a_swap_is_in_force_from_the_first_call_and_never_taken_back() -> None:
    options = [_option("swap", "swapped-back", "api_key", "secret"), _option("clock", "clock")]

    conversation = _converse(_exchange(_layer("50102", "clock")), options, start=("swapped-back",))

    assert [call.corrections for call in conversation.calls] == [
        ("swapped-back",),
        ("swapped-back", "clock"),
        ("swapped-back",),
    ]
    assert conversation.calls[0].about == ("swapped-back",)
    assert _about(conversation, "taken back") == [("clock",)]


@pytest.mark.parametrize(
    "nothing",
    [
        _page(403),
        _page(503),
        _says("50001", 503),
        _says("50102"),
        _says("50111"),
        _says("50100"),
        _fails("timeout"),
        _fails("tls"),
        _fails("dns"),
        CallAnswer(status=302, form="empty", code="", message=""),
    ],
    ids=str,
)
def test_a_site_that_proves_nothing_is_passed_over(nothing: Reply) -> None:
    def answer(corrections: tuple[str, ...]) -> Reply:
        return {(): _says("50119"), ("site:eea",): nothing, ("site:us+au",): _says("0")}[corrections]

    conversation = _converse(answer, [_option("site", "site:eea"), _option("site", "site:us+au")])

    assert conversation.in_force == ("site:us+au",)
    assert len(conversation.calls) == 4
    assert conversation.ended == ""


@pytest.mark.parametrize("code", ["0", "50101", "50105", "50110", "50113", "50120"])
def test_a_site_that_knows_the_key_is_kept_whatever_else_it_refuses(code: str) -> None:
    answers = {(): _says("50119"), ("site:eea",): _says(code)}

    conversation = _converse(lambda corrections: answers[corrections], [_option("site", "site:eea")])

    assert conversation.in_force == ("site:eea",)
    assert _codes(conversation) == ["50119", code, "50119"]


def test_when_no_site_knows_the_key_each_was_asked_once() -> None:
    names = ["site:eea", "site:us+au", "site:tr"]

    conversation = _converse(_exchange(_layer("50119")), [_option("site", name) for name in names])

    assert _about(conversation, "correction") == [(name,) for name in names]
    assert (_codes(conversation), conversation.in_force, conversation.ended) == (["50119"] * 4, (), "")


def test_a_rate_limit_ends_the_peeling_and_nothing_is_asked_any_more() -> None:
    for limited in (_says("50011", 429), _page(429), _says("50061", 200)):
        layers = (_layer("50102", "clock"), _layer("50101", "environment"), _layer(limited))
        options = [_option("clock", "clock"), _option("environment", "environment"), _option("secret", "secret")]

        conversation = _converse(_exchange(*layers), options)

        assert len(conversation.calls) == 3
        assert conversation.in_force == ("clock",)
        assert "rate" in conversation.ended


def test_at_most_two_refused_passphrases_are_sent() -> None:
    options = [_option("passphrase", f"passphrase-{number}") for number in range(1, 6)]
    options += [_option("source", "from a", "passphrase"), _option("case", "case-1")]

    conversation = _converse(_exchange(_layer("50105")), options)

    assert _codes(conversation) == ["50105"] * MAX_PASSPHRASE_REFUSALS == ["50105"] * 2
    assert "passphrase" in conversation.ended


def test_six_refused_passphrases_are_sent_when_the_case_is_to_be_tried() -> None:
    options: list[Option] = [_option("case", f"case-{number}") for number in range(1, 5)]
    options += [_option("passphrase", f"passphrase-{number}") for number in range(1, 6)]

    conversation = _converse(_exchange(_layer("50105")), options, try_case=True)

    assert _codes(conversation) == ["50105"] * (MAX_PASSPHRASE_REFUSALS + EXTRA_REFUSALS_WITH_TRY_CASE) == ["50105"] * 6


@pytest.mark.parametrize("right", [1, 2, 3, 4])
def test_the_right_case_is_found_and_taken_back(right: int) -> None:
    options = [_option("case", f"case-{number}") for number in range(1, 5)]

    conversation = _converse(_exchange(_layer("50105", f"case-{right}")), options, try_case=True)

    assert conversation.in_force == (f"case-{right}",)
    assert _codes(conversation) == [*["50105"] * right, "0", "50105"]


def test_one_refused_passphrase_still_lets_the_layers_before_it_be_taken_back_and_two_do_not() -> None:
    layers = (_layer("50102", "clock"), _layer("50101", "environment"), _layer("50105"))
    options = [_option("clock", "clock"), _option("environment", "environment")]

    once = _converse(_exchange(*layers), options)
    twice = _converse(_exchange(*layers), [*options, _option("passphrase", "passphrase-1")])

    assert _codes(once) == ["50102", "50101", "50105", "50102", "50101"]
    assert _about(once, "taken back") == [("clock",), ("environment",)]
    assert _codes(twice) == ["50102", "50101", "50105", "50105"]
    assert "passphrase" in twice.ended


@pytest.mark.parametrize("limited", [_says("50011", 429), _page(429)], ids=str)
def test_a_site_that_limits_the_rate_is_the_last_that_is_asked(limited: Reply) -> None:
    answers: dict[tuple[str, ...], Reply] = {(): _says("50119"), ("site:eea",): limited}
    options = [_option("site", "site:eea"), _option("site", "site:us+au")]

    conversation = _converse(lambda corrections: answers[corrections], options)

    assert len(conversation.calls) == 2
    assert "rate" in conversation.ended


def test_a_corrected_passphrase_is_not_taken_back_when_that_would_be_one_refusal_too_many() -> None:
    layers = (_layer("50105", "passphrase-2"), _layer("50113", "secret-1"))
    options = [_option("passphrase", "passphrase-1"), _option("passphrase", "passphrase-2")]
    options += [_option("secret", "secret-1")]

    spent = _converse(_exchange(*layers), options)
    granted = _converse(_exchange(*layers), options, try_case=True)

    assert _codes(spent) == ["50105", "50105"]
    assert _codes(granted) == ["50105", "50105", "50113", "0", "50113", "50105"]


def test_with_all_attempts_spent_no_passphrase_is_taken_back_even_where_it_could_not_be_sent() -> None:
    options = [_option("passphrase", "passphrase-1"), _option("passphrase", "passphrase-2")]
    layers = (_layer(UNSENDABLE, "passphrase-1", "passphrase-2"), _layer("50105"))

    conversation = _converse(_exchange(*layers), options)

    assert _codes(conversation) == ["unsendable", "50105", "50105"]
    assert conversation.in_force == ("passphrase-1",)


@pytest.mark.parametrize(("reserved", "calls"), [(0, 12), (2, 10), (3, 9)])
def test_there_are_never_more_calls_than_leave_room_for_what_follows(reserved: int, calls: int) -> None:
    options = [_option("site", f"site:{number}") for number in range(30)]

    conversation = _converse(_exchange(_layer("50119")), options, reserved=reserved)

    assert len(conversation.calls) == calls
    assert "limit" in conversation.ended


FIVE = ("50102", "50111", "50119", "50101", "50113")


@pytest.mark.parametrize(("after", "calls", "ended"), [((), 9, True), ((_layer("50110"),), 11, False)])
def test_corrections_are_taken_back_with_the_calls_that_nothing_else_needs(
    after: tuple[Layer, ...], calls: int, ended: bool
) -> None:
    layers = [_layer(code, code) for code in FIVE]
    options = [_option(CURED_BY[code], code) for code in FIVE]

    conversation = _converse(_exchange(*layers, *after), options)

    assert conversation.in_force == FIVE
    assert len(conversation.calls) == calls
    assert bool(conversation.ended) is ended


def test_a_value_that_cannot_be_sent_is_corrected_and_taken_back() -> None:
    conversation = _converse(
        _exchange(_layer(UNSENDABLE, "passphrase-1"), _layer("50113", "secret-1")),
        [_option("secret", "secret-1"), _option("passphrase", "passphrase-1")],
    )

    assert _codes(conversation) == ["unsendable", "50113", "0", "50113", "unsendable"]
    assert conversation.in_force == ("passphrase-1", "secret-1")


def test_two_values_that_cannot_be_sent_are_corrected_together_and_taken_back_one_by_one() -> None:
    layers = (_layer(UNSENDABLE, "api_key-1"), _layer(UNSENDABLE, "passphrase-1"))
    options = [_option("api_key", "api_key-1"), _option("passphrase", "passphrase-1"), _option("clock", "clock")]

    conversation = _converse(_exchange(*layers), options)

    assert _about(conversation, "correction") == [("api_key-1",), ("passphrase-1",), ("api_key-1", "passphrase-1")]
    assert _codes(conversation) == ["unsendable", "unsendable", "unsendable", "0", "unsendable", "unsendable"]
    assert _about(conversation, "taken back") == [("api_key-1",), ("passphrase-1",)]


def test_a_second_correction_is_tried_when_the_first_cannot_be_sent_either() -> None:
    options = [_option("passphrase", "passphrase-1"), _option("passphrase", "passphrase-2")]

    conversation = _converse(_exchange(_layer(UNSENDABLE, "passphrase-2")), options)

    assert conversation.in_force == ("passphrase-2",)


def test_what_cannot_be_sent_and_not_be_corrected_is_the_only_call() -> None:
    conversation = _converse(_exchange(_layer(UNSENDABLE)), [_option("secret", "secret-1"), _option("clock", "clock")])

    assert (_codes(conversation), conversation.in_force) == (["unsendable"], ())


def test_a_call_that_may_not_be_made_ends_the_conversation_with_the_reason() -> None:
    first = _converse(lambda corrections: "it looks like a secret")
    later = _converse(
        lambda corrections: (
            "no time is left" if "environment" in corrections else _exchange(*CLOCK_AND_DEMO)(corrections)
        ),
        [_option("clock", "clock"), _option("environment", "environment")],
    )

    assert (first.calls, first.in_force, first.ended) == ((), (), "it looks like a secret")
    assert (_codes(later), later.in_force, later.ended) == (["50102", "50101", "50102"], ("clock",), "no time is left")


CLOCK_AND_DEMO = (_layer("50102", "clock"), _layer("50101", "environment"))


@st.composite
def _stacks(draw: st.DrawFn) -> tuple[list[str], dict[str, int]]:
    """Codes in an order that OKX may look in, and how many wrong corrections of a kind come before the right one.

    The first steps are in the order that public observations suggest; that of the later ones is anybody's guess.
    """
    order = ["50102", "50111", "50119", *draw(st.permutations(["50101", "50105", "50113"]))]
    wanted = draw(st.sets(st.sampled_from(order), max_size=4))
    stack = [code for code in order if code in wanted]
    decoys = {code: draw(st.integers(0, 3)) for code in stack if code in ("50119", "50111", "50113")}
    return stack, decoys


@given(drawn=_stacks(), unfixable=st.sampled_from(["", "50110", "50100", "50120"]), data=st.data())
def test_any_stack_of_layers_is_found_whole_in_its_order_and_each_taken_back_once(
    drawn: tuple[list[str], dict[str, int]], unfixable: str, data: st.DataObject
) -> None:
    stack, decoys = drawn
    assume(1 + 2 * len(stack) + sum(decoys.values()) <= LIMIT)
    assume(unfixable != "50100" or stack[-1:] != ["50119"])  # a frozen key's refusal does not prove the site
    right = {code: f"{CURED_BY[code]}-right" for code in stack}
    options = [
        _option(CURED_BY[code], f"{CURED_BY[code]}-{number}") for code in stack for number in range(decoys.get(code, 0))
    ]
    options = data.draw(st.permutations(options))
    options += data.draw(st.permutations([_option(CURED_BY[code], name) for code, name in right.items()]))
    options += [_option("swap", "never", "api_key")]
    layers = [_layer(code, name) for code, name in right.items()]
    layers += [_layer(unfixable)] if unfixable else []

    conversation = _converse(_exchange(*layers), options)

    end = unfixable or "0"
    assert conversation.in_force == tuple(right.values())
    assert conversation.ended == ""
    assert Counter(_about(conversation, "taken back")) == Counter((name,) for name in right.values())
    back = [call for call in conversation.calls if call.purpose == "taken back"]
    assert {call.about[0]: call.answer.code for call in back if call.answer} == {right[code]: code for code in stack}
    assert "50105" not in [call.answer.code for call in back[:-1] if call.answer]
    peeled = [call for call in conversation.calls if call.purpose != "taken back"]
    assert peeled[-1].answer == _says(end)
    assert _codes(conversation).count("50105") <= MAX_PASSPHRASE_REFUSALS


ANSWERS = st.one_of(
    st.sampled_from(["0", *CURED_BY, "50110", "50011", "50001", "51000"]).map(_says),
    st.sampled_from([UNSENDABLE, _fails("timeout"), _page(403), _page(429)]),
)


@given(
    answers=st.lists(ANSWERS | st.just("not allowed"), min_size=MAX_CALLS, max_size=MAX_CALLS),
    kinds=st.lists(st.sampled_from([*FIELDS, "source"]), max_size=20),
    try_case=st.booleans(),
    reserved=st.integers(0, 3),
)
def test_no_exchange_however_odd_gets_more_calls_or_the_same_step_twice(
    answers: list[Reply | str], kinds: list[Kind], try_case: bool, reserved: int
) -> None:
    left = iter(answers)
    options = [_option(kind, f"{kind}-{number}", FIELDS.get(kind, "secret")) for number, kind in enumerate(kinds)]

    conversation = _converse(lambda corrections: next(left), options, try_case=try_case, reserved=reserved)

    for purpose in ("correction", "taken back"):
        tried = Counter(map(frozenset, _about(conversation, purpose)))
        assert max(tried.values(), default=0) <= 1
