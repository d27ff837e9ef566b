"""Libraries for OKX alone or for many exchanges, and the bots that have a connector of their own to OKX."""

from __future__ import annotations

from typing import Final

from okx_doctor.catalogue.clients.client import Bug, Checked, Client, Setting, Socket

_PYTHON_OKX: Final = Checked("0.4.4", "run")
_PYTHON_OKX_READ: Final = Checked("0.4.4", "read")

PYTHON_OKX: Final = Client(
    id="python-okx",
    name="python-okx (REST and WebSocket)",
    language="Python",
    idiom="requests",
    agents=r"okx-python",
    logs=r"\bokx\.(?:okxclient|utils|websocket)\b",
    demo=Setting(lines=('flag="1",',), note="the default", checked=_PYTHON_OKX),
    live=Setting(lines=('flag="0",',), note='flag="1", demo trading, is the default', checked=_PYTHON_OKX),
    base_url=Setting(
        lines=('domain="{rest}",', 'WsPrivateAsync(…, url="{socket}/ws/v5/private")'),
        note="domain= is an argument of every API class; the socket's address is always given by the user",
        checked=_PYTHON_OKX,
    ),
    passphrase=Setting(lines=('passphrase="…",',), note="the third argument of every API class", checked=_PYTHON_OKX),
    proxy=Setting(
        lines=('proxy="http://HOST:PORT",',),
        note="HTTPS_PROXY is read too; the sockets have their own",
        checked=_PYTHON_OKX,
    ),
    clock=Setting(
        note="0.4.4 has none: use_server_time is accepted, warned of and ignored; set the machine's clock",
        checked=_PYTHON_OKX_READ,
    ),
    capture=Setting(
        lines=("debug=True,",),
        note="the answer is what the call returns: print it too",
        checked=_PYTHON_OKX,
    ),
    ca=Setting(
        lines=("export SSL_CERT_FILE=/path/to/ca.pem",),
        note="REST; the sockets trust certifi and the system",
        checked=_PYTHON_OKX,
    ),
    sockets=(Socket(version="0.4.4", port=0, checked=_PYTHON_OKX_READ),),
    bugs=(
        Bug(
            versions="every version",
            fault='flag="1" is the default, so that a live key is answered 50101',
            address="https://github.com/okxapi/python-okx/issues/30",
        ),
        Bug(
            versions="every version",
            fault="an EEA key is answered 50119 until domain= is given",
            address="https://github.com/okxapi/python-okx/issues/92",
        ),
        Bug(
            versions="every version",
            fault="a socket that reconnects has to log in again by itself, or is answered 60006",
            address="https://github.com/okxapi/python-okx/issues/16",
        ),
    ),
)

_OKX_API: Final = Checked("3.2.3", "run")
_OKX_API_READ: Final = Checked("3.2.3", "read")

OKX_API: Final = Client(
    id="okx-api",
    name="okx-api (npm)",
    language="JavaScript",
    idiom="axios",
    logs=r"node_modules/okx-api|\bokx-api\b",
    sites={
        "global": Setting(lines=("market: 'GLOBAL',",), note="the default", checked=_OKX_API),
        "eea": Setting(lines=("market: 'EEA',",), checked=_OKX_API),
        "us": Setting(lines=("market: 'US',",), checked=_OKX_API),
    },
    demo=Setting(lines=("demoTrading: true,",), checked=_OKX_API),
    base_url=Setting(
        lines=("baseUrl: '{rest}',", "wsUrl: '{socket}/ws/v5/private',"),
        note="baseUrl of RestClient, wsUrl of WebsocketClient",
        checked=_OKX_API,
    ),
    passphrase=Setting(lines=("apiPass: '…',",), checked=_OKX_API),
    proxy=Setting(
        lines=("export HTTPS_PROXY=http://HOST:PORT",),
        note="REST alone, by axios; a socket takes wsOptions: { agent }",
        checked=_OKX_API,
    ),
    clock=Setting(note="okx-api has none; set the machine's clock", checked=_OKX_API_READ),
    capture=Setting(
        lines=(
            "axios.interceptors.request.use((sent) => (console.log(JSON.stringify({ method: sent.method, "
            "url: axios.getUri(sent), headers: sent.headers, body: sent.data && JSON.stringify(sent.data) })), sent));",
        ),
        note="with axios imported from the copy that okx-api uses; the answer is what the call rejects with",
        checked=_OKX_API,
    ),
    ca=Setting(lines=("export NODE_EXTRA_CA_CERTS=/path/to/ca.pem",), checked=_OKX_API),
    sockets=(Socket(version="3.2.3", port=8443, address="wss://ws.okx.com:8443/ws/v5/private", checked=_OKX_API_READ),),
    bugs=(
        Bug(
            versions="3.2.3 and before",
            fault="dials its sockets on port 8443, which OKX has retired; wsUrl gives another address",
            address="https://www.npmjs.com/package/okx-api",
        ),
        Bug(
            versions="every version",
            fault="a market that it does not know is taken for the global one, without a word",
            address="https://www.npmjs.com/package/okx-api",
        ),
    ),
)

