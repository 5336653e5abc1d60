"""The glossary, the index of misconceptions and the page of published claims, made from what lessons hold.

The glossary collects each lesson's paragraph "**Words of this lesson**: *word*, meaning; ...". The
index collects the myths that lessons refute and the misconceptions that their checks name. The page of
claims is the table that lesson 12 shows. All are written by ``course build``, so that they cannot drift
away from the lessons.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from course_lib.instructor.text.lesson_text import Lesson
from course_lib.lessons import lessons as graded_lessons
from course_lib.lessons import load
from course_lib.notebook.published import OFTEN_HEARD, Claim, Shown, read_claims
from course_lib.tracks import TRACKS

__all__ = ["glossary", "misconceptions", "myths_of", "published", "words_of"]

_BUILT = "<!-- Built from the lessons by `course build`; edit the lessons, not this page. -->"
_CLAIMS_BUILT = (
    "<!-- Built from course_lib/notebook/published_claims.toml by `course build`; edit that file, not this page. -->"
)
_WORDS = re.compile(r"\*\*Words of this lesson\*\*:\s*(.+?)(?:\n\s*\n|\Z)", re.DOTALL)
_WORD = re.compile(r"\s*(?P<word>\*.+?),\s+(?P<meaning>.+?)\s*\Z", re.DOTALL)
_MYTH = re.compile(
    r"^\*\*[\"“](?P<belief>.+?)[\"”]\*\*\s*(?P<reality>.*?)(?=\*Why it matters\*|\n\s*\n|\Z)", re.DOTALL | re.M
)


def words_of(lesson: Lesson) -> Iterator[tuple[str, str]]:
    """Yield each word of a lesson's glossary paragraph with its meaning.

    Raises
    ------
    ValueError
        If an entry does not read ``*word*, meaning``.
    """
    for cell in lesson.track(TRACKS[0]):
        for paragraph in _WORDS.findall(cell.source):
            for entry in " ".join(paragraph.split()).rstrip(".").split(";"):
                match = _WORD.match(entry)
                if match is None:
                    raise ValueError(
                        f"{lesson.name}: the glossary entry {entry.strip()!r} does not read '*word*, meaning'"
                    )
                yield match["word"].replace("*", ""), match["meaning"]


def myths_of(lesson: Lesson) -> Iterator[tuple[str, str]]:
    """Yield each belief that a lesson refutes, with what is so in fact."""
    for cell in lesson.track(TRACKS[0]):
        if "## Myths" in cell.source:
            for match in _MYTH.finditer(cell.source):
                told = " ".join(match["reality"].split())  # first: a line may break in the middle of "Why it matters"
                fact = told.partition("*Why it matters*")[0].partition("*See it*")[0]
                # What stands before it, such as where the belief is published, is not what is so.
                reality = fact.rpartition("*In fact*")[2].strip(" :,")
                yield " ".join(match["belief"].split()), reality[:1].upper() + reality[1:]


def glossary(lessons: Iterable[Lesson]) -> str:
    """Make the glossary page: every word once, in alphabetical order, with the lesson that brings it."""
    entries: dict[str, tuple[str, str]] = {}
    for lesson in lessons:
        for word, meaning in words_of(lesson):
            entries.setdefault(word, (meaning, lesson.name))
    lines = [_BUILT, "", "# Glossary", ""]
    for word, (meaning, lesson_name) in sorted(entries.items(), key=lambda entry: entry[0].casefold()):
        lines.append(f"- **{word}**: {meaning} (lesson {lesson_name[:2]})")
    return "\n".join(lines) + "\n"


def misconceptions(lessons: Iterable[Lesson]) -> str:
    """Make the index page: for each lesson the myths it refutes and the mistakes its checks name."""
    lines = [_BUILT, "", "# Misconceptions", ""]
    lines += [
        "What each lesson refutes in its text, and the mistakes that its checks recognize in an answer. The tables",
        "list these by the short names that reports and tests use; a learner reads a sentence or two about each.",
    ]
    for lesson in lessons:
        if lesson.name not in graded_lessons():
            continue
        lines += ["", f"## {lesson.name[:2]} {lesson.title}", ""]
        lines += [f'- "{belief}" {reality}' for belief, reality in myths_of(lesson)]
        lines += ["", "| exercise | track | recognized |", "|---|---|---|"]
        for name in load(lesson.name, TRACKS[0]):
            keys = {track: _keys(lesson.name, track, name) for track in TRACKS}
            both = [key for key in keys[TRACKS[0]] if key in keys[TRACKS[1]]]
            rows = {"both": both} | {t: [key for key in keys[t] if key not in both] for t in TRACKS}
            lines += [f"| `{name}` | {track} | {', '.join(found)} |" for track, found in rows.items() if found]
    return "\n".join(lines) + "\n"


def _keys(lesson: str, track: str, exercise: str) -> list[str]:
    """Name what a check recognises, in every case or in some; what it recognises in two ways is named once."""
    found = load(lesson, track)[exercise]
    diagnoses = [*found.diagnoses, *(d for case in found.cases for d in case.diagnoses)]
    return list(dict.fromkeys(d.key.replace("_", " ") for d in diagnoses))


def published(lessons: Iterable[Lesson]) -> str:
    """Make the page of published claims: what is said, where, what is so, and the cell of a lesson that shows it."""
    titles = {lesson.name: f"{lesson.name[:2]} {lesson.title}" for lesson in lessons}
    lines = [_CLAIMS_BUILT, "", "# Published claims", ""]
    lines += [
        "What popular posts, tutorials and code say about training and validation loss, what is so, and the cell",
        "that shows it. Many of these pages are good ones with one slip, and some have been corrected since. Where",
        "no page is named, the claim is one that people say. The table answers predictions that the lessons ask,",
        "so do a lesson before you read its part.",
    ]
    for name, claims in groupby(read_claims(), key=lambda claim: claim.lesson):
        lines += ["", f"## {titles.get(name, name)}", "", "| what is said, and where | what is so | where to see it |"]
        lines.append("|---|---|---|")
        lines += [_claim_row(claim, titles) for claim in claims]
    return "\n".join(lines) + "\n"


def _claim_row(claim: Claim, titles: dict[str, str]) -> str:
    pages = [f"[{p.name}]({p.url})" + (f" ({p.remark})" if p.remark else "") for p in claim.published]
    said = f"**{claim.said}** {'; '.join(pages) or OFTEN_HEARD}"
    seen = "<br>".join(_where(shown, titles) for shown in claim.see)
    return "| " + " | ".join(words.replace("|", r"\|") for words in (said, claim.truth, seen)) + " |"


def _where(shown: Shown, titles: dict[str, str]) -> str:
    tracks = ", ".join(f"[{track}](../lessons/{shown.lesson}/{track}.ipynb)" for track in shown.tracks())
    return f"{titles.get(shown.lesson, shown.lesson)} ({tracks}), {shown.section}: `{shown.code}`"
