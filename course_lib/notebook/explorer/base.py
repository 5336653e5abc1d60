"""The base of every explorer: named controls, one function that answers with a picture and words.

An explorer is drawn in its default state into the notebook's output, as plain HTML with an ``<img alt>``
and a line of words. That is what is saved, and what nbconvert, nbgrader's feedback page and a code host
show. Where a front end with widgets runs, a small anywidget then adds real HTML controls (ranges,
selects, checkboxes, buttons) to that same output, so that the saved notebook holds no widget to be missed. Where
every state was recorded, the page draws them by itself, without the kernel; see ``recorded.py``.
"""

from __future__ import annotations

import html as _html
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from course_lib.notebook.explorer.drawing import Scene, canvas, collecting_afterwards, fast_pngs, plain_numbers
from course_lib.plots import figure_html, style

__all__ = ["Choice", "Explorer", "Scene", "Slider", "Toggle", "canvas", "plain_numbers"]

#: What stands in the place of the controls where nobody has run the cell, as in a saved notebook.
_NO_CONTROLS = "Run this cell to get the controls."


@dataclass(frozen=True)
class Slider:
    """A control that picks one of an ordered list of values.

    Parameters
    ----------
    name : str
        The key of its value in what the picture function gets.
    label : str
        What stands beside it and what a screen reader speaks.
    values : sequence
        The values, in order.
    value : object
        The default, one of `values`.
    unit : str
        Written after the value.
    steps : bool
        Add a "back" and a "next" button.
    """

    name: str
    label: str
    values: Sequence[Any]
    value: Any
    unit: str = ""
    steps: bool = False


@dataclass(frozen=True)
class Choice:
    """A control that picks one of several named ways."""

    name: str
    label: str
    values: Sequence[str]
    value: str


@dataclass(frozen=True)
class Toggle:
    """A control that is on or off."""

    name: str
    label: str
    value: bool

    @property
    def values(self) -> tuple[bool, bool]:
        """Off and on."""
        return (False, True)


Control = Slider | Choice | Toggle


def _unit(slider: Slider, value: Any) -> str:
    """Return a slider's unit as it follows a value: a single one of "steps" is a step."""
    unit = slider.unit.removesuffix("s") if value == 1 else slider.unit
    return f" {unit}" if unit else ""


def _text(value: Any) -> str:
    return (
        ("on" if value else "off")
        if isinstance(value, bool)
        else f"{value:g}"
        if isinstance(value, float)
        else str(value)
    )


def _table(rows: Sequence[tuple[str, str]]) -> str:
    cells = "".join(
        f'<tr><th scope="row" style="text-align:left">{_html.escape(a)}</th>'
        f'<td style="text-align:left">{_html.escape(b)}</td></tr>'
        for a, b in rows
    )
    return f"<table>{cells}</table>" if rows else ""