_CLI: Final = Checked("1.2.4", "run")
_CLI_READ: Final = Checked("1.2.4", "read")

OKX_CLI: Final = Client(
    id="okx-cli",
    name="OKX CLI, agent-trade-kit",
    language="JavaScript",
    agents=r"okx-trade-(?:cli|mcp)",
    files=r"(?:^|/)\.okx/config\.toml$",
    logs=r"okx-trade-(?:cli|mcp)|\[verbose\] config: profile=",
    sites={
        "global": Setting(lines=('site = "global"',), note="or OKX_SITE=global", checked=_CLI),
        "eea": Setting(lines=('site = "eea"',), note="or OKX_SITE=eea", checked=_CLI),
        "us": Setting(lines=('site = "us"',), note="or OKX_SITE=us; it sends to app.okx.com", checked=_CLI),
    },
    demo=Setting(lines=("demo = true",), note="or OKX_DEMO=1, or --demo", checked=_CLI),
    base_url=Setting(
        lines=('base_url = "{rest}"',), note="or OKX_API_BASE_URL, which wins over the site", checked=_CLI_READ
    ),
    passphrase=Setting(lines=('passphrase = "…"',), note="or OKX_PASSPHRASE", checked=_CLI_READ),
    proxy=Setting(
        lines=('proxy_url = "http://HOST:PORT"',),
        note="HTTPS_PROXY is shown by okx diagnose and not used; SOCKS is refused",
        checked=_CLI_READ,
    ),
    clock=Setting(note="OKX's CLI has none; set the machine's clock", checked=_CLI_READ),
    capture=Setting(
        note="okx --verbose prints the address and the code, no signature; run it under okx-doctor run", checked=_CLI
    ),
    ca=Setting(lines=("export NODE_EXTRA_CA_CERTS=/path/to/ca.pem",), checked=_CLI_READ),
    bugs=(
        Bug(
            versions="1.2.4, 1.3.1",
            fault="an empty variable hides the profile of the file: the credentials are then called partial or missing",
            address="https://github.com/okx/agent-trade-kit",
        ),
        Bug(
            versions="1.2.4",
            fault="the command okx does not know --site, which the MCP server does: it is refused as an unknown option",
            address="https://github.com/okx/agent-trade-kit",
        ),
    ),
)

_OKX_NET: Final = Checked("5.4.0", "read")
_CRYPTO_NET: Final = Checked("CryptoExchange.Net, July 2026", "read")

