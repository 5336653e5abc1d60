"""How a picture follows the theme of the page it is on: white where the page is light, dark where it is dark."""

from __future__ import annotations

__all__ = ["DARK_RULE", "PICTURE_CLASS"]

#: The class of every picture that may be turned dark. One in which light and dark mean something, such as a
#: digit's, does without it.
PICTURE_CLASS = "course-figure"

#: JupyterLab, Notebook 7 and nbconvert say on their body whether the theme is light. White becomes #121212, and
#: half a turn of the hues gives blue and orange back. Where a host drops the rule, as JupyterLab does in a
#: notebook that is not trusted, the picture stays white, and readable.
DARK_RULE = f'[data-jp-theme-light="false"] img.{PICTURE_CLASS}{{filter:invert(.93) hue-rotate(180deg)}}'
