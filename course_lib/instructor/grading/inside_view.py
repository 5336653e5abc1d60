"""What a kernel sees from inside the sandbox: its files, all read-only but its own, and its few variables."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import course_lib
from course_lib.instructor.grading.shown import WHOLE, write_shown

__all__ = ["INSIDE", "bubblewrap", "environment", "inside_path", "python_problem"]

INSIDE = Path(__file__).resolve().parent / "inside"
PACKAGE = Path(course_lib.__file__).resolve().parent
_ETC = ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "fonts", "localtime", "mime.types", "alternatives")

#: Folders that every kernel mounts for itself, and that cover what was there.
_OWN_FOLDERS = tuple(map(Path, ("/tmp", "/runs", "/conn", "/files", "/box", "/dev")))


def _system_folders() -> list[Path]:
    """Return the folders outside /usr that this Python needs, shortest first."""
    wanted = {Path(sys.prefix), Path(sys.base_prefix), Path(os.path.realpath(sys.executable)).parent.parent}
    real = {path.resolve() for path in wanted} | wanted
    return sorted((p for p in real if p != Path("/") and not p.is_relative_to("/usr")), key=lambda p: len(p.parts))


def inside_path(path: Path) -> Path:
    """Return where a path of this Python's folders is found inside.

    What lies in a folder that every kernel has of its own, such as /tmp, would be covered there, so it is
    shown elsewhere; a virtual environment does not mind.
    """
    for number, folder in enumerate(_system_folders()):
        if path.is_relative_to(folder) and any(folder.is_relative_to(own) for own in _OWN_FOLDERS):
            return Path(f"/course/python{number}") / path.relative_to(folder)
    return path


def python_problem() -> str | None:
    """Say why this environment's Python would not be found inside, or None.

    An environment may lie anywhere, but it names the Python that it was made with by its path.

    Returns
    -------
    str or None
        One sentence with the remedy.
    """
    base = Path(sys.base_prefix).resolve()
    own = next((folder for folder in _OWN_FOLDERS if base.is_relative_to(folder)), None)
    if own is None or sys.prefix == sys.base_prefix:
        return None
    return (
        f"the base Python lies in {base}, and every kernel has a {own} of its own; "
        "make the instructors' environment with a Python that lies elsewhere, such as /usr/bin/python3"
    )


def _mounts(root: Path | None) -> Iterator[str]:
    """Yield bubblewrap's arguments for what can be seen inside, all of it read-only."""
    yield from ("--ro-bind", "/usr", "/usr")
    for name in ("bin", "sbin", "lib", "lib32", "lib64"):
        path = Path("/", name)
        if path.is_symlink():
            yield from ("--symlink", os.readlink(path), str(path))
        elif path.is_dir():
            yield from ("--ro-bind", str(path), str(path))
    for name in _ETC:
        yield from ("--ro-bind-try", f"/etc/{name}", f"/etc/{name}")
    hidden = [p for p in (PACKAGE, root) if p is not None]  # the package is found in /course
    for secret in hidden:  # a container's Python and its course often lie there
        if secret.is_relative_to("/usr"):
            yield from ("--tmpfs", str(secret))
            for needed in {sys.prefix, sys.base_prefix}:
                if Path(needed).is_relative_to(secret):
                    yield from ("--ro-bind", needed, needed)
            yield from ("--remount-ro", str(secret))
    for folder in _system_folders():
        target = inside_path(folder)
        for parent in reversed(target.parents[:-1]):  # bubblewrap's own parents are closed to all but root
            yield from ("--dir", str(parent))
        yield from ("--ro-bind", str(folder), str(target))
        for secret in hidden:
            if secret.is_relative_to(folder) and secret != folder:
                cover = str(target / secret.relative_to(folder))
                yield from ("--tmpfs", cover, "--remount-ro", cover)
    yield from ("--dir", "/course", "--ro-bind", str(PACKAGE), "/course/course_lib")
    yield from ("--tmpfs", "/course/course_lib/instructor", "--remount-ro", "/course/course_lib/instructor")
    yield from ("--ro-bind", str(INSIDE), "/course/inside")


def _without_references(runs: Path) -> Iterator[str]:
    """Yield bubblewrap's arguments that keep what answers for an exercise out of the kernels' course."""
    inner = Path("/course/course_lib")
    yield from ("--tmpfs", str(inner / "lessons"))
    yield from ("--ro-bind", str(PACKAGE / "lessons" / "__init__.py"), str(inner / "lessons" / "__init__.py"))
    yield from ("--ro-bind", str(INSIDE / "rooms.py"), str(inner / "checks" / "rooms.py"))
    for room in sorted(PACKAGE.glob("lessons/*/")):
        yield from ("--dir", str(inner / "lessons" / room.name))  # parents that bubblewrap makes are closed
    for shown in sorted(path for name in WHOLE for path in PACKAGE.glob(f"lessons/*/{name}")):
        yield from ("--ro-bind", str(shown), str(inner / shown.relative_to(PACKAGE)))
    for name, path in write_shown(PACKAGE, runs / "shown").items():
        yield from ("--ro-bind", str(path), str(inner / name))
    yield from ("--remount-ro", str(inner / "lessons"))


def bubblewrap(runs: Path, root: Path | None) -> list[str]:
    """Return the command line up to the program."""
    unshare = ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
    if os.getuid() != 0:
        unshare.append("--unshare-user")
    command = ["bwrap", *unshare, "--new-session", "--die-with-parent", *_mounts(root)]
    command += _without_references(runs)
    command += ["--proc", "/proc", "--dev", "/dev", "--bind", str(runs), "/runs"]
    for folder in ("/conn", "/files", "/box"):
        command += ["--dir", folder]
    command += ["--perms", "1777", "--tmpfs", "/tmp"]  # the warden's own; each kernel mounts its own over it
    command += ["--ro-bind", str(runs / "passwd"), "/etc/passwd", "--chdir", "/"]
    command += ["--remount-ro", "/dev", "--remount-ro", "/", "--hostname", "sandbox"]
    return command


def environment(inside: Path, isolated: bool, threads: int) -> dict[str, str]:
    """Return the few variables that a kernel sees: none of the instructor's."""
    package = "/course" if isolated else str(PACKAGE.parent)
    count = str(threads)
    tools = Path(sys.executable).parent
    return {
        "PATH": f"{inside_path(tools) if isolated else tools}:/usr/local/bin:/usr/bin:/bin",
        "HOME": "/box" if isolated else str(inside),
        "USER": "learner",
        "LANG": os.environ.get("LANG", "C.UTF-8"),
        "PYTHONPATH": f"{package}:{inside}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": count,
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": count,
        "TF_NUM_INTRAOP_THREADS": count,
        "TF_NUM_INTEROP_THREADS": count,
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": "/tmp" if isolated else tempfile.gettempdir(),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "NBGRADER_EXECUTION": "autograde",
    }
