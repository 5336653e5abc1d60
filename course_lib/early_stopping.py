"""Early stopping by the rules of five libraries: ``from course_lib.early_stopping import EarlyStopping``.

The table of the conventions is in `course_lib.training.stopping_conventions`.
"""

from course_lib.training.early_stopping import CONVENTIONS, EarlyStopping

__all__ = ["CONVENTIONS", "EarlyStopping"]
