from types import SimpleNamespace

from course_lib.instructor.hidden.l12_capstone.truth import final_numbers
from course_lib.lessons.l12_capstone.lab import rows_of
from course_lib.lessons.l12_capstone.variants import variant

result = final_numbers(variant())
lab = SimpleNamespace(data=rows_of(variant()))
