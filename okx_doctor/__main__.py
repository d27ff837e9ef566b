"""``python -m okx_doctor``."""

from okx_doctor.cli import main

main()
