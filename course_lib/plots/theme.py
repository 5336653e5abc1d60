"""How a picture follows the theme of the page it is on: white where the page is light, dark where it is dark."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["DARK_RULE", "PICTURE_CLASS", "follows_theme"]

#: The class of every picture that may be turned dark.
PICTURE_CLASS = "course-figure"

#: JupyterLab, Notebook 7 and nbconvert say on their body whether the theme is light. White becomes #121212, and
#: half a turn of the hues gives blue and orange back. Where a host drops the rule, as JupyterLab does in a
#: notebook that is not trusted, the picture stays white, and readable.
DARK_RULE = f'[data-jp-theme-light="false"] img.{PICTURE_CLASS}{{filter:invert(.93) hue-rotate(180deg)}}'


def follows_theme(figure: Figure) -> bool:
    """Tell whether a figure may be turned dark: not one with an image in it, whose light and dark mean something.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> figure, ax = plt.subplots()
    >>> follows_theme(figure)
    True
    >>> _ = ax.imshow([[0, 1]], cmap="gray_r")  # a digit, black on white
    >>> follows_theme(figure)
    False
    >>> plt.close(figure)
    """
    return not any(ax.images for ax in figure.axes)
