"""What early stopping does in other libraries, told by their own code."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from course_lib.training.early_stopping import EarlyStopping


def outcome(rule: EarlyStopping, values: list[float]) -> tuple[int | None, int | None, int]:
    """Stop epoch, best epoch and the epoch whose weights the model ends with."""
    held = 0
    for epoch, value in enumerate(values, 1):
        held = epoch
        if rule.step(value, lambda old, epoch=epoch: epoch):
            break
    restores = rule.restore_best and rule.convention not in ("lightning", "ignite")
    if restores and rule.best_weights is not None:
        held = rule.best_weights
    return rule.stopped_epoch, rule.best_epoch, held


class KerasWeights:
    """Weights that say which epoch they are from, behind the interface keras.callbacks uses."""

    stop_training = False
    metrics = ()

    def __init__(self) -> None:
        self.weights = [np.array(0)]

    def get_weights(self) -> list[np.ndarray]:
        return [w.copy() for w in self.weights]

    def set_weights(self, weights: list[np.ndarray]) -> None:
        self.weights = weights


def keras_outcome(values: list[float], **arguments: object) -> tuple[int | None, int | None, int]:
    import keras

    callback = keras.callbacks.EarlyStopping(monitor="val_loss", **arguments)
    model = KerasWeights()
    callback.set_model(model)
    callback.on_train_begin()
    stopped = None
    seen = False
    for epoch, value in enumerate(values):
        model.set_weights([np.array(epoch + 1)])
        callback.on_epoch_end(epoch, {"val_loss": value})
        seen = seen or epoch >= callback.start_from_epoch
        if model.stop_training:
            stopped = epoch + 1
            break
    callback.on_train_end()
    return stopped, callback.best_epoch + 1 if seen else None, int(model.weights[0])


def lightning_outcome(values: list[float], **arguments: object) -> tuple[int | None, int | None, int]:
    import torch
    from lightning.pytorch.callbacks import EarlyStopping as Lightning
    from lightning.pytorch.trainer.states import TrainerFn

    callback = Lightning("val_loss", check_on_train_epoch_end=False, **arguments)
    trainer = SimpleNamespace(
        state=SimpleNamespace(fn=TrainerFn.FITTING),
        sanity_checking=False,
        fast_dev_run=False,
        callback_metrics={},
        strategy=SimpleNamespace(reduce_boolean_decision=lambda decision, all: decision),
        should_stop=False,
        current_epoch=0,
    )
    best, epoch = None, 0
    for epoch, value in enumerate(values, 1):
        trainer.callback_metrics = {"val_loss": torch.tensor(value)}
        missed = callback.wait_count
        callback.on_validation_end(trainer, None)
        if callback.wait_count == 0 and not (trainer.should_stop and missed == 0):
            best = epoch
        if trainer.should_stop:
            return epoch, best, epoch
    return None, best, epoch


def ignite_outcome(values, patience, threshold, mode, relative, cumulative):
    from ignite.engine import Engine
    from ignite.handlers import EarlyStopping as Ignite

    trainer = Engine(lambda engine, batch: None)
    score = SimpleNamespace(value=0.0)
    handler = Ignite(
        patience,
        lambda engine: score.value,
        trainer,
        threshold=threshold,
        cumulative=cumulative,
        threshold_mode="rel" if relative else "abs",
        mode=mode,
    )
    best, epoch = None, 0
    for epoch, value in enumerate(values, 1):
        score.value, before = value, handler.best_score
        handler(trainer)
        if before is None or handler.counter == 0 or handler.best_score != before:
            best = epoch
        if trainer.should_terminate:
            return epoch, best, epoch
    return None, best, epoch


def skorch_outcome(values, patience, threshold, mode, relative, restore):
    import torch
    from skorch.callbacks import EarlyStopping as Skorch
    from skorch.history import History

    module = torch.nn.Linear(1, 1, bias=False)
    net = SimpleNamespace(history=History(), module_=module, verbose=0)
    callback = Skorch(
        patience=patience,
        threshold=threshold,
        threshold_mode="rel" if relative else "abs",
        lower_is_better=mode == "min",
        load_best=restore,
        sink=lambda *args, **kwargs: None,
    )
    callback.on_train_begin(net)
    stopped = None
    for epoch, value in enumerate(values, 1):
        net.history.new_epoch()
        net.history.record("epoch", epoch)
        net.history.record("valid_loss", value)
        torch.nn.init.constant_(module.weight, epoch)
        try:
            callback.on_epoch_end(net)
        except KeyboardInterrupt:
            stopped = epoch
            break
    callback.on_train_end(net)
    return stopped, callback.best_epoch_ or None, int(module.weight.item())
