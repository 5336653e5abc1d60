"""What can be given to ``fit(..., callbacks=[...])``: ``from course_lib.callbacks import EarlyStopping``."""

from course_lib.live.plot import LivePlot
from course_lib.training.callbacks import Callback, Checkpoint, CSVLog, Logs
from course_lib.training.early_stopping import EarlyStopping
from course_lib.training.logs import RunLog, TensorBoardLog
from course_lib.training.progress import ProgressBar

__all__ = [
    "CSVLog",
    "Callback",
    "Checkpoint",
    "EarlyStopping",
    "LivePlot",
    "Logs",
    "ProgressBar",
    "RunLog",
    "TensorBoardLog",
]
