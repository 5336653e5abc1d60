"""The progress bar: one line while training goes on, one line when it has ended, wherever it is shown."""

from __future__ import annotations

import sys
import types
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from course_lib.training.progress import ProgressBar

#: A run without a framework: the bar asks it for nothing else.
RUN = """
import types
from course_lib.training.progress import ProgressBar

def train(bar, epochs=3, steps=4, done=0, interrupted=False):
    history = types.SimpleNamespace(epochs=done, stop_message="")
    bar.run = types.SimpleNamespace(history=history, epochs=epochs, steps=steps)
    bar.on_train_begin()
    for epoch in range(done + 1, epochs + 1):
        bar.on_epoch_begin(epoch)
        for batch in range(1, (steps or 4) + 1):
            bar.on_train_batch_end(batch)
            if interrupted and (epoch, batch) == (2, 3):
                history.stop_message = "interrupted"
                bar.on_train_end()
                return
        history.epochs = epoch
        bar.on_epoch_end(epoch, {"train_loss": 1 / epoch, "val_loss": 2 / epoch})
    bar.on_train_end()
"""
scope: dict[str, Any] = {}
exec(RUN, scope)
train = scope["train"]
LAST = "3 of 3 epochs  train_loss 0.3333  val_loss 0.6667"


def standing(shown: str) -> str:
    """Return what a terminal still shows: of each line what was written after the last return to its start."""
    return "\n".join(line.rpartition("\r")[2] for line in shown.split("\n"))


@pytest.mark.parametrize("kind", ["auto", "plain", "terminal", "notebook"])
@pytest.mark.parametrize("steps", [4, None])
def test_one_line_with_the_last_numbers_stays(kind: str, steps: int | None, capsys: pytest.CaptureFixture[str]) -> None:
    train(ProgressBar(kind), steps=steps)
    shown = capsys.readouterr()
    assert standing(shown.out).rstrip("\n").rpartition("\n")[2] == LAST
    assert shown.err == ""


@pytest.mark.parametrize("kind", ["auto", "plain"])
def test_a_file_gets_that_line_and_nothing_else(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    train(ProgressBar(kind))
    assert capsys.readouterr().out == LAST + "\n"


def test_a_terminal_shows_a_bar_that_moves_within_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    bar = ProgressBar("auto")
    train(bar)
    shown = capsys.readouterr().out
    assert "0 of 3 epochs |" in shown
    assert shown.count("\n") == 1
    assert standing(shown) == LAST + "\n"


def test_a_bar_of_a_resumed_run_begins_where_the_run_before_ended() -> None:
    seen = []

    class Seen(ProgressBar):
        def on_epoch_begin(self, epoch, logs=None):
            super().on_epoch_begin(epoch, logs)
            seen.append((self._bar.initial, self._bar.n))

    train(Seen("terminal"), done=2)
    assert seen == [(2, 2)], "a bar that jumps from 0 to 2 takes the first two epochs for very fast ones"


def test_the_bar_moves_within_an_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("course_lib.training.progress.GROUP_SECONDS", -1.0)
    seen = []

    class Seen(ProgressBar):
        def on_train_batch_end(self, batch, logs=None):
            super().on_train_batch_end(batch, logs)
            seen.append(self._bar.n)

    train(Seen("terminal"), epochs=2)
    assert seen == pytest.approx([0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2])


def test_an_interrupted_run_leaves_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    train(ProgressBar("terminal"), interrupted=True)
    assert standing(capsys.readouterr().out) == "1 of 3 epochs  train_loss 1.0000  val_loss 2.0000  interrupted\n"


def test_a_run_that_never_began_leaves_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    bar = ProgressBar("terminal")
    history = types.SimpleNamespace(epochs=0, stop_message="failed")
    bar.run = types.SimpleNamespace(history=history, epochs=3, steps=4)
    bar.on_train_begin()
    bar.on_train_end()
    assert capsys.readouterr().out == "0 of 3 epochs  failed\n"


def test_an_unknown_kind_is_named() -> None:
    with pytest.raises(ValueError, match="kind is 'tv'; expected one of auto, terminal, notebook, plain"):
        ProgressBar("tv")


@pytest.mark.slow
@pytest.mark.parametrize("interrupted", [False, True])
def test_a_saved_notebook_shows_the_line_in_the_place_of_the_widget(interrupted: bool) -> None:
    code = f"{RUN}\ntrain(ProgressBar(), interrupted={interrupted})"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    (output,) = notebook.cells[0].outputs
    assert output.output_type == "display_data"
    last = "1 of 3 epochs  train_loss 1.0000  val_loss 2.0000  interrupted" if interrupted else LAST
    assert dict(output.data) == {"text/plain": last}
