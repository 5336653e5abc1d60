"""What can be given to ``fit(..., callbacks=[...])``: ``from course_lib.callbacks import EarlyStopping``."""

from course_lib.live.plot import LivePlot
from course_lib.training.callbacks import Callback, Checkpoint, CSVLog, Logs, ProgressBar
from course_lib.training.early_stopping import EarlyStopping

__all__ = ["CSVLog", "Callback", "Checkpoint", "EarlyStopping", "LivePlot", "Logs", "ProgressBar"]
