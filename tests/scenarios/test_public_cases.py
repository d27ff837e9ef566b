"""Failures that people reported in public, staged as they were: check names what was wrong, and names it first."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct, field

from okx_doctor.checking.simulation import FOREIGN_ADDRESS, Stage
from okx_doctor.credentials.dialects import dialect
from okx_doctor.secrets.secret import Secret
from okx_doctor.settings import Options
from tests.scenarios.running import run
from tests.scenarios.scenario import Scenario
from tests.scenarios.stages import (
    CCXT,
    FREQTRADE,
    HEX,
    KEY,
    PASSPHRASE,
    SECRET,
    add_env_line,
    alter,
    bench_with,
    both_have,
    exchange_ahead,
    move_to_document,
    move_to_env_file,
    okx_knows,
    user_has,
)

pytestmark = pytest.mark.slow

DATA: dict[str, Any] = json.loads(
    Path(__file__).parents[1].joinpath("data", "public-cases-check.json").read_text("utf-8")
)


class Staged(Struct, frozen=True, kw_only=True):
    """A case on the bench: what was wrong there, and the cause that says so."""

    cause: str
    steps: tuple[str | Stage, ...]
    options: Options = field(default_factory=Options)
    exit: int = 1


def _other_secret(right: str) -> str:
    return right[::-1] if right[::-1] != right else right[1:] + right[:1]


FREQTRADE_QUOTED = FREQTRADE.replace("{passphrase}", '"{passphrase}"')
DEMO_KEY = Staged(cause="wrong-environment", steps=(okx_knows(demo=True),))
LIVE_KEY = Staged(cause="wrong-environment", steps=(), options=Options(demo=True))
EEA_KEY = Staged(cause="wrong-site", steps=(okx_knows(site="eea"),))

CASES: Mapping[str, Staged] = {
    "okxnet-47": Staged(cause="clock-drift", steps=(exchange_ahead(754.808),)),
    "ccxt-11138": Staged(cause="clock-drift", steps=(exchange_ahead(-40.0),)),
    "ccxt-24005": Staged(cause="clock-drift", steps=(exchange_ahead(60.0),)),
    "xchange-4445": Staged(cause="clock-drift", steps=(exchange_ahead(33.0),)),
    "gaoyuan-simheader": DEMO_KEY,
    "env-demo-jkorf": DEMO_KEY,
    "env-demo-go-ws": Staged(cause="wrong-environment", steps=(okx_knows(demo=True),), options=Options(websocket=True)),
    "env-demo-go-1": DEMO_KEY,
    "env-zh-50101": DEMO_KEY,
    "env-live-on-demo-2": LIVE_KEY,
    "env-live-50105-claim": LIVE_KEY,
    "env-live-on-demo-3": LIVE_KEY,
    "okx-dualmode-toggle": LIVE_KEY,
    "ip-replit-50110": Staged(
        cause="ip-not-allowlisted",
        steps=(okx_knows(site="eea", ip_allowlist=(FOREIGN_ADDRESS,)),),
        options=Options(site="eea"),
    ),
    "freqtrade-9422": Staged(
        cause="api-key-unknown",
        steps=(
            user_has(KEY, "37c541a1-0f3c-4b6b-9d3e-10fe7a038418"),
            move_to_document("config.json", FREQTRADE_QUOTED),
        ),
    ),
    "docs-203": Staged(
        cause="permission-missing",
        steps=(okx_knows(permissions=("read_only",)),),
        options=Options(require=("trade",)),
    ),
    "gaoyuan-backticks": Staged(
        cause="base-url-invalid", steps=(add_env_line("OKX_API_BASE_URL", "`https://www.okx.com`"),), exit=3
    ),
    "gaoyuan-minus1": Staged(
        cause="credentials-placeholder",
        steps=(user_has(KEY, "-1"), user_has(SECRET, "-1"), user_has(PASSPHRASE, "-1")),
    ),
    "freqtrade-11492": Staged(
        cause="credentials-missing",
        steps=(move_to_document("config.json", FREQTRADE.replace(', "password": {passphrase}', "")),),
    ),
    "ccxt-22265": Staged(
        cause="passphrase-wrong",
        steps=(user_has(PASSPHRASE, "My-login-password-1"), move_to_document("ccxt.json", CCXT)),
    ),
    "supequant-passphrase": Staged(cause="passphrase-wrong", steps=(okx_knows(passphrase=Secret("Another-one-123!")),)),
    "ccxt-6059": Staged(
        cause="passphrase-wrong", steps=(both_have(PASSPHRASE, "Abc$xyz-1234"), user_has(PASSPHRASE, "Abc-1234"))
    ),
    "env-hash-truncation": Staged(
        cause="env-file-mangled",
        steps=(
            both_have(PASSPHRASE, "Abc-1234#xyz"),
            move_to_env_file(PASSPHRASE, "{}"),
            bench_with(dialect=dialect("node")),
        ),
    ),
    "env-double-equals": Staged(cause="env-file-mangled", steps=(move_to_env_file(SECRET, '="{}"'),)),
    "zenith-secret-o-zero": Staged(
        cause="credential-characters", steps=(both_have(SECRET, HEX), user_has(SECRET, HEX.replace("0", "O", 1)))
    ),
    "cred-set-744": Staged(cause="secret-wrong", steps=(alter(SECRET, _other_secret),)),
    "sieblyio-22": Staged(cause="passphrase-as-secret", steps=("passphrase-as-secret",)),
    "ccxt-11109": Staged(cause="secret-wrong", steps=("secret-wrong",)),
    "region-rotki-10552": EEA_KEY,
    "region-it-ccxt-eu": EEA_KEY,
    "region-ccxt-24601": EEA_KEY,
    "region-ccxt-24530": Staged(cause="wrong-site", steps=(okx_knows(site="eea", demo=True),)),
    "region-ccxt-25403": EEA_KEY,
    "region-freqtrade-10967": Staged(
        cause="wrong-site",
        steps=(
            okx_knows(site="eea"),
            user_has(PASSPHRASE, "My-login-password-1"),
            move_to_document("config.json", FREQTRADE_QUOTED),
        ),
    ),
    "region-python-okx-92": EEA_KEY,
}


def test_every_case_that_check_can_judge_is_staged() -> None:
    assert set(CASES) == {case["id"] for case in DATA["cases"]}
    assert all(case["source"] and case["reproduce"] for case in DATA["cases"])


def test_every_other_public_case_is_left_out_for_a_reason() -> None:
    left_out = [name for names in DATA["left_out"].values() for name in names]
    assert len(left_out) == len(set(left_out))
    assert not set(left_out) & set(CASES)
    assert len(left_out) + len(CASES) == 84


def test_a_file_that_node_cuts_and_python_dotenv_does_not_is_warned_of_before_a_bot_is_refused() -> None:
    """The case of ``env-hash-truncation``, checked without saying that the bot is one of Node's."""
    found = run(
        Scenario(name="cut by node", steps=(both_have(PASSPHRASE, "Abc-1234#xyz"), move_to_env_file(PASSPHRASE, "{}")))
    )

    (cause,) = found.report.verdict.causes
    assert (cause.id, found.report.exit_status()) == ("env-file-dialects", 0)
    assert "node --env-file cuts at `#`" in cause.because[0]


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in DATA["cases"]])
def test_what_was_wrong_in_public_is_named_first(case: Mapping[str, Any]) -> None:
    staged = CASES[case["id"]]
    found = run(Scenario(name=case["id"], steps=staged.steps, options=staged.options))
    assert found.report.verdict.causes[0].id == staged.cause
    assert found.report.exit_status() == staged.exit
    signed = {handled.code for handled in found.handled} - {"0"}
    withheld = staged.cause in ("credentials-placeholder", "passphrase-as-secret")  # the secret, so it was never sent
    if case["confirmed"] and case["symptom_code"].startswith("501"):
        assert signed == set() if withheld else case["symptom_code"] in signed
