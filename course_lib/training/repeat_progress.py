"""What is seen of `course_lib.training.repeat` while it goes on: a bar, and a picture of all runs so far."""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["Picture", "Progress"]


class Progress:
    """A bar over the seeds: in a notebook it gives way to one line, in a terminal it goes; elsewhere there is none."""

    def __init__(self, runs: Any, total: int) -> None:
        self._runs, self._total = runs, total
        self._place: Any = None

    def __enter__(self) -> Progress:
        from tqdm.notebook import tqdm_notebook
        from tqdm.std import tqdm

        if _in_notebook():
            from IPython.display import display

            self._bar: Any = tqdm_notebook(total=self._total, desc="seeds", display=False)
            self._place = display(self._bar.container, display_id=True)  # type: ignore[no-untyped-call]
        else:
            hidden = not sys.stdout.isatty()
            self._bar = tqdm(total=self._total, desc="seeds", file=sys.stdout, leave=False, disable=hidden)
        return self

    def move(self) -> None:
        """Move on by one run."""
        self._bar.update(1)

    def __exit__(self, *error: object) -> None:
        self._bar.close()
        if self._place is not None:
            self._place.update({"text/plain": repr(self._runs)}, raw=True)


def _in_notebook() -> bool:
    """Tell whether this runs in a notebook's kernel."""
    ipython = sys.modules.get("IPython")
    return ipython is not None and hasattr(ipython.get_ipython(), "kernel")


class Picture:
    """All runs so far in one picture, which takes the place of the one before."""

    def __init__(self) -> None:
        self._place: Any = None

    def show(self, runs: Any) -> None:
        """Draw it again; where there is no notebook, nothing."""
        if not _in_notebook():
            return
        import matplotlib.pyplot as plt
        from IPython.display import display

        from course_lib.plots import figure_html, story

        ax = runs.plot()
        bundle = {"text/html": figure_html(ax.figure, story(ax)), "text/plain": story(ax)}
        plt.close(ax.figure)  # type: ignore[arg-type]
        if self._place is None:
            self._place = display(bundle, raw=True, display_id=True)  # type: ignore[no-untyped-call]
        else:
            self._place.update(bundle, raw=True)
