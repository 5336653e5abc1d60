"""Lesson 12: a student's broken project: six runs, a healthy one on the same rows, and one experiment for each."""

from __future__ import annotations

from typing import Any, NamedTuple

from course_lib.lessons.l12_capstone.broken import EXPERIMENTS
from course_lib.lessons.l12_capstone.variants import LETTERS, Variant, sheet

__all__ = ["Curves", "Project"]


class Curves(NamedTuple):
    """The training and the validation loss of each epoch."""

    train: list[float]
    val: list[float]


class Project:
    """Six runs by letter, ``project["A"]`` to ``project["F"]``, and ``project.healthy``.

    Parameters
    ----------
    variant : Variant

    Attributes
    ----------
    classes : int
        Of the data set.

    Examples
    --------
    >>> from course_lib.lessons.l12_capstone.variants import variant
    >>> project = Project(variant())
    >>> len(project["A"].train), project.classes
    (25, 10)
    """

    def __init__(self, variant: Variant):
        self.variant = variant
        self.classes = 10 if variant.data == "digits" else 2
        self._stored = sheet(variant.data, variant.sheet)
        self._done: dict[str, str] = {}
        self.healthy = Curves(self._stored["healthy"]["train"], self._stored["healthy"]["val"])

    def _run(self, letter: str) -> dict[str, Any]:
        if letter not in LETTERS or len(letter) != 1:
            raise ValueError(f"there is no run {letter!r}; the runs are {', '.join(LETTERS)}")
        return self._stored["runs"][self.variant.order[LETTERS.index(letter)]]

    def __getitem__(self, letter: str) -> Curves:
        """Return the curves of a run."""
        run = self._run(letter)
        return Curves(list(run["train"]), list(run["val"]))

    def experiment(self, letter: str, name: str) -> float:
        """Do an experiment on a run, and return what it measured.

        Parameters
        ----------
        letter : str
        name : str
            One of `EXPERIMENTS`.

        Raises
        ------
        ValueError
            If there is no such run or experiment, or the run has had another one: name the fault first, then prove it.
        """
        run = self._run(letter)
        if name not in EXPERIMENTS:
            raise ValueError(f"there is no experiment {name!r}; there are: {', '.join(EXPERIMENTS)}")
        if self._done.setdefault(letter, name) != name:
            raise ValueError(
                f"run {letter} has had its one experiment, {self._done[letter]!r}; to begin again, run the cell that "
                "makes the project"
            )
        return run["measured"][name]
