"""okx-doctor: why OKX refuses a bot's requests, with proof and the one thing to fix.

The names below are the whole public interface; they are loaded when first used, so that importing the package
costs a bot nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from okx_doctor.checking.run import check
    from okx_doctor.credentials.files import UnusableFile
    from okx_doctor.credentials.load import Credentials
    from okx_doctor.forensics.inspection import InspectionReport, inspect
    from okx_doctor.model import Report
    from okx_doctor.settings import UsageError

__version__ = "0.2.0"

__all__ = [
    "Credentials",
    "InspectionReport",
    "Report",
    "UnusableFile",
    "UsageError",
    "__version__",
    "check",
    "inspect",
]

if not TYPE_CHECKING:  # a type checker shall know these names and no others
    _HOMES = {
        "check": "okx_doctor.checking.run",
        "inspect": "okx_doctor.forensics.inspection",
        "Credentials": "okx_doctor.credentials.load",
        "InspectionReport": "okx_doctor.forensics.inspection",
        "Report": "okx_doctor.model",
        "UnusableFile": "okx_doctor.credentials.files",
        "UsageError": "okx_doctor.settings",
    }

    def __getattr__(name):
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(_HOMES[name]), name)

    def __dir__():
        return __all__
