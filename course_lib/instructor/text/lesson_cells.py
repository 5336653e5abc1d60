"""A cell of a lesson's text: its track, what is graded in it, and its marked regions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from course_lib.tracks import TRACKS

__all__ = ["GRADED_KEYS", "Cell", "regions"]

#: The metadata that makes a cell a graded one.
GRADED_KEYS = ("exercise", "check", "explain")


@dataclass(frozen=True)
class Cell:
    """One cell of a lesson's text.

    Attributes
    ----------
    number : int
        Its place in the text, from 1.
    cell_type : {"code", "markdown"}
    source : str
    metadata : dict
    """

    number: int
    cell_type: str
    source: str
    metadata: dict[str, Any]

    @property
    def tags(self) -> list[str]:
        """The cell's tags."""
        return list(self.metadata.get("tags", []))

    @property
    def tracks(self) -> tuple[str, ...]:
        """The tracks that the cell belongs to: those it is tagged with, or both."""
        return tuple(t for t in TRACKS if t in self.tags) or TRACKS

    @property
    def kind(self) -> str | None:
        """``exercise``, ``check`` or ``explain`` for a graded cell, else None."""
        return next((key for key in GRADED_KEYS if key in self.metadata), None)

    @property
    def name(self) -> str | None:
        """The graded cell's name, such as ``epoch_loss``."""
        return str(self.metadata[self.kind]) if self.kind else None

    @property
    def grade_id(self) -> str | None:
        """The id that nbgrader knows the cell by."""
        return f"check_{self.name}" if self.kind == "check" else self.name

    @property
    def place(self) -> str:
        """How a message names the cell: number, and name or first words."""
        if self.kind:
            return f"cell {self.number} ({self.kind} {self.name})"
        words = self.source.strip().splitlines()
        return f"cell {self.number} ({words[0][:40]!r})" if words else f"cell {self.number} (empty)"


def regions(source: str) -> Iterator[tuple[str, int, int]]:
    """Find the marked regions of a cell that keeps the rules.

    Yields
    ------
    name : str
        ``SOLUTION`` or ``HIDDEN TESTS``.
    first, last : int
        Line numbers, from 0, of the BEGIN and the END line.
    """
    start: tuple[str, int] | None = None
    for number, line in enumerate(source.split("\n")):
        text = line.strip()
        if text.startswith("### BEGIN "):
            start = (text.removeprefix("### BEGIN "), number)
        elif text.startswith("### END ") and start:
            yield start[0], start[1], number
            start = None
