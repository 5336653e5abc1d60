"""The learner's zip: unpacked, installed without a network, and a lesson runs in it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from support import ROOT, TRACKS

from course_lib.commands.lab import command
from course_lib.instructor.text.bundle import bundle, learner_files
from course_lib.trouble import CourseError


@pytest.mark.slow
def test_the_same_files_give_the_same_zip(tmp_path: Path) -> None:
    bundle(ROOT, tmp_path / "a.zip")
    bundle(ROOT, tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


@pytest.mark.slow
def test_links_in_the_readme_lead_somewhere(tmp_path: Path) -> None:
    bundle(ROOT, tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        names = set(archive.namelist())
        readme = archive.read("loss-curves-course/README.md").decode()
    links = re.findall(r"\]\(([^)\s]+)\)", readme)
    assert "docs/images/lesson03.png" in links
    assert [link for link in links if f"loss-curves-course/{link}" not in names] == []
    assert "see docs/instructors.md" in readme  # the words stay


@pytest.mark.slow
@pytest.mark.parametrize("lessons", [["00", "03"], ["03"], None])
def test_links_in_the_notebooks_lead_somewhere(tmp_path: Path, lessons: list[str] | None) -> None:
    files = bundle(ROOT, tmp_path / "a.zip", lessons)
    found = 0
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        for path in [file for file in files if file.suffix == ".ipynb"]:
            content = archive.read(f"loss-curves-course/{path}")
            assert lessons is not None or content == (ROOT / path).read_bytes()
            cells = nbformat.reads(content.decode(), as_version=4).cells
            text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
            links = [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link and link[0] != "#"]
            found += len(links)
            for link in links:
                assert Path(os.path.normpath(path.parent / link.partition("#")[0])) in files, link
            assert "Before:  ·" not in text
    assert found


@pytest.mark.slow
def test_what_make_lab_calls_is_in_it(tmp_path: Path) -> None:
    bundle(ROOT, tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        archive.extractall(tmp_path)
    course = tmp_path / "loss-curves-course"
    planned = subprocess.run(["make", "-n", "lab"], cwd=course, check=True, capture_output=True, text=True).stdout
    scripts = re.findall(r"[\w/]+\.py\b", planned)
    assert "scripts/install.py" in scripts
    assert [script for script in scripts if not (course / script).is_file()] == []


@pytest.mark.slow
@pytest.mark.parametrize("track", TRACKS)
def test_a_zip_of_one_track(tmp_path: Path, track: str) -> None:
    files = bundle(ROOT, tmp_path / "a.zip", ["00", "03"], (track,))
    notebooks = [file for file in files if file.suffix == ".ipynb"]
    assert {file.stem for file in notebooks} == {track}
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        archive.extractall(tmp_path)
    course = tmp_path / "loss-curves-course"
    for path in notebooks:
        text = (course / path).read_text(encoding="utf-8")
        (other,) = (one for one in TRACKS if one != track)
        assert f"({other}.ipynb" not in text  # no link leads to a notebook that is not there
    planned = subprocess.run(["make", "-n", "lab"], cwd=course, check=True, capture_output=True, text=True).stdout
    assert f"--track {track}" in planned
    assert "--track both" not in planned
    # Without make, and what opens.
    script = (course / "scripts" / "install.py").read_text(encoding="utf-8")
    namespace = {"__name__": "install", "__file__": str(course / "scripts" / "install.py")}
    exec(compile(script, "install.py", "exec"), namespace)
    assert namespace["parse"]([]).track == track
    assert namespace["parse"](["--track", "both"]).track == "both"
    assert f"--LabApp.default_url=/lab/tree/lessons/00_start_here/{track}.ipynb" in command(course, [], track)
    with pytest.raises(CourseError, match=f"this copy has {track}"):
        command(course, [], other)


def test_a_folder_in_the_place_of_the_zip_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="is a folder; give the zip a name"):
        bundle(ROOT, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_lesson_runs_from_the_unpacked_zip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle(ROOT, tmp_path / "learner.zip")
    with zipfile.ZipFile(tmp_path / "learner.zip") as archive:
        archive.extractall(tmp_path)
    course = tmp_path / "loss-curves-course"
    assert not (course / "course_lib" / "instructor").exists()
    site = tmp_path / "site"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--target", str(site), str(course)], check=True, capture_output=True, text=True)
    monkeypatch.setenv("PYTHONPATH", str(site))

    # The command line of a learner's copy names what it lacks in one line.
    environment = os.environ | {"PYTHONPATH": str(site)}
    command = [sys.executable, "-m", "course_lib", "build"]
    refused = subprocess.run(command, cwd=course, env=environment, capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert "not part of this copy" in refused.stderr

    notebook = nbformat.read(course / "lessons" / "03_tracking_loops" / "pytorch.ipynb", as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell("import course_lib; print(course_lib.__file__)"))
    NotebookClient(notebook, timeout=120, allow_errors=True, kernel_name="python3").execute()
    assert notebook.cells[-1].outputs[0].text.startswith(str(site))
    errors = [o for c in notebook.cells if c.cell_type == "code" for o in c.outputs if o.output_type == "error"]
    assert errors
    assert all("not done yet" in "".join(e.traceback) for e in errors)


def test_every_script_that_the_readme_names_is_in_the_bundle() -> None:
    named = set(re.findall(r"scripts/[\w.-]+\w", (ROOT / "README.md").read_text()))
    assert "scripts/environment-keras.yml" in named
    assert named <= set(map(str, learner_files(ROOT, ["00_start_here"])))
