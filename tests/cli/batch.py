"""Runs several command lines one after the other in one process: starting Python costs more than most of them.

Reads ``[{"arguments": [...], "env": {...}}, ...]`` from stdin and writes one JSON object per run, in order, to the
descriptor that its first argument names. Its second is the bound in seconds: a run that takes longer is ended by
the kernel, with everything after it.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import sys
import tempfile

from okx_doctor import cli


def one(arguments: list[str], env: dict[str, str], seconds: float) -> dict[str, object]:
    """One run with streams of its own; whatever reaches descriptor 1 or 2 is caught."""
    os.environ.clear()
    os.environ.update(env)
    sys.argv[1:] = arguments
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, seconds)
        status = cli.run()
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)
        sys.stdout.flush()
        sys.stderr.flush()
        caught = []
        for stream in (out, err):
            stream.seek(0)
            caught.append(base64.b64encode(stream.read()).decode())
    return {"status": status, "out": caught[0], "err": caught[1]}


def main() -> None:
    with os.fdopen(int(sys.argv[1]), "w") as told:
        seconds = float(sys.argv[2])
        for run in json.load(sys.stdin):
            told.write(json.dumps(one(run["arguments"], run["env"], seconds)) + "\n")
            told.flush()


main()
