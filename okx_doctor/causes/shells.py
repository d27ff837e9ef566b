"""A command of a POSIX shell, as it is written on this machine."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from okx_doctor.observations import Evidence, Machine

# The patterns are compiled where they are needed, which is on Windows.
_EXPORT: Final = r"export((?: [A-Za-z_]\w*=(?:'[^']*'|\S*))+)"
_VARIABLE: Final = r"([A-Za-z_]\w*)=(?:'([^']*)'|(\S*))"
_UNSET: Final = r"unset((?: [A-Za-z_]\w*)+)"


def for_shell(evidence: Evidence) -> Callable[[str], str]:
    """The function that writes a line for the machine's shell: for PowerShell on Windows, elsewhere as it is.

    Known are ``export``, ``unset`` and ``python -m``, anywhere in the line.
    """
    machine = evidence.first(Machine)
    return in_powershell if machine is not None and machine.system == "windows" else str


def in_powershell(line: str) -> str:
    """The line with what a POSIX shell alone knows as PowerShell writes it."""
    line = re.sub(_EXPORT, lambda found: "; ".join(_set(each) for each in re.finditer(_VARIABLE, found[1])), line)
    line = re.sub(_UNSET, lambda found: f"Remove-Item {', '.join(f'Env:{name}' for name in found[1].split())}", line)
    return line.replace("python -m ", "py -m ")


def _set(variable: re.Match[str]) -> str:
    return f"$env:{variable[1]} = '{variable[2] or variable[3] or ''}'"
