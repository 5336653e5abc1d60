"""What lessons import for the page itself: ``from course_lib.notebook import begin_lesson``."""

from course_lib.notebook.begin import begin_lesson
from course_lib.notebook.progress import ProgressTable

__all__ = ["ProgressTable", "begin_lesson"]
