"""The data against itself and against what the package says elsewhere: catalogue, codes, gate, command line."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from typing import Any

import click
import pytest
from click.testing import CliRunner

from okx_doctor.catalogue.causes import CAUSES, entry, ids, page
from okx_doctor.catalogue.usual import caught_at, stated
from okx_doctor.cli import group
from okx_doctor.decoding import knowledge
from okx_doctor.decoding.decode import Decoded, decode
from okx_doctor.decoding.numbers import CLOSE_CODES, CLOUDFLARE, STATUSES, is_retired
from okx_doctor.model import Confidence
from okx_doctor.protocol.codes import all_codes, documented, find
from okx_doctor.protocol.outcome import GATE_CODES, SITE_PROVED
from okx_doctor.protocol.steps import Channel, order, step_named

DATA: dict[str, Any] = json.loads(files("okx_doctor.decoding").joinpath("knowledge.json").read_text("utf-8"))
CHANNELS: tuple[Channel, ...] = ("rest", "websocket")
_SAID: dict[Channel, str] = {"rest": '{"code":"%s","msg":""}', "websocket": '{"event":"error","code":"%s","msg":""}'}
CODES: dict[str, Any] = json.loads(files("okx_doctor.protocol").joinpath("codes.json").read_text("utf-8"))
EVERYTHING = sorted(
    {row.code for row in all_codes()}
    | set(documented())
    | set(DATA["retired"]["codes"])
    | set(CLOUDFLARE)
    | {str(status) for status in STATUSES}
    | {"10004", "20001", "33014", "50126", "60099"}
)


@cache
def _answer(code: str) -> Decoded:
    (answer,) = decode(code)
    return answer


def _rows() -> list[dict[str, Any]]:
    return [*CODES["codes"], *(row for block in ("statuses", "edge", "cloudflare") for row in DATA[block].values())]


def test_every_cause_in_the_data_is_in_the_catalogue() -> None:
    named = {cause for row in _rows() for key in ("causes", "likely", "possible") for cause in row.get(key, ())}
    named |= {cause for causes in CODES["categories"].values() for cause in causes}

    assert named <= set(ids())
    assert {group for row in _rows() for group in row.get("groups", ())} <= {cause.group for cause in CAUSES}


def test_every_code_in_the_data_is_one() -> None:
    assert [code for code in DATA["wordings"] if find(code) is None] == []
    assert [code for code in DATA["retired"]["codes"] if not is_retired(code)] == []
    assert [row["twin"] for row in DATA["retired"]["codes"].values() if find(row["twin"]) is None] == []
    assert {*DATA["cloudflare"]} <= CLOUDFLARE | {"other"}


def test_a_retired_code_is_none_of_v5() -> None:
    codes = {row.code for row in all_codes()} | set(documented())

    assert [code for code in codes if is_retired(code)] == []


def test_sources_stand_with_the_data_and_no_private_ones() -> None:
    text = json.dumps([DATA, CODES])

    assert len({*DATA["sources"], *CODES["sources"]}) >= 4
    assert [number for number in re.findall(r"\b\d{8,}\b", text) if number.strip("0")] == []
    assert re.search(r"/(?:home|Users)/", text) is None


def test_wordings_are_compared_in_lower_case() -> None:
    assert [words for words, _ in knowledge.wordings() if words != words.lower()] == []


def test_every_answer_has_a_meaning_and_a_command() -> None:
    for answer in map(_answer, EVERYTHING):
        assert re.fullmatch(r"[A-Z].*[.)]", answer.meaning, re.DOTALL), answer.code
        assert "{" not in answer.meaning + answer.says
        assert answer.next.startswith("okx-doctor ") or not answer.is_failure


def test_no_cause_is_both_named_and_ruled_out_and_none_stands_twice() -> None:
    for answer in map(_answer, EVERYTHING):
        causes = [cause.id for cause in answer.causes]
        ruled_out = [row.id for row in answer.rules_out]

        assert {*causes, *ruled_out} <= set(ids())
        assert len({*causes, *ruled_out}) == len(causes) + len(ruled_out), answer.code


def test_a_cause_is_at_best_likely_and_the_likely_ones_come_first() -> None:
    for answer in map(_answer, EVERYTHING):
        confidences = [cause.confidence for cause in answer.causes]

        assert set(confidences) <= {Confidence.LIKELY, Confidence.POSSIBLE}
        assert confidences == sorted(confidences, key=[Confidence.LIKELY, Confidence.POSSIBLE].index), answer.code


def test_the_possible_causes_come_by_how_often_they_were_reported() -> None:
    for answer in map(_answer, EVERYTHING):
        counts = [cause.reports for cause in answer.causes if cause.confidence is Confidence.POSSIBLE]

        assert counts == sorted(counts, reverse=True), answer.code


@pytest.mark.parametrize("command", sorted({_answer(code).next for code in EVERYTHING} - {""}))
def test_the_next_command_exists_with_its_options_and_its_page(command: str) -> None:
    _, name, *words = command.split()
    known = group.get_command(click.Context(group), name)

    assert known is not None
    options = {option for parameter in known.params for option in (*parameter.opts, *parameter.secondary_opts)}
    assert {word for word in words if word.startswith("--")} <= options
    if name == "explain":
        assert words[0].isdigit() or page(words[0])
        assert not words[0].isdigit() or any(row.code == words[0] for row in all_codes())


@pytest.mark.parametrize("code", sorted({row.code for row in all_codes() if row.causes or row.reports}))
def test_explain_and_decode_name_the_causes_of_a_code_in_one_order_with_the_same_counts(code: str) -> None:
    told = {cause.id: cause for cause in _answer(code).causes}
    explained = CliRunner().invoke(group, ["explain", code]).output
    blocks = [block.partition("\n\n")[0] for block in explained.split("Causes, most usual first:\n")[1:]]

    assert blocks
    for block in blocks:
        lines = re.sub(r"\n {3,}", " ", block)  # as they are before they are wrapped
        listed = re.findall(r"^  (\S+) .*?(?:\((\d+) of (\d+) public reports?\))?$", lines, re.MULTILINE)
        names = [name for name, _, _ in listed]
        counts = {name: (int(count), int(total)) for name, count, total in listed if count}
        assert names == [cause for cause in told if cause in names]
        assert counts == {name: (cause.reports, cause.out_of) for name, cause in told.items() if cause.reports}
        assert [*counts] == names[: len(counts)]
        assert [*counts.values()] == sorted(counts.values(), reverse=True)


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_refusal_rules_out_what_the_steps_before_it_would_have_refused(channel: Channel) -> None:
    gateway = [step for step in order(channel) if step.layer == "gateway"]

    for at, later in enumerate(gateway):
        (said,) = decode(_SAID[channel] % later.code(channel))
        spoken_of = {row.id for row in said.rules_out} | {cause.id for cause in said.causes}
        for earlier in gateway[: at - 1 if later.tied else at]:
            assert {*caught_at(earlier, channel)} <= spoken_of, (earlier.id, later.id)


@pytest.mark.parametrize(
    ("step_id", "general"),
    [
        ("key-present", {"header-missing", "header-misspelt"}),
        ("timestamp-fresh", {"clock-drift", "clock-timezone", "timestamp-stale"}),
        ("key-shaped", {"api-key-malformed"}),
        ("key-known", {"wrong-site", "api-key-unknown"}),
        ("key-active", {"api-key-frozen"}),
        ("ip-allowed", {"ip-not-allowlisted"}),
        ("environment", {"wrong-environment"}),
        ("passphrase", {"passphrase-wrong"}),
        ("signature", {"secret-wrong"}),
        ("permission", {"permission-missing"}),
    ],
)
def test_what_a_step_catches_is_its_own_and_named_by_its_code(step_id: str, general: set[str]) -> None:
    caught = {*caught_at(step_named(step_id), "rest")}
    named = {cause.id for cause in _answer(step_named(step_id).code()).causes}

    assert general <= caught <= named
    assert {entry(cause).step for cause in caught} == {step_id}


def test_a_refusal_states_a_cause_only_where_its_code_means_no_other() -> None:
    assert dict(stated()) == {
        "key-shaped": "api-key-malformed",
        "key-active": "api-key-frozen",
        "ip-allowed": "ip-not-allowlisted",
        "environment": "wrong-environment",
        "passphrase": "passphrase-wrong",
        "permission": "permission-missing",
        "authority": "permission-missing",
    }


def test_passphrase_and_signature_rule_out_nothing_of_one_another_since_nobody_saw_which_comes_first() -> None:
    for passphrase, signature in (("50105", "50113"), ("60024", "60007")):
        assert "secret-wrong" not in {row.id for row in _answer(passphrase).rules_out}
        assert "passphrase-wrong" not in {row.id for row in _answer(signature).rules_out}


@pytest.mark.parametrize("code", sorted(set(SITE_PROVED) - {"0"}))
def test_only_answers_that_prove_it_rule_out_the_site_for_certain(code: str) -> None:
    because = {row.id: row.because for row in _answer(code).rules_out}

    assert because["api-key-unknown"] == "only a host that knows the key answers so"
    assert ("wrong-site" in because) is (code != "50101")  # once OKX's answer to a key of another site


@pytest.mark.parametrize("code", sorted(GATE_CODES - set(SITE_PROVED)))
def test_no_other_refusal_rules_it_out(code: str) -> None:
    because = {row.id: row.because for row in _answer(code).rules_out}

    assert "assumed" in because.get("wrong-site", "assumed")
    assert "only a host" not in " ".join(because.values())


@pytest.mark.parametrize(("rest", "socket"), [step.codes for step in order("websocket") if len(step.codes) == 2])
def test_a_websocket_code_and_its_rest_twin_agree_on_the_first_cause(rest: str, socket: str) -> None:
    here, there = ({cause.id for cause in _answer(code).causes} for code in (socket, rest))

    assert here & there or "websocket-timestamp" in here


@pytest.mark.parametrize("code", sorted(CLOSE_CODES))
def test_a_close_code_is_of_the_socket(code: str) -> None:
    assert _answer(code).channel == "websocket"


def test_every_documented_code_is_in_the_second_table_once() -> None:
    rows = json.loads(files("okx_doctor.protocol").joinpath("codes-all.json").read_text("utf-8"))["rows"]
    codes = {code for code, *_ in rows}

    assert (len(rows), len(codes)) == (1049, 986)
    assert codes <= set(documented())
    assert {code for code in documented() if code not in codes} == {"51008", "51502"}


def test_the_deep_table_wins_over_the_long_one() -> None:
    deep = {id(row) for row in all_codes()}

    assert [
        row.code for row in all_codes() if row.kind != "historic" and id(find(row.code, row.channel)) not in deep
    ] == []
