"""The live plot: ``from course_lib.live import LivePlot``."""

from course_lib.live.plot import LivePlot

__all__ = ["LivePlot"]
