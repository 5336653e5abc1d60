"""Open TensorBoard on the runs in a folder: offline, with every point, in a browser or behind JupyterHub.

TensorBoard is an extra of the course: pip install '.[tensorboard]'. The address that is printed goes through the
notebook server where the surroundings say how: JupyterHub does, and TENSORBOARD_PROXY_URL=/user/ann/proxy/%PORT%/ would
(with jupyter-server-proxy, which the extra brings). Ctrl-C stops it. Options after `--` go to TensorBoard as they are.

For example:
  course tensorboard runs
  course tensorboard runs --port 6007
  course tensorboard runs -- --reload_interval 1
"""

from __future__ import annotations

import argparse
from pathlib import Path

from course_lib.notebook.tensorboard import Server, address, start
from course_lib.printable import say
from course_lib.trouble import CourseError

__all__ = ["add_arguments", "main"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``course tensorboard``."""
    parser.add_argument("folder", metavar="LOGDIR", type=Path, help="the folder with the runs, at any depth")
    parser.add_argument("--port", type=int, default=0, help="by default one that is free")
    parser.add_argument("extra", nargs="*", metavar="-- OPTIONS", help="options for TensorBoard")


def _started(args: argparse.Namespace) -> Server:
    if not any(args.folder.rglob("*tfevents*")):
        raise CourseError(f"no runs in {args.folder}: there is no file there with 'tfevents' in its name")
    try:
        return start(args.folder, args.port, args.extra)
    except (ModuleNotFoundError, RuntimeError) as error:
        raise CourseError(str(error)) from error


def main(args: argparse.Namespace) -> int:
    """Run ``course tensorboard``."""
    server = _started(args)
    try:
        say(f"TensorBoard is at {address(server.port) or f'http://localhost:{server.port}/'} until you press Ctrl-C.")
        return server.process.wait()
    finally:
        server.stop()
