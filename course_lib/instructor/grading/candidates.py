"""Which file in a student's folder is which notebook, and which one counts where several fit.

Browsers add ``(1)``, LMS add ``-2`` or ``.txt``, and people hand in a folder within the folder. What a file holds
decides, its name helps. A choice between files is always reported.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

from course_lib.instructor.grading.plain_files import read_plain
from course_lib.instructor.grading.reference import Reference
from course_lib.instructor.grading.salvage import decode, read_notebook

__all__ = ["Choice", "choose", "is_archive"]

#: So many files are read to see whose notebook they are.
MOST_CANDIDATES = 20
#: So many bytes of a file's beginning are searched for that, and of its end, where the metadata is.
MOST_BYTES = 16 << 20
_ARCHIVES = (".zip", ".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst")
_ABOUT = re.compile(r'"loss_curves"\s{0,9}:\s{0,9}(\{[^{}]{0,400}\})')
_ATTEMPT = re.compile(r"[-_ ]\(?(\d{1,2})\)?$")
#: From here on a file is taken for a notebook of the release: one graded cell's name, or its metadata.
SURE = 10
CERTAIN = 1000


@dataclass(frozen=True)
class Choice:
    """The file that counts for a notebook.

    Parameters
    ----------
    report : str
        What to say about the choice; empty where there was none.
    ask : bool
        Whether a person has to look: another file holds answers, too.
    """

    path: Path
    report: str = ""
    ask: bool = False


@dataclass(frozen=True)
class _Candidate:
    path: Path
    name: str  # relative to the student's folder
    exact: bool
    sure: int

    @property
    def attempt(self) -> int:
        """The number that a browser or an LMS gave it: later ones are higher."""
        found = _ATTEMPT.search(self.name.split(".ipynb")[0][-40:])
        return int(found[1]) if found else 0


def is_archive(path: Path) -> bool:
    """Tell whether a file is an archive, by its name."""
    return path.suffix.lower() in _ARCHIVES


def _may_be_notebook(path: Path) -> bool:
    name = path.name.lower()
    return ".ipynb" in name or (path.suffix.lower() in ("", ".json", ".txt") and path.stat().st_size > 100)


def _how_sure(text: str, reference: Reference) -> int:
    """Return how many of a release's cells are named in a file: how sure we are that it is this notebook."""
    about = _ABOUT.search(text)
    if about:
        try:
            told = json.loads(about[1])
        except ValueError:
            told = {}
        if told.get("track") and (told.get("lesson"), told.get("track")) != (reference.lesson, reference.track):
            return 0
        if told.get("track") == reference.track:
            return CERTAIN
    others = [cell for cell in reference.cells if cell.cell_type == "code"]
    shared = sum(json.dumps(line)[1:-1] in text for cell in others for line in cell.source.splitlines()[:1])
    names = sum(f'"{name}"' in text for name in reference.named)
    return names * SURE + shared


def _named_like(name: str, notebook: str) -> bool:
    """Tell whether a file's name is the notebook's with what a browser or a person adds."""
    stem = name.rsplit("/", 1)[-1].split(".")[0].casefold()
    return re.fullmatch(rf"{re.escape(notebook.casefold())}[-_ ]?(?:copy)?[-_ ]?\(?\d{{0,2}}\)?", stem) is not None


def _candidates(folder: Path, files: list[Path], references: dict[str, Reference]) -> dict[str, list[_Candidate]]:
    """Return the files that fit each notebook; a file fits one of them only."""
    found: dict[str, list[_Candidate]] = {name: [] for name in references}
    likely = sorted(files, key=lambda p: (p.suffix.lower() != ".ipynb", len(p.parts), p.name))
    for path in likely[:MOST_CANDIDATES]:
        relative = str(path.relative_to(folder))
        exact = next((name for name in references if relative == f"{name}.ipynb"), None)
        raw = read_plain(path)
        text = decode(raw if len(raw) <= 2 * MOST_BYTES else raw[:MOST_BYTES] + raw[-MOST_BYTES:])[0]
        notebook = path.suffix.lower() == ".ipynb"
        if not notebook and not text.lstrip("\ufeff \t\r\n").startswith("{"):
            continue
        sure = {name: _how_sure(text, reference) for name, reference in references.items()}
        home = exact or max(sure, key=lambda name: (sure[name], name))
        if exact is None and sure[home] < SURE:
            home = next((name for name in references if notebook and _named_like(relative, name)), "")
            if not home or '"loss_curves"' in text:  # it says itself that it is another one
                continue
        found[home].append(_Candidate(path, relative, exact is not None, sure[home]))
    return found


def _answered(raw: bytes, reference: Reference) -> int:
    """Return how many questions have an answer in a file; -1 if it cannot be read."""
    try:
        notebook, _ = read_notebook(raw)
    except Exception:
        return -1
    released = {"".join(cell.source.split()) for cell in reference.cells}
    wanted = {cell.grade_id for cell in reference.cells if cell.role in ("solution", "manual")}
    own = [c for c in notebook.cells if c.source.strip() and "".join(c.source.split()) not in released]
    named = {name for cell in own if (name := str((cell.metadata.get("nbgrader") or {}).get("grade_id"))) in wanted}
    return len(named) or min(len(own), len(wanted))


def _count(answers: int) -> str:
    if answers < 0:
        return "cannot be read"
    return "has no answer" if not answers else f"has {answers} answer{'s' * (answers > 1)}"


def _best(notebook: str, candidates: list[_Candidate], reference: Reference) -> Choice:
    """Take the newest attempt with answers, and say what else there was."""
    contents = {c: read_plain(c.path) for c in candidates}
    different: dict[bytes, _Candidate] = {}
    for candidate in sorted(candidates, key=lambda c: (not c.exact, c.name)):
        different.setdefault(hashlib.sha256(contents[candidate]).digest(), candidate)
    answers = {c: _answered(contents[c], reference) for c in different.values()}
    best = max(answers, key=lambda c: (answers[c] > 0, c.sure >= SURE, answers[c] >= 0, c.attempt, c.exact, answers[c]))
    rest = [c for c in answers if c is not best]
    if not rest:
        return Choice(best.path, f"{len(candidates)} files with the same content fit {notebook}.ipynb")
    others = ", ".join(f"{c.name!r} {_count(answers[c])}" for c in rest)
    report = (
        f"{len(candidates)} files fit {notebook}.ipynb: {best.name!r} is graded and {_count(answers[best])}; {others}"
    )
    ask = any(answers[c] > 0 for c in rest)
    return Choice(best.path, report + ("; keep only the one that counts" if ask else ""), ask)


def choose(folder: Path, files: list[Path], references: dict[str, Reference]) -> dict[str, Choice]:
    """Return which file counts for each notebook.

    Parameters
    ----------
    folder : Path
        The student's.
    files : list of Path
        Plain files that are not too large to be read.
    references : dict of Reference

    Returns
    -------
    dict of Choice
        By notebook; one that no file fits is left out.
    """
    chosen = {}
    for name, candidates in _candidates(folder, [p for p in files if _may_be_notebook(p)], references).items():
        if len(candidates) > 1:
            chosen[name] = _best(name, candidates, references[name])
        elif candidates:
            only = candidates[0]
            chosen[name] = Choice(only.path, "" if only.exact else f"{only.name} is graded as {name}.ipynb")
    return chosen
