"""HTTP libraries under code that signs by itself: the site and the demo header are in the user's own source."""

from __future__ import annotations

from typing import Final

from okx_doctor.catalogue.clients.client import Checked, Client, Setting
from okx_doctor.protocol.scheme import OKX

_REQUESTS: Final = Checked("2.34.2", "run")
_HTTPX: Final = Checked("0.28.1", "run")
_AIOHTTP: Final = Checked("3.14.5", "run")
_URLLIB: Final = Checked("Python 3.11", "run")
_AXIOS: Final = Checked("1.21.1", "run")
_NODE: Final = Checked("Node 20", "run")
_GOT: Final = Checked("14.6.6", "run")
_RUBY: Final = Checked("Ruby 3.1", "run")
_GO: Final = Checked("Go 1.26", "run")
_JAVA: Final = Checked("Java 17", "run")
_PHP: Final = Checked("PHP 8.2", "run")
_OKHTTP: Final = Checked("4.12.0", "run")
_REQWEST: Final = Checked("0.12.28", "run")
_CURL: Final = Checked("7.88", "run")
_DOTNET: Final = Checked(".NET Core 3.1", "run")

_HEADER: Final = OKX.headers.passphrase
_DEMO: Final = f'"{OKX.demo_header}": "1",'
_CA_PATH: Final = "/path/to/ca.pem"


def _own(line: str, checked: Checked | None) -> Setting:
    """A line of the user's own source."""
    return Setting(lines=(line,), checked=checked)


def _no_clock(name: str, checked: Checked | None) -> Setting:
    return Setting(note=f"{name} has none: set the machine's clock, or sign with OKX's time", checked=checked)


def _variable(name: str, value: str, checked: Checked | None, note: str = "") -> Setting:
    return Setting(lines=(f"export {name}={value}",), note=note, checked=checked)


def _proxy(checked: Checked | None, note: str = "") -> Setting:
    return _variable("HTTPS_PROXY", "http://HOST:PORT", checked, note)


REQUESTS: Final = Client(
    id="requests",
    name="requests",
    language="Python",
    idiom="requests",
    agents=r"python-requests|requests/",
    base_url=_own('BASE = "{rest}"', _REQUESTS),
    demo=_own(_DEMO, _REQUESTS),
    passphrase=_own(f'"{_HEADER}": passphrase,', _REQUESTS),
    proxy=_proxy(_REQUESTS),
    clock=_no_clock("requests", _REQUESTS),
    capture=_own(
        'print(json.dumps({"method": r.request.method, "url": r.request.url, "headers": dict(r.request.headers), '
        '"body": r.request.body, "response": {"status": r.status_code, "body": r.text}}, default=bytes.decode))',
        _REQUESTS,
    ),
    ca=_variable("REQUESTS_CA_BUNDLE", _CA_PATH, _REQUESTS),
)

HTTPX: Final = Client(
    id="httpx",
    name="httpx",
    language="Python",
    idiom="httpx",
    agents=r"python-httpx|httpx",
    base_url=_own('BASE = "{rest}"', _HTTPX),
    demo=_own(_DEMO, _HTTPX),
    passphrase=_own(f'"{_HEADER}": passphrase,', _HTTPX),
    proxy=_proxy(_HTTPX),
    clock=_no_clock("httpx", _HTTPX),
    capture=_own(
        'print(json.dumps({"method": r.request.method, "url": str(r.request.url), "headers": dict(r.request.headers), '
        '"body": r.request.content.decode(), "response": {"status": r.status_code, "body": r.text}}))',
        _HTTPX,
    ),
    ca=_variable("SSL_CERT_FILE", _CA_PATH, _HTTPX),
)

