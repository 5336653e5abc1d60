"""Kernels in which the other track's framework cannot be imported, as on the machine of a learner of one track.

The notebooks that nbval executes name such a kernel, so that each lesson is shown to need its own framework only.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

from course_lib.atomic import write_atomically
from course_lib.tracks import FRAMEWORKS, TRACKS

__all__ = ["hide", "kernel_name", "main", "write_kernels"]


class _Hiding(PathFinder):
    """Finds what Python finds on its path, but for the packages that are hidden."""

    hidden: frozenset[str] = frozenset()

    @classmethod
    def find_spec(
        cls, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where a module lies; None, as for one that is not installed, where it is hidden."""
        return None if fullname.partition(".")[0] in cls.hidden else super().find_spec(fullname, path, target)


def hide(packages: Sequence[str]) -> None:
    """Make packages look as if they were not installed, in this process.

    Raises
    ------
    RuntimeError
        If one of them is imported already.
    """
    loaded = [name for name in packages if name in sys.modules]
    if loaded:
        raise RuntimeError(f"imported before it could be hidden: {', '.join(loaded)}")
    _Hiding.hidden = frozenset(packages)
    sys.meta_path[:] = [_Hiding if finder is PathFinder else finder for finder in sys.meta_path]


def kernel_name(track: str) -> str:
    """Return the name of the kernel with this track's framework alone."""
    return f"{track}-alone"


def write_kernels(folder: Path) -> None:
    """Write the kernels' specifications; with ``JUPYTER_PATH=folder``, Jupyter finds them."""
    for track in TRACKS:
        spec = {
            "argv": [sys.executable, "-m", __name__, track, "-f", "{connection_file}"],
            "display_name": f"Python 3 with the {track} track's framework alone",
            "language": "python",
        }
        write_atomically(folder / "kernels" / kernel_name(track) / "kernel.json", json.dumps(spec, indent=1).encode())


def main() -> None:
    """Start a kernel: ``python -m course_lib.instructor.text.alone TRACK -f FILE``."""
    track, *words = sys.argv[1:]
    hide([name for other in TRACKS if other != track for name in FRAMEWORKS[other]])
    from ipykernel.kernelapp import IPKernelApp

    IPKernelApp.launch_instance(words)


if __name__ == "__main__":
    main()
