"""Figures as pictures: PNG and HTML that stay in a saved notebook."""

from __future__ import annotations

import base64
import html as _html
import io
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure
from course_lib.plots.stories import story
from course_lib.plots.theme import DARK_RULE, PICTURE_CLASS, follows_theme

__all__ = ["figure_html", "png", "show"]


#: Bytes that a figure may add to a notebook, base64 included.
MAX_BYTES = 60_000


def _figure(drawn: Any) -> Figure:
    if isinstance(drawn, np.ndarray | list | tuple):
        drawn = np.ravel(np.asarray(drawn, dtype=object))[0]
    return getattr(drawn, "figure", None) or drawn


def png(fig: Figure, *, limit: int = MAX_BYTES) -> bytes:
    """Draw a figure as a small PNG with a palette.

    Parameters
    ----------
    fig : matplotlib Figure
        What to draw.
    limit : int
        The most bytes it may take in a notebook, that is after base64. The resolution is lowered until it
        fits.

    Returns
    -------
    bytes
        A PNG file.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    data = b""
    keep = fig.dpi
    try:
        for dpi in (144, 120, 96, 72, 48):
            fig.set_dpi(dpi)
            canvas = FigureCanvasAgg(fig)
            canvas.draw()
            picture = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
            target = io.BytesIO()
            # FASTOCTREE is an order of magnitude quicker than the default, and enough for lines and text.
            picture.quantize(64, method=Image.Quantize.FASTOCTREE).save(target, "PNG", optimize=True)
            data = target.getvalue()
            if 4 * len(data) / 3 <= limit:
                break
    finally:
        fig.set_dpi(keep)
    return data


def figure_html(drawn: Any, alt: str | None = None, *, caption: str | None = None) -> str:
    """Return a figure as one HTML element with alternative text: ``<img alt=…>`` holding a PNG.

    An image output of its own would lose the text: JupyterLab and nbconvert ignore the ``alt`` metadata of
    ``image/png``, and honour an ``<img>`` of HTML. On a dark page the picture is dark, too, unless there is
    an image in it.

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
    data = base64.b64encode(png(fig)).decode("ascii")
    width = round(fig.get_figwidth() * 96)
    rule, name = (f"<style>{DARK_RULE}</style>", f'class="{PICTURE_CLASS}" ') if follows_theme(fig) else ("", "")
    image = (
        f'{rule}<img alt="{_html.escape(alt, quote=True)}" {name}width="{width}" '
        f'style="max-width:100%;height:auto;background:#fff" '
        f'src="data:image/png;base64,{data}">'
    )
    if caption:
        return f'<figure style="margin:0">{image}<figcaption>{_html.escape(caption)}</figcaption></figure>'
    return image


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
