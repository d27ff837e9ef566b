"""Makes the texts of ``tests/data/stacks.jsonl`` anew: real clients of nine languages against servers that fail.

``python -m tests.decoding.stacks.make HOME [--language NAME]`` as root of a Linux machine; HOME keeps what is
installed. Everything runs in a network of its own that has loopback and nothing else: OKX's names lead to an address
of its loopback there, and no packet leaves. Needs Python, Node with npm, Go, Java with Maven, Rust with cargo, PHP
with curl and Guzzle, Ruby with Faraday, Mono's compiler for .NET, curl, iproute2. What is missing is said, and its
texts stay as they were.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from msgspec import Struct

from tests.decoding.stacks.servers import start_name_server
from tests.decoding.stacks.situations import OKX, SITUATIONS, UNREACHABLE, Certificates, Situation

HERE: Final = Path(__file__).parent
CLIENTS: Final = HERE / "clients"
TEXTS: Final = HERE.parent.parent / "data" / "stacks.jsonl"
_NOTHING: Final = ("", "undefined")
_NOT_A_SOCKET: Final = " 200"
"""In an error: a client of WebSockets sent its header, and this server is none of them."""
LIMIT_S: Final = 180
LONGEST: Final = 6_000
"""Characters of a trace that are kept: its beginning and its end."""

PYTHON_PACKAGES: Final = (
    "requests",
    "urllib3",
    "httpx[http2,socks]",
    "aiohttp",
    "websockets",
    "websocket-client",
    "python-okx",
    "ccxt",
)
NODE_PACKAGES: Final = ("axios", "got", "ws", "undici", "ccxt", "okx-api", "https-proxy-agent", "node-fetch")
DOTNET: Final = "dotnetcore2==3.1.23"
"""A package of Python's that has .NET's runtime in it."""
OPENSSL_1_1: Final = "psycopg2-binary==2.9.3"
"""One that has the OpenSSL which that runtime wants; its wheels are for Python up to 3.10."""
ASSEMBLIES: Final = (
    *("System.Private.CoreLib", "System.Runtime", "System.Net.Http", "System.Console", "System.Private.Uri"),
    *("System.Net.Primitives", "netstandard", "System.Net.WebSockets", "System.Net.WebSockets.Client"),
    *("System.Net.Requests", "System.Net.WebHeaderCollection", "System.Security.Cryptography.Algorithms"),
    *("System.Security.Cryptography.Primitives", "System.Runtime.InteropServices.RuntimeInformation"),
    *("System.Collections.Specialized", "Microsoft.Win32.Primitives"),
)
OKHTTP: Final = "4.12.0"
CARGO: Final = """[package]
name = "stacks"
version = "0.1.0"
edition = "2021"

[dependencies]
reqwest = { version = "0.12", default-features = false, features = ["rustls-tls-native-roots", "http2", "json"] }
ureq = { version = "2", features = ["native-certs"] }
tokio = { version = "1", features = ["rt", "macros", "time", "net"] }
tokio-tungstenite = { version = "0.24", features = ["rustls-tls-native-roots"] }
futures-util = "0.3"

