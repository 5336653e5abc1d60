"""What the students' environment on a hub has, asked of its own Python."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from course_lib import __version__
from course_lib.findings import Finding
from course_lib.tracks import FRAMEWORKS
from course_lib.trouble import CourseError

__all__ = ["learner_findings"]

#: Run by the students' Python: what it has, and what nbgrader reads there as its configuration.
_LOOK = """
import importlib.metadata, importlib.util, json, logging, sys
def version(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
def there(name):
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False
found = {name: version(name) for name in ("nbgrader", "jupyterhub")}
found["course"] = __import__("course_lib").__version__ if there("course_lib") else None
found["instructor"] = there("course_lib.instructor")
found["frameworks"] = [name for name in sys.argv[1:] if there(name)]
if found["nbgrader"]:
    from nbgrader.apps import NbGrader
    from nbgrader.exchange import ExchangeFactory
    app = NbGrader()
    app.log.setLevel(logging.CRITICAL)
    app.load_cwd_config = False
    app.load_config_file()
    found["exchange"] = ExchangeFactory(config=app.config).List(config=app.config).root
    found["course_id"] = str(app.config.CourseDirectory.get("course_id") or "")
print(json.dumps(found))
"""
_SECONDS = 120
_CONFIGURATION = "write it into nbgrader_config.py in a folder of `jupyter --paths`, such as /etc/jupyter"


def _look(python: Path) -> dict[str, Any]:
    names = [name for frameworks in FRAMEWORKS.values() for name in frameworks]
    try:
        run = subprocess.run(
            [str(python.absolute()), "-c", _LOOK, *names],
            cwd="/",
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        return dict(json.loads(run.stdout.splitlines()[-1]))
    except OSError as error:
        raise CourseError(f"--learner-python {python} cannot be started: {error.strerror}") from None
    except (subprocess.TimeoutExpired, ValueError, IndexError):
        raise CourseError(f"--learner-python {python} is no Python that can say what is installed there") from None


def learner_findings(python: Path, exchange: Path, course_id: str, tracks: tuple[str, ...]) -> Iterator[Finding]:
    """Yield what is found in the students' environment.

    Parameters
    ----------
    python : Path
        Its Python; it is run.
    exchange : Path
        The exchange of the instructor.
    course_id : str
        The course's name there.
    tracks : tuple of str

    Raises
    ------
    CourseError
        If `python` is none.
    """
    found = _look(python)
    pip = f"{python} -m pip install"
    course = f"{pip} './loss-curves-course[{','.join(tracks)},hub]' beside the unpacked zip of `course bundle`"
    yield _same("students: course", __version__, found["course"], course)
    told = "the instructors' half, hidden cases included" if found["instructor"] else "only theirs"
    yield Finding("students: code", "a learner's half only", told, not found["instructor"], course)
    yield _same("students: nbgrader", importlib.metadata.version("nbgrader"), found["nbgrader"], course)
    ok = found["jupyterhub"] is not None
    yield Finding("students: jupyterhub", "installed", found["jupyterhub"] or "not installed", ok, course)
    for track in tracks:
        missing = [name for name in FRAMEWORKS[track] if name not in found["frameworks"]]
        there = f"{', '.join(missing)} not installed" if missing else "installed"
        yield Finding(f"students: {track}", "installed", there, not missing, course)
    if found["nbgrader"]:
        yield _same("students: exchange", str(exchange), found["exchange"], f"c.Exchange.root: {_CONFIGURATION}")
        where = f"c.CourseDirectory.course_id: {_CONFIGURATION}"
        yield _same("students: course's name", course_id, found["course_id"], where)


def _same(what: str, needed: str, found: str | None, mend: str) -> Finding:
    ok = found == needed
    return Finding(what, needed, found or "none", ok, "" if ok else mend)
