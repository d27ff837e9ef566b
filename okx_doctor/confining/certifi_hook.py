"""For Python programs that verify with certifi alone: its bundle becomes the one that knows the exchange's authority.

A copy of this file is found by Python as ``sitecustomize``, by way of PYTHONPATH. It touches nothing else, and runs
the user's own ``sitecustomize``, which it hides.
"""

import os
import sys
from importlib import util
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

BUNDLE = "OKX_DOCTOR_CA_BUNDLE"
CERTIFI = ("certifi.core", "pip._vendor.certifi.core")


class _Loader:
    """Loads certifi as its own loader does, and then names the other bundle."""

    def __init__(self, loader: Any, bundle: str) -> None:
        self._loader, self._bundle = loader, bundle

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        made: ModuleType | None = self._loader.create_module(spec)
        return made

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        vars(module).update(where=self._where, contents=self._contents)

    def _where(self) -> str:
        return self._bundle

    def _contents(self) -> str:
        with open(self._bundle, encoding="utf-8", errors="replace") as file:  # noqa: PTH123  pathlib would cost every start
            return file.read()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)


class _Finder:
    def __init__(self, bundle: str) -> None:
        self._bundle = bundle

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path, target) if name in CERTIFI else None
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader, self._bundle)  # type: ignore[assignment]  # it is one by its methods
        return spec


def install(bundle: str) -> None:
    """From now on certifi tells of this bundle, wherever it is imported."""
    sys.meta_path.insert(0, _Finder(bundle))


def run_hidden(here: str) -> None:
    """Run the ``sitecustomize`` that Python would have found without this one."""
    elsewhere = [entry for entry in sys.path if os.path.abspath(entry or ".") != here]  # noqa: PTH100  as above, no pathlib
    spec = PathFinder.find_spec("sitecustomize", elsewhere)
    if spec is not None and spec.loader is not None:
        module = util.module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)


if __name__ == "sitecustomize":
    if os.environ.get(BUNDLE):
        install(os.environ[BUNDLE])
    run_hidden(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120  as above, no pathlib