[profile.dev]
debug = false
opt-level = 0
"""
POM: Final = f"""<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>s</groupId><artifactId>stacks</artifactId><version>1</version><dependencies><dependency>
<groupId>com.squareup.okhttp3</groupId><artifactId>okhttp</artifactId><version>{OKHTTP}</version>
</dependency></dependencies></project>
"""
NAMES: Final = (
    "www.okx.com openapi.okx.com eea.okx.com my.okx.com us.okx.com app.okx.com ws.okx.com wspap.okx.com wseea.okx.com"
)


class Said(Struct, frozen=True, kw_only=True):
    """What one client printed in one situation, as a line or with its trace."""

    program: str
    version: str
    situation: str
    form: str
    text: str


def install(home: Path, language_asked: str) -> None:
    """Everything that the clients need, once."""
    steps = {"python": _python, "node": _node, "go": _go, "java": _java, "rust": _rust, "dotnet": _dotnet}
    for language, step in steps.items():
        if language_asked not in ("", language):
            continue
        (home / language).mkdir(parents=True, exist_ok=True)
        try:
            step(home / language)
        except (OSError, subprocess.SubprocessError) as error:
            sys.stderr.write(f"{language} cannot be had here: {error}\n")


def _python(home: Path) -> None:
    if not (home / "bin").exists():
        subprocess.run(["uv", "venv", "-q", "--python", "3.11", home], check=True)
        subprocess.run(["uv", "pip", "install", "-q", "-p", home / "bin" / "python", *PYTHON_PACKAGES], check=True)


def _node(home: Path) -> None:
    if not (home / "node_modules").exists():
        subprocess.run(["npm", "init", "-y"], cwd=home, check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["npm", "install", "--ignore-scripts", "--no-audit", *NODE_PACKAGES], cwd=home, check=True)


def _go(home: Path) -> None:
    shutil.copy(CLIENTS / "client.go", home / "main.go")
    if not (home / "go.mod").exists():
        (home / "go.mod").write_text("module stacks\n\ngo 1.24\n")
        subprocess.run(["go", "mod", "tidy"], cwd=home, check=True)
    subprocess.run(["go", "build", "-o", "client", "."], cwd=home, check=True)


def _java(home: Path) -> None:
    (home / "pom.xml").write_text(POM)
    if not (home / "lib").exists():
        subprocess.run(["mvn", "-q", "dependency:copy-dependencies", "-DoutputDirectory=lib"], cwd=home, check=True)
    subprocess.run(["javac", "-cp", "lib/*", "-d", ".", CLIENTS / "Client.java"], cwd=home, check=True)


def _rust(home: Path) -> None:
    (home / "src").mkdir(exist_ok=True)
    (home / "Cargo.toml").write_text(CARGO)
    shutil.copy(CLIENTS / "client.rs", home / "src" / "main.rs")
    subprocess.run(["cargo", "build", "-q"], cwd=home, check=True)


def _dotnet(home: Path) -> None:
    runtime = _runtime(home)
    if not runtime.exists():
        subprocess.run(["uv", "venv", "-q", "--python", "3.11", home / "venv"], check=True)
        subprocess.run(["uv", "pip", "install", "-q", "-p", home / "venv/bin/python", DOTNET], check=True)
        wheel = ["--python-version", "3.10", "--no-deps", "--only-binary", ":all:", OPENSSL_1_1]
        subprocess.run(["uv", "pip", "install", "-q", "--target", home / "openssl", *wheel], check=True)
        runtime.chmod(0o755)
        for name in ("ssl", "crypto"):
            (library,) = (home / "openssl").glob(f"*.libs/lib{name}-*.so.1.1")
            (library.parent / f"lib{name}.so.1.1").symlink_to(library.name)
    compile_dotnet(home, CLIENTS / "Client.cs")


def compile_dotnet(home: Path, source: Path) -> Path:
    """The program that a source makes."""
    (shared,) = (_runtime(home).parent / "shared" / "Microsoft.NETCore.App").iterdir()
    given = [f"-r:{shared / name}.dll" for name in ASSEMBLIES]
    made = home / f"{source.stem}.dll"
    subprocess.run(["mcs", "-noconfig", "-nostdlib", "-nowarn:1702", f"-out:{made}", *given, source], check=True)
    framework = {"name": "Microsoft.NETCore.App", "version": "3.1.0"}
    settings = {"framework": framework, "configProperties": {"System.Globalization.Invariant": True}}
    made.with_suffix(".runtimeconfig.json").write_text(json.dumps({"runtimeOptions": settings}))
    return made


def run_dotnet(home: Path, source: Path, given: bytes) -> bytes:
    """What a program in C# prints, with what it is given on standard input."""
    command = [_runtime(home), compile_dotnet(home, source)]
    return subprocess.run(command, input=given, stdout=subprocess.PIPE, timeout=LIMIT_S, check=True).stdout


def _runtime(home: Path) -> Path:
    return home / "venv/lib/python3.11/site-packages/dotnetcore2/bin/dotnet"


