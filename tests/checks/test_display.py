"""A result is shown as an accessible table, as text, and lies in the output as JSON data."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from course_lib.checks import CaseResult, CheckResult, as_html, as_text

CASES = (
    CaseResult("two batches", True, "", 1.0, 1.0),
    CaseResult("a <ragged> batch", False, "Yours is <b>2</b> & right is 1.", 0.0, 1.0, diagnosis="mean"),
    CaseResult("many", False, "Does every batch count?", 0.0, 1.0, hidden=True, diagnosis="mean"),
)
RESULT = CheckResult("03", "keras", "epoch_loss", 3, 1.0, "done", "1 of 3 cases.", CASES)


def test_the_table_is_marked_up_and_escaped() -> None:
    table = ElementTree.fromstring(as_html(RESULT))
    assert table.findtext("caption") == "epoch_loss: 1 of 3 cases."
    assert [th.get("scope") for th in table.iter("th")] == ["col"] * 2 + ["rowgroup"] * 3
    rows = [["".join(cell.itertext()) for cell in row] for row in table.iter("tr")]
    assert rows[1] == ["two batches", "✓ right"]
    assert rows[2:4] == [["a <ragged> batch", "✗ not yet"], ["Yours is <b>2</b> & right is 1."]]
    assert rows[4][0] == "many (hidden)"
    assert "color" not in as_html(RESULT)


def test_a_result_without_cases_is_one_line() -> None:
    undone = CheckResult("03", "keras", "epoch_loss", 3, 0.0, "not_done", "It is not done yet.")
    assert "".join(ElementTree.fromstring(as_html(undone)).itertext()) == "It is not done yet."
    assert as_text(undone) == "It is not done yet."


def test_text_says_the_same() -> None:
    lines = as_text(RESULT).splitlines()
    assert lines[0] == "epoch_loss: 1 of 3 cases."
    assert "✗ not yet  many (hidden)" in lines[4]


def test_the_data_name_verdicts_as_words() -> None:
    data = RESULT.to_json()
    assert [case["verdict"] for case in data["cases"]] == ["right", "not yet", "not yet"]
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
    assert "<table" in outputs[2][0]["data"]["text/html"]
    where = ("03_tracking_loops", "pytorch", "epoch_loss")
    assert rejudge(graded, *where)[:2] == (2.0, ())
    assert 0 < stripped["score"] < 2
    assert len(rejudge(stripped, *where).flags) == 2
    assert (bent["score"], bent["status"]) == (0.0, "tampered")
    assert outputs[6][-1]["data"]["text/plain"] == "0.0"
    assert rejudge(bent, *where).score == 0.0
