"""A lesson's text that breaks a rule stops the build, with file, cell and reason."""

from __future__ import annotations

import ast
import copy
import doctest
import json
import math
import re
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from support import ROOT, lesson_names

from course_lib.instructor.text.lesson_text import LessonProblems, read_lesson
from course_lib.instructor.text.render import render_source
from course_lib.instructor.text.reveal_text import explanations_file
from course_lib.tracks import TRACKS

GOOD = """---
jupytext:
  text_representation: {extension: .md, format_name: myst}
kernelspec: {display_name: Python 3 (ipykernel), language: python, name: python3}
lesson:
  title: A topic
  minutes: 5
  points: 3
---

# A topic

```{code-cell} ipython3
---
exercise: double
---
def double(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION
```

```{code-cell} ipython3
---
check: double
points: 2
---
check("double", double)
```

+++ {"explain": "why", "points": 1}

Because.
"""

PYTORCH_ONLY = "exercise: double\ntags: [pytorch]"


def problems_of(tmp_path: Path, text: str, name: str = "01_topic.md") -> str:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(LessonProblems) as caught:
        read_lesson(path)
    return str(caught.value)


def test_a_good_text_is_read(tmp_path: Path) -> None:
    path = tmp_path / "01_topic.md"
    path.write_text(GOOD)
    lesson = read_lesson(path)
    assert (lesson.name, lesson.title, lesson.points) == ("01_topic", "A topic", 3.0)
    assert [c.grade_id for c in lesson.track("keras") if c.kind] == ["double", "check_double", "why"]
    assert "return 2 * x" in lesson.solutions("pytorch")["double"]


@pytest.mark.parametrize(
    ("old", "new", "cell", "reason"),
    [
        ("### BEGIN SOLUTION", "### BEGIN SOLUTOIN", "exercise double", "resembles a marker"),
        ("### BEGIN SOLUTION", "## BEGIN SOLUTION", "exercise double", "resembles a marker"),
        ("### BEGIN SOLUTION", "### begin solution", "exercise double", "resembles a marker"),
        ("### BEGIN SOLUTION", "# start of solution", "exercise double", "resembles a marker"),
        ("### END SOLUTION", "### END SOLUTIONS", "exercise double", "resembles a marker"),
        ("    ### END SOLUTION\n", "", "exercise double", "without its '### END SOLUTION'"),
        ("    ### BEGIN SOLUTION\n", "", "exercise double", "without its '### BEGIN SOLUTION'"),
        ("    return 2", "    ### BEGIN SOLUTION\n    return 2", "exercise double", "inside the region"),
        ("### BEGIN SOLUTION", "### BEGIN HIDDEN TESTS", "exercise double", "may stand only in a cell with check"),
        ('check("double", double)', "### BEGIN HIDDEN TEST\n1\n### END HIDDEN TEST", "check double", "resembles"),
        ("check: double", "check: treble", "check treble", "a check without its exercise"),
        ("check: double", "check: treble", "exercise double", "a graded exercise without a check"),
        ("points: 2", "slideshow: {}", "check double", "needs points"),
        ("points: 2", "points: 0", "check double", "needs points"),
        ("points: 2", "points: two", "check double", "needs points"),
        ("exercise: double", "exercise: Double!", "exercise Double!", "needs a name of small letters"),
        ("exercise: double", "exercise:", "exercise None", "needs a name of small letters"),
        ("exercise: double", PYTORCH_ONLY, "exercise double", "missing in the keras track"),
        ("exercise: double", "exercise: double\npoints: 1", "exercise double", "belong on the check cell"),
        ("exercise: double", "excercise: double", "cell 2", "did you mean 'exercise'"),
        ("exercise: double", "exercise: double\ntags: [pytroch]", "exercise double", "did you mean 'pytorch'"),
        ("def double(x):", "def double(x:", "exercise double", "not valid Python"),
        ("  points: 3", "  points: 4", "front matter", "add up to 3"),
        ("  minutes: 5", "  minutes: five", "front matter", "lesson.minutes"),
    ],
)
def test_a_broken_rule_is_named(tmp_path: Path, old: str, new: str, cell: str, reason: str) -> None:
    assert old in GOOD
    message = problems_of(tmp_path, GOOD.replace(old, new))
    line = next((line for line in message.splitlines() if reason in line), None)
    assert line is not None, message
    assert "01_topic.md" in line
    assert cell in line


