"""Say what the course needs, what was found, and how to mend what is wrong.

Exit status 0 if all that is needed is there, 1 if anything is missing.

For example:
  course doctor                     what a learner needs, for the tracks that are installed
  course doctor --track keras       what a learner of the Keras track needs
  course doctor --for instructor    also what building and grading need
  course doctor --for developer     also what the tests need
  course doctor --json              the same as data
"""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import platform
import shlex
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from course_lib.findings import Finding, report, status
from course_lib.tracks import FRAMEWORKS, TRACKS, installed_tracks
from course_lib.trouble import CourseError

__all__ = ["AUDIENCES", "add_arguments", "examine", "main", "report"]

AUDIENCES = ("learner", "instructor", "developer")
DISTRIBUTION = "loss-curves-course"
#: The Pythons that both frameworks have releases for: from the first up to, and without, the second.
MIN_PYTHON, ABOVE_PYTHON = (3, 11), (3, 14)
#: What the packages take on disk (Linux, torch's build for CPUs); `scripts/install.py` has the whole table.
DISK_GB = {"learner": 3.6, "instructor": 3.7, "developer": 4.9}
#: What checkpoints, notebooks and logs need once everything is installed.
MIN_DISK_GB = 0.5
MIN_MEMORY_GB = 2.0
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
#: What else tests run: the program, and Debian's package with it. Debian keeps PostgreSQL's programs elsewhere.
PROGRAMS = {"Node": ("node", "nodejs"), "PostgreSQL": ("initdb", "postgresql")}
_ELSEWHERE = Path("/usr/lib/postgresql")
#: Where these are set, as in CI, a missing program is a failure, not a reason to skip.
_REQUIRED_BY = {"Node": "COURSE_REQUIRE_BROWSER", "PostgreSQL": "COURSE_REQUIRE_POSTGRES"}


def _python() -> Finding:
    lowest, above = (".".join(map(str, version)) for version in (MIN_PYTHON, ABOVE_PYTHON))
    ok = MIN_PYTHON <= sys.version_info[:2] < ABOVE_PYTHON
    mend = "" if ok else "remove .venv, and run `make lab PYTHON=python3.12` (or another Python of that range)"
    if sys.version_info[:2] >= ABOVE_PYTHON:
        mend = f"TensorFlow has no release for this Python yet: {mend}"
    return Finding("Python", f">= {lowest}, < {above}", platform.python_version(), ok, mend)


def _pip(what: str) -> str:
    """Return a command that installs into this Python, whether its environment is activated or not."""
    return f"{shlex.quote(sys.executable)} -m pip install {what}"


def _extra_of(marker: str) -> str | None:
    for quote in "'\"":
        if f"extra == {quote}" in marker:
            return marker.split(f"extra == {quote}")[1].split(quote)[0]
    return None


