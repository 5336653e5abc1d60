"""What one notebook may use while it is graded: generous for torch and TensorFlow, and finite."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Limits"]


@dataclass(frozen=True)
class Limits:
    """Limits for one notebook's kernel and all its processes.

    Parameters
    ----------
    memory_mb : int
        Memory of the kernel and its processes together.
    processes : int
        Processes and threads at once.
    file_mb : int
        The largest file that can be written.
    scratch_mb : int
        What the working folder and the temporary folder hold, each; they lie in memory.
    shared_memory_mb : int
        What /dev/shm holds, for data loaders.
    cell_seconds : int
        Time for one cell.
    notebook_seconds : int
        Time for all cells together.
    output_mb : float
        Output kept for one cell; what is beyond is dropped, and twenty times as much ends the cell.
    submission_mb : int
        The largest file that is read as a notebook.
    judge_seconds : float
        Processor time for judging one check.
    judge_mb : int
        Memory for judging one check, beyond what the judge itself holds.
    """

    memory_mb: int = 4096
    processes: int = 512
    file_mb: int = 256
    scratch_mb: int = 512
    shared_memory_mb: int = 512
    cell_seconds: int = 120
    notebook_seconds: int = 900
    output_mb: float = 1.0
    submission_mb: int = 200
    judge_seconds: float = 30
    judge_mb: int = 1024
