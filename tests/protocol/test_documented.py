"""Which endpoints OKX serves to everybody, known once: by the table of endpoints, and by the beginnings of paths."""

from __future__ import annotations

from okx_doctor.protocol.documented import documented, is_public


def test_the_table_and_the_beginnings_of_paths_agree_on_what_is_public() -> None:
    disagreeing = [
        path for path, rows in documented().items() for row in rows if (row.permission is None) != is_public(path)
    ]

    assert disagreeing == []


def test_a_path_that_no_table_has_is_public_where_those_beside_it_are() -> None:
    assert is_public("/api/v5/market/something-new")
    assert not is_public("/api/v5/account/something-new")
    assert not is_public("/api/v5/public/event-contract/something-new")
