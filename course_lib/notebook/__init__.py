"""What lessons import for the page itself: ``from course_lib.notebook import begin_lesson``."""

from course_lib.notebook.begin import begin_lesson
from course_lib.notebook.progress import ProgressTable
from course_lib.notebook.published import published_claims

__all__ = ["ProgressTable", "begin_lesson", "published_claims"]
