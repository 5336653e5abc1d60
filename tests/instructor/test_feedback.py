"""A feedback page reads as a check does in the notebook: each mistake once, the others folded, the rest in a line."""

from __future__ import annotations

from course_lib.checks.result import CaseResult, CheckResult
from course_lib.instructor.desk.feedback import feedback_page
from course_lib.instructor.grading.notebook_scores import Cell
from course_lib.instructor.grading.scores import Score

WORDS = "It is a sum."
AGAIN = "The same again."


def _page() -> str:
    cases = (
        CaseResult("one row", True, "", 0.5, 0.5),
        CaseResult("two rows", False, f"{WORDS} Yours is 3, right is 2.", 0, 0.5, diagnosis="sum", named=len(WORDS)),
        CaseResult("three <rows>", False, f"{AGAIN} Yours is 6.", 0, 0.5, diagnosis="sum", named=len(AGAIN)),
        CaseResult("zeros", True, "", 0.5, 0.5, hidden=True),
    )
    result = CheckResult("01", "keras", "mse", 2, 1.0, "done", "2 of 4 cases are right.", cases)
    cell = Cell("check_mse", "keras", 2.0, 1.0, 1.0, None, False, result=result.to_json())
    return feedback_page(Score("01", "ada", points=2.0, score=1.0, cells=[cell]))


def test_a_mistake_is_named_once_and_what_shows_the_same_is_folded() -> None:
    page = _page()
    assert page.count(WORDS) == 1
    assert AGAIN not in page
    assert page.index(WORDS) < page.index("not yet:</strong> two rows") < page.index("Yours is 3, right is 2.")
    folded = page[page.index("<details>") : page.index("</details>")]
    assert "1 more case shows the same" in folded
    assert "three &lt;rows&gt;" in folded
    assert "right</strong>, 2 cases: one row; zeros (hidden)" in page


def test_a_damaged_result_still_gives_a_page() -> None:
    cell = Cell("check_mse", "keras", 2.0, 0.0, 0.0, None, False, result={"cases": [{"named": "x"}], "message": 1})
    assert "not yet:" in feedback_page(Score("01", "ada", points=2.0, score=0.0, cells=[cell]))
