"""A made-up class: four lessons, ten students, and mistakes that come back."""

from __future__ import annotations

from course_lib.instructor.grading.notebook_scores import Cell
from course_lib.instructor.grading.scores import Score

LESSONS = ("03_tracking_loops", "05_no_grad_validation", "06_early_stopping", "07_noisy_curves")
NAMES = {
    "ada": ("Ada", "Lovelace"),
    "ben": ("Ben", "Okafor"),
    "cy": ("Cyril", "Nowak"),
    "dan": ("Dana", "Meyer"),
    "eve": ("Eve", "<b>Bold</b>"),
    "fay": ("", ""),
    "gus": ("Gustav", "Ångström-Østergaard"),
    "hal": ("Hal", "Ito"),
    "ida": ("Ida", "Rossi"),
    "jon": ("Jon", "Silva"),
}
EXERCISES = {
    LESSONS[0]: ("epoch_loss", "train_one_epoch", "order_the_loop"),
    LESSONS[1]: ("evaluate", "same_weights_train_loss", "bug_hunt"),
    LESSONS[2]: ("early_stopping", "keep_best_weights", "match_library"),
    LESSONS[3]: ("smooth", "paired_comparison", "smoother_hunt"),
}
#: Who makes which mistake in whose exercise.
MISTAKES = {
    ("ben", LESSONS[0], "epoch_loss"): "mean_of_means",
    ("ben", LESSONS[1], "evaluate"): "mean_of_means",
    ("ben", LESSONS[3], "smooth"): "mean_of_means",
    ("cy", LESSONS[0], "epoch_loss"): "mean_of_means",
    ("cy", LESSONS[3], "smooth"): "mean_of_means",
    ("dan", LESSONS[3], "smooth"): "mean_of_means",
    ("hal", LESSONS[3], "paired_comparison"): "wrong_count",
    ("ida", LESSONS[3], "paired_comparison"): "wrong_count",
    ("gus", LESSONS[2], "keep_best_weights"): "alias",
    ("jon", LESSONS[3], "smoother_hunt"): "<img src=x onerror=alert(1)>",
    ("ida", LESSONS[3], "smoother_hunt"): "<img src=x onerror=alert(1)>",
}


def cell(student: str, lesson: str, exercise: str) -> Cell:
    named = MISTAKES.get((student, lesson, exercise))
    cases = [{"name": "one", "passed": named is None, "diagnosis": named}]
    got = 0.5 if named else 2.0
    return Cell(f"check_{exercise}", "pytorch", 2.0, got, got, None, False, result={"cases": cases})


def score(student: str, lesson: str) -> Score:
    first, last = NAMES[student]
    one = Score(lesson, student, first_name=first, last_name=last, points=7.0)
    if (student, lesson) in {("fay", LESSONS[3]), ("jon", LESSONS[2]), ("fay", LESSONS[2]), ("eve", LESSONS[0])}:
        one.absent = "nothing handed in"
    elif (student, lesson) == ("hal", LESSONS[0]):
        one.absent = "not graded"
    else:
        one.cells = [cell(student, lesson, exercise) for exercise in EXERCISES[lesson]]
        one.cells.append(Cell("why", "pytorch", 1.0, 0.0, None, None, lesson == LESSONS[3]))
        one.score = sum(c.score for c in one.cells)
        one.faults = ["the score given by hand is 22 of 2 points"] if (student, lesson) == ("gus", LESSONS[0]) else []
    return one


def made_up_class() -> dict[str, list[Score]]:
    return {lesson: [score(student, lesson) for student in NAMES] for lesson in LESSONS}
