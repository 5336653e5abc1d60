"""One seed for everything that is loaded, and nothing is imported for it."""

from __future__ import annotations

import random
import subprocess
import sys

import numpy as np
import pytest

from course_lib.training.seeding import seed_everything


def draw() -> list[object]:
    import keras
    import tensorflow as tf
    import torch

    return [
        random.random(),
        np.random.rand(),  # noqa: NPY002
        torch.rand(1).item(),
        float(tf.random.uniform(())),
        float(keras.ops.convert_to_numpy(keras.random.uniform(()))),
        keras.ops.convert_to_numpy(keras.layers.Dense(3)(np.ones((1, 2)))).tolist(),
    ]


def test_the_same_seed_gives_the_same_numbers_everywhere():
    draw()
    seed_everything(5)
    first, further = draw(), draw()
    seed_everything(5)
    again = draw()
    seed_everything(6)
    other = draw()
    assert again == first
    assert all(a != b for a, b in zip(first, other, strict=True))
    assert all(a != b for a, b in zip(first, further, strict=True))


def test_nothing_is_imported_that_was_not_loaded():
    code = (
        "import sys; from course_lib.training.seeding import seed_everything; seed_everything(3); "
        "print([m for m in ('numpy', 'torch', 'tensorflow', 'keras') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


@pytest.mark.parametrize("seed", [-1, 2**32, 1.5, True, None])
def test_wrong_seeds_are_refused(seed):
    with pytest.raises(ValueError, match="whole number from 0"):
        seed_everything(seed)
