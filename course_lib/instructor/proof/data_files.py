"""The data files of a package on which what is made from it hangs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

__all__ = ["data_files"]

#: What an exercise takes from these files when it is made is in its own data, which has a number of its own; so a
#: word that is changed touches the exercises that say it, and no others.
_TAKEN_WHEN_MADE = {"words.toml"}

#: Folders of files that are made from sources: what they are made from has a number of its own.
_MADE = {"__pycache__", "recorded"}


def data_files(folder: Path) -> Iterator[Path]:
    """Yield the data files in a package's folder, and in those below it that are no packages.

    Examples
    --------
    >>> from course_lib.lessons import l12_capstone
    >>> "bench.json" in {path.name for path in data_files(Path(l12_capstone.__file__).parent)}
    True
    """
    for path in folder.iterdir():
        if path.is_dir():
            if path.name not in _MADE and not (path / "__init__.py").exists():
                yield from data_files(path)
        elif path.suffix not in (".py", ".pyc") and path.name not in _TAKEN_WHEN_MADE:
            yield path
