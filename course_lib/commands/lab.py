"""Open JupyterLab on the lessons, at the start page.

JupyterLab asks nothing, and shows none of the instructor's tools unless `--instructor` is given. Options after `--`
go to JupyterLab as they are.

For example:
  course lab
  course lab --track keras
  course lab -- --no-browser --port 8890
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from course_lib.tracks import TRACKS, installed_tracks
from course_lib.trouble import CourseError

__all__ = ["START_PAGE", "add_arguments", "command", "environment", "main"]

START_PAGE = Path("lessons", "00_start_here", "pytorch.ipynb")

#: Jupyter's own configuration files: of everyone, and what hides the instructor's extensions from learners.
_SETTINGS = Path(__file__).parent / "jupyter"


def environment(instructor: bool = False) -> dict[str, str]:
    """Give the environment in which JupyterLab is as a learner needs it, or an instructor.

    What is set here are defaults: settings that a person chose in JupyterLab come before them.

    Parameters
    ----------
    instructor : bool, optional
        Whether the menus of nbgrader and jupytext are shown, where these are installed.

    Returns
    -------
    dict of str
    """
    folders = [_SETTINGS / "everyone", *([] if instructor else [_SETTINGS / "learner"])]
    before = os.environ.get("JUPYTER_CONFIG_PATH")
    return os.environ | {"JUPYTER_CONFIG_PATH": os.pathsep.join([*map(str, folders), *([before] if before else [])])}


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
        If there is no start page in `folder`.
    """
    if not (folder / START_PAGE).is_file():
        raise CourseError(f"no {START_PAGE} in {folder}; call this in the course's folder")
    words = [sys.executable, "-m", "jupyter", "lab", f"--ServerApp.root_dir={folder}"]
    words.append(f"--LabApp.default_url=/lab/tree/{START_PAGE.with_stem(track).as_posix()}")
    # Nothing is asked of the network, and no question about news stands between a learner and the page.
    words.append("--LabApp.news_url=None")
    words.append("--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate")
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # in a container everybody is root
        words.append("--allow-root")
    return words + extra


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``course lab``."""
    parser.add_argument("--track", choices=TRACKS, help="whose start page is opened (default: one that is installed)")
    parser.add_argument("--instructor", action="store_true", help="show the menus of nbgrader and jupytext")
    parser.add_argument("extra", nargs="*", metavar="-- OPTIONS", help="options for JupyterLab")


def main(args: argparse.Namespace) -> int:
    """Run ``course lab``."""
    folder = next((p for p in (Path.cwd(), *Path.cwd().parents) if (p / START_PAGE).is_file()), Path.cwd())
    track = args.track or (installed_tracks() or TRACKS)[0]
    words, surroundings = command(folder, args.extra, track), environment(args.instructor)
    if os.name == "posix":  # become JupyterLab, so that whoever stops this command stops it
        os.execve(words[0], words, surroundings)
    try:
        return subprocess.run(words, check=False, env=surroundings).returncode
    except KeyboardInterrupt:  # JupyterLab was stopped; that is how it ends
        return 0
