"""Makes an unchanged program trust the exchange by three means, each of them needed by some program.

Bundles that are shown in place of the machine's, of Java's and of certifi's; variables that name a bundle; and for
Python programs that verify with certifi alone a hook. The bundle is the machine's own with one authority more, so
that allowed services still verify.
"""

from __future__ import annotations

import base64
import glob
import hashlib
import os
import re
import shutil
import struct
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

BUNDLES: Final = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu, Arch, Alpine
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora, RHEL
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",  # openSUSE
    "/var/lib/ca-certificates/ca-bundle.pem",
    "/etc/ssl/cert.pem",  # Alpine
    "/etc/pki/tls/cert.pem",
    "/usr/lib/ssl/cert.pem",  # Debian's OpenSSL
    "/usr/local/share/certs/ca-root-nss.crt",
)
JAVA_STORES: Final = (
    "/etc/ssl/certs/java/cacerts",
    "/etc/pki/java/cacerts",
    "/etc/pki/ca-trust/extracted/java/cacerts",
    "/var/lib/ca-certificates/java-cacerts",
)
VARIABLES: Final = (
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
    "DENO_CERT",
    "WEBSOCKET_CLIENT_CA_BUNDLE",
    "HTTPLIB2_CA_CERTS",
    "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
    "AWS_CA_BUNDLE",
    "PIP_CERT",
    "GIT_SSL_CAINFO",
    "NIX_SSL_CERT_FILE",
    "BUNDLE_SSL_CA_CERT",
    "CARGO_HTTP_CAINFO",
)
CA_BUNDLE: Final = "OKX_DOCTOR_CA_BUNDLE"
"""Names the bundle, for a program that takes it by a setting of its own."""

