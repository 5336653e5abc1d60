"""Measure speed, side by side with other libraries, in one run.

Each subject prints a table of multiples and its goals; ``--quick`` ends within 50 s, and ``--json``
prints the figures, with the list ``goals``, to standard output and nothing else there.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util

__all__ = ["SUBJECTS", "add_arguments", "main"]

SUBJECTS = {
    "trainers": "training loops: ours, written by hand, and other libraries'",
    "live": "live plots: one update, a whole run",
    "grading": "grading a class",
    "lessons": "executing the notebooks",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare one subcommand for each subject that this copy has."""
    subjects = parser.add_subparsers(dest="subject", required=True, metavar="SUBJECT")
    for name, summary in SUBJECTS.items():
        module = f"course_lib.bench.{name}"
        if importlib.util.find_spec(module) is not None:
            one = subjects.add_parser(name, help=summary, description=summary)
            importlib.import_module(module).add_arguments(one)


def main(args: argparse.Namespace) -> int:
    """Run one subject's benchmark."""
    return int(importlib.import_module(f"course_lib.bench.{args.subject}").main(args))
