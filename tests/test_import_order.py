"""TensorFlow and triton, which the CUDA build of torch brings, live in one process when course_lib is there."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from importlib import metadata

import pytest
from packaging.version import Version

STEP = "import torch; torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)"
pytestmark = pytest.mark.slow
needs_triton = pytest.mark.skipif(
    importlib.util.find_spec("triton") is None, reason="triton is installed on Linux on x86_64 only"
)
# Whether the two get along depends on their versions: with triton 3.4 and TensorFlow 2.20 nothing happens.
needs_newer_triton = pytest.mark.skipif(
    importlib.util.find_spec("triton") is None or Version(metadata.version("triton")) < Version("3.7"),
    reason="seen with triton 3.7 and TensorFlow 2.21",
)


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)


@needs_newer_triton
def test_without_the_guard_the_process_ends() -> None:
    # When this no longer fails, the guard can go.
    ended = run(f"import tensorflow; {STEP}")
    assert ended.returncode < 0
    assert "LLVM" in ended.stderr or ended.returncode == -11


@pytest.mark.parametrize(
    "code",
    [
        f"import course_lib, tensorflow; {STEP}",
        f"import course_lib, keras; {STEP}",
        f"import tensorflow, course_lib; {STEP}",
        f"import course_lib, torch, tensorflow; {STEP}",
        f"import course_lib; {STEP}; import tensorflow as tf; assert float(tf.reduce_sum([1.0, 2.0])) == 3.0",
        f"import course_lib.training.parity, tensorflow, importlib; importlib.reload(course_lib); {STEP}",
    ],
)
def test_both_frameworks_work_in_any_order(code: str) -> None:
    ended = run(code)
    assert ended.returncode == 0, ended.stderr[-2000:]


@needs_triton
def test_triton_is_imported_just_before_tensorflow_and_not_sooner() -> None:
    code = "import sys, course_lib; print('triton' in sys.modules); import tensorflow; print('triton' in sys.modules)"
    assert run(code).stdout.split() == ["False", "True"]
