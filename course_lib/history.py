"""What a training run recorded: ``from course_lib.history import History``."""

from course_lib.training.history import FORMAT_VERSION, History, HistoryFileError

__all__ = ["FORMAT_VERSION", "History", "HistoryFileError"]