def commands(home: Path) -> Mapping[str, tuple[str, ...]]:
    """How the client of each language is started."""
    trust = home / "trust"
    return {
        "python": (str(home / "python/bin/python"), str(CLIENTS / "client.py")),
        "node": ("node", str(CLIENTS / "client.mjs")),
        "go": (str(home / "go/client"),),
        "java": (
            "java",
            "-XX:TieredStopAtLevel=1",
            f"-Djavax.net.ssl.trustStore={trust / 'store.p12'}",
            "-Djavax.net.ssl.trustStorePassword=changeit",
            "-Djdk.httpclient.allowRestrictedHeaders=connection",
            "-cp",
            f"{home / 'java'}:{home / 'java/lib'}/*",
            "Client",
        ),
        "rust": (str(home / "rust/target/debug/stacks"),),
        "php": (
            "php",
            "-d",
            f"openssl.cafile={trust / 'ca.pem'}",
            "-d",
            f"curl.cainfo={trust / 'ca.pem'}",
            str(CLIENTS / "client.php"),
        ),
        "ruby": ("ruby", str(CLIENTS / "client.rb")),
        "curl": ("curl",),
        "dotnet": (
            "env",
            f"LD_LIBRARY_PATH={home / 'dotnet/openssl/psycopg2_binary.libs'}",
            str(_runtime(home / "dotnet")),
            str(home / "dotnet/Client.dll"),
        ),
    }


def run_in_a_network_of_its_own(home: Path, only: str, language: str) -> int:
    """This script again, where there is loopback and nothing else."""
    inner = [
        sys.executable,
        "-m",
        "tests.decoding.stacks.make",
        str(home),
        "--sealed",
        "--only",
        only,
        "--language",
        language,
    ]
    return subprocess.run(
        ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", *inner], check=False
    ).returncode


def _lay_the_network(home: Path) -> None:
    """Loopback with OKX's address on it, and files of names that this process may write."""
    for command in (
        "ip link set lo up",
        f"ip address add {OKX}/32 dev lo",
        f"ip route add unreachable {UNREACHABLE}/32",
    ):
        subprocess.run(command.split(), check=True)
    for name in ("hosts", "resolv.conf"):
        (home / name).touch()
        subprocess.run(["mount", "--bind", home / name, f"/etc/{name}"], check=True)


def _trust(home: Path, certificates: Certificates) -> None:
    trust = home / "trust"
    trust.mkdir(exist_ok=True)
    certificates.known.cert_pem.write_to_path(trust / "ca.pem")
    (trust / "store.p12").unlink(missing_ok=True)
    command = ["keytool", "-importcert", "-noprompt", "-alias", "a", "-file", str(trust / "ca.pem")]
    store = ["-keystore", str(trust / "store.p12"), "-storepass", "changeit", "-storetype", "PKCS12"]
    subprocess.run([*command, *store], check=True, capture_output=True)


def speak(home: Path, only: str, language_asked: str) -> Iterator[Said]:
    """Every client in every situation, or those of one language."""
    _lay_the_network(home)
    certificates = Certificates()
    _trust(home, certificates)
    start_name_server()
    for situation in SITUATIONS:
        if only not in situation.name:
            continue
        hosts = "127.0.0.1 localhost\n" + (f"{situation.address} {NAMES}\n" if situation.address else "")
        (home / "hosts").write_text(hosts)
        resolver = "127.0.0.1" if situation.names_answered else "127.0.0.9"
        (home / "resolv.conf").write_text(f"nameserver {resolver}\noptions timeout:2 attempts:1\n")
        with situation.place(certificates), ThreadPoolExecutor(3) as pool:
            languages = [language for language in situation.clients if language_asked in ("", language)]
            asked = [pool.submit(_ask, home, situation, language) for language in languages]
            said = [one for future in asked for one in future.result()]
        sys.stderr.write(f"{situation.name}: {len(said)}\n")
        yield from said


