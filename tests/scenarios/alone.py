"""Each cause by itself."""

from __future__ import annotations

from okx_doctor.checking.simulation import HOME_ADDRESS
from tests.scenarios.scenario import Scenario, likely, proven, stated, warned

SCENARIOS: tuple[Scenario, ...] = (
    Scenario(name="alone host-not-api", steps=("host-not-api",), causes=(likely("host-not-api"),), exit=1),
    Scenario(
        name="alone base-url-invalid",
        steps=("base-url-invalid",),
        causes=(proven("base-url-invalid"),),
        exit=3,
    ),
    Scenario(name="alone dns-failure", steps=("dns-failure",), causes=(likely("dns-failure"),), exit=3),
    Scenario(name="alone proxy-failure", steps=("proxy-failure",), causes=(likely("proxy-failure"),), exit=3),
    Scenario(
        name="alone connection-refused",
        steps=("connection-refused",),
        causes=(likely("connection-refused"),),
        exit=3,
    ),
    Scenario(
        name="alone connection-timeout",
        steps=("connection-timeout",),
        causes=(likely("connection-timeout"),),
        exit=3,
    ),
    Scenario(name="alone web3-key", steps=("web3-key",), causes=(likely("web3-key"),), exit=1),
    Scenario(
        name="alone permission-market", steps=("permission-market",), causes=(stated("permission-market"),), exit=1
    ),
    Scenario(name="alone secret-not-hmac", steps=("secret-not-hmac",), causes=(likely("secret-not-hmac"),), exit=1),
    Scenario(name="alone facts-old", steps=("facts-old",), causes=(warned("facts-old"),), exit=0),
    Scenario(name="alone tls-untrusted", steps=("tls-untrusted",), causes=(likely("tls-untrusted"),), exit=3),
    Scenario(name="alone blocked-by-edge", steps=("blocked-by-edge",), causes=(likely("blocked-by-edge"),), exit=3),
    Scenario(name="alone rate-limited", steps=("rate-limited",), causes=(stated("rate-limited"),), exit=3),
    Scenario(
        name="alone exchange-unavailable",
        steps=("exchange-unavailable",),
        causes=(stated("exchange-unavailable"),),
        exit=3,
    ),
    Scenario(
        name="alone tls-clock",
        steps=("tls-clock",),
        causes=(likely("tls-clock"), likely("clock-drift")),
        exit=1,
    ),
    Scenario(name="alone clock-timezone", steps=("clock-timezone",), causes=(proven("clock-timezone"),), exit=1),
    Scenario(name="alone clock-drift", steps=("clock-drift",), causes=(proven("clock-drift"),), exit=1),
    Scenario(
        name="alone credentials-missing",
        steps=("credentials-missing",),
        causes=(proven("credentials-missing"),),
        exit=1,
    ),
    Scenario(
        name="alone credentials-placeholder",
        steps=("credentials-placeholder",),
        causes=(likely("credentials-placeholder"),),
        exit=1,
    ),
    Scenario(
        name="alone credentials-swapped",
        steps=("credentials-swapped",),
        causes=(likely("credentials-swapped"),),
        exit=1,
        texts=("make a new one",),
    ),
    Scenario(
        name="alone env-file-mangled",
        steps=("env-file-mangled",),
        causes=(proven("env-file-mangled"),),
        exit=1,
    ),
    Scenario(
        name="alone env-file-dialects",
        steps=("env-file-dialects",),
        causes=(warned("env-file-dialects", "likely"),),
        texts=("node --env-file cuts at `#`", "write it in single quotes"),
    ),
    Scenario(
        name="alone credential-sources-conflict",
        steps=("credential-sources-conflict",),
        causes=(proven("credential-sources-conflict"),),
        exit=1,
    ),
    Scenario(
        name="alone credential-whitespace",
        steps=("credential-whitespace",),
        causes=(proven("credential-whitespace"),),
        exit=1,
    ),
    Scenario(
        name="alone credential-quoted",
        steps=("credential-quoted",),
        causes=(proven("credential-quoted"),),
        exit=1,
    ),
    Scenario(
        name="alone credential-characters",
        steps=("credential-characters",),
        causes=(proven("credential-characters"),),
        exit=1,
    ),
    Scenario(
        name="alone api-key-malformed",
        steps=("api-key-malformed",),
        causes=(stated("api-key-malformed"),),
        exit=1,
    ),
    Scenario(name="alone wrong-site", steps=("wrong-site",), causes=(proven("wrong-site"),), exit=1),
    Scenario(name="alone api-key-unknown", steps=("api-key-unknown",), causes=(stated("api-key-unknown"),), exit=1),
    Scenario(name="alone api-key-frozen", steps=("api-key-frozen",), causes=(stated("api-key-frozen"),), exit=1),
    Scenario(
        name="alone ip-not-allowlisted",
        steps=("ip-not-allowlisted",),
        causes=(stated("ip-not-allowlisted"),),
        exit=1,
        texts=(f"{HOME_ADDRESS} (IPv4)",),
    ),
    Scenario(
        name="alone wrong-environment",
        steps=("wrong-environment",),
        causes=(proven("wrong-environment"),),
        exit=1,
        texts=("x-simulated-trading: 1",),
    ),
    Scenario(name="alone passphrase-case", steps=("passphrase-case",), causes=(proven("passphrase-case"),), exit=1),
    Scenario(
        name="alone passphrase-wrong",
        steps=("passphrase-wrong",),
        causes=(stated("passphrase-wrong"),),
        exit=1,
    ),
    Scenario(name="alone secret-wrong", steps=("secret-wrong",), causes=(likely("secret-wrong"),), exit=1),
    Scenario(
        name="alone passphrase-as-secret",
        steps=("passphrase-as-secret",),
        causes=(likely("passphrase-as-secret"),),
        exit=1,
    ),
    Scenario(
        name="alone api-key-as-secret",
        steps=("api-key-as-secret",),
        causes=(likely("api-key-as-secret"),),
        exit=1,
    ),
    Scenario(name="alone signing-broken", steps=("signing-broken",), causes=(proven("signing-broken"),), exit=1),
    Scenario(name="alone header-missing", steps=("header-missing",), causes=(stated("header-missing"),), exit=1),
    Scenario(
        name="alone permission-missing",
        steps=("permission-missing",),
        causes=(stated("permission-missing"),),
        exit=1,
    ),
    Scenario(
        name="alone account-restricted",
        steps=("account-restricted",),
        causes=(stated("account-restricted"),),
        exit=1,
    ),
    Scenario(
        name="alone withdraw-permission-granted",
        steps=("withdraw-permission-granted",),
        causes=(warned("withdraw-permission-granted"),),
    ),
    Scenario(name="alone api-key-expiring", steps=("api-key-expiring",), causes=(warned("api-key-expiring"),)),
    Scenario(
        name="alone passphrase-case-suspect",
        steps=("passphrase-case-suspect",),
        causes=(stated("passphrase-wrong"), warned("passphrase-case-suspect", "possible")),
        exit=1,
    ),
    Scenario(
        name="alone credentials-exposed",
        steps=("credentials-exposed",),
        causes=(warned("credentials-exposed", "proven"),),
        texts=("every user", "git tracks .env", "chmod 600 .env", "git rm --cached .env"),
    ),
    Scenario(
        name="alone passphrase-reused",
        steps=("passphrase-reused",),
        causes=(warned("passphrase-reused", "proven"),),
        texts=("demo",),
    ),
)
