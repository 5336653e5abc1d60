"""Optimizers of `course_lib.keras`: made by name, with PyTorch's arithmetic, checked, and started again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import ops

from course_lib.training.arguments import learning_rate
from course_lib.training.keras_schedule import schedule_in

__all__ = ["ExactAdam", "check_optimizer", "make_optimizer", "start_again", "with_loss_scaling"]


@keras.saving.register_keras_serializable(package="course_lib")
class ExactAdam(keras.optimizers.Adam):
    """Keras's Adam with PyTorch's arithmetic, so that both frameworks draw the same curve.

    Stock Keras computes ``1 - beta_2 ** t`` in float32, which is off by up to 5e-5 of its value in
    the first steps, and adds epsilon before the bias correction instead of after it (Kingma & Ba
    2015, section 2, name both orders). With a `weight_decay` this is AdamW.
    """

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Update one variable."""
        lr, gradient = ops.cast(learning_rate, variable.dtype), ops.cast(gradient, variable.dtype)
        step = ops.cast(self.iterations + 1, "float64")
        first, second = (
            ops.cast(1 - ops.power(ops.cast(beta, "float64"), step), variable.dtype)
            for beta in (self.beta_1, self.beta_2)
        )
        index = self._get_variable_index(variable)
        mean, square = self._momentums[index], self._velocities[index]
        self.assign_add(mean, (gradient - mean) * (1 - self.beta_1))
        self.assign_add(square, (ops.square(gradient) - square) * (1 - self.beta_2))
        self.assign_sub(variable, lr / first * mean / (ops.sqrt(square / second) + self.epsilon))


def make_optimizer(optimizer: Any, lr: float | None, schedule: Any = None) -> keras.optimizers.Optimizer:
    """Return an optimizer; names mean the same as in `course_lib.pytorch`, and take a schedule in the rate's place."""
    if isinstance(optimizer, keras.optimizers.Optimizer):
        if lr is not None:
            raise ValueError("lr goes with an optimizer given by name; this optimizer has its own learning rate")
        return optimizer
    known: dict[str, Callable[[Any], keras.optimizers.Optimizer]] = {
        "sgd": lambda rate: keras.optimizers.SGD(rate),
        "adam": lambda rate: ExactAdam(rate, epsilon=1e-8),
        "adamw": lambda rate: ExactAdam(rate, weight_decay=0.01, epsilon=1e-8),
    }
    if not isinstance(optimizer, str) or optimizer.lower() not in known:
        raise ValueError(f"optimizer is {optimizer!r}; expected one of {', '.join(known)}, or a Keras optimizer")
    name = optimizer.lower()
    return known[name](learning_rate(name, lr) if schedule is None else schedule)


def with_loss_scaling(optimizer: keras.optimizers.Optimizer, model: keras.Model, used: Sequence[Any]) -> Any:
    """Return the optimizer, wrapped as ``model.compile`` does where layers compute in float16.

    Gradients smaller than 6e-8 are zero in float16. So the loss is multiplied by a large number
    before they are computed, and they are divided by it afterwards, in float32. An optimizer that
    one of the wrappers `used` before holds stays in that one.
    """
    wrapper = keras.optimizers.LossScaleOptimizer
    half = any(layer.compute_dtype == "float16" for layer in (model, *model._flatten_layers()))
    if not half or isinstance(optimizer, wrapper):
        return optimizer
    wrapped = [other for other in used if getattr(other, "inner_optimizer", None) is optimizer]
    return wrapped[0] if wrapped else wrapper(optimizer, name="loss_scale_optimizer")


def check_optimizer(optimizer: keras.optimizers.Optimizer, model: keras.Model) -> None:
    """Raise when the optimizer keeps its momenta for other variables than this model's."""
    optimizer = getattr(optimizer, "inner_optimizer", optimizer)
    known = {id(variable) for variable in getattr(optimizer, "_trainable_variables", ())}
    if optimizer.built and known and not known.issuperset(map(id, model.trainable_variables)):
        raise ValueError(
            "the optimizer was made for another model, or before some layers of this one became trainable; make a "
            "new one for the model you train"
        )


def start_again(optimizer: keras.optimizers.Optimizer, fresh: keras.optimizers.Optimizer) -> None:
    """Give an optimizer that was used before the state of a new one."""
    for variable in optimizer.variables:
        variable.assign(ops.zeros_like(variable))
    if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        optimizer.dynamic_scale.assign(optimizer.initial_scale)
    if schedule_in(fresh) is None:
        optimizer.learning_rate = float(ops.convert_to_numpy(fresh.learning_rate))
