"""What the first cell of a lesson needs: ``from course_lib.notebook import begin_lesson``."""

from course_lib.notebook.begin import begin_lesson

__all__ = ["begin_lesson"]
