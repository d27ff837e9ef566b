"""The lines over which the table of the dialects is made: one for each thing that loaders do differently.

Each sets ``A`` in an environment without variables.
"""

from __future__ import annotations

from typing import Final

SAMPLES: Final[tuple[str, ...]] = (
    "A=x#y",
    "A=x #y",
    "A='x #y'",
    'A="x" #y',
    "A=x$9y",
    "A=x$By",
    "A='x$By'",
    'A="x$By"',
    "A='x${B}y'",
    "A=x$$y",
    "A=x y",
    "A=x&y",
    "A=x;y",
    "A='x'",
    "A=`x`",
    "A='x",
    "A='x'y",
    "A='it\\'s'",
    'A="x\\"y"',
    'A="x\\ny"',
    "A=x\\ny",
    "A==x",
    'A=="x"',
    "A = x",
    "A= x",
    "A=x  ",
    "A=\tx",
    "export A=x",
    "A: x",
    "A=x\r\nB=y\r\n",
    "\ufeffA=x",
    "A='x\ny'",
    "A=x\nA=y",
    "A=",
)
