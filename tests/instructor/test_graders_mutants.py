"""Mutants are valid programs with one change each."""

from __future__ import annotations

import ast

from hypothesis import given
from hypothesis import strategies as st

from course_lib.instructor.proof.mutants import mutants

SOURCE = '''
def validate(model, loader, loss_fn):
    """Not changed: 1 + 1."""
    given: int = 3
    ### BEGIN SOLUTION
    model.eval()
    total = count = 0
    with torch.no_grad():
        for inputs, targets in loader:
            total += loss_fn(model(inputs), targets).item() * len(targets)
            count += 1 if targets.ndim < 1 else len(targets)
    model.train()
    ### END SOLUTION
    return total / count
'''


def names(source: str) -> list[str]:
    return [mutant.name for mutant in mutants(source)]


def test_the_operators_that_a_slip_resembles() -> None:
    found = "\n".join(names(SOURCE))
    for part in (
        "call swapped: model.eval() -> model.train()",
        "call swapped: torch.no_grad() -> torch.enable_grad()",
        "statement deleted: model.train() -> pass",
        "with block opened",
        "argument order: loss_fn(model(inputs), targets) -> loss_fn(targets, model(inputs))",
        "arithmetic: loss_fn(model(inputs), targets).item() * len(targets)",
        "comparison: targets.ndim < 1 -> targets.ndim <= 1",
        "assigned, not added",
        "loop runs once",
        "constant: 0 -> 1",
    ):
        assert part in found, part


def test_given_code_and_docstrings_are_left_alone() -> None:
    found = "\n".join(names(SOURCE))
    assert "given" not in found
    assert "total / count" not in found
    assert "Not changed" not in found


def test_every_mutant_is_a_program_of_its_own() -> None:
    found = mutants(SOURCE)
    sources = {ast.dump(ast.parse(m.source)) for m in found}
    assert len(sources) == len(found) == len({m.name for m in found})
    assert ast.dump(ast.parse(SOURCE)) not in sources


@given(st.recursive(st.integers(0, 9).map(str), lambda s: st.tuples(s, st.sampled_from("+-*/<"), s).map(" ".join)))
def test_any_expression_gives_valid_mutants(text: str) -> None:
    for mutant in mutants(f"x = {text}"):
        ast.parse(mutant.source)