_BUNDLE, _STORE, _HOOKS, _PHP = "ca.pem", "cacerts", "python", "php"
_CERTIFI_HOOK: Final = Path(__file__).with_name("certifi_hook.py").read_bytes()
_CERTIFICATE: Final = re.compile(rb"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL)
_STORE_PASSWORD: Final = "changeit"  # noqa: S105  the one that Java expects of every such file


class Trust(NamedTuple):
    """``variables`` to set, and ``shown``: pairs of a file and the path where it is shown."""

    variables: Mapping[str, str]
    shown: tuple[tuple[str, str], ...]

    def __repr__(self) -> str:
        return "Trust(...)"


def lay_out(folder: Path, authority_pem: bytes, command: Sequence[str], environ: Mapping[str, str]) -> Trust:
    """Write what a program needs to trust the authority into a folder."""
    bundle = written(folder / _BUNDLE, _joined(authority_pem, environ))
    store = written(folder / _STORE, java_store(_certificates(authority_pem)))
    hooks = folder / _HOOKS
    hooks.mkdir(mode=0o755)
    hooks.chmod(0o755)
    written(hooks / "sitecustomize.py", _CERTIFI_HOOK)
    shown = dict.fromkeys(_real((*BUNDLES, *certifi_bundles(command, environ))), bundle)
    shown |= dict.fromkeys(_real((*JAVA_STORES, *_java_stores(environ))), store)
    paths = os.pathsep.join(filter(None, (str(hooks), environ.get("PYTHONPATH", ""))))
    return Trust(
        variables=dict.fromkeys((*VARIABLES, CA_BUNDLE), bundle) | {"PYTHONPATH": paths},
        shown=tuple((file, where) for where, file in shown.items()),
    )


def without_mounts(folder: Path, trust: Trust, environ: Mapping[str, str]) -> Trust:
    """The same where nothing can be mounted: Java and PHP find the bundle by variables of their own."""
    bundle, settings = folder / _BUNDLE, folder / _PHP
    settings.mkdir(mode=0o755)
    settings.chmod(0o755)
    written(settings / "ca.ini", f"curl.cainfo={bundle}\nopenssl.cafile={bundle}\n".encode())
    java = f"-Djavax.net.ssl.trustStore={folder / _STORE} {environ.get('JAVA_TOOL_OPTIONS', '')}".strip()
    php = f"{environ.get('PHP_INI_SCAN_DIR', '')}:{settings}"  # an empty part is the folder that PHP was built with
    return Trust({**trust.variables, "JAVA_TOOL_OPTIONS": java, "PHP_INI_SCAN_DIR": php}, ())


def _joined(authority_pem: bytes, environ: Mapping[str, str]) -> bytes:
    """The machine's own bundle, those that the user names, and the authority."""
    machine = next(filter(None, map(_content, BUNDLES)), b"")
    named = [_content(path) for path in dict.fromkeys(filter(None, map(environ.get, VARIABLES)))]
    parts = dict.fromkeys([machine, *named, authority_pem])
    return b"\n".join(part.strip() for part in parts if part) + b"\n"


def _content(path: str | None) -> bytes:
    try:
        return Path(path).read_bytes() if path else b""
    except OSError:
        return b""


def written(path: Path, content: bytes) -> str:
    """Write a file that everyone may read, and give its path. Raises ``OSError`` that names it."""
    try:
        path.write_bytes(content)
        path.chmod(0o644)
    except OSError as error:  # writing does not tell which file it was
        raise OSError(error.errno, error.strerror, str(path)) from None
    return str(path)


def _real(paths: Iterable[str]) -> tuple[str, ...]:
    """The files themselves, each once: what is mounted on a link lands on its target.

    By ``os.path`` and ``glob``: a folder in PATH that may not be read is passed over, where pathlib raises.
    """
    return tuple(dict.fromkeys(os.path.realpath(path) for path in paths if os.path.isfile(path)))  # noqa: PTH113  as said above


def _java_stores(environ: Mapping[str, str]) -> tuple[str, ...]:
    java = shutil.which("java", path=environ.get("PATH"))
    homes = [environ.get("JAVA_HOME"), str(Path(os.path.realpath(java)).parent.parent) if java else None]
    return tuple(f"{home}/{part}/security/cacerts" for home in filter(None, homes) for part in ("lib", "jre/lib"))


def certifi_bundles(command: Sequence[str], environ: Mapping[str, str]) -> tuple[str, ...]:
    """certifi's files in the environments that a command may belong to: its own, the active one, those in PATH."""
    named = shutil.which(command[0], path=environ.get("PATH"))
    folders = [named and Path(named).parent, *filter(os.path.isabs, environ.get("PATH", "").split(os.pathsep))]
    roots = [Path(folder).absolute().parent for folder in folders if folder]  # beside bin/ lies lib/
    roots += map(Path, filter(None, (environ.get("VIRTUAL_ENV"), environ.get("CONDA_PREFIX"), ".venv", "venv", "env")))
    roots += [Path(environ["HOME"], ".local")] if environ.get("HOME") else []
    libraries = (
        library
        for root in dict.fromkeys(root.absolute() for root in roots)
        for library in glob.glob(f"{glob.escape(str(root))}/lib/python3*")  # noqa: PTH207  see _real
    )
    return tuple(
        path
        for library in libraries
        for packages in ("site-packages", "dist-packages")
        for inner in ("certifi", "pip/_vendor/certifi")
        if os.path.isfile(path := f"{library}/{packages}/{inner}/cacert.pem")  # noqa: PTH113  see _real
    )


def _certificates(pem: bytes) -> tuple[bytes, ...]:
    return tuple(base64.b64decode(match[1]) for match in _CERTIFICATE.finditer(pem))


def java_store(certificates: Sequence[bytes]) -> bytes:
    """A key store of Java's oldest kind, which every Java reads, with these certificates as trusted ones."""

    def text(value: str) -> bytes:
        return struct.pack("!H", len(value)) + value.encode()

    body = struct.pack("!III", 0xFEED_FEED, 2, len(certificates))
    for index, certificate in enumerate(certificates):
        body += struct.pack("!I", 2) + text(f"okx-doctor-{index}") + struct.pack("!Q", 0)
        body += text("X.509") + struct.pack("!I", len(certificate)) + certificate
    digest = hashlib.sha1(_STORE_PASSWORD.encode("utf-16-be") + b"Mighty Aphrodite" + body)  # noqa: S324  its format
    return body + digest.digest()
