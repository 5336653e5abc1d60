"""The playground's scripts in Node, without a page."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from course_lib.instructor.site.playground import CORE

NODE = shutil.which("node")

#: A small run, from which tests change what they are about.
SETTINGS: dict[str, Any] = {
    "data": "moons", "rows": 50, "noise": 0.1, "width": 8, "lr": 0.01, "batch": 16, "optimizer": "adam", "decay": 0.0,
    "dropout": 0.0, "epochs": 6, "seed": 1, "patience": 0, "restore": True, "remeasure": True,
}  # fmt: skip


def need_node() -> str:
    """Return where Node is; without it the test is skipped, or fails where a browser is required."""
    if NODE is None:
        if os.environ.get("COURSE_REQUIRE_BROWSER"):
            pytest.fail("no node found, and this run must have one")
        pytest.skip("no node, which runs the playground's scripts without a browser")
    return NODE


def in_node(job: str, cases: list[dict[str, Any]], more: tuple[Path, ...] = ()) -> list[Any]:
    """Do one job of ``playground.js`` for each case, in one process.

    Parameters
    ----------
    job : str
        What to do, such as ``"train"``.
    cases : list of dict
        What it is given.
    more : tuple of paths
        Scripts to load after the core.
    """
    scripts = [Path(__file__).with_suffix(".js"), job, *CORE, *more]
    command = [need_node(), *map(str, scripts)]
    result = subprocess.run(command, input=json.dumps(cases), capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr[-2000:]
    return json.loads(result.stdout)
