"""Say what is missing before a class works on a JupyterHub.

Looks at the exchange, the rights on the course and on home folders, the sandbox, memory and the students' environment.

Run it as the person who will grade, in the course's folder on the hub's machine. It changes nothing.
Exit status 0 if all that is needed is there, 1 if anything is missing, 2 if the command line was not understood.

For example:
  course hub-check
  course hub-check --students 30 --track keras
  course hub-check --learner-python /opt/loss-curves/student/bin/python
  course hub-check --json
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.metadata
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from course_lib.findings import Finding, report, status
from course_lib.instructor.desk.hub_learner import learner_findings
from course_lib.instructor.grading.inside_view import python_problem
from course_lib.instructor.grading.sandbox import NOBODY, bubblewrap_problem
from course_lib.instructor.text.render import course_root
from course_lib.printable import few
from course_lib.tracks import TRACKS
from course_lib.trouble import CourseError

__all__ = ["KERNEL_GB", "RESERVE_GB", "SERVER_GB", "add_arguments", "examine", "learners_that_fit", "main"]

#: What a learner needs at most, measured in every lesson: JupyterLab's server, and a kernel of each track.
SERVER_GB = 0.18
KERNEL_GB = {"pytorch": 0.57, "keras": 0.86}
#: What the hub, its proxy and the system take.
RESERVE_GB = 2.0
OTHERS_CAN_USE = stat.S_IWOTH | stat.S_IXOTH


def learners_that_fit(memory_gb: float, track: str) -> int:
    """Return how many learners can work at the same time.

    Parameters
    ----------
    memory_gb : float
        Of the whole machine, in 10^9 bytes.
    track : {"pytorch", "keras"}

    Returns
    -------
    int
        Each with one server and one kernel at its largest.

    Examples
    --------
    >>> learners_that_fit(24, "pytorch"), learners_that_fit(24, "keras")
    (29, 21)
    """
    return max(0, int((memory_gb - RESERVE_GB) / (SERVER_GB + KERNEL_GB[track]) + 1e-9))


def _config(root: Path) -> Any:
    """Read what nbgrader reads when it is started in the course's folder: the hub's configuration and the course's."""
    from nbgrader.apps import NbGrader

    class Quiet(NbGrader):  # type: ignore[misc]
        def _configure_logging(self) -> None:
            """Leave logging alone: setting it up would close the handlers, and TensorFlow's closes its stream."""

    with contextlib.chdir(root):
        app = Quiet()
        app.load_config_file()
    return app.config


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def _closed_above(path: Path) -> Path | None:
    """Return the outermost folder above a path that other users cannot pass, or None."""
    for folder in reversed(path.absolute().parents):
        if not _mode(folder) & stat.S_IXOTH:
            return folder
    return None


def _exchange(folder: Path) -> Finding:
    needed = "a folder that every user can write to"
    make = f"sudo install --directory --mode=1777 {folder}"
    if not folder.is_dir():
        return Finding("exchange", needed, f"no folder {folder}", False, make)
    if closed := _closed_above(folder):
        return Finding("exchange", needed, f"{closed} is closed to others", False, f"chmod o+x {closed}")
    mode = _mode(folder)
    if mode & OTHERS_CAN_USE != OTHERS_CAN_USE:
        return Finding("exchange", needed, f"{folder} has mode {mode:04o}", False, f"chmod 1777 {folder}")
    if not mode & stat.S_ISVTX:
        found = f"{folder} has mode {mode:04o}: any user can rename what is in it"
        return Finding("exchange", "mode 1777", found, False, f"chmod 1777 {folder}", required=False)
    return Finding("exchange", needed, str(folder), True)


def _course_in_exchange(exchange: Path, course_id: str) -> Iterator[Finding]:
    """Look at what nbgrader makes at the first release; before that there is nothing to see."""
    if not course_id:
        mend = "set c.CourseDirectory.course_id in nbgrader_config.py"
        yield Finding("course's name", "a course_id", "none", False, mend)
        return
    inbound = exchange / course_id / "inbound"
    if not inbound.is_dir():
        return
    mode, needed = _mode(inbound), "others can hand in, and cannot list"
    ok = mode & 0o007 == OTHERS_CAN_USE
    found = str(inbound) if ok else f"{inbound} has mode {mode:04o}"
    yield Finding("what is handed in", needed, found, ok, "" if ok else f"chmod 2733 {inbound}")


def _secret(root: Path, name: str) -> Finding:
    """Look whether others can read a folder of the course that students must not see."""
    path = root / name
    needed = "closed to other users"
    if not path.exists() or _closed_above(path) or not _mode(path) & (stat.S_IROTH | stat.S_IXOTH):
        return Finding(name, needed, "closed" if path.exists() else "not there yet", True)
    return Finding(name, needed, f"{path} is open to all", False, f"chmod o-rwx {root}")


