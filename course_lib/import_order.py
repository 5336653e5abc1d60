"""Keep triton and TensorFlow from ending the process when both are loaded.

The CUDA build of torch brings triton, and making any ``torch.optim`` optimizer loads it. triton and TensorFlow both
carry LLVM: loading triton after TensorFlow aborts the process, while the other order works. So where triton is
installed, it is imported just before TensorFlow. Where TensorFlow is there already, torch is told that there is no
triton; it needs it for ``torch.compile`` on a GPU alone.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.util
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

__all__ = ["triton_before_tensorflow"]


class _BeforeTensorFlow(importlib.abc.MetaPathFinder):
    """Finds nothing itself; it only hears that TensorFlow is about to be found."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname == "tensorflow":
            sys.meta_path.remove(self)
            if "triton" not in sys.modules and importlib.util.find_spec("triton") is not None:
                try:
                    importlib.import_module("triton")
                except Exception:  # a triton that can't be imported can't meet TensorFlow either
                    sys.modules["triton"] = None  # type: ignore[assignment]
        return None


def triton_before_tensorflow() -> None:
    """See to it that triton, where it is installed, is never loaded after TensorFlow.

    Called when ``course_lib`` is imported. It costs microseconds; triton itself is imported (about 0.2 s) only when
    TensorFlow is.

    Examples
    --------
    >>> triton_before_tensorflow()
    """
    if "tensorflow" in sys.modules:
        sys.modules.setdefault("triton", None)  # type: ignore[arg-type]
    elif not any(isinstance(finder, _BeforeTensorFlow) for finder in sys.meta_path):
        sys.meta_path.insert(0, _BeforeTensorFlow())