AIOHTTP: Final = Client(
    id="aiohttp",
    name="aiohttp",
    language="Python",
    idiom="aiohttp",
    agents=r"aiohttp",
    base_url=_own('BASE = "{rest}"', _AIOHTTP),
    demo=_own(_DEMO, _AIOHTTP),
    passphrase=_own(f'"{_HEADER}": passphrase,', _AIOHTTP),
    proxy=Setting(
        lines=("aiohttp.ClientSession(trust_env=True)", "export HTTPS_PROXY=http://HOST:PORT"),
        note="without trust_env it reads no proxy variable",
        checked=_AIOHTTP,
    ),
    clock=_no_clock("aiohttp", _AIOHTTP),
    capture=Setting(
        lines=(
            'print(json.dumps({"method": r.method, "url": str(r.url), "headers": dict(r.request_info.headers), '
            '"body": body, "response": {"status": r.status, "body": await r.text()}}))',
        ),
        note='body is the text that was sent, "" for a GET',
        checked=_AIOHTTP,
    ),
    ca=_variable("SSL_CERT_FILE", _CA_PATH, _AIOHTTP),
)

URLLIB: Final = Client(
    id="urllib",
    name="urllib",
    language="Python",
    idiom="urllib",
    agents=r"python-urllib|urllib3",
    base_url=_own('BASE = "{rest}"', _URLLIB),
    demo=_own(_DEMO, _URLLIB),
    passphrase=_own(f'"{_HEADER}": passphrase,', _URLLIB),
    proxy=_proxy(_URLLIB),
    clock=_no_clock("urllib", _URLLIB),
    capture=Setting(
        lines=(
            'print(json.dumps({"method": request.get_method(), "url": request.full_url, '
            '"headers": dict(request.header_items()), "body": (request.data or b"").decode()}))',
        ),
        note="of the Request, before it is opened; the answer of a refusal is error.read()",
        checked=_URLLIB,
    ),
    ca=_variable("SSL_CERT_FILE", _CA_PATH, _URLLIB),
)

AXIOS: Final = Client(
    id="axios",
    name="axios",
    language="JavaScript",
    idiom="axios",
    agents=r"axios",
    logs=r"AxiosError",
    base_url=_own("const BASE = '{rest}';", _AXIOS),
    demo=_own(f"'{OKX.demo_header}': '1',", _AXIOS),
    passphrase=_own(f"'{_HEADER}': passphrase,", _AXIOS),
    proxy=_proxy(_AXIOS),
    clock=_no_clock("axios", _AXIOS),
    capture=Setting(
        lines=(
            "console.log(JSON.stringify({ method: r.config.method, url: axios.getUri(r.config), "
            "headers: r.config.headers, body: r.config.data, "
            "response: { status: r.status, body: JSON.stringify(r.data) } }));",
        ),
        note="r is the response, or error.response where it throws",
        checked=_AXIOS,
    ),
    ca=_variable("NODE_EXTRA_CA_CERTS", _CA_PATH, _AXIOS),
)

FETCH: Final = Client(
    id="fetch",
    name="fetch, undici (Node)",
    language="JavaScript",
    idiom="fetch",
    agents=r"undici|node-fetch|^node$|node\.js|bun/|deno/",
    logs=r"TypeError: fetch failed",
    base_url=_own("const BASE = '{rest}';", _NODE),
    demo=_own(f"'{OKX.demo_header}': '1',", _NODE),
    passphrase=_own(f"'{_HEADER}': passphrase,", _NODE),
    proxy=Setting(
        lines=("export NODE_USE_ENV_PROXY=1 HTTPS_PROXY=http://HOST:PORT",),
        note="from Node 24 on; Node 20 reads no proxy variable",
    ),
    clock=_no_clock("fetch", _NODE),
    capture=Setting(
        lines=(
            "console.log(JSON.stringify({ method, url, headers, body, "
            "response: { status: r.status, body: await r.clone().text() } }));",
        ),
        note="with the very values that were given to fetch",
        checked=_NODE,
    ),
    ca=_variable("NODE_EXTRA_CA_CERTS", _CA_PATH, _NODE),
)