OKX_NET: Final = Client(
    id="okx-net",
    name="OKX.Net (JKorf)",
    language="C#",
    idiom="dotnet",
    logs=r"\bOKX\.Net\b|CryptoExchange\.Net",
    sites={
        "global": Setting(lines=("options.Environment = OKXEnvironment.Live;",), checked=_OKX_NET),
        "eea": Setting(lines=("options.Environment = OKXEnvironment.Europe;",), checked=_OKX_NET),
        "us": Setting(lines=("options.Environment = OKXEnvironment.Us;",), checked=_OKX_NET),
    },
    demo_at={
        "global": Setting(lines=("options.Environment = OKXEnvironment.Demo;",), checked=_OKX_NET),
        "eea": Setting(lines=("options.Environment = OKXEnvironment.EuropeDemo;",), checked=_OKX_NET),
        "us": Setting(
            lines=(
                "options.Environment = OKXEnvironment.CreateCustom("
                'TradeEnvironmentNames.Testnet, "{rest}", "{socket}");',
            ),
            note="it has no environment for this demo; the name Testnet is what adds the demo header",
            checked=_OKX_NET,
        ),
        "tr": Setting(
            lines=('options.Environment = OKXEnvironment.CreateCustom(TradeEnvironmentNames.Testnet, "{rest}", "");',),
            note="the name Testnet is what adds the demo header",
            checked=_OKX_NET,
        ),
    },
    demo=Setting(lines=("options.Environment = OKXEnvironment.Demo;",), checked=_OKX_NET),
    base_url=Setting(
        lines=('options.Environment = OKXEnvironment.CreateCustom("custom", "{rest}", "");',),
        note="the third argument is the socket's address",
        checked=_OKX_NET,
    ),
    passphrase=Setting(
        lines=('options.ApiCredentials = new OKXCredentials("…", "…", "…");',),
        note="the third argument; Pass in a configuration file",
        checked=_OKX_NET,
    ),
    proxy=Setting(lines=('options.Proxy = new ApiProxy("http://HOST", PORT);',), checked=_CRYPTO_NET),
    clock=Setting(lines=("options.AutoTimestamp = true;",), checked=_CRYPTO_NET),
    capture=Setting(
        lines=("options.OutputOriginalData = true;",),
        note="prints the answer; for the request, run it under okx-doctor run",
        checked=_OKX_NET,
    ),
    ca=Setting(lines=("export SSL_CERT_FILE=/path/to/ca.pem",), note="on Linux; elsewhere in the system's store"),
    sockets=(Socket(version="5.4.0", port=8443, address="wss://ws.okx.com:8443", checked=_OKX_NET),),
    bugs=(
        Bug(
            versions="before EuropeDemo was added",
            fault="its demo environment is the global one, where an EEA demo key is answered 50119",
            address="https://github.com/JKorf/OKX.Net/issues/98",
        ),
    ),
)

_SHARP_API: Final = Checked("public repository, April 2026", "read")

OKX_SHARP_API: Final = Client(
    id="okx-sharp-api",
    name="OKX.Api (burakoner)",
    language="C#",
    idiom="dotnet",
    logs=r"\bOKX\.Api\b",
    demo=Setting(lines=("DemoTradingService = true,",), checked=_SHARP_API),
    base_url=Setting(
        lines=('BaseAddress = "{rest}",',),
        note="after DemoTradingService, which sets the address anew; it knows the global site alone",
        checked=_SHARP_API,
    ),
    passphrase=Setting(lines=('new OkxApiCredentials("…", "…", "…")',), note="the third argument", checked=_SHARP_API),
    clock=Setting(lines=("AutoTimestamp = true,",), checked=_SHARP_API),
    sockets=(
        Socket(version="April 2026", port=8443, address="wss://ws.okx.com:8443/ws/v5/private", checked=_SHARP_API),
    ),
    bugs=(
        Bug(
            versions="before 1.4.0",
            fault="says that no credentials were given for a private channel, where the request was at fault",
            address="https://github.com/burakoner/OKX.Api/issues/37",
        ),
    ),
)

_NAUTILUS: Final = Checked("0.61.0 (Rust workspace, July 2026)", "read")
_NAUTILUS_WHEEL: Final = Checked("1.221.0", "read")

