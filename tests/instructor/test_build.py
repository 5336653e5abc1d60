"""Texts become notebooks: the same bytes each time, nothing of a solution in what learners get."""

from __future__ import annotations

import itertools
import json
import re
import zipfile
from pathlib import Path

import nbformat
import pytest
from support import ROOT, TRACKS, lesson_names

from course_lib.commands.cli import main
from course_lib.instructor.text.build import render_indexes
from course_lib.instructor.text.bundle import bundle
from course_lib.instructor.text.lesson_cells import regions
from course_lib.instructor.text.lesson_text import read_lesson
from course_lib.instructor.text.render import lesson_texts, render, render_source
from course_lib.instructor.text.render_cell import region_tokens
from course_lib.lessons import lessons, load

LESSONS = lesson_names()


@pytest.fixture(scope="module")
def rendered() -> dict[Path, bytes]:
    return render(ROOT, lesson_texts(ROOT))


@pytest.mark.slow
def test_two_builds_give_the_same_bytes(rendered: dict[Path, bytes]) -> None:
    assert render(ROOT, lesson_texts(ROOT)) == rendered


def test_committed_notebooks_match_their_texts(rendered: dict[Path, bytes]) -> None:
    differing = [str(path) for path, content in rendered.items() if (ROOT / path).read_bytes() != content]
    assert not differing, "run `course build`"
    on_disk = {p.relative_to(ROOT) for top in ("solutions", "lessons") for p in (ROOT / top).glob("*/*.ipynb")}
    assert on_disk == {path for path in rendered if path.suffix == ".ipynb"}


