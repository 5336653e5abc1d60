"""An explorer on a page: its picture and words, which a script turns into controls and live drawings."""

from __future__ import annotations

from bs4 import BeautifulSoup

from course_lib.instructor.site.explorers import Recording
from course_lib.instructor.site.shown import Shower

__all__ = ["LOADED", "RECORDINGS", "recorded_html"]

#: Where recordings, script and style sheet are on the site.
RECORDINGS = "_static/explorers"
#: What a page with explorers names, once. The type keeps browsers from loading the script; site.js does so when an
#: explorer comes near.
LOADED = (
    f'<link rel="stylesheet" href="{RECORDINGS}/explorer.css">'
    f'<script type="text/plain" data-explorers src="{RECORDINGS}/explorer.js"></script>'
)


def recorded_html(recording: Recording, shower: Shower) -> str:
    """Return a recorded explorer as a figure of the page, with the picture and words that it starts with.

    Parameters
    ----------
    recording : Recording
    shower : Shower
        Keeps the picture.
    """
    soup = BeautifulSoup(recording.figure(RECORDINGS), "html.parser")
    for style in soup.select("style"):
        style.decompose()
    for image in soup.select("img"):
        shower.picture(image)
    return str(soup)
