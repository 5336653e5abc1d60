"""A result is shown as an accessible table, as text, and lies in the output as JSON data."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from course_lib.checks import Case, CaseResult, CheckResult, Exercise, Phrase, as_html, as_text, run_exercise

CASES = (
    CaseResult("two batches", True, "", 1.0, 1.0),
    CaseResult("a <ragged> batch", False, "It is a mean. Yours is <b>2</b> & right is 1.", 0.0, 1.0, False, "mean", 13),
    CaseResult("four", False, "The same again. Yours is 3, right is 2.", 0.0, 1.0, False, "mean", 15),
    CaseResult("five", False, "The same again.", 0.0, 1.0, False, "mean", 15),
    CaseResult("nothing", False, "Yours is 7, right is 0.", 0.0, 1.0),
    CaseResult("many", False, "Does every batch count?", 0.0, 1.0, hidden=True, diagnosis="mean"),
)
RESULT = CheckResult("03", "keras", "epoch_loss", 6, 1.0, "done", "1 of 6 cases.", CASES)


def test_the_mistake_is_named_once_and_what_is_the_same_is_folded() -> None:
    page = ElementTree.fromstring(as_html(RESULT))
    blocks = ["".join(block.itertext()) for block in page]
    assert blocks[0] == "epoch_loss: 1 of 6 cases."
    assert blocks[1].startswith("It is a mean.✗ not yet: a <ragged> batchYours is <b>2</b> & right is 1.")
    assert blocks[2:] == [
        "✗ not yet: nothingYours is 7, right is 0.",
        "✗ not yet: many (hidden)Does every batch count?",
        "✓ right, 1 case: two batches",
    ]
    (fold,) = page.iter("details")
    assert "".join(fold[0].itertext()) == "✗ 2 more cases show the same"
    assert ["".join(row.itertext()) for row in fold[1]] == ["four: Yours is 3, right is 2.", "five"]
    assert "again" not in as_html(RESULT)


def test_a_verdict_is_told_by_sign_shape_and_word_and_never_by_color() -> None:
    page = as_html(RESULT)
    assert "color" not in page
    signs = {mark: re.search(rf'style="([^"]+)">{mark}<', page) for mark in "✓✗"}
    assert all(signs.values())
    assert len({sign[1] for sign in signs.values() if sign}) == 2


def test_a_message_that_was_cut_on_its_way_is_shown_whole() -> None:
    case = CaseResult("a", False, "Left out.", 0.0, 1.0, False, "mean", 4)
    assert "Left out." in as_html(CheckResult("03", "keras", "e", 1, 0.0, "done", "0 of 1.", (case,)))


def test_a_result_without_cases_is_one_line() -> None:
    undone = CheckResult("03", "keras", "epoch_loss", 3, 0.0, "not_done", "It is not done yet.")
    assert "".join(ElementTree.fromstring(as_html(undone)).itertext()) == "It is not done yet."
    assert as_text(undone) == "It is not done yet."


def test_text_says_the_same() -> None:
    assert as_text(RESULT).splitlines() == [
        "epoch_loss: 1 of 6 cases.",
        "It is a mean.",
        "  ✗ not yet: a <ragged> batch",
        "      Yours is <b>2</b> & right is 1.",
        "  ✗ 2 more cases show the same: four; five",
        "  ✗ not yet: nothing",
        "      Yours is 7, right is 0.",
        "  ✗ not yet: many (hidden)",
        "      Does every batch count?",
        "  ✓ right, 1 case: two batches",
    ]


def test_points_have_two_decimals_at_most_and_a_run_is_told_in_a_sentence() -> None:
    def never(losses: object) -> str:
        return "never"

    stop = Phrase("it should have stopped after epoch {}", lambda given: "yours never stopped")
    cases = tuple(Case(f"case {k}", ([1.0],), k, phrase=stop) for k in range(3, 6))
    passing = tuple(Case(f"right {k}", ([1.0],), "never") for k in range(4))
    result = run_exercise(Exercise("rule", 1, cases + passing), never, lesson="x", track="keras")
    assert "0.57 of 1 point" in result.message
    assert "it should have stopped after epoch 3; yours never stopped." in as_text(result)


def test_the_data_name_verdicts_as_words() -> None:
    data = RESULT.to_json()
    assert [case["verdict"] for case in data["cases"]] == ["right", *["not yet"] * 5]
    assert data["diagnosis"] == "mean"
    assert "evidence" not in data


CELLS = [
    "import logging, sys, warnings\n"
    "from course_lib.checks import lesson_checks\n"
    "check = lesson_checks('03_tracking_loops', 'pytorch')\n"
    "log = logging.getLogger('mine'); log.addHandler(logging.StreamHandler())",
    "def epoch_loss(batch_losses, batch_sizes):\n"
    "    log.warning('a log line'); print('noise', file=sys.stderr); warnings.warn('a warning')\n"
    "    import os; os.write(2, b'native')\n"
    "    return sum(l * n for l, n in zip(batch_losses, batch_sizes)) / sum(batch_sizes)",
    "score = check('epoch_loss', epoch_loss)\n"
    "from course_lib.instructor.hidden import graded_check\n"
    "score = graded_check('03_tracking_loops', 'pytorch', 'epoch_loss', epoch_loss)\nscore",
    "import ast\n"
    "class Strip(ast.NodeTransformer):\n"
    "    def visit_Assert(self, node): return ast.Pass()\n"
    "get_ipython().ast_transformers.append(Strip())\n"
    "get_ipython().set_custom_exc((Exception,), lambda *a, **k: None)",
    "graded_check('03_tracking_loops', 'pytorch', 'epoch_loss', lambda l, n: sum(l) / len(l))",
    "import course_lib.checks.compare as c\nc.Matches.__call__ = lambda self, *a, **k: None",
    "graded_check('03_tracking_loops', 'pytorch', 'epoch_loss', lambda l, n: 0.0)",
]


@pytest.mark.slow
def test_in_a_kernel_no_noise_gets_out_and_tampering_is_told() -> None:
    import nbformat
    from nbclient import NotebookClient

    from course_lib.checks import MIME
    from course_lib.instructor.hidden import rejudge

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS])
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    outputs = [cell.outputs for cell in notebook.cells]
    assert not [o for cell in outputs for o in cell if o.output_type in ("error", "stream")]
    assert outputs[2][-1]["data"]["text/plain"] == "2.0"
    payloads = [o["data"][MIME] for cell in outputs for o in cell if MIME in o.get("data", {})]
    visible, graded, stripped, bent = payloads
    assert (visible["graded"], graded["graded"]) == (False, True)
    assert "course-check" in outputs[2][0]["data"]["text/html"]
    where = ("03_tracking_loops", "pytorch", "epoch_loss")
    assert rejudge(graded, *where)[:2] == (2.0, ())
    assert 0 < stripped["score"] < 2
    assert len(rejudge(stripped, *where).flags) == 2
    assert (bent["score"], bent["status"]) == (0.0, "tampered")
    assert outputs[6][-1]["data"]["text/plain"] == "0.0"
    assert rejudge(bent, *where).score == 0.0


def left_out(letter: str, said: str) -> CaseResult:
    words = f"{letter} was left out. {said}"
    return CaseResult(f"pair {letter}", False, f"{words} Look again.", 0.0, 1.0, False, "left_out", len(words))


@pytest.mark.parametrize(
    ("count", "alone", "folded"), [(2, 2, ""), (4, 4, ""), (6, 4, "2 more cases show a mistake like it")]
)
def test_cases_with_words_of_their_own_are_not_said_to_show_the_same(count: int, alone: int, folded: str) -> None:
    cases = tuple(left_out(letter, f"It gives {k}.") for k, letter in enumerate("ABCDEF"[:count]))
    result = CheckResult("07", "keras", "hunt", 2, 0.0, "done", "0 cases.", cases)
    told = as_text(result)
    for case in cases[:alone]:
        assert case.message[: case.named] in told
    assert "show the same" not in told
    assert ("more case" in told) == bool(folded)
    assert folded in told
    page = as_html(result)
    assert all(case.message[: case.named] in page for case in cases), "folded, but there"


def test_what_is_the_same_again_is_not_said_of_another_mistake() -> None:
    again = CaseResult(
        "third", False, "The same again. Yours is 3.", 0.0, 1.0, False, "left_out", len("The same again.")
    )
    cases = (left_out("A", "It gives 0."), left_out("B", "It gives 1."), again)
    told = as_text(CheckResult("07", "keras", "hunt", 2, 0.0, "done", "0 cases.", cases))
    assert "show" not in told
    assert "not yet: third" in told
    one = as_text(CheckResult("07", "keras", "hunt", 2, 0.0, "done", "0.", (cases[0], again)))
    assert "1 more case shows the same: third" in one
