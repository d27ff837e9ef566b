"""What makes an unchanged program trust the exchange."""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path

import certifi
import pytest
import trustme

from okx_doctor.confining.trust import CA_BUNDLE, VARIABLES, certifi_bundles, java_store, lay_out, without_mounts
from tests.confining.running import Who, program, run
from tests.needs import needs
from tests.needs import program as installed

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def authority() -> bytes:
    return trustme.CA().cert_pem.bytes()


def test_the_bundle_is_the_machines_own_and_the_users_with_the_authority(tmp_path: Path, authority: bytes) -> None:
    own = tmp_path / "own.pem"
    own.write_text("-----BEGIN CERTIFICATE-----\nT1dO\n-----END CERTIFICATE-----\n")
    folder = tmp_path / "trust"
    folder.mkdir()
    trust = lay_out(folder, authority, ["python"], {"REQUESTS_CA_BUNDLE": str(own), "PYTHONPATH": "/mine"})
    bundle = Path(trust.variables[CA_BUNDLE]).read_bytes()

    assert authority.strip() in bundle and b"T1dO" in bundle
    assert {trust.variables[name] for name in VARIABLES} == {trust.variables[CA_BUNDLE]}
    assert trust.variables["PYTHONPATH"].endswith(":/mine")


def test_certifis_bundle_of_the_commands_own_environment_is_shown_too() -> None:
    found = certifi_bundles([sys.executable], {"PATH": "/usr/bin"})

    assert str(Path(certifi.where()).resolve()) in [str(Path(path).resolve()) for path in found]


def test_folders_of_path_that_may_not_be_read_are_passed_over(user: Who, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    try:
        assert run(["true"], user, environ={"PATH": f"{closed}/bin:/usr/bin:/bin"}).told["status"] == 0
    finally:
        closed.chmod(0o700)


HOOKED = """
import certifi, sys
print(certifi.where(), len(certifi.contents()), sys.modules.get("sitecustomize"), sep="\\n")
"""


def test_certifi_tells_of_the_bundle_and_the_users_own_hook_still_runs(tmp_path: Path, authority: bytes) -> None:
    mine, folder = tmp_path / "mine", tmp_path / "trust"
    for made in (mine, folder):
        made.mkdir()
    (mine / "sitecustomize.py").write_text("print('my own', __name__)\n")
    trust = lay_out(folder, authority, [sys.executable], {"PYTHONPATH": str(mine)})
    ran = subprocess.run(
        [sys.executable, "-c", HOOKED],
        env={"PATH": "/usr/bin", **trust.variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    first, where, size, module = ran.stdout.splitlines()

    assert first == "my own sitecustomize"
    assert where == trust.variables[CA_BUNDLE]
    assert int(size) == len(Path(where).read_text("utf-8", "replace"))
    assert str(mine) in module


def test_without_the_variable_the_hook_changes_nothing(tmp_path: Path, authority: bytes) -> None:
    trust = lay_out(tmp_path, authority, [sys.executable], {})
    ran = subprocess.run(
        [sys.executable, "-c", HOOKED],
        env={"PATH": "/usr/bin", "PYTHONPATH": trust.variables["PYTHONPATH"]},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert ran.stdout.splitlines()[0] == certifi.where()


@needs("java")
def test_java_reads_the_store(tmp_path: Path, authority: bytes) -> None:
    keytool = Path(installed("java")).resolve().with_name("keytool")
    pem = authority.decode()
    der = base64.b64decode("".join(line for line in pem.splitlines() if "-----" not in line))
    store = tmp_path / "cacerts"
    store.write_bytes(java_store((der, der)))
    said = subprocess.run(
        [str(keytool), "-list", "-rfc", "-keystore", str(store), "-storepass", "changeit"],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    ).stdout

    assert "Your keystore contains 2 entries" in said
    assert pem.splitlines()[1] in said


def test_where_nothing_can_be_mounted_java_and_php_are_told_by_variables(tmp_path: Path, authority: bytes) -> None:
    trust = without_mounts(tmp_path, lay_out(tmp_path, authority, ["java"], {}), {"JAVA_TOOL_OPTIONS": "-Xmx1g"})

    assert trust.shown == ()
    assert trust.variables["JAVA_TOOL_OPTIONS"] == f"-Djavax.net.ssl.trustStore={tmp_path}/cacerts -Xmx1g"
    settings = Path(trust.variables["PHP_INI_SCAN_DIR"].removeprefix(":"), "ca.ini").read_text()
    assert settings == f"curl.cainfo={tmp_path}/ca.pem\nopenssl.cafile={tmp_path}/ca.pem\n"


def test_the_machines_bundle_is_the_other_one_inside_and_itself_outside(who: Who) -> None:
    source = """
import os, ssl
path = ssl.get_default_verify_paths().openssl_cafile
system = [p for p in ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt") if os.path.exists(p)]
print(all("AAAA" in open(p).read() for p in system), "AAAA" in open(os.environ["OKX_DOCTOR_CA_BUNDLE"]).read())
"""
    before = [path.stat().st_mtime_ns for path in map(Path, ("/etc/hosts", "/etc/resolv.conf")) if path.exists()]
    ran = run(program(source, who), who)

    assert ran.out == "True True\n"
    assert before == [
        path.stat().st_mtime_ns for path in map(Path, ("/etc/hosts", "/etc/resolv.conf")) if path.exists()
    ]
