"""Every state of an explorer, without drawing one twice: what a picture does not ask for cannot change it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from course_lib.notebook.explorer.base import Choice, Explorer, Slider

__all__ = ["THINNED", "Asked", "paths", "thinned"]

#: Controls of which a page has some values only, by explorer: all of them together would be 266,112 states.
THINNED: dict[str, dict[str, list[Any]]] = {
    "every_number": {
        "distance": [0.0, 1.0, 2.0, 3.0],
        "prevalence": [0.01, 0.1, 0.5],
        "threshold": [0.1, 0.2, 0.3, 0.5, 0.7, 0.9],
        "weight": [1.0, 9.0],
        "soft": [0.25, 1.0, 4.0],
        "rows": [100, 5000],
    }
}


class Asked(Mapping[str, Any]):
    """The controls' values, which note in which order they are asked for.

    Parameters
    ----------
    explorer : Explorer
    path : sequence of (int, int)
        Controls in the order in which they will be asked for, each with the place of its value; any other has its
        first value.

    Examples
    --------
    >>> from course_lib.explorers import confidence
    >>> values = Asked(confidence(), [])
    >>> values["rest"], values.path
    ('shared by all others', [(1, 0)])
    """

    def __init__(self, explorer: Explorer, path: Sequence[tuple[int, int]]):
        self._controls = {control.name: (k, list(control.values)) for k, control in enumerate(explorer.controls)}
        self._known = dict(path)
        self._met: dict[int, int] = {}

    @property
    def path(self) -> list[tuple[int, int]]:
        """The controls that were asked for, in that order, each with the place of its value."""
        return list(self._met.items())

    def __getitem__(self, name: str) -> Any:
        """Return a control's value, and note that it was asked for."""
        control, values = self._controls[name]
        place = self._met.setdefault(control, self._known.get(control, 0))
        return values[place]

    def __iter__(self) -> Iterator[str]:
        """Name all controls; what goes through them asks for them all."""
        return iter(self._controls)

    def __len__(self) -> int:
        """Return how many controls there are."""
        return len(self._controls)


def paths(explorer: Explorer) -> Iterator[Asked]:
    """Yield values for a picture, until every picture that the controls can ask for has been asked for once.

    What was yielded has to be used before the next one is asked for: what the picture asks says which is next.

    Examples
    --------
    >>> from course_lib.explorers import smoothing
    >>> explorer = smoothing()
    >>> count = sum(bool(explorer.picture(asked).words) for asked in paths(explorer))  # doctest: +SKIP
    >>> count  # of 26,880 combinations  # doctest: +SKIP
    376
    """
    sizes = [len(control.values) for control in explorer.controls]
    path: list[tuple[int, int]] = []
    while True:
        asked = Asked(explorer, path)
        yield asked
        path = asked.path
        while path and path[-1][1] + 1 == sizes[path[-1][0]]:
            path.pop()
        if not path:
            return
        control, place = path[-1]
        path[-1] = control, place + 1


def thinned(name: str, explorer: Explorer) -> tuple[Explorer, str]:
    """Return the explorer with the values that a page has, and a sentence about what it leaves out.

    Raises
    ------
    ValueError
        If a value is to be kept that the explorer does not offer, or its default is not.

    Examples
    --------
    >>> from course_lib.explorers import confidence
    >>> thinned("confidence", confidence())[1]
    ''
    """
    kept = THINNED.get(name, {})
    controls, said = [], []
    for control in explorer.controls:
        values = kept.get(control.name)
        if values is None:
            controls.append(control)
            continue
        strange = [value for value in values if value not in control.values]
        if strange or control.value not in values or not isinstance(control, (Slider, Choice)):
            raise ValueError(
                f"{name}, {control.name}: cannot keep {values} of {list(control.values)}; "
                f"keep some of these, the default {control.value!r} among them"
            )
        controls.append(replace(control, values=values))
        if len(values) < len(control.values):
            said.append(f"{len(values)} of {len(control.values)} for “{control.label}”")
    note = f"This page has some of the controls’ values ({'; '.join(said)}). The notebook has them all." if said else ""
    return Explorer(explorer.title, controls, explorer.picture), note
