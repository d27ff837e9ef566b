"""Inside a container without a network, where nothing may be unshared: sealed all the same, and proven."""

from __future__ import annotations

import pytest

from okx_doctor.confining.seal import switches
from tests.confining.running import Who, program, run
from tests.confining.test_escapes import ATTEMPTS, ROWS

pytestmark = pytest.mark.slow

CONTAINER = "container"
SHARED = {
    "a service on the machine's loopback": ("ESCAPED",),  # the container's own
    "uncover in a nested namespace": ("EPERM",),
    "have the kernel start a program by a proc of one's own": ("EPERM",),
    "a nested network": ("EPERM",),
    "a name of the exchange": ("127.0.0.1",),
    "raw socket": ("EPERM",),
}


def test_what_a_program_tries_there_fails_as_it_does_elsewhere(who: Who) -> None:
    ran = run(program(ATTEMPTS, who), who, around=CONTAINER)
    expected = ROWS | SHARED

    assert ran.told["in_container"] and ran.told["sealed"]
    assert {row: said for row, said in ran.lines.items() if said not in expected.get(row, (said,))} == {}
    assert ran.told["names"] == ["api.telegram.org"]
    assert ran.told["packets"] >= 6


def test_okx_doctor_itself_could_be_made_to_act_there(user: Who) -> None:
    source = """
import os
os.close(os.open(f"/proc/{os.getppid()}/mem", os.O_RDWR))
print("ESCAPED")
"""
    kept = run(program(source, user), user, around=CONTAINER)
    lost = run(program(source, user), user, around=CONTAINER, without=["TRACING"])

    assert (kept.out, lost.out) == ("", "ESCAPED\n")


def test_a_container_with_a_network_is_not_believed(root: Who) -> None:
    ran = run(["true"], root, around="a container with a network")

    assert ran.told["cannot"].startswith("cannot seal the bot off (unshare: Operation not permitted), ")


def test_a_service_elsewhere_cannot_be_allowed_there(who: Who) -> None:
    ran = run(["true"], who, around=CONTAINER, allow=["api.telegram.org:443"])

    assert ran.told["cannot"] == "--allow api.telegram.org:443: this container has no network by which to reach it"


def test_java_and_php_are_told_of_the_bundle_by_variables_there(user: Who) -> None:
    ran = run(["env"], user, around=CONTAINER)
    names = {line.partition("=")[0] for line in ran.out.splitlines()}

    assert names >= {"JAVA_TOOL_OPTIONS", "PHP_INI_SCAN_DIR", "SSL_CERT_FILE", "OKX_DOCTOR_CA_BUNDLE", "PYTHONPATH"}


def test_the_containers_files_are_as_they_were_afterwards(user: Who) -> None:
    ran = run(["cat", "/etc/hosts"], user, around=CONTAINER, compare=["/etc/hosts", "/etc/resolv.conf"])

    assert "127.0.0.1 openapi.okx.com www.okx.com" in ran.out
    assert ran.told["unchanged"] == ["/etc/hosts", "/etc/resolv.conf"]


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ("22 27 0:21 / /proc rw - proc proc rw", ["/proc/sys"]),
        ("22 27 0:21 / /srv/a\\040b/proc rw shared:1 - proc proc rw", ["/srv/a b/proc/sys"]),
        ("23 27 0:22 / /sys rw - sysfs sysfs rw", ["/sys"]),
        ("36 31 0:33 / /sys/fs/cgroup/devices rw - cgroup cgroup rw", ["/sys/fs/cgroup/devices"]),
        ("1 1 0:1 / / rw - ext4 /dev/sda rw", []),
    ],
)
def test_what_starts_programs_outside_is_found_among_the_mounts(row: str, found: list[str]) -> None:
    assert [str(path) for path in switches(row)] == found
