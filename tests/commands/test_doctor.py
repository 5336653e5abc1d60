"""`course doctor` finds what is there, and for what is wrong gives the command that mends it."""

from __future__ import annotations

import importlib.metadata
import json
import shutil
import sys
from pathlib import Path

import pytest

from course_lib.commands import doctor
from course_lib.commands.cli import main


def test_a_working_environment_passes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--for", "instructor"]) == 0
    printed = capsys.readouterr().out
    assert "all that is needed is there" in printed
    for what in ("Python", "torch", "tensorflow", "kernel", "widgets", "nbgrader", "disk", "memory", "browser"):
        assert what in printed


def test_a_missing_package_fails_with_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = importlib.metadata.version

    def version(name: str) -> str:
        if name == "ipywidgets":
            raise importlib.metadata.PackageNotFoundError(name)
        return "1.0" if name == "torch" else real(name)

    monkeypatch.setattr(importlib.metadata, "version", version)
    assert main(["doctor"]) == 1
    printed = capsys.readouterr().out
    # Nothing is activated, so a bare pip may be another Python's.
    mend = f"To mend it: {sys.executable} -m pip install -e '.[pytorch,keras]'"
    assert f"ipywidgets: not installed. {mend}" in printed
    assert f"torch: 1.0. {mend}" in printed
    assert "2 needed and missing" in printed


def test_what_is_only_for_others_does_not_fail_a_learner(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor, "BROWSERS", ("no-such-browser",))
    monkeypatch.delenv("COURSE_REQUIRE_BROWSER", raising=False)
    assert main(["doctor"]) == 0
    assert "optional" in capsys.readouterr().out
    # Browser tests are skipped without one, so a missing browser stops nobody from setting up ...
    assert main(["doctor", "--for", "developer"]) == 0
    # ... but where they must not be skipped.
    monkeypatch.setenv("COURSE_REQUIRE_BROWSER", "1")
    assert main(["doctor", "--for", "developer"]) == 1


@pytest.mark.parametrize("name", doctor.PROGRAMS)
def test_a_program_that_tests_run_is_needed_where_they_must_not_be_skipped(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor, "PROGRAMS", {name: ("no-such-program", "a-package")})
    monkeypatch.setattr(doctor, "_ELSEWHERE", tmp_path)
    for variable in ("COURSE_REQUIRE_BROWSER", "COURSE_REQUIRE_POSTGRES"):
        monkeypatch.delenv(variable, raising=False)
    assert main(["doctor", "--for", "developer"]) == 0
    assert f"{name} for tests: none" in capsys.readouterr().out
    monkeypatch.setenv(doctor._REQUIRED_BY[name], "1")
    assert main(["doctor", "--for", "developer"]) == 1
    assert "such as `apt-get install a-package`" in capsys.readouterr().out
    (tmp_path / "15" / "bin").mkdir(parents=True)
    (tmp_path / "15" / "bin" / "no-such-program").touch()
    assert main(["doctor", "--for", "developer"]) == 0
    assert name not in {finding.what.split()[0] for finding in doctor.examine("instructor")}


def test_the_framework_of_another_track_is_optional(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor, "installed_tracks", lambda: ["keras"])
    assert main(["doctor"]) == 0
    printed = capsys.readouterr().out
    assert f"pytorch track: not installed. To mend it: {sys.executable} -m pip install -e '.[pytorch]'" in printed
    # Asked for, it is needed.
    names = {f.what for f in doctor.examine("learner", ["pytorch"])}
    assert "torch" in names
    assert "keras" not in names
    # Where no track is installed, both are missing.
    monkeypatch.setattr(doctor, "installed_tracks", list)
    assert {"torch", "keras", "tensorflow"} <= {f.what for f in doctor.examine("learner")}


def test_a_track_is_for_learners(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--for", "developer", "--track", "keras"]) == 1
    assert "--for developer needs both tracks" in capsys.readouterr().err


def test_an_instructor_hears_that_the_sandbox_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("course_lib.instructor.grading.sandbox.shutil.which", lambda name, **options: None)
    main(["doctor", "--for", "instructor"])
    printed = capsys.readouterr().out
    assert "sandbox: bubblewrap: not installed. To mend it: install it with `apt install bubblewrap`" in printed
    main(["doctor"])
    assert "sandbox" not in capsys.readouterr().out


def test_json_is_all_there_is_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    main(["doctor", "--json"])
    rows = json.loads(capsys.readouterr().out)
    assert {"what", "needed", "found", "ok", "mend", "verdict"} <= set(rows[0])


@pytest.mark.parametrize(("version", "said"), [((3, 10, 13), "PYTHON=python3.12"), ((3, 14, 0), "no release for this")])
def test_a_python_out_of_range_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], version: tuple[int, ...], said: str
) -> None:
    monkeypatch.setattr(doctor.sys, "version_info", version)
    assert main(["doctor"]) == 1
    printed = capsys.readouterr().out
    assert "To mend it: " in printed
    assert said in printed


def test_space_for_the_packages_is_asked_for_only_until_they_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(".")
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path: usage._replace(free=1_000_000_000))
    disk = {f.what: f for f in doctor.examine("learner")}["free disk"]
    assert disk.ok
    monkeypatch.setattr(doctor, "DISTRIBUTION", "not-installed-at-all")
    disk = {f.what: f for f in doctor.examine("learner")}["free disk"]
    assert not disk.ok
    assert disk.needed == f">= {doctor.DISK_GB['learner']:g} GB"
