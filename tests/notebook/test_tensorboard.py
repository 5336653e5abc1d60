"""TensorBoard from a cell and from the command line, as far as that needs no browser."""

from __future__ import annotations

import contextlib
import importlib.util
import re
import shlex
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from course_lib.commands.cli import main
from course_lib.notebook import tensorboard
from course_lib.notebook.tensorboard import MISSING, Server, Showing, address, open_tensorboard
from course_lib.training.event_files import EventWriter


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    writer = EventWriter(tmp_path / "runs" / "first")
    writer.add(1, {"loss": 2.5})
    writer.close()
    return tmp_path / "runs"


@pytest.fixture
def not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(tensorboard.importlib.util, "find_spec", lambda n: None if n == "tensorboard" else found(n))


def shown(folder: Path, port: int = 6006) -> Showing:
    return Showing(Server(None, port, folder), 500)  # type: ignore[arg-type]


def test_without_tensorboard_a_cell_says_in_one_line_how_to_get_it(
    not_installed: None, runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert open_tensorboard(runs) is None
    assert capsys.readouterr().out == f"{MISSING}\n"
    assert MISSING.endswith(f"{shlex.quote(sys.executable)} -m pip install -e '.[tensorboard]'")


def test_without_tensorboard_the_command_says_so_too(
    not_installed: None, runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["tensorboard", str(runs)]) == 1
    assert capsys.readouterr().err == f"course tensorboard: {MISSING}\n"


def test_a_folder_without_runs_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tensorboard", str(tmp_path)]) == 1
    assert f"no runs in {tmp_path}" in capsys.readouterr().err


def test_help_has_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["tensorboard", "--help"])
    said = capsys.readouterr().out
    assert "course tensorboard runs --port 6007" in said
    assert "TENSORBOARD_PROXY_URL" in said


def test_the_surroundings_say_where_a_port_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("TENSORBOARD_PROXY_URL", "JUPYTERHUB_SERVICE_PREFIX"):
        monkeypatch.delenv(name, raising=False)
    assert address(6006) is None
    assert repr(shown(tmp_path)) == f"TensorBoard on {tmp_path} at http://localhost:6006/"
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/user/ann/")
    assert address(6006) == "/user/ann/proxy/6006/"
    monkeypatch.setenv("TENSORBOARD_PROXY_URL", "/elsewhere/%PORT%/")
    assert address(6006) == "/elsewhere/6006/"
    assert 'told = "/elsewhere/6006/"' in shown(tmp_path)._repr_html_()


def test_what_is_saved_says_something_without_a_kernel(tmp_path: Path) -> None:
    html = shown(tmp_path / "<b>")._repr_html_()
    assert re.search(r"<p>TensorBoard on .*&lt;b&gt; was open here. Run the cell to open it again.</p>", html)
    assert "<b>" not in html


@pytest.mark.slow
def test_it_starts_once_for_a_folder_and_ends_with_what_started_it(runs: Path) -> None:
    pytest.importorskip("tensorboard")
    script = (
        "import os, sys; from course_lib.notebook.tensorboard import open_tensorboard;"
        "first, again = open_tensorboard(sys.argv[1]), open_tensorboard(sys.argv[1] + '/');"
        "assert first.server is again.server; print(first.server.port, flush=True); sys.stdin.read(); os._exit(9)"
    )
    words = [sys.executable, "-c", script, str(runs)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        urllib.request.urlopen(f"http://localhost:{port}/data/runs", timeout=30).close()
        process.communicate()  # ends it without a word to TensorBoard
    assert process.returncode == 9
    with contextlib.suppress(OSError):  # nobody answers any more
        for _ in range(1000):
            urllib.request.urlopen(f"http://localhost:{port}/data/runs", timeout=30).close()
        pytest.fail("TensorBoard outlived the process that had started it")