def _packages(audience: str, tracks: Sequence[str]) -> Iterator[Finding]:
    """Hold what is installed against the ranges that this distribution declares."""
    from packaging.requirements import Requirement

    install = _pip(f"-e '.[{','.join(tracks) if audience == 'learner' else _extra(audience)}]'")
    try:
        declared = importlib.metadata.requires(DISTRIBUTION) or []
    except importlib.metadata.PackageNotFoundError:
        yield Finding(DISTRIBUTION, "installed", "not installed", False, _pip("-e . (in the course's folder)"))
        return
    more = {"learner": set(), "instructor": {"instructor"}, "developer": {"instructor", "test", "dev"}}
    wanted = {*tracks, *more[audience]}
    seen: set[str] = set()
    for text in declared:
        requirement = Requirement(text)
        extra = _extra_of(str(requirement.marker or ""))
        if requirement.name == DISTRIBUTION or requirement.name in seen:
            continue
        if extra and extra not in wanted:
            continue
        seen.add(requirement.name)
        needed = str(requirement.specifier) or "any"
        try:
            found = importlib.metadata.version(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            yield Finding(requirement.name, needed, "not installed", False, install)
            continue
        ok = requirement.specifier.contains(found, prereleases=True)
        yield Finding(requirement.name, needed, found, ok, "" if ok else install)


def _other_track(track: str) -> Finding:
    """Say that a track's framework is not here, which is no fault where the other track is learned."""
    needed = " and ".join(FRAMEWORKS[track])
    return Finding(f"{track} track", needed, "not installed", False, _pip(f"-e '.[{track}]'"), required=False)


def _extra(audience: str) -> str:
    return "dev" if audience == "developer" else audience


def _kernel() -> Finding:
    mend = f"{sys.executable} -m ipykernel install --sys-prefix"
    try:
        from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
    except ModuleNotFoundError:
        return Finding("notebook kernel", "python3 of this Python", "no jupyter_client", False, _pip("-e ."))
    try:
        spec = KernelSpecManager().get_kernel_spec("python3")
    except NoSuchKernel:
        return Finding("notebook kernel", "python3 of this Python", "none", False, mend)
    # A kernel that asks for plain "python" is started with the Python that starts it.
    program = sys.executable if spec.argv[0] in ("python", "python3") else spec.argv[0]
    ok = os.path.realpath(os.path.dirname(program)) == os.path.realpath(os.path.dirname(sys.executable))
    return Finding("notebook kernel", "python3 of this Python", program, ok, "" if ok else mend)


def _widgets() -> Finding:
    from itertools import product

    names = ("@jupyter-widgets/jupyterlab-manager", "anywidget")
    try:
        from jupyter_core.paths import jupyter_path
    except ModuleNotFoundError:
        return Finding("widgets in JupyterLab", " and ".join(names), "no jupyter_core", False, _pip("-e ."))
    found = {n for n, p in product(names, jupyter_path("labextensions")) if Path(p, n, "package.json").is_file()}
    ok = len(found) == len(names)
    mend = "" if ok else _pip("--force-reinstall jupyterlab_widgets anywidget")
    return Finding("widgets in JupyterLab", " and ".join(names), ", ".join(sorted(found)) or "none", ok, mend)


def _nbgrader(required: bool) -> Finding:
    mend = _pip("-e '.[instructor]'")
    try:
        found = importlib.metadata.version("nbgrader")
    except importlib.metadata.PackageNotFoundError:
        return Finding("nbgrader", "for building and grading", "not installed", False, mend, required)
    # nbgrader starts alembic by its name, so it has to be on PATH or beside this Python.
    here = os.path.dirname(sys.executable)
    if not shutil.which("alembic", path=os.pathsep.join([here, os.environ.get("PATH", "")])):
        return Finding("nbgrader", "alembic beside it", f"{found}, no alembic", False, _pip("alembic"), required)
    return Finding("nbgrader", "for building and grading", found, True, required=required)


def _sandbox() -> Finding:
    try:
        from course_lib.instructor.grading.sandbox import bubblewrap_problem
    except ModuleNotFoundError:  # what learners get has no instructor's half
        return Finding("sandbox", "for grading", "unknown", True, required=False)
    problem = bubblewrap_problem() or ""
    mend = problem.partition("; ")[2]
    found = f"bubblewrap: {'does not work' if shutil.which('bwrap') else 'not installed'}" if problem else "bubblewrap"
    return Finding("sandbox", "for grading", found, not problem, mend, required=False)


def _disk(audience: str, installed: bool) -> Finding:
    free = shutil.disk_usage(Path.cwd()).free / 1e9
    needed = MIN_DISK_GB if installed else DISK_GB[audience]
    ok = free >= needed
    mend = "" if ok else "free some space: empty the trash, remove old environments"
    return Finding("free disk", f">= {needed:g} GB", f"{free:.1f} GB", ok, mend)


def _memory() -> Finding:
    try:
        import psutil
    except ModuleNotFoundError:
        return Finding("free memory", f">= {MIN_MEMORY_GB:g} GB", "unknown", True, required=False)
    free = psutil.virtual_memory().available / 1e9
    ok = free >= MIN_MEMORY_GB
    mend = "" if ok else "close other programs, and kernels you no longer use (JupyterLab: Kernel, Shut Down)"
    return Finding("free memory", f">= {MIN_MEMORY_GB:g} GB", f"{free:.1f} GB", ok, mend, required=False)


def _browser(required: bool) -> Finding:
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    mend = "" if found else "install Chromium with your system's packages, such as `apt-get install chromium`"
    return Finding("browser for tests", "Chromium", found or "none", found is not None, mend, required)


def _program(name: str) -> Finding:
    """Look for a program that tests run beside Python."""
    program, package = PROGRAMS[name]
    found = shutil.which(program) or next(map(str, sorted(_ELSEWHERE.glob(f"*/bin/{program}"))), None)
    mend = "" if found else f"install it with your system's packages, such as `apt-get install {package}`"
    required = bool(os.environ.get(_REQUIRED_BY[name]))
    return Finding(f"{name} for tests", program, found or "none", found is not None, mend, required)


def examine(audience: str = "learner", tracks: Sequence[str] = ()) -> list[Finding]:
    """Look at everything that `audience` needs.

    Parameters
    ----------
    audience : {"learner", "instructor", "developer"}
    tracks : sequence of {"pytorch", "keras"}, optional
        What a learner learns; by default the tracks that are installed, and both where none is. All others need both.

    Returns
    -------
    list of Finding

    Raises
    ------
    ValueError
        If `audience` is none of the three.

    Examples
    --------
    >>> examine("learner")[0].what
    'Python'
    """
    if audience not in AUDIENCES:
        raise ValueError(f"audience is one of {', '.join(AUDIENCES)}, not {audience!r}")
    if audience != "learner":
        tracks = TRACKS
    tracks = [track for track in TRACKS if track in (tracks or installed_tracks() or TRACKS)]
    findings = [_python()]
    try:
        findings += _packages(audience, tracks)
    except ModuleNotFoundError as error:
        findings.append(Finding("packages", "installed", f"{error.name} is missing", False, _pip("-e .")))
    installed = all(f.ok for f in findings[1:])
    findings += [_other_track(track) for track in TRACKS if track not in (*tracks, *installed_tracks())]
    disk = _disk(audience, installed)
    findings += [_kernel(), _widgets(), _nbgrader(audience != "learner"), disk, _memory()]
    if audience != "learner":
        findings.append(_sandbox())
    # Without a browser, its tests are skipped; only where they must not be is it needed.
    findings.append(_browser(audience == "developer" and bool(os.environ.get("COURSE_REQUIRE_BROWSER"))))
    if audience == "developer":
        findings += [_program(name) for name in PROGRAMS]
    return findings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``course doctor``."""
    parser.add_argument("--for", dest="audience", choices=AUDIENCES, default="learner", help="default: learner")
    parser.add_argument(
        "--track",
        choices=TRACKS,
        action="append",
        help="a learner's track, twice for both (default: the installed ones)",
    )
    parser.add_argument("--json", action="store_true", help="print the findings as JSON and nothing else")


def main(args: argparse.Namespace) -> int:
    """Run ``course doctor``."""
    if args.track and args.audience != "learner":
        raise CourseError(f"--track is for learners; --for {args.audience} needs both tracks")
    findings = examine(args.audience, args.track or ())
    report(findings, args.json)
    return status(findings)
