"""Explorers that need no kernel: every state recorded, and a script that draws them.

A state is kept as what matplotlib would draw: each distinct artist once, in thousandths of its Axes, so that the page
draws it in its own colors and at its own size. Words and alternative texts are the explorer's own.

In a site::

    recordings = [read_recording(name) for name in names("06")]  # what `course explorers` has recorded
    write(recordings, Path("_static/explorers"))      # NAME.js for each, explorer.js, explorer.css
    figures = [one.figure("_static/explorers") for one in recordings]

Each page with such a figure loads ``explorer.css`` and ``explorer.js``, once. A figure is ::

    <figure class="course-explorer" data-recording="_static/explorers/early_stopping.js">fallback</figure>

``data-recording`` is where the recording lies, as seen from the page. The recording is a script rather than JSON, since
a page opened from a folder may run scripts and fetch nothing; it is loaded when the figure comes near the window. Until
then, and without JavaScript, the fallback stands there: a picture with alternative text, and its words. The page's
theme is that of ``data-theme`` on its body (``light`` or ``dark``), and otherwise that of the reader's system.
"""

from course_lib.instructor.site.explorers.pen import CannotRecord
from course_lib.instructor.site.explorers.recorder import names, record, write
from course_lib.instructor.site.explorers.recording import Recording
from course_lib.instructor.site.explorers.rooms import (
    outdated,
    read_recording,
    recording_file,
    sources,
    write_recording,
)

__all__ = [
    "CannotRecord",
    "Recording",
    "names",
    "outdated",
    "read_recording",
    "record",
    "recording_file",
    "sources",
    "write",
    "write_recording",
]
