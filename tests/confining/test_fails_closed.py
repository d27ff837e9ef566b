"""Where a wall cannot be built, the command is not started: one line says why and what to do."""

from __future__ import annotations

import errno
import os
import socket
import sys
from pathlib import Path

import pytest

from okx_doctor.confining.confine import confine
from okx_doctor.confining.refusals import CannotSeal, explained, starts_outside
from okx_doctor.confining.walls import Refusal
from tests.confining.running import Who, run

pytestmark = pytest.mark.slow

MARKS = ["sh", "-c", 'echo ran > "$FOLDER/mark"']
REFUSED = {
    "unshare": errno.EPERM,
    "map_ids": errno.EPERM,
    "raise_loopback": errno.EPERM,
    "keep_mounts_apart": errno.EACCES,
    "show": errno.EACCES,
    "bound": errno.EADDRINUSE,
    "keep_capabilities": errno.EPERM,
    "forbid_new_privileges": errno.EINVAL,
    "filter_for": errno.ENOSYS,
    "install_filter": errno.EINVAL,
}
"""Steps of the seal, and how the kernel refuses them."""


def test_the_mark_is_there_where_the_command_runs(who: Who) -> None:
    assert run(MARKS, who).told["marks"] == {"mark": "ran\n"}


@pytest.mark.parametrize("step", REFUSED)
def test_without_a_wall_the_command_is_not_started(step: str, who: Who) -> None:
    ran = run(MARKS, who, sabotage={step: REFUSED[step]})
    why = ran.told["cannot"]

    assert ran.told["marks"] == {}
    assert why.startswith(f"cannot seal the bot off ({step}: {os.strerror(REFUSED[step])}), so it was not started; ")
    assert "\n" not in why
    assert ran.out == ran.err == ""


def test_root_is_not_let_near_what_starts_programs_outside(root: Who) -> None:
    ran = run(MARKS, root, sabotage={"make_read_only": errno.EPERM})

    assert ran.told["marks"] == {}
    assert "so it was not started" in ran.told["cannot"]


def test_where_no_namespace_is_left_it_is_not_started(who: Who) -> None:
    ran = run(MARKS, who, around="full")

    assert ran.told == {
        "cannot": "cannot seal the bot off (unshare: No space left on device), so it was not started; "
        "sudo sysctl user.max_user_namespaces=10000, or run it with sudo",
        "marks": {},
    }


def test_a_port_that_is_taken_is_no_seal(who: Who) -> None:
    ran = run(MARKS, who, around="container", occupied=443)

    assert ran.told == {
        "cannot": "cannot seal the bot off (bind: Address already in use (127.0.0.1, port 443)), so it was not "
        "started; free that port for the run",
        "marks": {},
    }


@pytest.mark.parametrize("service", ["198.18.0.1:443", "localhost:53", "127.0.0.1:53"])
def test_a_service_where_something_listens_inside_cannot_be_allowed(service: str, user: Who) -> None:
    ran = run(MARKS, user, allow=[service])

    assert "that port is taken inside, by the exchange or for names" in ran.told["cannot"]
    assert ran.told["marks"] == {}


def test_without_room_for_its_files_it_is_not_started(who: Who) -> None:
    ran = run(MARKS, who, around="no room")

    assert ran.told["marks"] == {}
    assert "/ca.pem: No space left on device), so it was not started; okx-doctor needs room" in ran.told["cannot"]


def test_where_the_exchange_cannot_start_the_command_never_runs(who: Who) -> None:
    ran = run(MARKS, who, fail_before_go=True)

    assert ran.told["marks"] == {}
    assert ran.told["ended"] in (-9, 126)  # it is killed, or ends itself when the line closes


def test_a_standard_stream_that_is_a_network_socket_is_no_seal(who: Who) -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    with listening, socket.create_connection(listening.getsockname()) as stream, listening.accept()[0]:
        told = run(MARKS, who, stdin=stream.fileno()).told

    assert told["marks"] == {}
    assert told["cannot"].startswith("cannot seal the bot off (standard input: it is a network socket")


def test_a_pair_of_stream_sockets_as_standard_streams_is_harmless(user: Who) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(b"hello")
        ours.shutdown(socket.SHUT_WR)
        ran = run(["cat"], user, stdin=theirs.fileno())

    assert (ran.out, ran.told["status"]) == ("hello", 0)


def test_a_service_of_the_exchange_is_not_allowed(user: Who) -> None:
    ran = run(MARKS, user, allow=["www.okx.com:443"])

    assert ran.told == {"cannot": "--allow www.okx.com:443: OKX's hosts are never let out", "marks": {}}


SWITCHES = {
    "kernel/apparmor_restrict_unprivileged_userns": (
        "1",
        "AppArmor forbids user namespaces: run it with sudo, or sudo",
    ),
    "kernel/unprivileged_userns_clone": ("0", "sudo sysctl kernel.unprivileged_userns_clone=1"),
    "user/max_user_namespaces": ("0", "sudo sysctl user.max_user_namespaces=10000"),
}


@pytest.mark.parametrize("switch", SWITCHES)
def test_the_line_names_the_setting_that_forbids_it(
    switch: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    value, remedy = SWITCHES[switch]
    file = tmp_path / switch
    file.parent.mkdir(parents=True)
    file.write_text(f"{value}\n")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    said = explained(Refusal("unshare", errno.EPERM), kernel=tmp_path, root=tmp_path, mounts="1 1 0:1 / / rw - a b c")

    assert said.startswith("cannot seal the bot off (unshare: Operation not permitted), so it was not started; ")
    assert remedy in said


@pytest.mark.parametrize(
    ("mark", "mounts", "remedy"),
    [
        (".dockerenv", "1 1 0:1 / / rw - a b c", "this container forbids namespaces: docker run --network none, or "),
        ("", "1 1 0:1 / /proc rw - proc proc rw", "a chroot forbids namespaces"),
        ("", "1 1 0:1 / / rw - a b c", "run it with sudo, or on a Linux that allows user namespaces"),
    ],
)
def test_the_line_names_the_place_that_forbids_it(
    mark: str, mounts: str, remedy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / (mark or "unremarkable")).touch()
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    said = explained(Refusal("unshare", errno.EPERM), kernel=tmp_path, root=tmp_path, mounts=mounts)

    assert remedy in said


def test_another_system_is_told_what_to_do_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    sealed = confine(["true"], environ={}, zones=(), hosts=(), authority_pem=b"")

    with pytest.raises(CannotSeal, match=r"only on Linux; here use a container \(docs/run\.md\)"), sealed:
        pytest.fail("there is no seal on this system")


@pytest.mark.parametrize("starter", ["docker", "/usr/bin/pm2", "systemctl", "tmux", "ssh"])
def test_a_command_that_has_the_bot_started_by_another_is_named(starter: str) -> None:
    assert starts_outside([starter, "start", "bot"]).startswith(
        f"{Path(starter).name} starts the bot outside the seal; "
    )
    assert starts_outside(["python", "bot.py"]) == ""
