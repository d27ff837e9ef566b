"""Who is outside cannot be asked to act, and no frame leaves by a network device."""

from __future__ import annotations

import os

import pytest

from tests.confining.running import Who, program, run
from tests.confining.test_escapes import ATTEMPTS
from tests.needs import needs
from tests.needs import program as installed

pytestmark = pytest.mark.slow


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to make a network device")
def test_no_frame_leaves_by_a_device_to_which_every_route_leads(who: Who) -> None:
    ran = run(program(ATTEMPTS, who), who, around="networked")

    assert ran.lines["TCP to a bare address"] == "ENETUNREACH"
    assert ran.told["frames"] == ["control"]


@needs("docker")
def test_dockers_daemon_is_not_asked(who: Who) -> None:
    command = ["sh", "-c", f'DOCKER_HOST="unix://$SPOT_STREAM" exec {installed("docker")} ps']
    ran = run(command, who)

    assert ran.told["status"] != 0
    assert ran.told["reached"] == []


PM2 = """
const net = require("net");
for (const path of [process.env.SPOT_STREAM]) {
  const one = net.connect(path);
  one.on("connect", () => { console.log("ESCAPED"); one.destroy(); });
  one.on("error", error => console.log(error.code));
}
"""


@needs("node")
def test_a_daemon_of_nodes_such_as_pm2s_is_not_asked(who: Who) -> None:
    ran = run([installed("node"), "-e", PM2], who)
    lost = run([installed("node"), "-e", PM2], who, without=["FILTER"])

    assert (ran.out, ran.told["reached"]) == ("EAFNOSUPPORT\n", [])
    assert (lost.out, lost.told["reached"]) == ("ESCAPED\n", ["stream"])
