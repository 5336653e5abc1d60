"""Nothing in a kernel answers for an exercise: no expected value, judge or reference, in memory or on disk."""

from __future__ import annotations

import ast
import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from support import ROOT, TRACKS

from course_lib.instructor.grading.execute import execute, observing
from course_lib.instructor.grading.judge import judge
from course_lib.instructor.grading.limits import Limits
from course_lib.instructor.grading.packing import package
from course_lib.instructor.grading.sandbox import WardenClient, bubblewrap_problem
from course_lib.instructor.grading.shown import WHOLE
from course_lib.instructor.grading.worker import ALWAYS, LATER
from course_lib.instructor.proof.bank import bank_root, entries
from course_lib.lessons import lessons, load

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bubblewrap_problem() is not None, reason=str(bubblewrap_problem())),
]
LIMITS = Limits(cell_seconds=60)
FRAMEWORK = {"pytorch": "torch", "keras": "tensorflow"}
#: Written into the answer's cell: it looks at everything that a learner's code can look at.
SEARCH = """
import gc, sys
def found():
    names = []
    for thing in gc.get_objects():
        kind = type(thing)
        if str(kind.__module__).startswith("course_lib.checks"):
            if kind.__name__ == "Diagnosis":
                names.append(f"diagnosis {thing.key}")
            if kind.__name__ == "Case" and (thing.judge or thing.diagnoses or thing.truth or callable(thing.expected)):
                names.append(f"case {thing.name}")
            if kind.__name__ == "Case" and thing.expected is not None and "canary" not in repr(thing.name):
                names.append(f"expected of {thing.name}")
        if kind.__name__ == "function" and str(thing.__module__).startswith("course_lib"):
            names.append(f"{thing.__module__}.{thing.__qualname__}")
    return names + [name for name in sys.modules if name.startswith("course_lib")]
"""


