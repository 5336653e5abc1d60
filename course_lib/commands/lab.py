"""Open JupyterLab on the lessons, at the start page.

JupyterLab asks nothing, and shows none of the instructor's tools unless `--instructor` is given. Options after `--`
go to JupyterLab as they are. With `--hub` it is the server of one user of a JupyterHub, which starts it; students then
see nbgrader's list of assignments and nothing else of nbgrader.

For example:
  course lab
  course lab --track keras
  course lab -- --no-browser --port 8890
  course lab --hub --                       in jupyterhub_config.py; docs/jupyterhub.md shows it whole
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

from course_lib.tracks import TRACKS, installed_tracks
from course_lib.trouble import CourseError

__all__ = ["START_PAGE", "add_arguments", "command", "environment", "hub_command", "main"]

START_PAGE = Path("lessons", "00_start_here", "pytorch.ipynb")

#: Jupyter's own configuration files: of everyone, and what hides the instructor's extensions from learners, at home and
#: on a hub.
_SETTINGS = Path(__file__).parent / "jupyter"
#: Nothing is asked of the network, and no question about news stands between a learner and the page.
_QUIET = ("--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate")

#: JupyterLab shows formgrader in a frame, which a hub's servers refuse to be in. Students' servers go on refusing.
_FRAMES = "--ServerApp.tornado_settings=" + json.dumps(
    {"headers": {"Content-Security-Policy": "frame-ancestors 'self'"}}
)


def _shell() -> str:
    """Return the option for terminals that keep the PATH: a login shell's is the system's, without `course`."""
    return "--ServerApp.terminado_settings=" + json.dumps({"shell_command": [os.environ.get("SHELL") or "sh"]})


def _allow_root() -> list[str]:
    """Return the option for root: in a container everybody is root."""
    return ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []


def environment(instructor: bool = False, hub: bool = False) -> dict[str, str]:
    """Give the environment in which JupyterLab is as a learner needs it, or an instructor.

    What is set here are defaults: settings that a person chose in JupyterLab come before them.

    Parameters
    ----------
    instructor : bool, optional
        Whether the menus of nbgrader and jupytext are shown, where these are installed.
    hub : bool, optional
        Whether it is on a JupyterHub, where learners have nbgrader's list of assignments.

    Returns
    -------
    dict of str
    """
    folders = [_SETTINGS / "everyone", *([] if instructor else [_SETTINGS / ("student" if hub else "learner")])]
    before = os.environ.get("JUPYTER_CONFIG_PATH")
    # Nothing has to be activated: a terminal finds `course`, and nbgrader finds the alembic that it calls by name.
    tools, path = str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)
    return os.environ | {
        "JUPYTER_CONFIG_PATH": os.pathsep.join([*map(str, folders), *([before] if before else [])]),
        "PATH": path if tools in path.split(os.pathsep) else os.pathsep.join([tools, path]),
    }


def _tracks_of(folder: Path) -> list[str]:
    """Return the tracks whose start page lies in a course's folder: both, or one where a zip has one."""
    return [track for track in TRACKS if (folder / START_PAGE.with_stem(track)).is_file()]


def _track(folder: Path) -> str:
    """Return the track to open where nobody asked for one: installed, if there is one, and with a start page."""
    there = _tracks_of(folder) or TRACKS
    return next((track for track in installed_tracks() if track in there), there[0])


def command(folder: Path, extra: list[str], track: str = TRACKS[0]) -> list[str]:
    """Give the command that serves `folder` and opens the start page.

    Parameters
    ----------
    folder : Path
        The course's folder, in which all lessons lie.
    extra : list of str
        More options for JupyterLab.
    track : {"pytorch", "keras"}, optional
        Whose start page is opened.

    Returns
    -------
    list of str

    Raises
    ------
    CourseError
        If there is no start page of the track in `folder`.
    """
    if not (folder / START_PAGE.with_stem(track)).is_file():
        there = _tracks_of(folder)
        mend = f"this copy has {there[0]}" if there else "call this in the course's folder"
        raise CourseError(f"no {START_PAGE.with_stem(track)} in {folder}; {mend}")
    words = [sys.executable, "-m", "jupyter", "lab", f"--ServerApp.root_dir={folder}"]
    words.append(f"--LabApp.default_url=/lab/tree/{START_PAGE.with_stem(track).as_posix()}")
    return [*words, *_QUIET, *_allow_root(), *extra]


def hub_command(folder: Path, extra: list[str], track: str = TRACKS[0], instructor: bool = False) -> list[str]:
    """Give the command that a JupyterHub runs for one user; where it listens, the hub says in variables.

    Parameters
    ----------
    folder : Path
        The folder that is served: a student's own, or the course's.
    extra : list of str
        More options for the server.
    track : {"pytorch", "keras"}, optional
        Whose start page is opened where `folder` has one.
    instructor : bool, optional
        Whether formgrader is to open in JupyterLab, too.

    Returns
    -------
    list of str

    Raises
    ------
    CourseError
        If no JupyterHub started this, or its package is missing.
    """
    if "JUPYTERHUB_API_TOKEN" not in os.environ:
        raise CourseError("--hub is for jupyterhub_config.py: a JupyterHub starts it, and none started this")
    if importlib.util.find_spec("jupyterhub") is None:
        raise CourseError(f"jupyterhub is missing; install it with `{sys.executable} -m pip install -e '.[hub]'`")
    words = [sys.executable, "-m", "jupyterhub.singleuser", *_QUIET, *_allow_root(), _shell()]
    words += [_FRAMES] if instructor else []
    if (folder / START_PAGE.with_stem(track)).is_file() and not os.environ.get("JUPYTERHUB_DEFAULT_URL"):
        words.append(f"--ServerApp.default_url=/lab/tree/{START_PAGE.with_stem(track).as_posix()}")
    return words + extra


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``course lab``."""
    parser.add_argument("--track", choices=TRACKS, help="whose start page is opened (default: one that is here)")
    parser.add_argument("--instructor", action="store_true", help="show the menus of nbgrader and jupytext")
    parser.add_argument("--hub", action="store_true", help="be one user's server of the JupyterHub that starts this")
    parser.add_argument("extra", nargs="*", metavar="-- OPTIONS", help="options for JupyterLab")


def main(args: argparse.Namespace) -> int:
    """Run ``course lab``."""
    if args.hub:
        # nbgrader looks for its configuration in the folder in which the server runs.
        folder = Path(os.environ.get("JUPYTERHUB_ROOT_DIR") or Path.cwd()).expanduser()
        words = hub_command(folder, args.extra, args.track or _track(folder), args.instructor)
        os.chdir(folder)
    else:
        folder = next((p for p in (Path.cwd(), *Path.cwd().parents) if _tracks_of(p)), Path.cwd())
        words = command(folder, args.extra, args.track or _track(folder))
    surroundings = environment(args.instructor, args.hub)
    if os.name == "posix":  # become JupyterLab, so that whoever stops this command stops it
        os.execve(words[0], words, surroundings)
    try:
        return subprocess.run(words, check=False, env=surroundings).returncode
    except KeyboardInterrupt:  # JupyterLab was stopped; that is how it ends
        return 0
