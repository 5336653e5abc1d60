"""A lesson as a page: its text once, its code as learners get it, and what the cells show in each track.

Code comes from the released notebooks only, and outputs only from cells that no exercise feeds, so that no solution can
reach a page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import zip_longest

from course_lib.instructor.site.answers import depending_on_answers
from course_lib.instructor.site.blocks import (
    answer_html,
    myth_cards,
    prediction_html,
    question_of,
    quiz_html,
    ways_in,
)
from course_lib.instructor.site.explorer_block import LOADED, recorded_html
from course_lib.instructor.site.explorers import Recording
from course_lib.instructor.site.markup import LABELS, Places, code_block, only_for, raw, tabs, words_for
from course_lib.instructor.site.outputs import Outputs
from course_lib.instructor.site.shown import Shower
from course_lib.instructor.text.lesson_cells import Cell
from course_lib.instructor.text.lesson_text import Lesson
from course_lib.instructor.text.quiz_text import parse_quiz
from course_lib.tracks import TRACKS

__all__ = ["LessonPage"]

YOURS = '<p class="lc-yours">Your own result appears here, in the notebook, once the exercise above is done.</p>'
_BEGIN = re.compile(r"^from course_lib\.notebook import begin_lesson\n+begin_lesson\(.*\)\n*", re.MULTILINE)
_SCORE = re.compile(r"^score = (check\(.*\))\nscore$", re.DOTALL)
_HEADING = re.compile(r"#{1,4} ")


@dataclass
class LessonPage:
    """What a page is made of.

    Parameters
    ----------
    lesson : Lesson
    released : mapping
        The source of each cell as learners get it, by track and number of the cell.
    ids : mapping
        The cells' ids in the notebooks, by track and number.
    outputs : mapping
        What the cells of each track show, by their ids.
    shower : Shower
    places : Places
    recordings : mapping
        The recorded explorers by their names.
    map : str
        The map of all lessons, for the start page.
    invitation : str
        What leads to the playground; it stands before the quiz, or at the end.
    """

    lesson: Lesson
    released: Mapping[tuple[str, int], str]
    ids: Mapping[tuple[str, int], str]
    outputs: Mapping[str, Outputs]
    shower: Shower
    places: Places
    recordings: Mapping[str, Recording] = field(default_factory=dict)
    map: str = ""
    invitation: str = ""

    def __post_init__(self) -> None:
        self.folder = f"lessons/{self.lesson.name}"
        self.answers = {track: depending_on_answers(self.lesson.track(track)) for track in TRACKS}
        asked = (question_of(c.source) for c in self.lesson.cells if c.cell_type == "code" and len(c.tracks) == 1)
        self.asked_in_one_track = {question.name for question in asked if question}
        self.blocks: list[str] = []

    def text(self) -> str:
        """Return the page in MyST Markdown."""
        run: list[Cell] = []
        for cell in self.lesson.cells:
            if len(cell.tracks) == 1:
                run.append(cell)
                continue
            self._flush(run)
            self.blocks += self._both(cell)
        self._flush(run)
        self.blocks.append(self.invitation)
        text = "\n\n".join(block for block in self.blocks if block)
        head, _, rest = text.partition("\n")
        return f"{head}\n\n{raw(self._bar())}\n{rest}\n"

    def _bar(self) -> str:
        """Return the line below the title: the switch between the tracks, and the notebooks."""
        loaded = LOADED if self.recordings else ""
        links = "".join(
            only_for(
                track,
                f'<a href="_downloads/{self.lesson.name}-{track}.ipynb" download="{track}.ipynb">'
                f"Download this lesson as a {LABELS[track]} notebook</a>",
            )
            for track in TRACKS
        )
        return f'{loaded}<div class="lc-bar"><div class="lc-switch"></div>{links}</div>'

    # --- cells of both tracks -------------------------------------------------------------------------

    def _both(self, cell: Cell) -> list[str]:
        """Return the blocks of a cell of both tracks: outputs once where they agree, else each in its track."""
        if cell.cell_type == "markdown":
            return [self._words(cell)]
        if "check" in cell.metadata:
            return [ways_in(self.lesson.name, None, str(cell.name), cell.metadata["points"], self.places)]
        shown = {track: self._shown(cell, track) for track in TRACKS}
        first, second = shown.values()
        below = first if first == second else "".join(only_for(t, markup) for t, markup in shown.items() if markup)
        return [*self._code(cell, TRACKS[0], self._key(cell)), raw(below)]

    def _words(self, cell: Cell) -> str:
        """Return a text cell, whatever is special about it."""
        source = self.places.markdown(cell.source, self.folder)
        if "quiz" in cell.metadata:
            before, _ = parse_quiz(source)
            questions = self.places.markdown(cell.source, self.folder, ".html")
            invitation, self.invitation = self.invitation, ""
            return f"{invitation}\n\n{before}\n\n{raw(quiz_html(self._name(str(cell.metadata['quiz'])), questions))}"
        if "reveal" in cell.metadata:
            key = self._name(str(cell.metadata["reveal"]), cell)
            return f"{raw(answer_html(key, str(cell.metadata['right'])))}\n\n{source}"
        if cell.kind == "explain":
            points = cell.metadata["points"]
            return raw(
                '<div class="lc-do"><p><strong>In your own words '
                f"({points:g} point{'s' * (points != 1)}).</strong> You write this answer in the notebook, "
                "and a person reads it.</p></div>"
            )
        if "map" in cell.metadata:
            return f"{source}\n\n{self.map}"
        return myth_cards(source) if "## Myths\n" in cell.source else source

    # --- cells of one track ---------------------------------------------------------------------------

    def _flush(self, run: list[Cell]) -> None:
        """Put a run of cells that belong to one track each into tabs; a heading that both begin with goes above."""
        parts: dict[str, list[tuple[str, list[str]]]] = {track: [] for track in TRACKS}
        for cell in run:
            (track,) = cell.tracks
            mine, blocks = parts[track], self._single(cell, track)
            if cell.cell_type == "markdown" and _HEADING.match(cell.source):
                heading, _, rest = blocks[0].partition("\n")
                mine.append((heading, [rest.strip()]))
            elif mine:
                mine[-1][1].extend(blocks)
            else:
                mine.append(("", blocks))
        for row in zip_longest(*parts.values(), fillvalue=("", [])):
            headings = [heading for heading, _ in row if heading]
            if headings:
                self.blocks.append(min(headings, key=len))  # where they differ, one of them says a word more
            bodies = {
                track: "\n\n".join(block for block in blocks if block)
                for track, (_, blocks) in zip(TRACKS, row, strict=True)
            }
            if not any(bodies.values()):
                continue
            if any("{code-block}" in body for body in bodies.values()):
                self.blocks.append(tabs(bodies))
            else:
                self.blocks += [words_for(track, body) for track, body in bodies.items()]
        run.clear()

    def _single(self, cell: Cell, track: str) -> list[str]:
        if cell.cell_type == "markdown":
            return [self._words(cell)]
        if "check" in cell.metadata:
            return [ways_in(self.lesson.name, track, str(cell.name), cell.metadata["points"], self.places)]
        return [*self._code(cell, track, self._key(cell)), raw(self._shown(cell, track))]

    # --- code and outputs -----------------------------------------------------------------------------

    def _name(self, name: str, cell: Cell | None = None) -> str:
        """Return the key that a page remembers an answer by."""
        track = cell.tracks[0] if cell and name in self.asked_in_one_track else ""
        return "-".join(part for part in (self.lesson.name, name, track) if part)

    def _key(self, cell: Cell) -> str:
        question = question_of(cell.source)
        return self._name(question.name, cell) if question else ""

    def _code(self, cell: Cell, track: str, key: str) -> list[str]:
        """Return a cell's code as learners get it; a prediction is asked in its place."""
        question = question_of(cell.source)
        source = _SCORE.sub(r"\1", _BEGIN.sub("", self.released[track, cell.number]).strip())
        if question is None:
            return [code_block(source)]
        return [*([code_block(source)] if question.other_code else []), raw(prediction_html(key, question))]

    def _shown(self, cell: Cell, track: str) -> str:
        """Return what a cell shows in a track: nothing that depends on an answer of the learner."""
        if cell.kind:
            return ""
        outputs = self.outputs[track].get(self.ids[track, cell.number], [])
        if cell.number in self.answers[track]:
            return YOURS if outputs else ""
        if recording := self._recording(cell, track):
            return recorded_html(recording, self.shower)
        return self.shower.html(outputs, self.folder)

    def _recording(self, cell: Cell, track: str) -> Recording | None:
        """Return the recorded explorer that a cell shows: of this track, where the tracks' explorers differ."""
        for name, recording in self.recordings.items():
            explorer, _, only = name.partition("-")
            if only in ("", track) and re.search(rf"\b{explorer}\(", cell.source):
                return recording
        return None