GOT: Final = Client(
    id="got",
    name="got",
    language="JavaScript",
    idiom="fetch",
    agents=r"got \(",
    base_url=_own("const BASE = '{rest}';", _GOT),
    demo=_own(f"'{OKX.demo_header}': '1',", _GOT),
    passphrase=_own(f"'{_HEADER}': passphrase,", _GOT),
    proxy=Setting(
        lines=("agent: { https: new HttpsProxyAgent('http://HOST:PORT') },",),
        note="of the package https-proxy-agent",
        checked=_GOT,
    ),
    clock=_no_clock("got", _GOT),
    capture=Setting(
        lines=(
            "console.log(JSON.stringify({ method: r.request.options.method, url: String(r.request.options.url), "
            "headers: r.request.options.headers, body: r.request.options.body, "
            "response: { status: r.statusCode, body: r.rawBody.toString() } }));",
        ),
        note="r is the response, or error.response where it throws",
        checked=_GOT,
    ),
    ca=_variable("NODE_EXTRA_CA_CERTS", _CA_PATH, _GOT),
)

OKHTTP: Final = Client(
    id="okhttp",
    name="OkHttp (Java, Kotlin)",
    language="Java",
    idiom="okhttp",
    agents=r"okhttp",
    base_url=_own('static final String BASE = "{rest}";', None),
    demo=_own(f'.header("{OKX.demo_header}", "1")', None),
    passphrase=_own(f'.header("{_HEADER}", passphrase)', None),
    proxy=Setting(lines=("-Dhttps.proxyHost=HOST -Dhttps.proxyPort=PORT",)),
    clock=_no_clock("OkHttp", None),
    capture=Setting(
        lines=(
            "builder.addNetworkInterceptor(new HttpLoggingInterceptor().setLevel(HttpLoggingInterceptor.Level.BODY));",
        ),
        note="of com.squareup.okhttp3:logging-interceptor",
        checked=_OKHTTP,
    ),
    ca=Setting(lines=("-Djavax.net.ssl.trustStore=/path/to/truststore -Djavax.net.ssl.trustStorePassword=…",)),
)

JAVA: Final = Client(
    id="java",
    name="Java HttpClient",
    language="Java",
    idiom="java",
    agents=r"apache-httpclient|java-http-client|java/|resttemplate|reactornetty|jakarta",
    base_url=_own('static final String BASE = "{rest}";', _JAVA),
    demo=_own(f'.header("{OKX.demo_header}", "1")', _JAVA),
    passphrase=_own(f'.header("{_HEADER}", passphrase)', _JAVA),
    proxy=Setting(
        lines=("-Dhttps.proxyHost=HOST -Dhttps.proxyPort=PORT",), note="HTTPS_PROXY is not read", checked=_JAVA
    ),
    clock=_no_clock("Java's HttpClient", _JAVA),
    capture=Setting(
        lines=("-Djdk.httpclient.HttpClient.log=requests,headers",),
        note="prints the headers, not the body: print that yourself",
        checked=_JAVA,
    ),
    ca=Setting(
        lines=("-Djavax.net.ssl.trustStore=/path/to/truststore -Djavax.net.ssl.trustStorePassword=…",),
        note="made by keytool -importcert; SSL_CERT_FILE is not read",
        checked=_JAVA,
    ),
)

GO: Final = Client(
    id="go",
    name="Go net/http",
    language="Go",
    idiom="go",
    agents=r"go-http-client|fasthttp|resty|go-resty",
    base_url=_own('const base = "{rest}"', _GO),
    demo=_own(f'req.Header.Set("{OKX.demo_header}", "1")', _GO),
    passphrase=_own(f'req.Header.Set("{_HEADER}", passphrase)', _GO),
    proxy=_proxy(_GO),
    clock=_no_clock("net/http", _GO),
    capture=Setting(
        lines=("dump, _ := httputil.DumpRequestOut(req, true); os.Stdout.Write(dump)",),
        note="before client.Do(req); httputil.DumpResponse(res, true) gives the answer",
        checked=_GO,
    ),
    ca=_variable("SSL_CERT_FILE", _CA_PATH, _GO, "on Linux; elsewhere in the system's store"),
)

PHP: Final = Client(
    id="php",
    name="PHP curl",
    language="PHP",
    idiom="php",
    agents=r"guzzle|php|symfony",
    base_url=_own("$base = '{rest}';", _PHP),
    demo=_own(f"'{OKX.demo_header}: 1',", _PHP),
    passphrase=_own(f"'{_HEADER}: ' . $passphrase,", _PHP),
    proxy=_proxy(_PHP),
    clock=_no_clock("PHP's curl", _PHP),
    capture=Setting(
        lines=("curl_setopt($ch, CURLOPT_VERBOSE, true);",),
        note="prints the headers to stderr, not the body",
        checked=_PHP,
    ),
    ca=Setting(lines=("curl.cainfo = /path/to/ca.pem",), note="in php.ini", checked=_PHP),
)

