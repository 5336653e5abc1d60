"""The browser that pages are measured in."""

from __future__ import annotations

import shutil

from course_lib.trouble import CourseError

__all__ = ["FLAGS", "find_browser"]

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


def find_browser() -> str:
    """Return the path of a Chromium.

    Raises
    ------
    CourseError
        If there is none, with what to do about it.
    """
    browser = next((path for name in _BROWSERS if (path := shutil.which(name))), None)
    if browser is None:
        raise CourseError("no Chromium found; install it with your system's packages, as `apt-get install chromium`")
    return browser
