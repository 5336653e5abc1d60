"""The look of explorers, and the colors of what they draw on a light page and on a dark one."""

from __future__ import annotations

from pathlib import Path

__all__ = ["DARK_PAGE", "PALETTE", "stylesheet"]

_TEMPLATE = Path(__file__).parent / "static" / "explorer.css"
#: What the dark colors are chosen for: the ground of the site's dark theme.
DARK_PAGE = "#131416"

#: What explorers draw with, and what takes its place on a dark page.
PALETTE = {
    "#ffffff": DARK_PAGE,
    "#e4e4e4": "#33373b",
    "#bbbbbb": "#5f6368",
    "#b5b5b5": "#62666b",
    "#999999": "#7d8187",
    "#888888": "#8b9096",
    "#777777": "#9ba0a6",
    "#767676": "#9ba0a6",
    "#666666": "#a9adb3",
    "#555555": "#b5b9be",
    "#333333": "#cfd2d6",
    "#222222": "#dcdfe2",
    "#111111": "#eceef0",
    "#000000": "#ffffff",
    "#0072b2": "#56b4e9",
    "#b84a00": "#f5934d",
    "#00714f": "#45c29b",
    "#9c4378": "#dd90be",
    "#5d4e99": "#aea5e6",
    "#6b5b00": "#cdb83f",
    "#5389b6": "#7fb2db",
    "#7fa8c9": "#5582a6",
}


def stylesheet() -> str:
    """Return ``explorer.css`` with every color as a variable, for a light page and for a dark one.

    Examples
    --------
    >>> "--course-0072b2: #56b4e9;" in stylesheet()
    True
    """
    light = " ".join(f"--course-{color[1:]}: {color};" for color in PALETTE)
    dark = " ".join(f"--course-{color[1:]}: {other};" for color, other in PALETTE.items())
    return _TEMPLATE.read_text(encoding="utf-8").replace("/* light */", light).replace("/* dark */", dark)