DOTNET: Final = Client(
    id="dotnet",
    name=".NET HttpClient",
    language="C#",
    idiom="dotnet",
    agents=r"restsharp|\.net|dotnet",
    base_url=_own('const string Base = "{rest}";', None),
    demo=_own(f'request.Headers.Add("{OKX.demo_header}", "1");', None),
    passphrase=_own(f'request.Headers.Add("{_HEADER}", passphrase);', None),
    proxy=_proxy(None),
    clock=_no_clock("HttpClient", None),
    capture=_own(
        'Console.WriteLine(request + "\\n" + (request.Content == null ? "" : await request.Content.ReadAsStringAsync())'
        ' + "\\n" + response + "\\n" + await response.Content.ReadAsStringAsync());',
        _DOTNET,
    ),
    ca=_variable("SSL_CERT_FILE", _CA_PATH, None, "on Linux; elsewhere in the system's store"),
)

RUBY: Final = Client(
    id="ruby",
    name="Ruby net/http",
    language="Ruby",
    idiom="ruby",
    agents=r"faraday|ruby|httparty|typhoeus",
    base_url=_own("BASE = '{rest}'", _RUBY),
    demo=_own(f"request['{OKX.demo_header}'] = '1'", _RUBY),
    passphrase=_own(f"request['{_HEADER}'] = passphrase", _RUBY),
    proxy=_variable("http_proxy", "http://HOST:PORT", _RUBY, "for https too; HTTPS_PROXY is not read"),
    clock=_no_clock("net/http", _RUBY),
    capture=_own("http.set_debug_output($stdout)", _RUBY),
    ca=_variable("SSL_CERT_FILE", _CA_PATH, _RUBY),
)

RUST: Final = Client(
    id="rust",
    name="reqwest (Rust)",
    language="Rust",
    idiom="rust",
    agents=r"reqwest|rust|hyper/",
    base_url=_own('const BASE: &str = "{rest}";', None),
    demo=_own(f'.header("{OKX.demo_header}", "1")', None),
    passphrase=_own(f'.header("{_HEADER}", passphrase)', None),
    proxy=_proxy(None),
    clock=_no_clock("reqwest", None),
    capture=Setting(
        lines=('println!("{} {} {:?} {}", request.method(), request.url(), request.headers(), body);',),
        note='before client.execute(request); body is the text that is sent, "" for a GET; print the answer behind it',
        checked=_REQWEST,
    ),
    ca=_variable("SSL_CERT_FILE", _CA_PATH, None, "with native roots; built-in roots take no other"),
)

CURL: Final = Client(
    id="curl",
    name="curl",
    language="shell",
    idiom="curl",
    agents=r"curl",
    base_url=_own("BASE={rest}", _CURL),
    demo=_own(f"-H '{OKX.demo_header}: 1'", _CURL),
    passphrase=_own(f'-H "{_HEADER}: $OKX_PASSPHRASE"', _CURL),
    proxy=_proxy(_CURL),
    clock=_no_clock("curl", _CURL),
    capture=_own("curl -v …", _CURL),
    ca=_variable("CURL_CA_BUNDLE", _CA_PATH, _CURL),
)

BROWSER: Final = Client(
    id="browser",
    name="a browser",
    language="JavaScript",
    idiom="fetch",
    agents=r"mozilla|chrome|safari|firefox",
    base_url=_own("const BASE = '{rest}';", None),
    demo=_own(f"'{OKX.demo_header}': '1',", None),
    passphrase=_own(f"'{_HEADER}': passphrase,", None),
    proxy=Setting(note="set in the browser"),
    clock=Setting(note="the machine's clock"),
    capture=Setting(note="developer tools, network, copy as curl"),
    ca=Setting(note="set in the browser or in the system's store"),
)
