"""ccxt in its five languages, and the bots that are built on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from okx_doctor.catalogue.clients.client import Bug, Checked, Client, Setting, Socket

_PYTHON_RUN: Final = Checked("4.5.90", "run")
_PYTHON_READ: Final = Checked("4.5.90", "read")
_NODE_RUN: Final = Checked("4.5.84", "run")
_NODE_READ: Final = Checked("4.5.84", "read")
_PHP: Final = Checked("php/myokx.php and okxus.php, public repository", "read")
_SHARP: Final = Checked("cs/ccxt/base/Exchange.Options.cs, public repository", "read")
_SHARP_SITES: Final = Checked("cs/ccxt/exchanges/myokx.cs and okxus.cs, public repository", "read")
_GO_RUN: Final = Checked("4.5.84", "run")
_GO: Final = Checked("go/v4/exchange_options.go, public repository", "read")

_IDS: Final[Mapping[str, str]] = {"global": "okx", "eea": "myokx", "us": "okxus"}
"""The exchange's id for each site, the same in every language."""

_UNKNOWN_KEY: Final = Bug(
    versions="4.4.41 and before",
    fault="has no id for the EEA site, so that an EEA key is answered 50119",
    address="https://github.com/ccxt/ccxt/issues/24601",
)
_OLD_PORT: Final = Bug(
    versions="4.5.84 and before",
    fault="dials its sockets on port 8443, which OKX has retired",
    address="https://www.npmjs.com/package/ccxt",
)

_AFTER_SANDBOX: Final = "after the sandbox mode is set, which sets the addresses anew"


def _sites(line: str, checked: Checked | None) -> dict[str, Setting]:
    """The setting for each site that ccxt has an id for; ``ID`` in the line becomes it."""
    return {site: Setting(lines=(line.replace("ID", name),), checked=checked) for site, name in _IDS.items()}


CCXT_PYTHON: Final = Client(
    id="ccxt-python",
    name="ccxt (Python)",
    language="Python",
    idiom="ccxt",
    agents=r"ccxt",
    names=(("OKX_APIKEY", "OKX_PASSWORD"), ("MYOKX_APIKEY",), ("OKXUS_APIKEY",)),
    logs=r"fetch Request: (?:okx|myokx|okxus) |ccxt\.base\.(?:errors|exchange)|^(?:okx|myokx|okxus) \{",
    sites=_sites("exchange = ccxt.ID(config)", _PYTHON_RUN),
    demo=Setting(lines=("exchange.set_sandbox_mode(True)",), checked=_PYTHON_RUN),
    base_url=Setting(lines=('exchange.urls["api"]["rest"] = "{rest}"',), note=_AFTER_SANDBOX, checked=_PYTHON_RUN),
    passphrase=Setting(lines=('"password": "…",',), checked=_PYTHON_RUN),
    proxy=Setting(
        lines=('exchange.httpsProxy = "http://HOST:PORT"',),
        note='the proxy variables are read only with "requests_trust_env": True',
        checked=_PYTHON_RUN,
    ),
    clock=Setting(lines=('"options": {"adjustForTimeDifference": True},',), checked=_PYTHON_READ),
    capture=Setting(lines=("exchange.verbose = True",), checked=_PYTHON_RUN),
    ca=Setting(
        lines=("exchange.session.trust_env = True", "export REQUESTS_CA_BUNDLE=/path/to/ca.pem"),
        note='"requests_trust_env": True in config does the same',
        checked=_PYTHON_RUN,
    ),
    bugs=(_UNKNOWN_KEY,),
)

CCXT_PRO: Final = Client(
    id="ccxt-pro",
    name="ccxt.pro and ccxt.async_support (Python)",
    language="Python",
    idiom="ccxt",
    logs=r"ccxt\.pro|ccxt/async_support|ccxt\.async_support",
    sites=_sites("exchange = ccxt.pro.ID(config)", _PYTHON_RUN),
    demo=Setting(lines=("exchange.set_sandbox_mode(True)",), checked=_PYTHON_RUN),
    base_url=Setting(
        lines=('exchange.urls["api"]["rest"] = "{rest}"', 'exchange.urls["api"]["ws"] = "{socket}/ws/v5"'),
        note=_AFTER_SANDBOX,
        checked=_PYTHON_RUN,
    ),
    passphrase=Setting(lines=('"password": "…",',), checked=_PYTHON_RUN),
    proxy=Setting(
        lines=('exchange.httpsProxy = "http://HOST:PORT"', 'exchange.wssProxy = "http://HOST:PORT"'),
        note='the proxy variables are read only with "aiohttp_trust_env": True',
        checked=_PYTHON_READ,
    ),
    clock=Setting(lines=('"options": {"adjustForTimeDifference": True},',), checked=_PYTHON_READ),
    capture=Setting(lines=("exchange.verbose = True",), checked=_PYTHON_RUN),
    ca=Setting(lines=('"cafile": "/path/to/ca.pem",',), note="SSL_CERT_FILE is not read", checked=_PYTHON_RUN),
    sockets=(Socket(version="4.5.90", port=443, address="wss://ws.okx.com:443/ws/v5", checked=_PYTHON_RUN),),
    bugs=(_UNKNOWN_KEY,),
)