NAUTILUS: Final = Client(
    id="nautilus",
    name="nautilus_trader",
    language="Python, Rust",
    agents=r"nautilus",
    names=(("OKX_BASE_URL_HTTP",), ("OKX_BASE_URL_WS_PRIVATE",)),
    logs=r"\bnautilus_(?:trader|pyo3|okx)\b|\bExecClient-OKX\b|\bDataClient-OKX\b",
    sites={
        "global": Setting(lines=("region=OKXRegion.GLOBAL,",), note="the default", checked=_NAUTILUS),
        "eea": Setting(
            lines=("region=OKXRegion.EEA,",), note="1.221.0 has no region: give base_url_http there", checked=_NAUTILUS
        ),
        "us": Setting(
            lines=("region=OKXRegion.US,",), note="1.221.0 has no region: give base_url_http there", checked=_NAUTILUS
        ),
    },
    demo=Setting(lines=("environment=OKXEnvironment.DEMO,",), note="is_demo=True in 1.221.0", checked=_NAUTILUS),
    base_url=Setting(
        lines=('base_url_http="{rest}",', 'base_url_ws="{socket}/ws/v5/private",'),
        note="in the data client's and in the execution client's config",
        checked=_NAUTILUS_WHEEL,
    ),
    passphrase=Setting(lines=('api_passphrase="…",',), note="or OKX_API_PASSPHRASE", checked=_NAUTILUS_WHEEL),
    proxy=Setting(lines=('proxy_url="http://HOST:PORT",',), note="not in 1.221.0", checked=_NAUTILUS),
    clock=Setting(note="nautilus_trader has none; set the machine's clock", checked=_NAUTILUS),
    capture=Setting(note="no switch was found; run it under okx-doctor run"),
    ca=Setting(lines=("export SSL_CERT_FILE=/path/to/ca.pem",), checked=Checked("1.221.0", "run")),
    sockets=(
        Socket(version="1.221.0", port=8443, address="wss://ws.okx.com:8443/ws/v5/private", checked=_NAUTILUS_WHEEL),
        Socket(version="0.61.0", port=8443, address="wss://ws.okx.com:8443/ws/v5/private", checked=_NAUTILUS),
    ),
    bugs=(
        Bug(
            versions="1.221.0",
            fault="its config's text names OKX_PASSPHRASE, and it reads OKX_API_PASSPHRASE",
            address="https://pypi.org/project/nautilus_trader/",
        ),
        Bug(
            versions="before the mending of the issue",
            fault="the private socket takes its credentials from the environment, REST from the config",
            address="https://github.com/nautechsystems/nautilus_trader/issues/4115",
        ),
    ),
)

_HUMMINGBOT: Final = Checked("20260922", "read")
_NO_DEMO: Final = Setting(
    note="hummingbot has no demo trading for OKX: it never sends the demo header", checked=_HUMMINGBOT
)

HUMMINGBOT: Final = Client(
    id="hummingbot",
    name="hummingbot",
    language="Python",
    names=(("connector", "okx_api_key"), ("okx_registration_sub_domain",), ("okx_perpetual_api_key",)),
    files=r"conf/connectors/okx(?:_perpetual)?\.ya?ml$",
    logs=r"\bhummingbot\.",
    sites={
        "global": Setting(lines=("okx_registration_sub_domain: www",), note="the default", checked=_HUMMINGBOT),
        "eea": Setting(
            lines=("okx_registration_sub_domain: my",),
            note="asked for by the command connect okx; okx_perpetual knows the global site alone",
            checked=_HUMMINGBOT,
        ),
        "us": Setting(
            lines=("okx_registration_sub_domain: app",),
            note="asked for by the command connect okx; okx_perpetual knows the global site alone",
            checked=_HUMMINGBOT,
        ),
    },
    demo=_NO_DEMO,
    base_url=Setting(note="hummingbot has no setting for an address; run it under okx-doctor run", checked=_HUMMINGBOT),
    passphrase=Setting(lines=("okx_passphrase: …",), note="asked for by the command connect okx", checked=_HUMMINGBOT),
    proxy=Setting(note="hummingbot has no setting for a proxy and reads none of the variables", checked=_HUMMINGBOT),
    clock=Setting(note="it takes OKX's time by itself; nothing to set", checked=_HUMMINGBOT),
    capture=Setting(note="its logs hold no headers; run it under okx-doctor run", checked=_HUMMINGBOT),
    ca=Setting(lines=("export SSL_CERT_FILE=/path/to/ca.pem",), note="by aiohttp"),
    sockets=(
        Socket(version="20260922", port=8443, address="wss://ws.okx.com:8443/ws/v5/private", checked=_HUMMINGBOT),
    ),
    bugs=(
        Bug(
            versions="before 2.5.0",
            fault="has no setting for the site, so that an EEA or US key is answered 50119",
            address="https://github.com/hummingbot/hummingbot/issues/7447",
        ),
        Bug(
            versions="20260922 and before",
            fault="takes 50113, a wrong signature, for a clock that is off",
            address="https://github.com/hummingbot/hummingbot",
        ),
    ),
)

