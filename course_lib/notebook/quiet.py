"""Importing what is loud."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

__all__ = ["quiet_import"]


def quiet_import(name: str) -> Any:
    """Import a module without the notices about the processor that TensorFlow's compiled parts write.

    They go straight to file descriptor 2 before any Python code could set a log level, and nothing in
    them is for a learner. An import that fails is as loud as ever.

    Parameters
    ----------
    name : str
        ``"tensorflow"``, or ``"keras"``, which imports it.

    Returns
    -------
    module
    """
    sys.stderr.flush()
    try:
        saved = os.dup(2)
    except OSError:  # a process without standard error
        return importlib.import_module(name)
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        return importlib.import_module(name)
    finally:
        os.dup2(saved, 2)
        os.close(saved)
