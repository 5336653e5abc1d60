"""TensorBoard in a cell of a real JupyterLab: through its own address, offline, and with every point of the history."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from lab_server import PATIENCE, Lab, serving
from live_support import Bench

from course_lib.history import History

pytest.importorskip("tensorboard")
pytest.importorskip("jupyter_server_proxy")

FIT = """\
import torch
from course_lib.callbacks import TensorBoardLog
from course_lib.data import digits
from course_lib.notebook.tensorboard import open_tensorboard
from course_lib.pytorch import fit

data = digits()
history = fit(torch.nn.Linear(64, 10), data.train, data.val, loss="cross_entropy", epochs=3,
              callbacks=[TensorBoardLog("runs/first")])
history.to_json("history.json")
open_tensorboard("runs")"""


@pytest.fixture(params=["", "/user/ann"], ids=["here", "hub"])
def lab(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Lab]:
    """A JupyterLab at the root of its address, and one below a path, as a JupyterHub has it."""
    environment = {name: value for name, value in os.environ.items() if "PROXY" not in name.upper()}
    for name in ("CONFIG", "DATA"):
        environment[f"JUPYTER_{name}_DIR"] = str(tmp_path / name)
    words = [sys.executable, "-m", "jupyter", "lab", f"--ServerApp.root_dir={tmp_path}"]
    with serving(tmp_path, words, environment, request.param) as served:
        yield served


def scalars(page: Any, address: str, run: str, tag: str) -> list[list[float]]:
    """Fetch a curve from within the page, with its cookies; TensorBoard may not have read it yet."""
    script = """async (url) => {
        const end = Date.now() + 60000;
        for (;;) {
            const answer = await fetch(url);
            const rows = answer.ok ? await answer.json() : [];
            if (rows.length || Date.now() > end) return rows;
        }
    }"""
    found = page.evaluate(script, f"{address}data/plugin/scalars/scalars?run={run}&tag={tag}")
    return [[step, value] for _, step, value in found]


def test_every_point_of_the_history_is_in_the_frame(lab: Lab, page: Any, open_notebook: Any, artefacts: Path) -> None:
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))

    bench = Bench(page, lab, open_notebook, artefacts)
    bench.open("board.ipynb", FIT)
    bench.start()
    bench.finished()
    frame = page.locator(".jp-OutputArea iframe[title=TensorBoard]")
    frame.wait_for()
    address = frame.evaluate("frame => frame.src")
    base = urlsplit(lab.url)
    assert address.startswith(f"{base.scheme}://{base.netloc}{base.path}/proxy/")

    cards = page.frame_locator("iframe[title=TensorBoard]").locator("scalar-card")
    cards.first.wait_for(timeout=PATIENCE)
    lines = page.frame_locator("iframe[title=TensorBoard]").locator("scalar-card line-chart")
    lines.first.wait_for(timeout=PATIENCE)
    bench.screenshot(f"tensorboard{base.path.replace('/', '-')}")

    history = History.from_json(lab.folder / "history.json")
    losses = np.asarray(history.batch_loss, "float32").tolist()
    assert scalars(page, address, "first/train", "batch_loss") == [list(row) for row in enumerate(losses, start=1)]
    ends = [history.steps // 3 * epoch for epoch in (1, 2, 3)]
    validation = np.asarray(history.val_loss, "float32").tolist()
    rows = [list(row) for row in zip(ends, validation, strict=True)]
    assert scalars(page, address, "first/validation", "epoch_loss") == rows
    assert hosts == {base.netloc}
