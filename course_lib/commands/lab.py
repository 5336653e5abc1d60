"""Open JupyterLab on the lessons, at the start page.

Options after `--` go to JupyterLab as they are.

For example:
  course lab
  course lab -- --no-browser --port 8890
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from course_lib.trouble import CourseError

__all__ = ["START_PAGE", "add_arguments", "command", "main"]

START_PAGE = Path("lessons", "00_start_here", "pytorch.ipynb")


def command(folder: Path, extra: list[str]) -> list[str]:
    """Give the command that serves `folder` and opens the start page.

    Parameters
    ----------
    folder : Path
        The course's folder, in which all lessons lie.
    extra : list of str
        More options for JupyterLab.

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
    words.append(f"--LabApp.default_url=/lab/tree/{START_PAGE.as_posix()}")
    # Nothing is asked of the network, and no question about news stands between a learner and the page.
    words.append("--LabApp.news_url=None")
    words.append("--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate")
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # in a container everybody is root
        words.append("--allow-root")
    return words + extra


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``course lab``."""
    parser.add_argument("extra", nargs="*", metavar="-- OPTIONS", help="options for JupyterLab")


def main(args: argparse.Namespace) -> int:
    """Run ``course lab``."""
    folder = next((p for p in (Path.cwd(), *Path.cwd().parents) if (p / START_PAGE).is_file()), Path.cwd())
    words = command(folder, args.extra)
    if os.name == "posix":  # become JupyterLab, so that whoever stops this command stops it
        os.execv(words[0], words)
    try:
        return subprocess.run(words, check=False).returncode
    except KeyboardInterrupt:  # JupyterLab was stopped; that is how it ends
        return 0
