"""Records lessons' explorers, several at once."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from pathlib import Path
from typing import Any

from tqdm import tqdm

from course_lib import explorers
from course_lib.atomic import write_atomically
from course_lib.instructor.orphans import end_with_parent
from course_lib.instructor.site.explorers.recording import Recording, record_explorer
from course_lib.instructor.site.explorers.states import thinned
from course_lib.notebook.explorer.base import Explorer
from course_lib.notebook.explorer.palette import stylesheet
from course_lib.notebook.explorer.recorded import SCRIPTS
from course_lib.trouble import CourseError

__all__ = ["names", "open_explorer", "record", "write"]

#: Explorers that are another one in each track.
_TRACKS = {"modes": ("pytorch", "keras")}
#: On a page they are one file.
_SCRIPTS = (*SCRIPTS, Path(__file__).parent / "static" / "page.js")
#: Seconds between two looks at how far the processes are.
_LOOK = 0.2

_counter: Any = None


def names(lesson: str | None = None) -> list[str]:
    """Return the names of a lesson's recordings, or of all.

    Parameters
    ----------
    lesson : str, optional
        A lesson's folder or its number, such as ``"05_no_grad_validation"`` or ``"05"``.

    Raises
    ------
    CourseError
        If there is no such lesson.

    Examples
    --------
    >>> names("05"), names("00")
    (['modes-pytorch', 'modes-keras'], [])
    """
    found = [name for one in explorers.__all__ for name in _named(one)]
    found.sort(key=_room)
    if lesson is None:
        return found
    known = {_room(name)[1:] for name in found} | {"00_start_here"}
    mine = [room for room in known if room == lesson or room.split("_")[0] == lesson]
    if not mine:
        raise CourseError(f"no lesson {lesson!r}; there are {', '.join(sorted(known))}")
    return [name for name in found if _room(name)[1:] == mine[0]]


def _named(explorer: str) -> list[str]:
    return [f"{explorer}-{track}" for track in _TRACKS[explorer]] if explorer in _TRACKS else [explorer]


def _room(name: str) -> str:
    """Return the room of a recording's lesson, such as ``l05_no_grad_validation``."""
    return str(getattr(explorers, name.split("-")[0]).__module__.split(".")[-2])


def open_explorer(name: str) -> tuple[Explorer, str]:
    """Return the explorer of a recording, with the values that a page has, and what is to be said about them.

    Raises
    ------
    CourseError
        If there is no such recording.

    Examples
    --------
    >>> open_explorer("confidence")[0].title
    'Confidence and cross-entropy'
    """
    if name not in names():
        raise CourseError(f"no explorer {name!r} to record; there are {', '.join(names())}")
    explorer, _, track = name.partition("-")
    return thinned(name, getattr(explorers, explorer)(*([track] if track else [])))


def record(wanted: Sequence[str] | None = None, *, jobs: int = 2, progress: bool = True) -> Iterator[Recording]:
    """Record every state of some explorers.

    Parameters
    ----------
    wanted : sequence of str, optional
        Names as `names` gives them; by default all.
    jobs : int
        So many processes.
    progress : bool
        Show a bar.

    Yields
    ------
    Recording
        One that is done, in any order; the same bytes each time. Taken one by one and kept, they make a run that is
        broken off go on where it was.

    Raises
    ------
    CourseError
        If a name is not known.
    CannotRecord
        If an explorer draws something that pages don't know.

    Examples
    --------
    >>> [recording.name for recording in record(["confidence"], jobs=1, progress=False)]
    ['confidence']
    """
    wanted = list(dict.fromkeys(names() if wanted is None else wanted))
    if unknown := [name for name in wanted if name not in names()]:
        raise CourseError(f"no explorer {unknown[0]!r} to record; there are {', '.join(names())}")
    if jobs < 1:
        raise CourseError(f"jobs={jobs}: so many processes record nothing; expected 1 or more")
    return _record(wanted, min(jobs, len(wanted)), progress)


def _record(wanted: list[str], jobs: int, progress: bool) -> Iterator[Recording]:
    with tqdm(desc="explorers", unit=" states", mininterval=0.5, disable=not (progress and wanted)) as bar:
        for done, recording in enumerate(_record_each(wanted, jobs, bar), start=1):
            yield recording
            bar.set_postfix_str(f"{done} of {len(wanted)} recorded")


def write(recordings: Iterable[Recording], directory: Path) -> list[Path]:
    """Write a file for each recording, and the script and the style sheet that show them.

    Parameters
    ----------
    recordings : iterable of Recording
    directory : Path
        Made where it is missing.

    Returns
    -------
    list of Path
        What was written: ``NAME.js`` for each, ``explorer.js``, ``explorer.css``.
    """
    files = {directory / f"{one.name}.js": one.script() for one in recordings}
    files[directory / "explorer.js"] = "\n".join(path.read_text(encoding="utf-8") for path in _SCRIPTS)
    files[directory / "explorer.css"] = stylesheet()
    for path, text in files.items():
        write_atomically(path, text.encode())
    return list(files)


# --- recording in processes of their own -------------------------------------------------------------------


def _record_each(wanted: list[str], jobs: int, bar: Any) -> Iterator[Recording]:
    if jobs < 2:
        for name in wanted:
            yield _record_one(name, lambda done: bar.update())
        return
    # Fresh processes: forked from one with threads they could wait for ever.
    context = multiprocessing.get_context("spawn")
    counter = context.Value("l", 0)
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin, initargs=(counter,))
    try:
        running: set[Future[Recording]] = {pool.submit(_record_one, name) for name in _longest_first(wanted)}
        while running:
            done, running = wait(running, timeout=_LOOK, return_when=FIRST_COMPLETED)
            if counter.value > bar.n:
                bar.update(counter.value - bar.n)
            yield from (future.result() for future in done)
    finally:
        pool.shutdown(cancel_futures=True)


def _begin(counter: Any) -> None:
    global _counter
    _counter = counter
    end_with_parent()


def _tick(done: int) -> None:
    with _counter.get_lock():
        _counter.value += 1


def _record_one(name: str, count: Callable[[int], None] | None = None) -> Recording:
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # sums over several threads may differ in their last digits
        return record_explorer(name, *open_explorer(name), count=count or _tick)


def _longest_first(wanted: list[str]) -> list[str]:
    """Return names so that none that takes long is begun last."""
    long = ["early_stopping", "counting", "every_number", "fault_bench", "split_chooser", "on_disk"]
    return sorted(wanted, key=lambda name: long.index(name) if name in long else len(long))