_GCT: Final = Checked("public repository, August 2026", "read")

GOCRYPTOTRADER: Final = Client(
    id="gocryptotrader",
    name="gocryptotrader",
    language="Go",
    agents=r"gocryptotrader",
    names=(("api.urlEndpoints.RestSpotURL",), ("exchanges.api.urlEndpoints.RestSpotURL",)),
    files=r"\.gocryptotrader/config\.(?:json|dat)$",
    logs=r"gocryptotrader|\bOkx attempt \d+ request path",
    demo=Setting(
        note="gocryptotrader has no demo trading for OKX: only its own tests send the demo header", checked=_GCT
    ),
    base_url=Setting(
        lines=(
            '"RestSpotURL": "{rest}/api/v5/"',
            '"WebsocketPrivateURL": "{socket}/ws/v5/private"',
            '"WebsocketSpotURL": "{socket}/ws/v5/public"',
            '"WebsocketSpotSupplementaryURL": "{socket}/ws/v5/business"',
        ),
        note='in "urlEndpoints" of the exchange Okx in config.json',
        checked=_GCT,
    ),
    passphrase=Setting(lines=('"clientID": "…"',), note='in "credentials"', checked=_GCT),
    proxy=Setting(lines=('"proxyAddress": "http://HOST:PORT"',), checked=_GCT),
    clock=Setting(note="gocryptotrader has none; set the machine's clock", checked=_GCT),
    capture=Setting(lines=('"verbose": true',), note="its log then holds the headers and the answer", checked=_GCT),
    ca=Setting(lines=("export SSL_CERT_FILE=/path/to/ca.pem",)),
    sockets=(Socket(version="August 2026", port=8443, address="wss://ws.okx.com:8443/ws/v5/private", checked=_GCT),),
)

_XCHANGE: Final = Checked("5.2.3", "read")
_XSTREAM: Final = Checked("public repository, March 2025", "read")

_RESCU: Final = Checked("5.2.1", "run")

XCHANGE: Final = Client(
    id="xchange",
    name="XChange (Java)",
    language="Java",
    idiom="java",
    logs=r"org\.knowm\.xchange|info\.bitrich\.xchangestream",
    demo=Setting(
        lines=('spec.setExchangeSpecificParametersItem("simulated", "1");',),
        note="the socket's demo is asked for by Exchange.USE_SANDBOX, true",
        checked=_XSTREAM,
    ),
    base_url=Setting(
        lines=('spec.setSslUri("{rest}");', 'spec.setOverrideWebsocketApiUri("{socket}/ws/v5/private");'),
        checked=_XSTREAM,
    ),
    passphrase=Setting(lines=('spec.setExchangeSpecificParametersItem("passphrase", "…");',), checked=_XCHANGE),
    proxy=Setting(lines=('spec.setProxyHost("HOST");', "spec.setProxyPort(PORT);"), checked=_XSTREAM),
    clock=Setting(note="XChange has none for OKX; set the machine's clock", checked=_XSTREAM),
    capture=Setting(lines=('<logger name="si.mazi.rescu" level="TRACE"/>',), note="in logback.xml", checked=_RESCU),
    ca=Setting(lines=("-Djavax.net.ssl.trustStore=/path/to/truststore -Djavax.net.ssl.trustStorePassword=…",)),
    sockets=(Socket(version="5.2.2", port=8443, address="wss://ws.okx.com:8443/ws/v5/private", checked=_XSTREAM),),
)

_CRATE: Final = Checked("0.1.2", "read")

