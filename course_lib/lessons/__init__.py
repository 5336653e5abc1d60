"""One room a lesson, ``l03_tracking_loops`` and so on: its exercises, its explorer, its material.

A room has a function ``exercises(track)`` that returns the lesson's exercises in order.
"""

from course_lib.checks.rooms import lessons, load

__all__ = ["lessons", "load"]