def _homes(homes: dict[str, Path]) -> Finding:
    """Look whether students could read what others have in their home folders; Debian makes them so."""
    needed = "closed to other users"
    opened = [
        (name, home)
        for name, home in sorted(homes.items())
        if home.is_dir() and not _closed_above(home) and _mode(home) & (stat.S_IROTH | stat.S_IXOTH)
    ]
    if not opened:
        return Finding("homes", needed, f"{len(homes)} are closed" if homes else "none yet", True)
    found = f"open to all: {', '.join(few([name for name, _ in opened], 5))}"
    mend = f"chmod 700 {' '.join(str(home) for _, home in opened[:5])}"
    return Finding("homes", needed, found, False, mend, required=False)


def _people() -> dict[str, Path]:
    """Return the home folders of this machine's people, by their names."""
    try:
        import pwd
    except ImportError:  # Windows, where no hub of this kind runs
        return {}
    return {one.pw_name: Path(one.pw_dir) for one in pwd.getpwall() if 1000 <= one.pw_uid < 60000}


def _sandbox() -> Finding:
    """Try bubblewrap as a user without root's rights: on a hub nobody grades as root."""
    user = NOBODY if os.name == "posix" and os.getuid() == 0 else None
    problem = bubblewrap_problem(user) or ""
    found, _, mend = problem.partition("; ")
    return Finding("bubblewrap", "works for a user without root's rights", found or "works", not problem, mend)


def _python() -> Finding:
    problem = python_problem() or ""
    found, _, mend = problem.partition("; ")
    return Finding("Python in the sandbox", "visible there", found or "visible", not problem, mend)


def _memory(students: int | None, tracks: tuple[str, ...]) -> Finding:
    import psutil

    total = psutil.virtual_memory().total / 1e9
    fit = {track: learners_that_fit(total, track) for track in tracks}
    told = " or ".join(f"{count} learners in {track}" for track, count in fit.items())
    found = f"{total:.1f} GB: room for {told} at once"
    if students is None:
        return Finding("memory", "for those who work at once", found, True)
    ok = min(fit.values()) >= students
    need = RESERVE_GB + students * (SERVER_GB + max(KERNEL_GB[track] for track in tracks))
    mend = "" if ok else f"take a machine with {need:.0f} GB, or several; docs/jupyterhub.md says how idle kernels end"
    return Finding("memory", f"{need:.0f} GB for {students} learners at once", found, ok, mend)


def _hub() -> Finding:
    mend = "install it with `pip install -e '.[instructor,hub]'` in the instructors' environment"
    try:
        found = importlib.metadata.version("jupyterhub")
    except importlib.metadata.PackageNotFoundError:
        return Finding("jupyterhub", "in the instructors' environment", "not installed", False, mend)
    return Finding("jupyterhub", "in the instructors' environment", found, True)


def examine(
    root: Path,
    exchange: Path | None = None,
    students: int | None = None,
    tracks: tuple[str, ...] = TRACKS,
    learner_python: Path | None = None,
) -> list[Finding]:
    """Look at everything that a class on a hub needs.

    Parameters
    ----------
    root : Path
        The course's folder.
    exchange : Path, optional
        nbgrader's exchange; by default the one of nbgrader's configuration.
    students : int, optional
        How many work at the same time.
    tracks : tuple of {"pytorch", "keras"}, optional
        What they learn; the larger kernel counts.
    learner_python : Path, optional
        The Python of the students' environment, which is then looked into.

    Returns
    -------
    list of Finding
    """
    from nbgrader.exchange import ExchangeFactory

    config = _config(root)
    place = Path(exchange or ExchangeFactory(config=config).List(config=config).root)
    course_id = str(config.CourseDirectory.get("course_id") or "")
    findings = [_exchange(place)]
    if findings[0].ok or not findings[0].required:
        findings += _course_in_exchange(place, course_id)
    findings += [_secret(root, name) for name in ("solutions", "grading")]
    findings += [_homes(_people()), _sandbox(), _python(), _memory(students, tracks), _hub()]
    if learner_python is not None:
        findings += learner_findings(learner_python, place, course_id, tracks)
    return findings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``course hub-check``."""
    parser.add_argument("--exchange", type=Path, metavar="FOLDER", help="default: what nbgrader's configuration says")
    parser.add_argument("--students", type=int, metavar="N", help="how many work at the same time")
    parser.add_argument("--track", choices=TRACKS, help="what they learn (default: either)")
    parser.add_argument(
        "--learner-python", type=Path, metavar="PYTHON", help="also look into this environment of students"
    )
    parser.add_argument("--json", action="store_true", help="print the findings as JSON and nothing else")


def main(args: argparse.Namespace) -> int:
    """Run ``course hub-check``."""
    if args.students is not None and args.students < 1:
        raise CourseError(f"--students is a number of people, 1 or more; got {args.students}")
    tracks = (args.track,) if args.track else TRACKS
    findings = examine(course_root(), args.exchange, args.students, tracks, args.learner_python)
    report(findings, args.json)
    return status(findings)
