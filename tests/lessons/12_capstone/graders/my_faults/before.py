from course_lib.lessons.l12_capstone.broken import EXPERIMENTS
from course_lib.lessons.l12_capstone.project import Project
from course_lib.lessons.l12_capstone.variants import variant

project = Project(variant())
