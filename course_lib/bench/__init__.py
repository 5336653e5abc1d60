"""Measure speed, side by side with other libraries, in one run.

Each subject prints a table of multiples and its goals; ``--quick`` ends within a minute or so, and ``--json``
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
    "class": "1,000 submissions of two lessons, and a hub for 30 learners",
    "cluster": "300 mixed submissions on a Dask cluster while its processes are killed",
    "lessons": "executing the notebooks",
    "playground": "the loss playground in a browser",
    "site": "the web edition: how large its pages are, how soon they are seen",
}

#: Where a subject's module has another name: this one is a word of Python.
_MODULES = {"class": "whole_class"}


def _module(subject: str) -> str:
    return f"course_lib.bench.{_MODULES.get(subject, subject)}"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare one subcommand for each subject that this copy has."""
    subjects = parser.add_subparsers(dest="subject", required=True, metavar="SUBJECT")
    for name, summary in SUBJECTS.items():
        module = _module(name)
        if importlib.util.find_spec(module) is not None:
            one = subjects.add_parser(name, help=summary, description=summary)
            importlib.import_module(module).add_arguments(one)


def main(args: argparse.Namespace) -> int:
    """Run one subject's benchmark."""
    return int(importlib.import_module(_module(args.subject)).main(args))
