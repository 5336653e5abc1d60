"""Figures as pictures: PNG and HTML that stay in a saved notebook."""

from __future__ import annotations

import base64
import html as _html
import io
from typing import TYPE_CHECKING, Any

import numpy as np

from course_lib.plots.seam import cut, label_both
from course_lib.plots.stories import story
from course_lib.plots.theme import DARK_RULE, PICTURE_CLASS, follows_theme

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

__all__ = ["SECOND_PANEL", "figure_html", "pngs", "show"]


#: Bytes that a figure may add to a notebook, base64 included.
MAX_BYTES = 60_000

#: The alternative text of a second panel: an empty one would become "Image" in JupyterLab.
SECOND_PANEL = "Second panel of the same figure."


def _figure(drawn: Any) -> Figure:
    if isinstance(drawn, np.ndarray | list | tuple):
        drawn = np.ravel(np.asarray(drawn, dtype=object))[0]
    return getattr(drawn, "figure", None) or drawn


def _drawn(fig: Figure, dpi: float) -> NDArray[np.uint8]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    fig.set_dpi(dpi)
    canvas = FigureCanvasAgg(fig)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())


def _as_png(picture: Any) -> bytes:
    target = io.BytesIO()
    picture.save(target, "PNG", optimize=True)
    return target.getvalue()


def pngs(fig: Figure, *, limit: int = MAX_BYTES) -> list[tuple[int, bytes]]:
    """Draw a figure as small PNGs with a palette, one for each panel that can stand alone.

    Parameters
    ----------
    fig : matplotlib Figure
        What to draw.
    limit : int
        The most bytes that they may take in a notebook together, that is after base64. The resolution is lowered
        until they fit.

    Returns
    -------
    list of (int, bytes)
        For each panel, from left to right, its width in CSS pixels and a PNG file.
    """
    from PIL import Image

    parts: list[tuple[int, bytes]] = []
    keep = fig.dpi
    label_both(fig)
    try:
        for dpi in (144, 120, 96, 72, 48):
            pixels = _drawn(fig, dpi)
            # FASTOCTREE is an order of magnitude quicker than the default, and enough for lines and text.
            whole = Image.fromarray(pixels).convert("RGB").quantize(64, method=Image.Quantize.FASTOCTREE)
            parts = [
                (width, _as_png(whole.crop((columns.start, 0, columns.stop, whole.height))))
                for width, columns in cut(fig, pixels)
            ]
            if sum(4 * len(data) / 3 for _, data in parts) <= limit:
                break
    finally:
        fig.set_dpi(keep)
    return parts


def figure_html(drawn: Any, alt: str | None = None, *, caption: str | None = None) -> str:
    """Return a figure as HTML with alternative text: ``<img alt=…>`` holding a PNG, one for each panel.

    An image output of its own would lose the text: JupyterLab and nbconvert ignore the ``alt`` metadata of
    ``image/png``, and honour an ``<img>`` of HTML. On a dark page the picture is dark, too, unless there is
    an image in it. Two panels stand side by side without a seam where there is room for both, and one below the
    other where there is not, so that their text stays readable.

    Parameters
    ----------
    drawn : matplotlib Figure or Axes
        What to show.
    alt : str, optional
        The story of the picture; by default the one that the drawing function remembered.
    caption : str, optional
        A line beneath, for everyone.

    Raises
    ------
    ValueError
        If there is no alternative text.
    """
    alt = alt or story(drawn)
    if not alt.strip():
        raise ValueError("alternative text is missing; say in a sentence what the figure shows, as alt='...'")
    fig = _figure(drawn)
    rule, name = (f"<style>{DARK_RULE}</style>", f'class="{PICTURE_CLASS}" ') if follows_theme(fig) else ("", "")
    images = "".join(
        f'<img alt="{_html.escape(words, quote=True)}" {name}width="{width}" '
        f'style="max-width:100%;height:auto;background:#fff;vertical-align:top" '
        f'src="data:image/png;base64,{base64.b64encode(data).decode("ascii")}">'
        for words, (width, data) in zip((alt, SECOND_PANEL), pngs(fig), strict=False)
    )
    # An image at the top of an output would be a block of its own.
    content = f'{rule}<div class="course-panels">{images}</div>'
    if caption:
        return f'<figure style="margin:0">{content}<figcaption>{_html.escape(caption)}</figcaption></figure>'
    return content


def show(drawn: Any, alt: str | None = None, *, caption: str | None = None) -> None:
    """Put a figure into the notebook with alternative text, at most 60 kB, and close it.

    Parameters
    ----------
    drawn : matplotlib Figure or Axes, or several Axes of one figure
        What to show.
    alt : str, optional
        What a screen reader speaks; by default the story that `curves` and its like remember.
    caption : str, optional
        A line beneath, for everyone.

    Examples
    --------
    >>> show(curves({"train_loss": [1.0, 0.5], "val_loss": [1.1, 0.6]}))  # doctest: +SKIP
    """
    import matplotlib.pyplot as plt
    from IPython.display import display

    text = alt or story(drawn)
    content = figure_html(drawn, text, caption=caption)
    plt.close(_figure(drawn))
    plain = f"{text}\n{caption}" if caption and caption != text else text
    display({"text/html": content, "text/plain": plain}, raw=True)  # type: ignore[no-untyped-call]
