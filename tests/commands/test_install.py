"""scripts/install.py: what it refuses before anything is downloaded, and what it shows while it works."""

from __future__ import annotations

import importlib.util
import io
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet


@pytest.fixture(scope="module")
def script(root: Path) -> Path:
    return root / "scripts" / "install.py"


@pytest.fixture(scope="module")
def install(script: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("install", script)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GOAL = "make lab PYTHON={python}"


@pytest.mark.parametrize("version", [(3, 10, 13), (3, 6, 0), (2, 7, 18)])
def test_an_old_python_is_told_which_one_to_use(install: ModuleType, version: tuple[int, ...]) -> None:
    said = install.python_problem(version, GOAL, which=lambda name: name == "python3.12")
    assert said.splitlines() == [
        f"The course needs Python 3.11, 3.12 or 3.13; this is {'.'.join(map(str, version))}.",
        "Try: make lab PYTHON=python3.12",
    ]


def test_a_python_without_tensorflow_is_refused(install: ModuleType) -> None:
    said = install.python_problem((3, 14, 0), GOAL, which=lambda name: None)
    assert said.startswith("TensorFlow has no release for Python 3.14 yet.")
    assert "make lab PYTHON=/path/to/python3.12" in said


def test_the_script_and_pyproject_accept_the_same_pythons(install: ModuleType, project: dict) -> None:
    accepted = SpecifierSet(project["requires-python"])
    for minor in range(8, 20):
        assert (install.python_problem((3, minor, 0), GOAL) == "") == accepted.contains(f"3.{minor}.0")


def test_a_debian_python_is_told_of_its_package(install: ModuleType) -> None:
    # What Debian 12's python3 prints.
    said = "The virtual environment was not created successfully because ensurepip is not\navailable."
    assert "sudo apt install python3-venv" in install.venv_problem(said)
    assert "sudo apt install python3-venv" in install.venv_problem("/usr/bin/python3: No module named venv")
    assert "No space left" in install.venv_problem("OSError: [Errno 28] No space left on device")


def other_pythons() -> list[str]:
    """Pythons on this machine that cannot run the course."""
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    found = [str(p) for p in versions.glob("3.[6-9].*/bin/python3")]
    return found + [p for name in ("python3.8", "python3.9", "python3.10", "python3.14") if (p := shutil.which(name))]


def test_pythons_that_are_too_old_print_advice_and_make_nothing(script: Path, tmp_path: Path) -> None:
    tried = 0
    for python in other_pythons():
        if subprocess.run([python, "-c", ""], capture_output=True).returncode:
            continue  # a shim with nothing behind it
        words = [python, str(script), "--venv", str(tmp_path / "v"), "--goal", GOAL]
        ran = subprocess.run(words, capture_output=True, text=True)
        assert ran.returncode == 1
        assert "The course needs Python 3.11, 3.12 or 3.13" in ran.stderr or "TensorFlow has no release" in ran.stderr
        assert "make lab PYTHON=" in ran.stderr
        assert not (tmp_path / "v").exists()
        tried += 1
    if not tried:
        pytest.skip("no other Python on this machine")


def test_make_names_the_goal_and_not_its_stamp(root: Path) -> None:
    make = shutil.which("make")
    if make is None:
        pytest.skip("no make")
    for goal in ("lab", "test"):
        ran = subprocess.run([make, "-n", goal, "VENV=none"], cwd=root, capture_output=True, text=True)
        assert f'--goal "make {goal} PYTHON={{python}}"' in ran.stdout


def test_an_environment_of_another_python_is_not_used(install: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    python = tmp_path / "bin" / "python"
    python.write_text("#!/bin/sh\necho 3 10 13\n")
    python.chmod(0o755)
    with pytest.raises(install.Failure, match=r"has Python 3.10.13. Remove the folder and try again: rm -r"):
        install.make_venv(str(tmp_path), GOAL)
    python.write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(install.Failure, match="does not start"):
        install.make_venv(str(tmp_path), GOAL)


def test_a_full_disk_is_said_first(install: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(install.Failure, match=r"The packages take 1000000000\.0 GB, and .* are free"):
        install.check_disk(str(tmp_path), 1e9)


@pytest.mark.parametrize(
    ("words", "extras", "stamps", "size"),
    [
        ([], "[pytorch,keras]", {".learner-both", ".learner-keras", ".learner-pytorch"}, ("learner", "cpu")),
        (["--track", "keras"], "[keras]", {".learner-keras"}, ("keras", "cpu")),
        (["--track", "pytorch"], "[pytorch]", {".learner-pytorch"}, ("pytorch", "cpu")),
        (
            ["--for", "developer"],
            "[dev]",
            {".dev", ".learner-both", ".learner-keras", ".learner-pytorch"},
            ("developer", "cpu"),
        ),
    ],
)
def test_a_track_installs_its_own_framework_and_is_kept(
    install: ModuleType, tmp_path: Path, words: list[str], extras: str, stamps: set[str], size: tuple[str, str]
) -> None:
    args = install.parse([*words, "--venv", str(tmp_path)])
    assert install.extras(args) == extras
    assert install.sizes_of(args, "cpu") == (install.ON_DISK[size], install.DOWNLOAD[size])
    install.leave_stamps(args)
    assert {p.name for p in tmp_path.iterdir()} == stamps | {".track"}
    assert (tmp_path / ".track").read_text() == f"{args.track}\n"


def test_a_track_is_for_learners(install: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        install.parse(["--for", "developer", "--track", "keras"])
    assert "--for developer needs both tracks" in capsys.readouterr().err


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_make_goes_on_with_the_track_that_was_chosen(root: Path, tmp_path: Path) -> None:
    def planned(*words: str) -> str:
        command = ["make", "--dry-run", "lab", f"VENV={tmp_path}", *words]
        return subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout

    assert "--track both" in planned()
    assert "--track keras" in planned("TRACK=keras")
    (tmp_path / ".track").write_text("pytorch\n")
    (tmp_path / ".learner-pytorch").touch()
    # Nothing is installed again, and the start page is that of the track.
    assert "install.py" not in planned()
    assert "course_lib lab --track pytorch" in planned()
    assert "--track both" in planned("TRACK=both")


def test_the_progress_line_moves(install: ModuleType, tmp_path: Path) -> None:
    progress = install.Progress(str(tmp_path))
    seen = [progress.text()]
    for line in (
        "Collecting numpy<3,>=2.1 (from loss-curves-course)",
        "Progress 0 of 20000000",
        "Progress 5000000 of 20000000",
        "Collecting torch",
        "Installing collected packages: numpy, torch",
    ):
        progress.read(line)
        seen.append(progress.text())
    (tmp_path / "numpy-2.1.dist-info").mkdir()
    seen.append(progress.text())
    assert [text[10:].strip() for text in seen] == [
        "looking at what is there",
        "package 1: numpy",
        "package 1: numpy, 0 of 20 MB",
        "package 1: numpy, 5 of 20 MB",
        "package 2: torch",
        "installing [                    ] 0 of 2",
        "installing [##########          ] 1 of 2",
    ]


@given(st.lists(st.text(max_size=200), max_size=20))
def test_no_line_of_pip_ends_the_progress(lines: list[str]) -> None:
    spec = importlib.util.spec_from_file_location("install", Path(__file__).parents[2] / "scripts" / "install.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    progress = module.Progress("/nonexistent")
    for line in lines:
        progress.read(line)
        assert "\n" not in progress.text()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_line_is_written_over_on_a_terminal_only(install: ModuleType) -> None:
    terminal, file = Terminal(), io.StringIO()
    for out in (terminal, file):
        line = install.Line(out)
        for count in range(5):
            line.show(f"package {count}")
        line.end("installed")
    assert terminal.getvalue().count("\n") == 1
    assert terminal.getvalue().count("\r") == 6
    assert "\r" not in file.getvalue()


def test_errors_are_picked_from_what_pip_printed(install: ModuleType) -> None:
    lines = [
        "Collecting torch",
        "WARNING: Location 'file:///x' is ignored",
        "ERROR: No matching distribution for torch",
    ]
    assert install.what_failed(lines) == "ERROR: No matching distribution for torch"


@pytest.mark.parametrize("audience", ["pytorch", "keras", "learner", "instructor", "developer"])
def test_sizes_are_the_doctors_and_the_readmes(install: ModuleType, root: Path, audience: str) -> None:
    from course_lib.commands import doctor

    if audience in doctor.DISK_GB:
        assert install.ON_DISK[audience, "cpu"] == doctor.DISK_GB[audience]
    assert install.DOWNLOAD[audience, "cpu"] <= install.ON_DISK[audience, "cpu"]
    readme = (root / "README.md").read_text()
    if audience != "instructor":
        assert f"{install.DOWNLOAD[audience, 'cpu']:g} GB" in readme
        assert f"{install.ON_DISK[audience, 'cpu']:g} GB" in readme
    assert f"{install.DOWNLOAD['learner', 'default']:g} GB" in readme


def test_the_torch_that_is_locked_is_the_one_asked_for(install: ModuleType, root: Path) -> None:
    assert install.locked("torch", str(root / "requirements.lock")).startswith("torch==")


def test_wrong_arguments_end_with_2(script: Path) -> None:
    ran = subprocess.run([sys.executable, str(script), "--for", "nobody"], capture_output=True, text=True)
    assert ran.returncode == 2
    assert "learner" in ran.stderr
