"""Runs a command at a terminal of 97 columns and 31 lines, and prints what it says: ``terminal.py TYPED COMMAND...``.

TYPED is a list of pairs: a text to wait for, and what is typed then.
"""

from __future__ import annotations

import ast
import fcntl
import os
import pty
import struct
import sys
import termios


def main(typed: list[tuple[str, bytes]], command: list[str]) -> None:
    pid, leader = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 31, 97, 0, 0))
        os.execvp(command[0], command)
    seen = b""
    while True:
        try:
            data = os.read(leader, 4096)
        except OSError:
            break
        if not data:
            break
        seen += data
        if typed and typed[0][0].encode() in seen:
            os.write(leader, typed.pop(0)[1])
    os.waitpid(pid, 0)
    sys.stdout.write(seen.decode("utf-8", "replace"))


if __name__ == "__main__":
    main(ast.literal_eval(sys.argv[1]), sys.argv[2:])