@pytest.fixture(scope="module", params=TRACKS)
def track(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def warden(track: str) -> Iterator[WardenClient]:
    preload = [FRAMEWORK[track], *ALWAYS, *LATER[track], "course_lib.lessons.l04_overfitting.runs"]
    client = WardenClient(preload, limits=LIMITS, root=ROOT)
    yield client
    client.close()


def run(warden: WardenClient, *sources: str) -> list[str]:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    execute(notebook, {}, set(range(len(sources))), warden, LIMITS)
    return [
        "".join(o.get("text", "") or f"{o.get('ename', '')}: {o.get('evalue', '')}" for o in cell.outputs)
        for cell in notebook.cells
    ]


def test_on_disk_there_is_none(warden: WardenClient, track: str) -> None:
    listed, copies, truth, verdict, check = run(
        warden,
        "from pathlib import Path\nroot = Path('/course/course_lib/lessons')\n"
        "print(sorted({path.name for path in root.rglob('*') if path.is_file()}))",
        "import course_lib, glob, sys\nroots = [root for root in sys.path if root not in ('', '/course')]\n"
        "print(course_lib.__file__, [p for root in roots for p in glob.glob(root + '/course_lib/*')])",
        "import course_lib.checks.linear as linear; print([n for n in dir(linear) if callable(getattr(linear, n))])",
        "from course_lib.lessons.l04_overfitting import runs\nprint(len(runs.stored_runs()), hasattr(runs, 'verdict'))",
        f"from course_lib.checks import lesson_checks\ncheck = lesson_checks('03_tracking_loops', '{track}')\n"
        "print(check('epoch_loss', lambda a, b: 0), dict(check.exercises))",
    )
    rooms = ROOT / "course_lib" / "lessons"
    kept = {found.name for name in WHOLE for path in rooms.glob(f"*/{name}") for found in (path, *path.glob("*"))}
    assert set(ast.literal_eval(listed)) == kept - {"material"} | {"__init__.py", "runs.py"}
    assert copies.strip() == "/course/course_lib/__init__.py []"
    assert "batches_of" in truth
    assert not [
        name for name in ("Run", "loss_and_gradient", "mean_loss", "train", "make_problem") if f"'{name}'" in truth
    ]
    assert verdict.strip() == "12 False"
    assert "when the notebook is graded" in check
    assert check.strip().endswith("0.0 {}")


def probe(
    warden: WardenClient, lesson: str, track: str, exercise: str, source: str, answer: str
) -> tuple[Any, list[str]]:
    """Run an exercise's packed cases on an answer; return what was handed out, and what a search found meanwhile."""
    names = ["", "import json; print(json.dumps(found()))"]
    cells = [nbformat.v4.new_code_cell(text) for text in (SEARCH + source, *names)]
    cells[1].metadata["nbgrader"] = {"grade_id": "check"}
    notebook = nbformat.v4.new_notebook(cells=cells)
    cells[1].source = "check"
    seen = execute(notebook, {"check": observing(package(lesson, track, exercise), answer)}, {0, 1, 2}, warden, LIMITS)
    told = "".join(o.get("text", "") or f"{o.get('ename')}: {o.get('evalue')}" for o in notebook.cells[2].outputs)
    return seen.checks["check"], json.loads(told)


def test_right_answers_get_all_points_without_them_and_none_is_in_memory(warden: WardenClient, track: str) -> None:
    for lesson in lessons():
        for name, exercise in load(lesson, track).items():
            entry = next(e for e in entries(bank_root(), lesson, track, name) if e.kind == "accepted")
            seen, found = probe(warden, lesson, track, name, entry.source, exercise.answer_name)
            result = judge(seen.evidence, lesson, track, name, seen.failure)
            assert result.passed, (
                lesson,
                name,
                result.message,
                [c for c in result.cases if not c.passed],
                seen.failure,
            )
            assert not result.flags, (lesson, name)
            assert found
            bad = [f for f in found if f.startswith(("diagnosis", "case", "expected"))]
            assert not bad, (lesson, name, bad)


@pytest.mark.parametrize("wanted", TRACKS)
def test_no_package_holds_a_function_that_answers(wanted: str) -> None:
    """Every function by which something is judged, and that no observer calls, stays at home."""
    program = (
        "import base64, cloudpickle, gc, json, sys\n"
        "sys.modules['course_lib.lessons'] = sys.modules['course_lib.instructor'] = None\n"
        "for packed in json.load(sys.stdin):\n    cloudpickle.loads(base64.b64decode(packed))\n"
        "    print(json.dumps(sorted({f.__qualname__ for f in gc.get_objects() if type(f).__name__ == 'function' and\n"
        "          (f.__module__ or '').startswith(('course_lib.lessons', 'course_lib.instructor'))})))\n"
    )
    packed = [package(lesson, wanted, name) for lesson in lessons() for name in load(lesson, wanted)]
    told = subprocess.run(
        [sys.executable, "-c", program], input=json.dumps(packed), capture_output=True, text=True, check=True, cwd="/"
    )
    travelled = {name for line in told.stdout.splitlines() for name in json.loads(line)}
    judging = set()
    for lesson in lessons():
        for exercise in load(lesson, wanted).values():
            for part in (*exercise.cases, *exercise.diagnoses):
                for field in ("expected", "truth", "judge", "faulty", "probe", "says"):
                    function = getattr(part, field, None)
                    if callable(function) and hasattr(function, "__qualname__"):
                        judging.add(function.__qualname__)
    assert travelled
    assert not {n for n in travelled & judging if "<lambda>" not in n}
    for text in packed:
        assert b"course_lib.checks.diagnosis" not in base64.b64decode(text)


def test_what_is_written_for_kernels_has_no_reference(tmp_path: Path) -> None:
    from course_lib.instructor.grading.shown import SHOWN, write_shown

    written = write_shown(ROOT / "course_lib", tmp_path)
    assert set(written) == set(SHOWN)
    for path in written.values():
        compile(path.read_text("utf-8"), str(path), "exec")
