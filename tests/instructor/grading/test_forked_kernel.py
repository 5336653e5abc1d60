"""What a kernel that grades does with a cell before it runs."""

from __future__ import annotations

import pytest
from IPython.core.interactiveshell import InteractiveShell

from course_lib.instructor.grading.inside.forked_kernel import refuse_crowded_lines


@pytest.fixture
def shell() -> InteractiveShell:
    made = InteractiveShell()
    refuse_crowded_lines(made)
    return made


@pytest.mark.parametrize("source", ["-" * 200_000 + "1", "a" + ".b" * 200_000, "a" + "<a" * 20_000])
def test_a_crowded_line_is_refused_and_the_next_cell_runs(shell: InteractiveShell, source: str) -> None:
    refused = shell.run_cell("x = 1\n" + source, silent=True)
    assert isinstance(refused.error_before_exec, SyntaxError)
    assert "break it into shorter lines" in str(refused.error_before_exec)
    assert shell.run_cell("y = 2", silent=True).success
    assert "x" not in shell.user_ns


@pytest.mark.parametrize(
    "source",
    ["x = [" + "0.1234567890123456, " * 5_000 + "]", "x = '" + "a" * 500_000 + "'", "x = 1\n" * 3_000],
    ids=["a pasted list", "a long string", "many lines"],
)
def test_what_a_learner_might_write_is_read(shell: InteractiveShell, source: str) -> None:
    assert shell.run_cell(source, silent=True).success
