"""The nearest correct configuration to each cause: nothing is named."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from okx_doctor.checking.simulation import FOREIGN_ADDRESS, HOME_ADDRESS
from okx_doctor.gate.api.faults import Fault
from okx_doctor.observations import FileExposure
from okx_doctor.settings import Options
from tests.scenarios.scenario import Scenario
from tests.scenarios.stages import (
    HEX,
    KEY,
    LONG_AGO,
    PASSPHRASE,
    PROFILES,
    SECRET,
    add_env_line,
    bench_with,
    both_have,
    exchange_ahead,
    exchange_fails,
    exchange_with,
    move_to_document,
    move_to_env_file,
    okx_knows,
    unset,
    user_has,
)


def _exposure(**seen: Any) -> FileExposure:
    return FileExposure(file=".env", **seen)


SCENARIOS: tuple[Scenario, ...] = (
    Scenario(
        name="healthy",
        twin_of=("api-key-frozen", "signing-broken", "connection-refused", "permission-market", "secret-not-hmac"),
    ),
    Scenario(
        name="twin a project id beside a key that the exchange knows",
        steps=(user_has("OKX_PROJECT_ID", "5e17c0de9b3a4d6f8a217f40c2d1b96e"),),
        twin_of=("web3-key",),
    ),
    Scenario(
        name="twin an address of a socket on the port that serves it now",
        steps=(user_has("OKX_WS_URL", "wss://ws.okx.com:443/ws/v5/private"),),
        twin_of=("websocket-port-retired",),
    ),
    Scenario(
        name="twin a relay of one's own on that port",
        steps=(user_has("OKX_WS_URL", "ws://127.0.0.1:8443/ws/v5/private"),),
        twin_of=("websocket-port-retired",),
    ),
    Scenario(
        name="twin facts confirmed today",
        steps=(lambda bench: bench_with(facts_confirmed=datetime.now(UTC).date().isoformat())(bench),),
        twin_of=("facts-old",),
    ),
    Scenario(
        name="twin another site redirects", steps=(exchange_fails(Fault.REDIRECT, "eea"),), twin_of=("host-not-api",)
    ),
    Scenario(
        name="twin a base URL in the file without backticks",
        steps=(add_env_line("OKX_API_BASE_URL", "https://www.okx.com"),),
        twin_of=("base-url-invalid",),
    ),
    Scenario(
        name="twin all three plain in the env file",
        steps=(move_to_env_file(KEY, "{}"), move_to_env_file(SECRET, "{}"), move_to_env_file(PASSPHRASE, "{}")),
        twin_of=("env-file-dialects",),
    ),
    Scenario(
        name="twin quotes in the env file, which docker alone would keep",
        steps=(move_to_env_file(KEY, "'{}'"), move_to_env_file(SECRET, '"{}"'), move_to_env_file(PASSPHRASE, '"{}"')),
        twin_of=("env-file-dialects",),
    ),
    Scenario(name="twin a name that resolves", reach="by name", twin_of=("dns-failure",)),
    Scenario(name="twin a proxy that works", reach="own proxy", twin_of=("proxy-failure", "header-missing")),
    Scenario(name="twin answers that take 200 ms", steps=(exchange_with(delay=0.2),), twin_of=("connection-timeout",)),
    Scenario(
        name="twin a certificate of a trusted issuer",
        steps=(exchange_with(tls="trusted"),),
        twin_of=("tls-untrusted",),
    ),
    Scenario(
        name="twin a good certificate and a clock 4 s off",
        steps=(exchange_with(tls="trusted", clock_offset=-4.0),),
        twin_of=("tls-clock",),
    ),
    Scenario(
        name="twin another site is blocked at the edge",
        steps=(exchange_fails(Fault.EDGE_BLOCK, "eea"),),
        twin_of=("blocked-by-edge",),
    ),
    Scenario(
        name="twin another site limits the rate",
        steps=(exchange_fails(Fault.RATE_LIMITED, "eea"),),
        twin_of=("rate-limited",),
    ),
    Scenario(
        name="twin another site is out of service",
        steps=(exchange_fails(Fault.UNAVAILABLE, "eea"),),
        twin_of=("exchange-unavailable",),
    ),
    Scenario(name="twin a clock 4 s behind", steps=(exchange_ahead(4.0),), twin_of=("clock-drift",)),
    Scenario(name="twin a clock 4 s ahead", steps=(exchange_ahead(-4.0),), twin_of=("clock-timezone",)),
    Scenario(
        name="twin the passphrase under an alias",
        steps=(
            lambda bench: user_has("OKX_PASSWORD", bench.environ[PASSPHRASE])(bench),
            unset(PASSPHRASE),
        ),
        twin_of=("credentials-missing",),
    ),
    Scenario(
        name="twin a file for its owner alone, which git ignores",
        steps=("credentials-exposed", bench_with(exposure=_exposure(mode="0600", readers="owner", git="ignored"))),
        twin_of=("credentials-exposed",),
    ),
    Scenario(
        name="twin profiles with a passphrase each",
        steps=(move_to_document("config.toml", PROFILES.replace("{other}", "Another-123456!"), "live"),),
        twin_of=("passphrase-reused",),
    ),
    Scenario(
        name="twin a passphrase that reads like an example",
        steps=(both_have(PASSPHRASE, "my-okx-passphrase-1A"),),
        twin_of=("credentials-placeholder",),
    ),
    Scenario(
        name="twin a passphrase with the signs of a reference in it",
        steps=(both_have(PASSPHRASE, "${Tern-7}Bay"),),
        twin_of=("template-not-filled",),
    ),
    Scenario(
        name="twin a passphrase of hexadecimal digits, two fewer than make a secret",
        steps=(both_have(PASSPHRASE, "6F96-19FF-8B86-D011-B42D-00CF4F"),),
        twin_of=("credentials-swapped",),
    ),
    Scenario(
        name="twin blank and # in single quotes in the file",
        steps=(both_have(PASSPHRASE, "Abc-123456 #7"), move_to_env_file(PASSPHRASE, "'{}'")),
        twin_of=("env-file-mangled",),
    ),
    Scenario(
        name="twin the shell has the right value and the file a stale one",
        steps=(add_env_line(PASSPHRASE, "'Stale-passphrase-1'"),),
        twin_of=("credential-sources-conflict",),
    ),
    Scenario(
        name="twin a blank inside the passphrase",
        steps=(both_have(PASSPHRASE, "Correct horse 1!"),),
        twin_of=("credential-whitespace",),
    ),
    Scenario(
        name="twin a passphrase that really has quotes around it",
        steps=(both_have(PASSPHRASE, '"Abc-123456!"'),),
        twin_of=("credential-quoted",),
    ),
    Scenario(
        name="twin O beside 0 and l beside 1 in the passphrase",
        steps=(both_have(PASSPHRASE, "O0-l1-I1-oO-Aa~^|"),),
        twin_of=("credential-characters",),
    ),
    Scenario(
        name="twin a key in upper case",
        steps=(both_have(KEY, "37C541A1-0F3C-1B6B-9D3E-10FE7A038418"),),
        twin_of=("api-key-malformed",),
    ),
    Scenario(
        name="twin an EEA account asked on the EEA site",
        steps=(okx_knows(site="eea"),),
        options=Options(site="eea"),
        twin_of=("wrong-site",),
    ),
    Scenario(
        name="twin an EEA account and OKX_SITE=eea in the file",
        steps=(okx_knows(site="eea"), add_env_line("OKX_SITE", "eea")),
        twin_of=("wrong-site",),
    ),
    Scenario(
        name="twin a Turkish account asked on the Turkish site",
        steps=(okx_knows(site="tr"),),
        options=Options(site="tr"),
        twin_of=("api-key-unknown",),
    ),
    Scenario(
        name="twin the address among others on the allowlist",
        steps=(okx_knows(ip_allowlist=(FOREIGN_ADDRESS, "2001:db8::1", HOME_ADDRESS)),),
        twin_of=("ip-not-allowlisted",),
    ),
    Scenario(
        name="twin the address within a network on the allowlist",
        steps=(okx_knows(ip_allowlist=("127.0.0.0/8",)),),
        twin_of=("ip-not-allowlisted",),
    ),
    Scenario(
        name="twin a demo key with --demo",
        steps=(okx_knows(demo=True),),
        options=Options(demo=True),
        twin_of=("wrong-environment",),
    ),
    Scenario(name="twin a live key with --live", options=Options(demo=False), twin_of=("wrong-environment",)),
    Scenario(
        name="twin a right passphrase with --try-case",
        options=Options(try_case=True),
        twin_of=("passphrase-case",),
    ),
    Scenario(
        name="twin a passphrase of special characters",
        steps=(both_have(PASSPHRASE, "aB3$#&%\\'`{}=+?/"),),
        twin_of=("passphrase-wrong",),
    ),
    Scenario(
        name="twin a secret that is not 32 hexadecimal digits",
        steps=(both_have(SECRET, "Zm9vYmFyYmF6cXV4MDEyMzQ1Njc4OTAxMjM0NTY3ODk="),),
        twin_of=("secret-wrong",),
    ),
    Scenario(
        name="twin a secret in lower case",
        steps=(both_have(SECRET, HEX.lower()),),
        twin_of=("secret-wrong",),
    ),
    Scenario(
        name="twin a passphrase that the secret goes on from",
        steps=(both_have(SECRET, "Abc-123456789!-and-more"), both_have(PASSPHRASE, "Abc-123456789!")),
        twin_of=("passphrase-as-secret",),
    ),
    Scenario(
        name="twin a secret that is a UUID, and not the key",
        steps=(both_have(SECRET, LONG_AGO),),
        twin_of=("api-key-as-secret",),
    ),
    Scenario(
        name="twin a key that has the permission asked for",
        options=Options(require=("trade", "read")),
        twin_of=("permission-missing",),
    ),
    Scenario(
        name="twin a sub-account",
        steps=(okx_knows(uid="200000000000000001", main_uid="100000000000000001"),),
        twin_of=("account-restricted",),
    ),
    Scenario(
        name="twin withdraw asked for with --require",
        steps=("withdraw-permission-granted",),
        options=Options(require=("withdraw",)),
        twin_of=("withdraw-permission-granted",),
    ),
    Scenario(
        name="twin no withdraw with --forbid",
        options=Options(forbid=("withdraw",)),
        twin_of=("withdraw-permission-granted",),
    ),
    Scenario(
        name="twin a key bound to no IP that may only read",
        steps=(okx_knows(ip_allowlist=(), permissions=("read_only",)),),
        twin_of=("api-key-expiring",),
    ),
    Scenario(
        name="twin a demo key bound to no IP",
        steps=(okx_knows(ip_allowlist=(), demo=True),),
        options=Options(demo=True),
        twin_of=("api-key-expiring",),
    ),
    Scenario(
        name="twin a lower-case passphrase that is right",
        steps=(both_have(PASSPHRASE, "alllowercase1!"),),
        twin_of=("passphrase-case-suspect", "passphrase-form"),
    ),
    Scenario(
        name="twin a short passphrase that is right",
        steps=(both_have(PASSPHRASE, "abc"),),
        twin_of=("passphrase-form",),
    ),
    Scenario(
        name="twin a secret of another form that is right",
        steps=(both_have(SECRET, "a-secret-of-another-form"),),
        twin_of=("secret-malformed",),
    ),
)