def test_an_id_twice_is_named(tmp_path: Path) -> None:
    message = problems_of(tmp_path, GOOD.replace('"explain": "why"', '"explain": "double"'))
    assert "the id 'double' is taken already" in message


def test_different_points_in_the_tracks_are_named(tmp_path: Path) -> None:
    start = GOOD.index("```{code-cell} ipython3\n---\ncheck")
    end = GOOD.index("+++ {")
    cell = GOOD[start:end]
    both = cell.replace("points: 2", "points: 2\ntags: [pytorch]") + cell.replace(
        "points: 2", "points: 5\ntags: [keras]"
    )
    message = problems_of(tmp_path, GOOD.replace(cell, both))
    assert "the tracks give different points: pytorch 2, keras 5" in message


def test_a_check_before_its_exercise_is_named(tmp_path: Path) -> None:
    start, end = GOOD.index("```{code-cell} ipython3\n---\ncheck"), GOOD.index("+++ {")
    check = GOOD[start:end]
    message = problems_of(tmp_path, GOOD.replace(check, "").replace("# A topic\n", f"# A topic\n\n{check}"))
    assert "stands before its exercise" in message


def test_a_quiz_without_feedback_is_named(tmp_path: Path) -> None:
    quiz = '\n+++ {"quiz": "q"}\n\n**1. Which?**\n\n- (x) this\n  Yes.\n- ( ) that\n'
    assert "'that' has no feedback" in problems_of(tmp_path, GOOD + quiz)
    assert "exactly one right option" in problems_of(tmp_path, GOOD + quiz.replace("(x)", "( )") + "  No.\n")


PREDICTION = """
```{code-cell} ipython3
falls = predict("Does it fall?", "always", "mostly")
falls
```

```{code-cell} ipython3
falls.reveal("3 of 4")
```

+++ {"reveal": "falls", "right": "mostly"}

A *step* can overshoot.

+++

More text.
"""


def test_an_explanation_is_in_no_notebook_and_kept_with_its_lesson(tmp_path: Path) -> None:
    path = tmp_path / "01_topic.md"
    path.write_text(GOOD + PREDICTION)
    lesson = read_lesson(path)
    for track in TRACKS:
        texts = [cell.source for cell in lesson.track(track)]
        assert not any("overshoot" in text for text in texts)
        assert texts[-1] == "More text."
        assert len(render_source(lesson, track).cells) == len(texts)
    kept = json.loads(explanations_file(lesson) or b"")
    assert kept["keras"] == {"Does it fall?": {"right": "mostly", "why": "A *step* can overshoot."}} == kept["pytorch"]
    path.write_text(GOOD)
    assert explanations_file(read_lesson(path)) is None


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('"right": "mostly"', '"right": "mostly "', "right is one of the options of falls, word for word"),
        (', "right": "mostly"', "", "not None"),
        ('"reveal": "falls"', '"reveal": "fals"', "no cell above reads fals = predict"),
        ("falls.reveal(", "print(", "no cell above calls falls.reveal(...)"),
        ("More text.", '+++ {"reveal": "falls", "right": "always"}\n\nTwice.', "falls has two explanations"),
        (
            'falls = predict("Does it fall?", "always", "mostly")',
            "falls = predict(*anything)",
            "no cell above reads falls = predict",
        ),
    ],
)
def test_an_explanation_of_no_prediction_is_named(tmp_path: Path, old: str, new: str, reason: str) -> None:
    assert old in PREDICTION
    assert reason in problems_of(tmp_path, GOOD + PREDICTION.replace(old, new))


def test_what_is_no_text_at_all_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "01_topic.md"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(LessonProblems, match="not UTF-8"):
        read_lesson(path)
    path.write_text("---\nlesson: [unclosed\n---\n# Title\n")
    with pytest.raises(LessonProblems, match=r"not a MyST notebook|front matter"):
        read_lesson(path)


@pytest.mark.parametrize("name", lesson_names())
def test_the_lessons_keep_the_rules(name: str) -> None:
    lesson = read_lesson(ROOT / "solutions" / f"{name}.md")
    kinds = {track: [(c.kind, c.name) for c in lesson.track(track) if c.kind] for track in TRACKS}
    assert kinds["pytorch"] == kinds["keras"]
    if name != "00_start_here":
        assert lesson.points == 10, "every lesson gives 10 points: take those of a new exercise from another one"
        assert sum("predict(" in c.source for c in lesson.track("pytorch")) >= 2
        for track in TRACKS:  # one quiz, which may end in a part of the track's own
            tagged = ["tags" in c.metadata for c in lesson.track(track) if "quiz" in c.metadata]
            assert tagged in ([False], [False, True])