RUST_OKX_CLIENT: Final = Client(
    id="rust-okx-client",
    name="okx-client (Rust)",
    language="Rust",
    idiom="rust",
    logs=r"\bokx_client::",
    sites={
        "global": Setting(lines=(".region(Region::Global)",), note="the default", checked=_CRATE),
        "eea": Setting(lines=(".region(Region::Eea)",), checked=_CRATE),
        "us": Setting(lines=(".region(Region::Us)",), checked=_CRATE),
    },
    demo=Setting(lines=(".demo()",), checked=_CRATE),
    base_url=Setting(lines=('.base_url("{rest}")',), note="REST; the sockets' addresses are fixed", checked=_CRATE),
    passphrase=Setting(lines=('.credentials("…", "…", "…")',), note="the third argument", checked=_CRATE),
    proxy=Setting(lines=("export HTTPS_PROXY=http://HOST:PORT",), note="REST alone, by reqwest", checked=_CRATE),
    clock=Setting(note="the crate has none; set the machine's clock", checked=_CRATE),
    sockets=(Socket(version="0.1.2", port=8443, address="wss://ws.okx.com:8443/ws/v5/private", checked=_CRATE),),
    bugs=(
        Bug(
            versions="0.1.2",
            fault="in demo trading its sockets are the global ones, whatever the region",
            address="https://docs.rs/okx-client",
        ),
    ),
)

_CRATE_OKX: Final = Checked("0.2.3", "read")

RUST_OKX: Final = Client(
    id="rust-okx",
    name="okx (Rust)",
    language="Rust",
    idiom="rust",
    names=(("OKX_SIMULATED_API_KEY",), ("OKX_WEBSOCKET_URL",), ("OKX_API_URL",)),
    demo=Setting(
        lines=("export OKX_SIMULATED_TRADING=1",),
        note="the default of its config",
        checked=_CRATE_OKX,
    ),
    live=Setting(lines=("export OKX_SIMULATED_TRADING=0",), note="1, demo trading, is the default", checked=_CRATE_OKX),
    base_url=Setting(
        lines=("export OKX_API_URL={rest}", "export OKX_PRIVATE_WEBSOCKET_URL={socket}/ws/v5/private"),
        checked=_CRATE_OKX,
    ),
    passphrase=Setting(lines=("export OKX_PASSPHRASE='…'",), checked=_CRATE_OKX),
    clock=Setting(note="the crate has none; set the machine's clock", checked=_CRATE_OKX),
    sockets=(Socket(version="0.2.3", port=443, address="wss://ws.okx.com/ws/v5/private", checked=_CRATE_OKX),),
)

_CRATE_RS: Final = Checked("0.1.1", "read")
_NO_ADDRESS: Final = Setting(
    lines=('impl OKXEnv for Site { fn rest(&self) -> &str { "{rest}/api/v5" } … }',),
    note="an environment of one's own, given to Options::new_with",
    checked=_CRATE_RS,
)

RUST_OKX_RS: Final = Client(
    id="rust-okx-rs",
    name="okx-rs (Rust)",
    language="Rust",
    idiom="rust",
    logs=r"\bokx_rs::",
    demo=Setting(lines=("Options::new_with(DemoTrading, …)",), note="the global site's demo", checked=_CRATE_RS),
    demo_at=dict.fromkeys(
        ("eea", "us", "tr"),
        Setting(
            lines=(
                *_NO_ADDRESS.lines,
                'fn headers(&self) -> Option<&[(&str, &str)]> { Some(&[("x-simulated-trading", "1")]) }',
            ),
            note=_NO_ADDRESS.note,
            checked=_CRATE_RS,
        ),
    ),
    sites={"global": Setting(lines=("Options::new_with(Production, …)",), checked=_CRATE_RS)},
    base_url=_NO_ADDRESS,
    passphrase=Setting(lines=("Options::new_with(env, key, secret, passphrase)",), checked=_CRATE_RS),
    clock=Setting(note="the crate has none; set the machine's clock", checked=_CRATE_RS),
    sockets=(Socket(version="0.1.1", port=8443, address="wss://ws.okx.com:8443/ws/v5/private", checked=_CRATE_RS),),
)
