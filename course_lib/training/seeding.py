"""Seeds: one call that makes the next numbers the same on every run of this machine."""

from __future__ import annotations

import random
import sys

__all__ = ["seed_everything"]


def seed_everything(seed: int = 0) -> int:
    """Seed Python, NumPy, torch and Keras, those of them that are loaded.

    Nothing is imported that the program has not imported already, so call it after the imports.

    Parameters
    ----------
    seed : int
        From 0 to 4294967295.

    Returns
    -------
    int
        The seed, so that it can be written down.

    Notes
    -----
    The same seed gives the same numbers on the same machine with the same versions. Other
    processors add up in another order, so there the last digits may differ.

    Examples
    --------
    >>> seed_everything(7)
    7
    >>> first = random.random()
    >>> seed_everything(7) and random.random() == first
    True
    """
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**32:
        raise ValueError(f"seed is {seed!r}; expected a whole number from 0 to {2**32 - 1}")
    random.seed(seed)
    for name, seed_it in _SEEDERS.items():
        if name in sys.modules:
            seed_it(seed)
    return seed


def _seed_numpy(seed: int) -> None:
    import numpy as np

    np.random.seed(seed)  # noqa: NPY002


def _seed_torch(seed: int) -> None:
    import torch

    torch.manual_seed(seed)  # every GPU's generator too


def _seed_tensorflow(seed: int) -> None:
    import tensorflow as tf

    tf.random.set_seed(seed)


def _seed_keras(seed: int) -> None:
    """Reset Keras's own generators.

    ``keras.utils.set_random_seed`` does it, but imports tensorflow even where Keras runs on torch;
    there only what Keras itself keeps is reset.
    """
    import keras

    if "tensorflow" in sys.modules:
        keras.utils.set_random_seed(seed)
        return
    from keras.src.backend.common import global_state

    global_state.set_global_attribute("global_random_seed", seed)
    global_state.set_global_attribute("global_seed_generator", None)


_SEEDERS = {"numpy": _seed_numpy, "torch": _seed_torch, "tensorflow": _seed_tensorflow, "keras": _seed_keras}
