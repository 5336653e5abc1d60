"""A gradebook that the course makes is one that nbgrader would have made."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from nbgrader.api import Gradebook
from traitlets.config import Config

from course_lib.instructor.grading.gradebook import open_gradebook


def dump(path: Path) -> list[str]:
    with sqlite3.connect(path) as database:
        return sorted(database.iterdump())


def test_a_new_gradebook_is_nbgraders_own(tmp_path: Path) -> None:
    config = Config()
    config.CourseDirectory.db_url = f"sqlite:///{tmp_path}/ours.db"
    config.CourseDirectory.course_id = "course101"
    open_gradebook(config).close()
    Gradebook(f"sqlite:///{tmp_path}/theirs.db", "course101").close()
    assert dump(tmp_path / "ours.db") == dump(tmp_path / "theirs.db")