def test_text_that_lost_its_tag_is_named(tmp_path: Path) -> None:
    cell = "\n```{code-cell} ipython3\n:tags: [pytorch]\n\n1 + 1\n```\n"
    message = problems_of(tmp_path, GOOD + cell + "\nOnly true of PyTorch.\n" + cell)
    assert "text for both tracks between cells of pytorch only" in message


@pytest.mark.parametrize("name", [name for name in lesson_names() if not name.startswith("00")])
def test_the_time_that_a_lesson_states_is_the_time_in_its_header(name: str) -> None:
    path = ROOT / "solutions" / f"{name}.md"
    lesson, text = read_lesson(path), " ".join(path.read_text(encoding="utf-8").split())
    stated = re.search(r"\*\*Time\*\*: about (\d+) minutes to read and run[^*]*?about (\d+) for the exercises", text)
    assert stated, f"{name} does not say how long it takes to read and run, and how long the exercises take"
    reading, exercises = map(int, stated.groups())
    assert reading <= 45
    assert reading + exercises == lesson.minutes


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in lesson_names() if not name.startswith("00")])
def test_what_an_explorer_is_asked_for_is_not_answered_in_the_open(name: str) -> None:
    for track in TRACKS:
        cells = read_lesson(ROOT / "solutions" / f"{name}.md").track(track)
        places = [
            place for place, cell in enumerate(cells) if re.search(r"import explorers|\.explorers import", cell.source)
        ]
        assert len(places) == 1
        below = cells[places[0] + 1]
        open_text = below.source.partition("<details>")  # questions may stand before the fold
        asks = below.cell_type == "markdown" and (open_text[1] or below.source.startswith("Commit to your answer"))
        assert asks, f"{name}, {track}: the text below the explorer should be folded, or ask for a prediction"


class _UpToRounding(doctest.OutputChecker):
    """Take two outputs for equal that differ in the last digits of their numbers."""

    def check_output(self, want: str, got: str, optionflags: int) -> bool:
        def rounded(text: str) -> str:
            return re.sub(r"\d+\.\d+(e-?\d+)?", lambda number: f"{float(number[0]):.9g}", text)

        return super().check_output(rounded(want), rounded(got), optionflags)


@pytest.mark.parametrize("track", TRACKS)
@pytest.mark.parametrize("name", [name for name in lesson_names() if not name.startswith("00")])
def test_every_docstring_of_an_exercise_has_an_example_and_the_solution_agrees(name: str, track: str) -> None:
    for cell in read_lesson(ROOT / "solutions" / f"{name}.md").track(track):
        tree = ast.parse(cell.source) if cell.kind == "exercise" else ast.Module([], [])
        for node in tree.body:
            if not isinstance(node, ast.FunctionDef | ast.ClassDef):
                continue
            _, has_example, example = (ast.get_docstring(node) or "").partition("Examples\n--------\n")
            assert has_example, f"{name}, {track}: {cell.name} shows no example"
            if ">>>" in example:
                names: dict[str, Any] = {"np": np, "math": math, "copy": copy}
                exec(cell.source, names)
                found = doctest.DocTestParser().get_doctest(example, names, str(cell.name), None, 0)
                said: list[str] = []
                doctest.DocTestRunner(_UpToRounding()).run(found, out=said.append)
                assert not said, "".join(said)


def test_every_form_of_a_result_in_words_is_claimed() -> None:
    from course_lib.instructor.text.claims import _kept

    forms = {"text/plain": "a  b", "text/html": "<table></table>", "image/png": "..."}
    result = {"output_type": "execute_result", "data": forms, "metadata": {}, "execution_count": 3}
    (kept,) = _kept([result])
    # nbval compares all forms, and a picture is drawn a little differently elsewhere.
    assert kept["data"] == {"text/plain": "a  b", "text/html": "<table></table>"}


@pytest.mark.parametrize("track", TRACKS)
@pytest.mark.parametrize("name", lesson_names())
def test_code_fits_into_a_cell(name: str, track: str) -> None:
    """With the file browser open, a cell has room for about 104 characters in a window of 1,280 pixels."""
    released = nbformat.read(ROOT / "lessons" / name / f"{track}.ipynb", as_version=4)
    lines = [line for cell in released.cells if cell.cell_type == "code" for line in cell.source.splitlines()]
    assert [line for line in lines if len(line) > 100] == []
