"""That the mutations of ``benchmarks/mutants.py`` still have something to mutate."""

from __future__ import annotations

import pytest

from benchmarks.mutants import MUTATIONS, ROOT, Mutation

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_a_mutation_finds_its_place_and_is_still_python(mutation: Mutation) -> None:
    source = (ROOT / "okx_doctor" / mutation.file).read_text("utf-8")
    compile(mutation.of(source), mutation.file, "exec")


def test_a_mutation_whose_place_is_gone_is_an_error() -> None:
    with pytest.raises(LookupError, match="stands 0 times"):
        Mutation(name="gone", file="checking.py", anchor="no such text", instead="").of("another text")