@dataclass
class Explorer:
    """Controls and the picture that answers them; shown by being a cell's last line.

    Parameters
    ----------
    title : str
        Heading, and the name of the group of controls.
    controls : sequence of Slider, Choice or Toggle
        In the order of the keyboard.
    picture : callable
        Gets a dictionary of the controls' values by name and returns a `Scene`. The same values must give
        the same scene.
    recording : Path, optional
        A file with every state, as ``course explorers`` writes it.

    Examples
    --------
    >>> def picture(values):
    ...     figure, (ax,) = canvas()
    ...     ax.axhline(values["height"])
    ...     return Scene(figure, f"A line at {values['height']}.", "The line moved.")
    >>> explorer = Explorer("A line", [Slider("height", "Height", [1, 2, 3], 2)], picture)
    >>> explorer.answer({"height": 3}).words
    'Height 3 (was 2). The line moved.'
    """

    title: str
    controls: Sequence[Control]
    picture: Callable[[Mapping[str, Any]], Scene]
    recording: Path | None = None
    values: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        for control in self.controls:
            if control.value not in control.values:
                raise ValueError(f"{control.name}: the default {control.value!r} is not one of {list(control.values)}")
        self.values = self.defaults
        self._id = uuid.uuid4().hex
        self._widget: Any = None

    @property
    def defaults(self) -> dict[str, Any]:
        """The values at the start and after a reset."""
        return {control.name: control.value for control in self.controls}

    def _scene(self, values: Mapping[str, Any]) -> Scene:
        with style():
            return self.picture(dict(values))

    def answer(self, values: Mapping[str, Any]) -> Scene:
        """Move the controls, and return the scene with a line of words that says what changed.

        Raises
        ------
        KeyError
            If a name is not a control's.
        ValueError
            If a value is not one that the control offers.
        """
        by_name = {control.name: control for control in self.controls}
        for name, value in values.items():
            if name not in by_name:
                raise KeyError(f"no control is named {name!r}; the controls are {', '.join(by_name)}")
            if value not in by_name[name].values:
                raise ValueError(f"{name}={value!r} is not offered; expected one of {list(by_name[name].values)}")
        before, self.values = self.values, {**self.values, **values}
        scene = self._scene(self.values)
        changed = [
            f"{c.label} {_text(self.values[c.name])} (was {_text(before[c.name])})."
            for c in self.controls
            if self.values[c.name] != before[c.name]
        ]
        return Scene(scene.figure, scene.alt, " ".join([*changed, scene.words]), scene.rows)

    def reply(self, values: Mapping[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        """Answer as `answer` does, in texts and a PNG picture of each panel for the browser."""
        with collecting_afterwards():
            scene = self.answer(values)
            texts = {"alt": scene.alt, "words": scene.words, "rows": _table(scene.rows)}
            parts = fast_pngs(scene.figure)
            del scene
        return texts | {"widths": [width for width, _ in parts]}, [data for _, data in parts]

    def html(self, scene: Scene | None = None) -> str:
        """Return the default state as HTML that needs no kernel, at most about 60 kB."""
        scene = scene or self._scene(self.defaults)
        return (
            f'<div class="course-explorer" data-course-explorer="{self._id}" role="group" '
            f'aria-label="{_html.escape(self.title, quote=True)}">'
            f"<p><strong>{_html.escape(self.title)}</strong></p>"
            f'<div class="course-controls"><em>{_NO_CONTROLS}</em></div>{figure_html(scene.figure, scene.alt)}'
            f'<p class="course-words">{_html.escape(scene.words)}</p>'
            f'<div class="course-rows">{_table(scene.rows)}</div></div>'
        )

    def specification(self) -> list[dict[str, Any]]:
        """Return what a front end has to know about the controls, as JSON takes it.

        Returns
        -------
        list of dict
            Of each control "kind", "name" and "label"; of its values "texts", with their unit, and "said", as the
            words say them; "start", the place of its default; and "steps", whether it has two buttons.
        """
        kinds = {Slider: "slider", Choice: "choice", Toggle: "toggle"}
        return [
            {
                "kind": kinds[type(c)],
                "name": c.name,
                "label": c.label,
                "texts": [_text(v) + (_unit(c, v) if isinstance(c, Slider) else "") for v in c.values],
                "said": [_text(v) for v in c.values],
                "start": list(c.values).index(c.value),
                "steps": isinstance(c, Slider) and c.steps,
            }
            for c in self.controls
        ]

    def _on_message(self, widget: Any, content: dict[str, Any], buffers: Any) -> None:
        """Answer the front end, which sends the place of each control's value in its list."""
        if content.get("kind") != "ask":
            return
        started = time.perf_counter()
        try:
            reply, pictures = self.reply({c.name: c.values[content["places"][c.name]] for c in self.controls})
        except Exception as error:  # a picture that cannot be drawn must not leave the controls dead
            reply, pictures = {"words": f"This state could not be drawn: {error}", "alt": "", "rows": ""}, []
        reply |= {"kind": "answer", "asked": content.get("asked"), "ms": 1000 * (time.perf_counter() - started)}
        widget.send(reply, buffers=pictures)

    def _ipython_display_(self) -> None:
        from IPython.display import display

        from course_lib.notebook.explorer.frontend import attach
        from course_lib.notebook.explorer.palette import stylesheet
        from course_lib.notebook.explorer.recorded import recorded, script

        scene = self._scene(self.defaults)
        text = f"{self.title}\n{scene.alt}\n{scene.words}"
        display({"text/html": self.html(scene), "text/plain": text}, raw=True)  # type: ignore[no-untyped-call]
        controls = self.specification()
        known = recorded(self.recording, controls)
        self._widget = attach(self._id, controls, self._on_message, script(), recording=known, look=stylesheet())
