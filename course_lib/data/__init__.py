"""Data for the lessons: real sets that come with scikit-learn, made-up ones with a known truth, and splits.

Every loader returns a `Data`: NumPy arrays (float32 features, int64 labels or float32 targets),
split into training, validation and perhaps test rows, scaled by statistics of the **training rows
only**. The same seed gives the same rows. `split_report` looks for what splits get wrong.
"""

from course_lib.data.loaders import keras_datasets, torch_loaders
from course_lib.data.made_up import grouped_rows, moons, noisy_sine, time_ordered_rows
from course_lib.data.rows import Data, Rows, Scaler
from course_lib.data.sets import breast_cancer, diabetes, digits, from_csv, mnist, wine
from course_lib.data.splits import SplitReport, split_indices, split_report

__all__ = [
    "Data",
    "Rows",
    "Scaler",
    "SplitReport",
    "breast_cancer",
    "diabetes",
    "digits",
    "from_csv",
    "grouped_rows",
    "keras_datasets",
    "mnist",
    "moons",
    "noisy_sine",
    "split_indices",
    "split_report",
    "time_ordered_rows",
    "torch_loaders",
    "wine",
]
