"""The console script, and ``python -m okx_doctor``."""

import gc
from typing import NoReturn


def main() -> NoReturn:
    """Run without the collector: a run lasts seconds, and going through what imports leave behind frees nothing."""
    gc.disable()
    from okx_doctor.cli import main as run_and_leave

    run_and_leave()


if __name__ == "__main__":
    main()