CCXT_NODE: Final = Client(
    id="ccxt-node",
    name="ccxt and ccxt.pro (JavaScript, TypeScript)",
    language="JavaScript",
    idiom="ccxt",
    logs=r"fetch Request:\s*\n\s*(?:okx|myokx|okxus) |ccxt/js/src|ccxt/dist",
    sites=_sites("const exchange = new ccxt.ID(config);", _NODE_RUN),
    demo=Setting(lines=("exchange.setSandboxMode(true);",), checked=_NODE_RUN),
    base_url=Setting(
        lines=("exchange.urls.api.rest = '{rest}';", "exchange.urls.api.ws = '{socket}/ws/v5';"),
        note=_AFTER_SANDBOX,
        checked=_NODE_RUN,
    ),
    passphrase=Setting(lines=("password: '…',",), checked=_NODE_RUN),
    proxy=Setting(
        lines=("exchange.httpsProxy = 'http://HOST:PORT';",),
        note="the proxy variables are not read",
        checked=_NODE_RUN,
    ),
    clock=Setting(lines=("options: { adjustForTimeDifference: true },",), checked=_NODE_READ),
    capture=Setting(lines=("exchange.verbose = true;",), checked=_NODE_RUN),
    ca=Setting(lines=("export NODE_EXTRA_CA_CERTS=/path/to/ca.pem",), checked=_NODE_RUN),
    sockets=(Socket(version="4.5.84", port=8443, address="wss://ws.okx.com:8443/ws/v5", checked=_NODE_RUN),),
    bugs=(_UNKNOWN_KEY, _OLD_PORT),
)

CCXT_PHP: Final = Client(
    id="ccxt-php",
    name="ccxt (PHP)",
    language="PHP",
    idiom="ccxt",
    logs=r"ccxt\\(?:okx|myokx|okxus|\w+Error)",
    sites=_sites("$exchange = new \\ccxt\\ID($config);", _PHP),
    demo=Setting(lines=("$exchange->set_sandbox_mode(true);",)),
    base_url=Setting(lines=("$exchange->urls['api']['rest'] = '{rest}';",)),
    passphrase=Setting(lines=("'password' => '…',",)),
    proxy=Setting(lines=("$exchange->httpsProxy = 'http://HOST:PORT';",)),
    clock=Setting(lines=("'options' => ['adjustForTimeDifference' => true],",)),
    capture=Setting(lines=("$exchange->verbose = true;",)),
    ca=Setting(lines=("curl.cainfo = /path/to/ca.pem",), note="in php.ini"),
    bugs=(_UNKNOWN_KEY,),
)

CCXT_SHARP: Final = Client(
    id="ccxt-csharp",
    name="ccxt (C#)",
    language="C#",
    idiom="ccxt",
    logs=r"\bccxt\.(?:okx|myokx|okxus)\.|ccxt\.\w+Error:",
    sites=_sites("var exchange = new ccxt.ID(config);", _SHARP_SITES),
    demo=Setting(lines=("exchange.setSandboxMode(true);",)),
    base_url=Setting(lines=('((dict)((dict)exchange.urls)["api"])["rest"] = "{rest}";',)),
    passphrase=Setting(lines=('exchange.password = "…";',), checked=_SHARP),
    proxy=Setting(lines=('exchange.httpsProxy = "http://HOST:PORT";',), checked=_SHARP),
    clock=Setting(lines=('exchange.options["adjustForTimeDifference"] = true;',)),
    capture=Setting(lines=("exchange.verbose = true;",), checked=_SHARP),
    ca=Setting(lines=("export SSL_CERT_FILE=/path/to/ca.pem",), note="on Linux; elsewhere in the system's store"),
    bugs=(_UNKNOWN_KEY,),
)

CCXT_GO: Final = Client(
    id="ccxt-go",
    name="ccxt (Go)",
    language="Go",
    idiom="ccxt",
    logs=r"github\.com/ccxt/ccxt/go",
    sites={site: Setting(lines=(f"exchange := ccxt.New{name.capitalize()}(config)",)) for site, name in _IDS.items()},
    demo=Setting(lines=("exchange.SetSandboxMode(true)",)),
    base_url=Setting(note="no setting of its own was found; run the bot under okx-doctor run"),
    passphrase=Setting(lines=('"password": "…",',), checked=_GO),
    proxy=Setting(lines=('exchange.HttpsProxy = "http://HOST:PORT"',)),
    clock=Setting(lines=('"options": map[string]interface{}{"adjustForTimeDifference": true},',)),
    capture=Setting(lines=("exchange.Verbose = true",), checked=_GO_RUN),
    ca=Setting(lines=("export SSL_CERT_FILE=/path/to/ca.pem",)),
    bugs=(_UNKNOWN_KEY,),
)

_FREQTRADE: Final = Checked("2026.9", "read")
_FREQTRADE_RUN: Final = Checked("2026.9", "run")
_HANDED_ON: Final = Checked("ccxt 4.5.90, which freqtrade hands ccxt_config to", "run")