@pytest.mark.slow
def test_check_names_what_differs(
    course_copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(course_copy)
    main(["build"])
    assert main(["build", "--check"]) == 0
    edited = Path("lessons") / LESSONS[-1] / "keras.ipynb"
    (course_copy / edited).write_text("{}")
    missing = Path("solutions") / LESSONS[0] / "pytorch.ipynb"
    (course_copy / missing).unlink()
    capsys.readouterr()
    assert main(["build", "--check"]) == 1
    printed = capsys.readouterr().out
    assert f"{edited}: differs from its text" in printed
    assert f"{missing}: is missing" in printed
    assert main(["build"]) == 0
    assert main(["build", "--check"]) == 0


def test_building_one_lesson_says_what_it_leaves_as_it_was(
    course_copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(course_copy)
    (course_copy / "lessons" / LESSONS[-1] / "keras.ipynb").write_text("{}")
    assert main(["build", LESSONS[-1][:2]]) == 0
    assert "`course build` renews them, too" in capsys.readouterr().out


@pytest.mark.slow
def test_a_file_beside_the_notebooks_stops_the_build(
    course_copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (course_copy / "solutions" / LESSONS[0] / "answers.txt").write_text("42")
    monkeypatch.chdir(course_copy)
    assert main(["build"]) == 1
    assert "answers.txt" in capsys.readouterr().err


def test_a_forgotten_output_stops_the_build(
    course_copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    claims = course_copy / "tests" / "lessons"
    claims.mkdir(parents=True)
    monkeypatch.chdir(course_copy)
    assert main(["build", "03"]) == 1
    message = capsys.readouterr().err
    assert "03_tracking_loops.md, pytorch: a forgotten output" in message
    assert "course claims --update 03" in message


def test_points_that_differ_from_the_check_stop_the_build(
    course_copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = course_copy / "solutions" / "03_tracking_loops.md"
    changed = text.read_text().replace("check: epoch_loss\npoints: 2", "check: epoch_loss\npoints: 4", 1)
    text.write_text(changed.replace("  points: 10", "  points: 12"))
    monkeypatch.chdir(course_copy)
    assert main(["build", "03"]) == 1
    assert "the cell gives 4 points" in capsys.readouterr().err


@pytest.mark.parametrize("track", TRACKS)
def test_no_outputs_and_stable_ids(track: str) -> None:
    lesson = read_lesson(ROOT / "solutions" / "03_tracking_loops.md")
    notebook = render_source(lesson, track)
    assert all(not cell.outputs and cell.execution_count is None for cell in notebook.cells if cell.cell_type == "code")
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    # A new cell at the top leaves the ids of all others as they were.
    text = (ROOT / "solutions" / "03_tracking_loops.md").read_text()
    longer = text.replace("\n# Tracking loops\n", "\n# New first cell\n\n+++\n\n# Tracking loops\n", 1)
    other = ROOT / "test-artefacts" / f"ids_{track}" / "03_tracking_loops.md"
    other.parent.mkdir(parents=True, exist_ok=True)
    other.write_text(longer)
    assert [cell.id for cell in render_source(read_lesson(other), track).cells][1:] == ids


def test_nbgrader_schema_is_complete(rendered: dict[Path, bytes]) -> None:
    notebook = nbformat.reads(rendered[Path("solutions/03_tracking_loops/pytorch.ipynb")].decode(), as_version=4)
    graded = {c.metadata.nbgrader.grade_id: c.metadata.nbgrader for c in notebook.cells if "nbgrader" in c.metadata}
    assert graded["epoch_loss"].solution
    assert not graded["epoch_loss"].grade
    check = graded["check_epoch_loss"]
    assert (check.grade, check.locked, check.solution, check.points, check.schema_version) == (
        True,
        True,
        False,
        2.0,
        3,
    )
    assert graded["why_not_the_same"].solution
    assert graded["why_not_the_same"].grade


@pytest.mark.slow
def test_glossary_and_misconceptions_come_from_the_lessons() -> None:
    pages = render_indexes(lesson_texts(ROOT))
    for path, content in pages.items():
        assert (ROOT / path).read_bytes() == content, "run `course build`"
    glossary, index = (pages[Path("docs", name)].decode() for name in ("glossary.md", "misconceptions.md"))
    assert "- **ragged batch**: a last batch that is smaller (lesson 03)" in glossary
    assert '- "Keras hands my callback the loss of the batch."' in index
    assert "mean of means" in index


@pytest.mark.slow
def test_the_index_names_what_the_check_of_every_exercise_recognises() -> None:
    index = render_indexes(lesson_texts(ROOT))[Path("docs/misconceptions.md")].decode()
    assert not re.search(r"\*(In fact|Why it matters|See it)\*", index)
    for lesson in lessons():
        section = index.partition(f"## {lesson[:2]} ")[2].partition("\n## ")[0]
        for track in TRACKS:
            for name, exercise in load(lesson, track).items():
                cells = [row.split(" | ") for row in section.splitlines() if row.startswith(f"| `{name}` |")]
                named = ", ".join(row[2].rstrip(" |") for row in cells if row[1] in ("both", track)).split(", ")
                for diagnosis in [*exercise.diagnoses, *(d for case in exercise.cases for d in case.diagnoses)]:
                    assert diagnosis.key.replace("_", " ") in named, (lesson, name, track)


#: A region of less than a line, such as ``self.reset()``, stands in everybody's code and gives nothing away.
FEWEST_LETTERS = 20


def solution_bodies() -> list[tuple[str, str]]:
    """Every hidden region of every lesson: its place, and its code without comments and blanks."""
    found = []
    for name in LESSONS:
        lesson = read_lesson(ROOT / "solutions" / f"{name}.md")
        for track in TRACKS:
            for cell in lesson.track(track):
                lines = cell.source.split("\n")
                for _, first, last in regions(cell.source):
                    body = squeeze("\n".join(lines[first + 1 : last]))
                    if len(body) >= FEWEST_LETTERS:
                        found.append((f"{name}/{track}/{cell.name}", body))
                if cell.kind == "explain":
                    found.append((f"{name}/{track}/{cell.name}", squeeze(cell.source)))
    return found


def squeeze(text: str) -> str:
    """Leave out comments and white space, so that a reformatted solution is still found."""
    return re.sub(r"\s+", "", re.sub(r"(?m)^\s*#.*$", "", text))


def learner_texts(folder: Path) -> dict[str, str]:
    """Everything readable in a zip for learners; notebooks cell by cell, as they read them."""
    target = folder / "learner.zip"
    bundle(ROOT, target)
    texts = {}
    with zipfile.ZipFile(target) as archive:
        for name in archive.namelist():
            content = archive.read(name).decode("utf-8", errors="replace")
            if name.endswith(".ipynb"):
                content += "\n".join("".join(cell["source"]) for cell in json.loads(content)["cells"])
            texts[name] = content
    return texts


@pytest.mark.slow
def test_nothing_of_a_solution_reaches_a_learner(tmp_path: Path) -> None:
    tokens = [t for name in LESSONS for t in region_tokens(read_lesson(ROOT / "solutions" / f"{name}.md"))]
    bodies = solution_bodies()
    assert len(tokens) == len(set(tokens)) >= 2 * 5
    texts = learner_texts(tmp_path)
    squeezed = {name: squeeze(text) for name, text in texts.items()}
    for name, text in texts.items():
        assert "only-in-solutions-" not in text, name
        assert not re.search(r"### (BEGIN|END) (SOLUTION|HIDDEN TESTS)", text), name
        assert "instructor/" not in name
        for place, body in bodies:
            assert body not in squeezed[name], f"the solution of {place} stands in {name}"


@pytest.mark.slow
def test_the_search_for_solutions_can_find_one() -> None:
    bodies = dict(solution_bodies())
    source = (ROOT / "solutions/03_tracking_loops/pytorch.ipynb").read_text()
    cells = squeeze("\n".join("".join(cell["source"]) for cell in json.loads(source)["cells"]))
    assert bodies["03_tracking_loops/pytorch/fit_and_track"] in cells


@pytest.mark.slow
def test_every_lesson_but_the_first_gives_ten_points() -> None:
    points = {name: read_lesson(ROOT / "solutions" / f"{name}.md").points for name in LESSONS}
    assert points == {name: 0 if name.startswith("00") else 10 for name in LESSONS}


def test_the_map_lists_every_lesson_and_each_leads_to_its_neighbors(rendered: dict[Path, bytes]) -> None:
    names = [text.stem for text in lesson_texts(ROOT)]
    for track in TRACKS:
        pages = {
            n: nbformat.reads(rendered[Path("lessons", n, f"{track}.ipynb")].decode(), as_version=4) for n in names
        }
        start = "\n".join(cell.source for cell in pages["00_start_here"].cells)
        assert [name for name in names[1:] if f"](../{name}/{track}.ipynb) | " not in start] == []
        assert Path("lessons", "curves.svg") in rendered
        for before, name in itertools.pairwise(names):
            for cell in (pages[name].cells[0], pages[name].cells[-1]):
                assert f"Before: [{before[:2]} " in cell.source
                assert f"(../00_start_here/{track}.ipynb)" in cell.source
                assert "(../../docs/glossary.md)" in cell.source
            assert all(f"Next: [{name[:2]} " in pages[before].cells[place].source for place in (0, -1))
