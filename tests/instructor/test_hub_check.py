"""`course hub-check`: each thing that keeps a class from working on a hub is found, with what mends it."""

from __future__ import annotations

import json
import logging
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from hub_support import GUIDE, blocks, learner_site, write_script
from support import ROOT
from traitlets.config import Config

from course_lib.commands.cli import main
from course_lib.commands.lab import START_PAGE, hub_command
from course_lib.findings import Finding
from course_lib.instructor.desk import hub_check
from course_lib.instructor.grading import inside_view
from course_lib.instructor.grading.sandbox import NOBODY, bubblewrap_problem

pytestmark = pytest.mark.slow


@pytest.fixture
def open_path() -> Iterator[Path]:
    """A folder that other users can pass: pytest's own are closed to them, as an exchange must not be."""
    with tempfile.TemporaryDirectory(prefix="hub-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def course(open_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = open_path / "course"
    (folder / "solutions").mkdir(parents=True)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    folder.chmod(0o750)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def exchange(open_path: Path) -> Path:
    folder = open_path / "exchange"
    folder.mkdir()
    folder.chmod(0o1777)
    return folder


def examined(course: Path, exchange: Path, **more: object) -> dict[str, Finding]:
    return {f.what: f for f in hub_check.examine(course, exchange, **more)}


def test_nothing_is_missing_where_all_is_there(
    course: Path, exchange: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if bubblewrap_problem():
        pytest.skip("no bubblewrap")
    assert main(["hub-check", "--exchange", str(exchange), "--students", "1"]) == 0
    assert "all that is needed is there" in capsys.readouterr().out
    assert main(["hub-check", "--exchange", str(exchange), "--json"]) == 0
    assert {"what", "needed", "found", "ok", "mend", "verdict"} <= set(json.loads(capsys.readouterr().out)[0])


def test_what_others_log_to_stays_open(course: Path, exchange: Path, open_path: Path) -> None:
    handler = logging.FileHandler(open_path / "log.txt")
    hub_check.examine(course, exchange)
    assert handler.stream is not None  # as after close()
    handler.close()


def test_homes_that_other_students_could_read(open_path: Path) -> None:
    homes = {name: open_path / name for name in ("ada", "ben", "not there")}
    for name, mode in (("ada", 0o755), ("ben", 0o700)):
        homes[name].mkdir()
        homes[name].chmod(mode)
    found = hub_check._homes(homes)
    assert (found.ok, found.required, found.found) == (False, False, "open to all: ada")
    assert found.mend == f"chmod 700 {homes['ada']}"
    homes["ada"].chmod(0o700)
    assert hub_check._homes(homes).ok
    open_path.chmod(0o700)
    homes["ada"].chmod(0o755)
    assert hub_check._homes(homes).ok, "nobody comes past the folder above it"


def test_an_exchange_that_is_not_there(course: Path, open_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["hub-check", "--exchange", str(open_path / "none")]) == 1
    printed = capsys.readouterr().out
    assert f"sudo install --directory --mode=1777 {open_path / 'none'}" in printed
    assert "1 needed and missing" in printed


@pytest.mark.parametrize(
    ("mode", "above", "verdict", "mend"),
    [
        (0o1777, 0o755, "ok", ""),
        (0o755, 0o755, "missing", "chmod 1777 {exchange}"),
        (0o777, 0o755, "optional", "chmod 1777 {exchange}"),
        (0o1777, 0o750, "missing", "chmod o+x {above}"),
    ],
)
def test_the_rights_on_the_exchange(
    course: Path, open_path: Path, mode: int, above: int, verdict: str, mend: str
) -> None:
    exchange = open_path / "outer" / "exchange"
    exchange.mkdir(parents=True)
    exchange.chmod(mode)
    exchange.parent.chmod(above)
    found = examined(course, exchange)["exchange"]
    assert (found.verdict, found.mend) == (verdict, mend.format(exchange=exchange, above=exchange.parent))


def test_students_that_could_list_what_others_handed_in(course: Path, exchange: Path) -> None:
    inbound = exchange / "loss-curves" / "inbound"
    inbound.mkdir(parents=True)
    inbound.chmod(0o2733)
    assert examined(course, exchange)["what is handed in"].ok
    inbound.chmod(0o777)
    found = examined(course, exchange)["what is handed in"]
    assert (found.verdict, found.mend) == ("missing", f"chmod 2733 {inbound}")


def test_solutions_that_students_can_read(course: Path, exchange: Path) -> None:
    (course / "grading").mkdir(exist_ok=True)
    assert examined(course, exchange)["solutions"].ok
    course.chmod(0o755)
    for name in ("solutions", "grading"):
        (course / name).chmod(0o755)
        found = examined(course, exchange)[name]
        assert (found.verdict, found.mend) == ("missing", f"chmod o-rwx {course}")
    (course / "grading").chmod(0o700)
    assert examined(course, exchange)["grading"].ok


def test_memory_for_a_class(course: Path, exchange: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert hub_check.learners_that_fit(24, "pytorch") == 29
    assert hub_check.learners_that_fit(24, "keras") == 21
    assert hub_check.learners_that_fit(1, "keras") == 0
    assert examined(course, exchange)["memory"].ok  # nobody asked for a number
    found = examined(course, exchange, students=10_000, tracks=("keras",))["memory"]
    assert found.verdict == "missing"
    assert found.needed == "10402 GB for 10000 learners at once"
    assert main(["hub-check", "--students", "0"]) == 1
    assert "--students is a number of people, 1 or more; got 0" in capsys.readouterr().err


def test_the_guide_has_the_numbers_that_are_checked() -> None:
    guide = " ".join(GUIDE.read_text(encoding="utf-8").split())
    kernels = [round(1000 * gigabytes) for gigabytes in hub_check.KERNEL_GB.values()]
    assert f"takes {round(1000 * hub_check.SERVER_GB)} MB" in guide
    assert "{} MB in PyTorch and {} MB in Keras".format(*kernels) in guide
    fit = [hub_check.learners_that_fit(24, track) for track in hub_check.KERNEL_GB]
    assert "24 GB therefore holds {} learners in PyTorch or {} in Keras".format(*fit) in guide


def test_the_guides_configuration_is_python_with_the_settings_that_it_speaks_of() -> None:
    c = Config()
    (text,) = [block for block in blocks("python") if "Spawner.cmd" in block]
    exec(compile(text, "jupyterhub_config.py", "exec"), {"get_config": lambda: c})
    assert c.Spawner.http_timeout >= 60
    assert any("cull_idle_timeout" in word for word in c.Spawner.args)
    spawner = SimpleNamespace(user=SimpleNamespace(name="ada"), cmd=c.Spawner.cmd)
    c.Spawner.pre_spawn_hook(spawner)
    assert spawner.cmd == ["/opt/loss-curves/student/bin/course", "lab", "--hub", "--"]
    spawner.user.name = "prof"
    c.Spawner.pre_spawn_hook(spawner)
    assert spawner.cmd == ["/srv/loss-curves/.venv/bin/course", "lab", "--hub", "--instructor", "--"]
    assert spawner.notebook_dir == "/srv/loss-curves"


def test_a_server_that_no_hub_started_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("JUPYTERHUB_API_TOKEN", raising=False)
    assert main(["lab", "--hub", "--", "--debug"]) == 1
    assert "a JupyterHub starts it, and none started this" in capsys.readouterr().err
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "x")
    assert hub_command(tmp_path, ["--debug"])[-1] == "--debug"
    (tmp_path / START_PAGE).parent.mkdir(parents=True)
    (tmp_path / START_PAGE).with_stem("keras").touch()
    (tmp_path / START_PAGE).touch()
    opened = "--ServerApp.default_url=/lab/tree/lessons/00_start_here/keras.ipynb"
    assert opened in hub_command(tmp_path, [], "keras")


def test_a_python_that_the_sandbox_covers(monkeypatch: pytest.MonkeyPatch, course: Path, exchange: Path) -> None:
    monkeypatch.setattr(sys, "prefix", "/opt/instructor")
    monkeypatch.setattr(sys, "base_prefix", "/usr")
    assert inside_view.python_problem() is None
    monkeypatch.setattr(sys, "base_prefix", "/tmp/python3.12")
    found = examined(course, exchange)["Python in the sandbox"]
    assert found.verdict == "missing"
    assert found.found == "the base Python lies in /tmp/python3.12, and every kernel has a /tmp of its own"
    assert "/usr/bin/python3" in found.mend


def test_bubblewrap_is_tried_without_roots_rights(
    monkeypatch: pytest.MonkeyPatch, course: Path, exchange: Path
) -> None:
    asked: list[int | None] = []

    def problem(user: int | None = None) -> str:
        asked.append(user)
        return "bubblewrap cannot; allow namespaces"

    monkeypatch.setattr(hub_check, "bubblewrap_problem", problem)
    for who, tried in ((0, NOBODY), (1000, None)):
        monkeypatch.setattr(hub_check.os, "getuid", lambda who=who: who)
        found = examined(course, exchange)["bubblewrap"]
        assert (found.verdict, found.found, found.mend) == ("missing", "bubblewrap cannot", "allow namespaces")
        assert asked.pop() == tried


@pytest.mark.slow
def test_what_students_have_that_they_should_not(
    course: Path, exchange: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The environment of these tests has the instructor's half and no nbgrader configuration."""
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(tmp_path / "etc"))
    found = examined(course, exchange, learner_python=Path(sys.executable))
    assert found["students: code"].verdict == "missing"
    assert found["students: nbgrader"].ok
    assert found["students: exchange"].verdict == "missing"
    assert found["students: course's name"].found == "none"


@pytest.mark.slow
def test_a_learners_environment_as_the_guide_makes_it(
    course: Path, exchange: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "etc").mkdir()
    settings = f"c.CourseDirectory.course_id = 'loss-curves'\nc.Exchange.root = {str(exchange)!r}\n"
    (tmp_path / "etc" / "nbgrader_config.py").write_text(settings)
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(tmp_path / "etc"))
    site = learner_site(tmp_path)
    python = write_script(tmp_path / "python", f'PYTHONPATH="{site}" exec "{sys.executable}" "$@"')
    found = examined(course, exchange, learner_python=python, tracks=("keras",))
    theirs = {what: f for what, f in found.items() if what.startswith("students: ")}
    assert {what: f.found for what, f in theirs.items() if not f.ok} == {}
    assert set(theirs) >= {"students: code", "students: keras", "students: exchange", "students: jupyterhub"}
    assert "students: pytorch" not in theirs


def test_a_learners_python_that_is_none(course: Path, exchange: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for python, told in (("/no/such/python", "cannot be started"), ("/bin/true", "is no Python")):
        assert main(["hub-check", "--exchange", str(exchange), "--learner-python", python]) == 1
        assert told in capsys.readouterr().err


def test_an_unknown_option_is_refused(course: Path) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["hub-check", "--students", "many"])
    assert stop.value.code == 2
