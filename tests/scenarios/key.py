"""The key as OKX knows it: its site, environment, addresses, permissions and passphrase."""

from __future__ import annotations

from okx_doctor.checking.simulation import HOME_ADDRESS
from okx_doctor.settings import Options
from tests.scenarios.scenario import Scenario, proven, stated, warned
from tests.scenarios.stages import PASSPHRASE, both_have, exchange_with, okx_knows, user_has

SCENARIOS: tuple[Scenario, ...] = (
    Scenario(
        name="live key with --demo",
        options=Options(demo=True),
        causes=(proven("wrong-environment"),),
        exit=1,
        texts=("x-simulated-trading: 0",),
    ),
    Scenario(name="account only on us", steps=(okx_knows(site="us"),), causes=(proven("wrong-site"),), exit=1),
    Scenario(name="account only on tr", steps=(okx_knows(site="tr"),), causes=(proven("wrong-site"),), exit=1),
    Scenario(
        name="account on au, which shares a host with us",
        steps=(okx_knows(site="au"), exchange_with(sites=("global", "eea", "us", "tr", "au"))),
        causes=(proven("wrong-site"),),
        exit=1,
        texts=("US or Australia",),
    ),
    Scenario(
        name="global account asked on the EEA site",
        options=Options(site="eea"),
        causes=(proven("wrong-site"),),
        exit=1,
    ),
    Scenario(
        name="unknown key where only one site exists",
        steps=("api-key-unknown", exchange_with(sites=("global",))),
        causes=(stated("api-key-unknown"),),
        exit=1,
    ),
    Scenario(
        name="unknown key at a base URL that is not OKX's",
        steps=("api-key-unknown",),
        reach="another name",
        exit=3,
        open=("api-key-unknown", "wrong-site"),
    ),
    Scenario(
        name="EEA key at a base URL that is not OKX's",
        steps=("wrong-site",),
        reach="another name",
        exit=3,
        open=("api-key-unknown", "wrong-site"),
    ),
    Scenario(name="a base URL that is not OKX's", reach="another name"),
    Scenario(
        name="allowlist of IPv6 addresses",
        steps=(okx_knows(ip_allowlist=("2001:db8::1", "2001:db8:1::/48")),),
        causes=(stated("ip-not-allowlisted"),),
        exit=1,
        texts=(f"{HOME_ADDRESS} (IPv4)",),
    ),
    Scenario(
        name="withdraw with --forbid withdraw",
        steps=("withdraw-permission-granted",),
        options=Options(forbid=("withdraw",)),
        causes=(stated("withdraw-permission-granted"),),
        exit=1,
    ),
    Scenario(
        name="trade and withdraw asked for and withdraw missing",
        options=Options(require=("trade", "withdraw")),
        causes=(stated("permission-missing"),),
        exit=1,
    ),
    Scenario(
        name="withdraw bound to no IP",
        steps=(okx_knows(ip_allowlist=(), permissions=("read_only", "withdraw")),),
        causes=(warned("withdraw-permission-granted"), warned("api-key-expiring")),
    ),
    Scenario(
        name="key without any permission",
        steps=(okx_knows(permissions=()),),
        causes=(stated("permission-missing"),),
        exit=1,
    ),
    Scenario(
        name="sub-account bound to no IP",
        steps=(okx_knows(ip_allowlist=(), uid="200000000000000001", main_uid="100000000000000001"),),
        causes=(warned("api-key-expiring"),),
    ),
    Scenario(
        name="wrong passphrase with --try-case",
        steps=("passphrase-wrong",),
        options=Options(try_case=True),
        causes=(stated("passphrase-wrong"),),
        exit=1,
    ),
    Scenario(
        name="first letter of the passphrase in the other case with --try-case",
        steps=(both_have(PASSPHRASE, "abcDEF-1234!"), user_has(PASSPHRASE, "AbcDEF-1234!")),
        options=Options(try_case=True),
        causes=(proven("passphrase-case"),),
        exit=1,
    ),
    Scenario(
        name="passphrase in another case without --try-case",
        steps=(both_have(PASSPHRASE, "abcDEF-1234!"), user_has(PASSPHRASE, "AbcDEF-1234!")),
        causes=(stated("passphrase-wrong"),),
        exit=1,
        open=("passphrase-case",),
    ),
    Scenario(name="websocket healthy", options=Options(websocket=True)),
    Scenario(
        name="websocket with a demo key", steps=(okx_knows(demo=True),), options=Options(websocket=True, demo=True)
    ),
    Scenario(
        name="websocket of the other site",
        steps=("wrong-site",),
        options=Options(websocket=True),
        causes=(proven("wrong-site"),),
        exit=1,
    ),
    Scenario(
        name="websocket with a clock 45 s off",
        steps=("clock-drift",),
        options=Options(websocket=True),
        causes=(proven("clock-drift"),),
        exit=1,
    ),
)