def _ask(home: Path, situation: Situation, language: str) -> list[Said]:
    names = situation.clients[language]
    command = commands(home)[language]
    environment = _environment(home, situation)
    if language == "curl":
        return _ask_curl(situation, environment)
    try:
        done = subprocess.run(
            [*command, *names], env=environment, capture_output=True, text=True, timeout=LIMIT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        sys.stderr.write(f"{situation.name}, {language}: {error}\n")
        return []
    if not done.stdout:
        sys.stderr.write(f"{situation.name}, {language}: {done.stderr[-600:]}\n")
    found = []
    for record in done.stdout.split("\x1e")[1:]:
        name, version, line, trace = record.split("\x1f", 3)
        for form, text in (("line", line), ("trace", trace)):
            found.append(
                _said(home, situation, f"{language}: {name}", version.strip() or _rust_version(home, name), form, text)
            )
    return [one for one in found if one.text not in _NOTHING and _NOT_A_SOCKET not in one.text]


def _ask_curl(situation: Situation, environment: Mapping[str, str]) -> list[Said]:
    value = situation.environment.get("PASSPHRASE", "")
    command = ["curl", "-m", str(situation.wait_s), "-H", f"OK-ACCESS-PASSPHRASE: {value}", situation.target]
    version = subprocess.run(["curl", "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    found = []
    for form, options in (("line", "-sS"), ("trace", "-v")):
        done = subprocess.run(
            [*command, options], env=dict(environment), capture_output=True, text=True, timeout=LIMIT_S, check=False
        )
        if done.returncode:
            found.append(
                Said(
                    program="curl: curl",
                    version=f"curl {version}",
                    situation=situation.name,
                    form=form,
                    text=_kept(done.stderr),
                )
            )
    return found


def _environment(home: Path, situation: Situation) -> dict[str, str]:
    made = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "TARGET": situation.target,
        "WAIT": str(situation.wait_s),
        "NODE_HOME": str(home / "node"),
        "NODE_PATH": str(home / "node/node_modules"),
        "PASSPHRASE": "Tern-Harbour7",
        **situation.environment,
    }
    pem = str(home / "trust/ca.pem")
    for name in (
        "SSL_CERT_FILE",
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
        "NODE_EXTRA_CA_CERTS",
        "WEBSOCKET_CLIENT_CA_BUNDLE",
    ):
        made[name] = pem
    if "NO_PASSPHRASE" in made:
        del made["PASSPHRASE"]
    if situation.proxy:
        made |= dict.fromkeys(("PROXY", "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"), situation.proxy)
    return made


def _rust_version(home: Path, name: str) -> str:
    crate = {"reqwest value": "reqwest", "tungstenite": "tokio-tungstenite"}.get(name, name)
    lock = (home / "rust/Cargo.lock").read_text()
    found = re.search(rf'name = "{crate}"\nversion = "([^"]+)"', lock)
    return f"{crate} {found[1]}" if found else "Rust"


def _said(home: Path, situation: Situation, program: str, version: str, form: str, text: str) -> Said:
    for place, name in ((home / "python/lib/python3.11", "venv/lib/python3.11"), (home, ""), (CLIENTS, "")):
        text = text.replace(str(place), f"/home/bot/{name}".rstrip("/"))
    own = re.escape(str(Path.home()))  # where languages keep their tools
    text = re.sub(rf"{own}/\.\w+(?=/)", "/usr", text.replace(sys.base_prefix, "/usr"))
    return Said(program=program, version=version, situation=situation.name, form=form, text=_kept(text))


def _kept(text: str) -> str:
    """A text with what differs from run to run made equal, and not too long."""
    text = re.sub(r"0x[0-9a-f]{8,16}", "0x7f0123456789", text.strip("\n"))
    text = re.sub(r"(127\.0\.0\.1|203\.0\.113\.43|172\.\d+\.\d+\.\d+):\d{5}(?=->)", "10.0.0.5:50000", text)
    text = re.sub(r"\d{4}[/-]\d\d[/-]\d\d[T ]\d\d:\d\d:\d\d", "2026-11-26 10:20:30", text)
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]}\n...\n{text[-LONGEST // 2 :]}"


def write(said: list[Said]) -> None:
    """All texts, each once, those of situations and languages that did not run as they were."""
    kept: dict[str, dict[str, object]] = {}
    ran = {(one.situation, one.program.partition(":")[0]) for one in said}
    if TEXTS.exists():
        rows = [json.loads(line) for line in TEXTS.read_text("utf-8").splitlines()]
        kept = {row["text"]: row for row in rows if (row["situation"], _language(row)) not in ran}
    for one in said:
        row = {name: getattr(one, name) for name in ("program", "version", "situation", "form", "text")}
        kept.setdefault(one.text, row)
    TEXTS.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in kept.values()), "utf-8")


def _language(row: Mapping[str, str]) -> str:
    return row["program"].partition(":")[0]


def main() -> int:
    """Install, and run again inside."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("--only", default="", help="situations whose name holds this")
    parser.add_argument("--language", default="", help="the clients of this language alone")
    parser.add_argument("--sealed", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.sealed:
        write(list(speak(asked.home.absolute(), asked.only, asked.language)))
        return 0
    install(asked.home.absolute(), asked.language)
    return run_in_a_network_of_its_own(asked.home.absolute(), asked.only, asked.language)


if __name__ == "__main__":
    sys.exit(main())
