"""Every test of this folder that seals something off is skipped where the kernel forbids it, and required in CI."""

from __future__ import annotations

import pytest

from tests.confining.running import USERS, Who, required


@pytest.fixture(params=USERS, ids=str)
def who(request: pytest.FixtureRequest) -> Who:
    """Root, and an ordinary user."""
    found: Who = request.param
    required(found)
    return found


@pytest.fixture
def root() -> Who:
    required(USERS[0])
    return USERS[0]


@pytest.fixture
def user() -> Who:
    required(USERS[1])
    return USERS[1]
