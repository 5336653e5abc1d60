"""nbgrader's view of the course: ``solutions`` is the source, ``lessons`` is the release."""

from pathlib import Path

c = get_config()  # noqa: F821  (nbgrader provides it)

Path(__file__).resolve().parent.joinpath("grading").mkdir(exist_ok=True)

c.CourseDirectory.course_id = "loss-curves"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "lessons"
c.CourseDirectory.submitted_directory = "grading/submitted"
c.CourseDirectory.autograded_directory = "grading/autograded"
c.CourseDirectory.feedback_directory = "grading/feedback"
c.CourseDirectory.solution_directory = "grading/solution"
c.CourseDirectory.db_url = "sqlite:///grading/gradebook.db"

# Importing a framework and checking takes longer than nbgrader's default of 30 s on a slow machine.
c.ExecutePreprocessor.timeout = 120
