"""``course report --class``: everything about a class on one page."""

from __future__ import annotations

import argparse
import json
from datetime import datetime

from tqdm import tqdm

from course_lib.atomic import write_atomically
from course_lib.instructor.desk.class_page import class_page
from course_lib.instructor.desk.class_state import class_state, due_dates
from course_lib.instructor.desk.export import assignments_of
from course_lib.instructor.desk.similar import similar_answers
from course_lib.instructor.grading.scores import read_scores, tell_groups, tell_refused
from course_lib.instructor.text.release import load_config
from course_lib.instructor.text.render import course_root
from course_lib.printable import say

__all__ = ["report_class"]


def report_class(args: argparse.Namespace) -> int:
    """Write the page of a class; return the exit status."""
    root = course_root()
    config = load_config(root)
    names = list(dict.fromkeys(assignments_of(root, config, args.assignments)))
    graded = {
        name: read_scores(root, config, name, allow_extra_credit=args.allow_extra_credit)
        for name in tqdm(names, desc="reading", unit=" assignments", disable=None, leave=False)
    }
    similar = []
    total = sum(len(scores) for scores in graded.values())
    with tqdm(total=total, desc="comparing", unit=" notebooks", disable=None, leave=False) as bar:
        for scores in graded.values():
            similar += similar_answers(root, config, scores, bar.update)
    similar.sort(key=lambda pair: (-pair.shared, pair.students, pair.question))
    state = class_state(graded, due_dates(config), similar)
    if args.json:
        print(json.dumps(state.to_json(), indent=2))
    else:
        target = args.to or root / "grading" / "reports" / "class.html"
        write_atomically(target, class_page(state, datetime.now()).encode(errors="backslashreplace"))
        missing = len({student for one in state.handed for student in one.missing})
        stuck = len({one.student for one in state.stuck})
        say(f"students: {len(state.scores)}, assignments: {len(names)}")
        say(f"students who have not handed in everything: {missing}")
        say(f"students with one mistake in three lessons or more: {stuck}")
        say(f"pairs of similar answers: {len(state.similar)}")
        say(f"wrote {target}")
    return max(max(tell_refused(scores), tell_groups(scores)) for scores in graded.values())