FREQTRADE: Final = Client(
    id="freqtrade",
    name="freqtrade",
    language="Python",
    idiom="ccxt",
    names=(
        ("FREQTRADE__EXCHANGE__KEY",),
        ("FREQTRADE__EXCHANGE__NAME",),
        ("FREQTRADE__EXCHANGE__PASSWORD",),
        ("exchange.name", "stake_currency"),
        ("exchange.pair_whitelist",),
        ("exchange.ccxt_config",),
    ),
    files=r"user_data/config[^/]*\.json$",
    logs=r"\bfreqtrade\.(?:exchange|worker|main)\b",
    sites={
        site: Setting(
            lines=(f'"exchange": {{"name": "{name}", …}}',),
            note="" if name != "okxus" else "freqtrade does not list okxus as supported and hands the name on to ccxt",
            checked=_FREQTRADE,
        )
        for site, name in _IDS.items()
    },
    demo_at={
        "tr": Setting(
            lines=(
                '"ccxt_config": {"options": {"sandbox": true}, "urls": {"test": {"rest": "{rest}"}}}, '
                '"enable_ws": false',
            ),
            note='inside "exchange"',
            checked=_HANDED_ON,
        )
    },
    demo=Setting(
        lines=('"ccxt_config": {"options": {"sandbox": true}}',),
        note='freqtrade refuses its own "demo_trading" for OKX; what is in ccxt_config reaches ccxt',
        checked=_HANDED_ON,
    ),
    base_url=Setting(
        lines=('"ccxt_config": {"urls": {"api": {"rest": "{rest}"}, "test": {"rest": "{rest}"}}}, "enable_ws": false',),
        note='inside "exchange"; without a socket, whose address would be another site\'s',
        checked=_HANDED_ON,
    ),
    passphrase=Setting(lines=('"password": "…",',), note='inside "exchange"', checked=_FREQTRADE_RUN),
    proxy=Setting(
        lines=('"ccxt_config": {"httpsProxy": "http://HOST:PORT", "wsProxy": "http://HOST:PORT"}',),
        checked=_FREQTRADE,
    ),
    clock=Setting(lines=('"ccxt_config": {"options": {"adjustForTimeDifference": true}}',), checked=_FREQTRADE),
    capture=Setting(lines=('"ccxt_config": {"verbose": true}',), checked=_FREQTRADE_RUN),
    ca=Setting(
        lines=('"ccxt_sync_config": {"requests_trust_env": true}, "ccxt_async_config": {"cafile": "/path/to/ca.pem"}',),
        note="with REQUESTS_CA_BUNDLE=/path/to/ca.pem in the environment",
        checked=_FREQTRADE,
    ),
    bugs=(
        Bug(
            versions="every version",
            fault="an EEA key under the name okx, or a global one under myokx, is answered 50119",
            address="https://github.com/freqtrade/freqtrade/issues/10967",
        ),
    ),
)

_OCTOBOT: Final = Checked("octobot_trading 2.5.13", "read")
_TENTACLES: Final = Checked("OctoBot-Tentacles, January 2026", "read")

OCTOBOT: Final = Client(
    id="octobot",
    name="OctoBot",
    language="Python",
    idiom="ccxt",
    names=(
        ("exchanges.okx.api-key",),
        ("exchanges.myokx.api-key",),
        ("EXCHANGE_HTTPS_PROXY_AUTHENTICATED_URL",),
        ("EXCHANGE_HTTP_PROXY_AUTHENTICATED_URL",),
    ),
    logs=r"\boctobot(?:_trading|_commons)?\b",
    sites={
        "global": Setting(lines=('"exchanges": {"okx": {…}}',), checked=_TENTACLES),
        "eea": Setting(lines=('"exchanges": {"myokx": {…}}',), checked=_TENTACLES),
        "us": Setting(note="OctoBot has no exchange for OKX US", checked=_TENTACLES),
    },
    demo=Setting(lines=('"sandboxed": true',), note="inside the exchange's settings", checked=_OCTOBOT),
    base_url=Setting(note="OctoBot has no setting for an address; run the bot under okx-doctor run", checked=_OCTOBOT),
    passphrase=Setting(
        lines=('"api-password": "…"',),
        note="inside the exchange's settings",
        checked=Checked("octobot_commons 1.10.6", "read"),
    ),
    proxy=Setting(lines=("export EXCHANGE_HTTPS_PROXY_AUTHENTICATED_URL=http://HOST:PORT",), checked=_OCTOBOT),
    clock=Setting(note="OctoBot has no setting for it; set the machine's clock", checked=_OCTOBOT),
    capture=Setting(lines=("export ENABLE_CCXT_VERBOSE=True",), checked=_OCTOBOT),
    ca=Setting(note="no setting of its own was found"),
    bugs=(
        Bug(
            versions="every version",
            fault="an EEA key is answered 50119 under the exchange okx; its exchange is myokx",
            address="https://github.com/Drakkar-Software/OctoBot/issues/3610",
        ),
    ),
)
