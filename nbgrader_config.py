"""nbgrader's view of the course: ``solutions`` is the source, ``grading/release`` what is handed out."""

import importlib.util
from pathlib import Path

c = get_config()  # noqa: F821  (nbgrader provides it)

_course = Path(__file__).resolve().parent
_course.joinpath("grading").mkdir(exist_ok=True)

c.CourseDirectory.course_id = "loss-curves"
# From the folder of this file, as the gradebook below: formgrader is often started elsewhere, as on a JupyterHub.
c.CourseDirectory.root = str(_course)
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "grading/release"
c.CourseDirectory.submitted_directory = "grading/submitted"
c.CourseDirectory.autograded_directory = "grading/autograded"
c.CourseDirectory.feedback_directory = "grading/feedback"
c.CourseDirectory.solution_directory = "grading/solution"
c.CourseDirectory.db_url = f"sqlite:///{_course / 'grading' / 'gradebook.db'}"

# Importing a framework and checking takes longer than nbgrader's default of 30 s on a slow machine.
c.ExecutePreprocessor.timeout = 120

# What students wrote does nothing in formgrader and in nbgrader's own feedback (course_lib/instructor/grading/
# nbgrader_pages.py says how). Notebooks that `course grade` wrote are harmless wherever they are opened.
if importlib.util.find_spec("course_lib") and importlib.util.find_spec("nh3"):
    c.HTMLExporter.sanitize_html = True
    c.HTMLExporter.filters = {
        "clean_html": "course_lib.instructor.grading.nbgrader_pages.clean_html",
        "markdown2html": "course_lib.instructor.grading.nbgrader_pages.markdown_to_html",
    }
    c.HTMLExporter.preprocessors = ["course_lib.instructor.grading.nbgrader_pages.HarmlessNotebook"]

# `nbgrader zip_collect` finds students and notebooks in a download's file names. Canvas names a file
# doejane_LATE_4711_815_pytorch-1.ipynb: the student's name, LATE if it is, Canvas' id of the student, its number for
# the file, and the name as it was handed in, with -1 for a second attempt (`course grade` chooses between attempts).
# The student's id here is Canvas' id. `course collect` does more: rosters, Moodle, and feedback under the same names.
c.FileNameCollectorPlugin.named_regexp = (
    r"(?:.*[\\/])?[^\\/]*?_(?:LATE_)?(?P<student_id>\d+)_\d+_(?P<file_id>[^\\/]+)\.ipynb$"
)
