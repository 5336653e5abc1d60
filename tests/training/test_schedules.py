"""Schedules: the rate of every batch, the unit they count, and going on from a checkpoint, in both frameworks."""

from __future__ import annotations

import math
import types

import numpy as np
import pytest

from course_lib.training.callbacks import Callback, Checkpoint

keras = pytest.importorskip("keras")
torch = pytest.importorskip("torch")
schedulers = torch.optim.lr_scheduler

RNG = np.random.default_rng(0)
X = RNG.normal(size=(64, 4)).astype("float32")
Y = (X[:, 0] + 0.3 * RNG.normal(size=64) > 0).astype("int64")
STEPS = 4  # batches of 16
DATA = {"train": (X, Y), "val": (X, Y), "loss": "cross_entropy", "batch_size": 16}


def torch_model():
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 2))


def keras_model():
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(8, "relu"), keras.layers.Dense(2)])


def warm_torch(optimizer):
    """Rise from 0.02 to 0.1 over 4 calls, then half a cosine of 8."""
    warm = schedulers.LinearLR(optimizer, 0.2, total_iters=4)
    return schedulers.SequentialLR(optimizer, [warm, schedulers.CosineAnnealingLR(optimizer, 8)], [4])


def in_torch(lr=0.1, **arguments):
    """Train the torch model; `schedule` is a function of the optimizer."""
    from course_lib.pytorch import fit

    return fit(**{"model": torch_model(), **DATA, "optimizer": "sgd", "lr": lr, **arguments})


def in_keras(**arguments):
    from course_lib.keras import fit

    return fit(**{"model": keras_model(), **DATA, "optimizer": "sgd", **arguments})


# ---------------------------------------------------------------------------- the rate of every batch


@pytest.mark.parametrize("unit", ["batch", "epoch"])
def test_the_rate_of_a_batch_is_the_one_it_was_used_with(unit):
    """Held against a loop by hand that writes the rate down before each step."""
    calls = 12 if unit == "batch" else 3
    model = torch_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    cosine = schedulers.CosineAnnealingLR(optimizer, calls)
    expected = []
    for _ in range(3):
        for _ in range(STEPS):
            expected.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            if unit == "batch":
                cosine.step()
        if unit == "epoch":
            cosine.step()
    history = in_torch(schedule=lambda o: schedulers.CosineAnnealingLR(o, calls), schedule_unit=unit, epochs=3)
    assert history.batch_lr.tolist() == expected
    assert history.lr.tolist() == expected[3::4]


def test_a_rate_that_is_a_tensor_is_recorded_before_it_changes():
    model = torch_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=torch.tensor(0.1))
    cosine = schedulers.CosineAnnealingLR(optimizer, 8)
    history = in_torch(lr=None, optimizer=optimizer, schedule=cosine, schedule_unit="batch", epochs=2, model=model)
    assert history.batch_lr[[0, 4]].tolist() == pytest.approx([0.1, 0.05])


def test_a_rate_that_is_a_tensor_in_one_group_only_is_recorded_before_it_changes_too():
    model = torch_model()
    groups = [{"params": model[0].parameters(), "lr": 0.1}, {"params": model[2].parameters(), "lr": torch.tensor(0.2)}]
    optimizer = torch.optim.SGD(groups)
    halved = schedulers.ExponentialLR(optimizer, 0.5)
    history = in_torch(lr=None, optimizer=optimizer, schedule=halved, schedule_unit="batch", epochs=2, model=model)
    assert history.batch_rates["lr_2"][:2].tolist() == pytest.approx([0.2, 0.1])


def test_groups_of_parameters_have_a_rate_each():
    model = torch_model()
    groups = [{"params": model[0].parameters(), "lr": 0.1}, {"params": model[2].parameters(), "lr": 0.02}]
    optimizer = torch.optim.SGD(groups, momentum=0.5)
    step = schedulers.StepLR(optimizer, 1, 0.5)
    told = []

    class Listener(Callback):
        def on_train_batch_end(self, batch, logs=None):
            told.append((logs["lr"], logs["lr_2"]))

        def on_epoch_end(self, epoch, logs=None):
            assert {"lr", "lr_2"} <= set(self.run.names)
            assert logs["lr_2"] == pytest.approx(logs["lr"] / 5)

    history = in_torch(
        model=model,
        lr=None,
        optimizer=optimizer,
        schedule=step,
        schedule_unit="epoch",
        epochs=2,
        callbacks=[Listener()],
    )
    assert history.batch_rates["lr"].tolist() == history.batch_lr.tolist() == [0.1] * 4 + [0.05] * 4
    assert history.batch_rates["lr_2"].tolist() == [0.02] * 4 + [0.01] * 4
    assert told == list(zip(*history.batch_rates.values(), strict=True))
    assert history["lr_2"].tolist() == [0.02, 0.01]
    for again in (type(history).from_json(history.to_json()), type(history).from_csv(history.to_csv())):
        assert again == history
        assert again.batch_rates["lr_2"].tolist() == history.batch_rates["lr_2"].tolist()
    assert history.to_frame("batches")["lr_2"].tolist() == history.batch_rates["lr_2"].tolist()


def test_a_group_that_is_added_on_the_way_has_a_rate_from_there_on():
    model = torch_model()
    optimizer = torch.optim.SGD(model[2].parameters(), lr=0.1)

    class Thaw(Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 1:
                self.run.optimizer.add_param_group({"params": model[0].parameters(), "lr": 0.01})

    history = in_torch(model=model, lr=None, optimizer=optimizer, epochs=2, callbacks=[Thaw()])
    np.testing.assert_array_equal(history.batch_rates["lr_2"], [math.nan] * 4 + [0.01] * 4)


def test_one_group_is_written_in_the_format_that_older_versions_read():
    history = in_torch(epochs=1)
    assert '"version": 1,' in history.to_json()
    assert list(history.batch_rates) == ["lr"]


# ---------------------------------------------------------------------------- both frameworks have the same rates


def both(torch_arguments, keras_arguments, epochs=3):
    return (in_torch(epochs=epochs, **torch_arguments).batch_lr, in_keras(epochs=epochs, **keras_arguments).batch_lr)


@pytest.mark.slow
def test_a_cosine_is_the_same_in_both():
    decay = keras.optimizers.schedules.CosineDecay(0.1, 12)
    torch_rates, keras_rates = both(
        {"schedule": lambda o: schedulers.CosineAnnealingLR(o, 12), "schedule_unit": "batch"},
        {"schedule": decay, "schedule_unit": "batch"},
    )
    np.testing.assert_allclose(torch_rates, keras_rates, rtol=1e-5)
    assert torch_rates[0] == 0.1
    assert torch_rates[6] == pytest.approx(0.05)


@pytest.mark.slow
def test_steps_are_the_same_in_both():
    """Also with a schedule object that counts batches, whose boundary is the last batch of the epoch before."""
    scheduler = keras.callbacks.LearningRateScheduler(lambda epoch, lr: 0.1 * 0.1 ** (epoch // 2))
    torch_rates, keras_rates = both(
        {"schedule": lambda o: schedulers.StepLR(o, 2, 0.1), "schedule_unit": "epoch"},
        {"schedule": scheduler, "schedule_unit": "epoch"},
    )
    np.testing.assert_allclose(torch_rates, keras_rates, rtol=1e-6)
    np.testing.assert_allclose(torch_rates, [0.1] * 8 + [0.01] * 4)
    inside = keras.optimizers.schedules.PiecewiseConstantDecay([7], [0.1, 0.01])
    np.testing.assert_allclose(in_keras(schedule=inside, epochs=3).batch_lr, torch_rates, rtol=1e-6)


def test_a_warm_up_and_a_cosine_are_the_same_in_both():
    decay = keras.optimizers.schedules.CosineDecay(0.02, 8, warmup_target=0.1, warmup_steps=4)
    torch_rates, keras_rates = both({"schedule": warm_torch, "schedule_unit": "batch"}, {"schedule": decay})
    np.testing.assert_allclose(torch_rates, keras_rates, rtol=1e-5)
    np.testing.assert_allclose(torch_rates[[0, 2, 4, 8]], [0.02, 0.06, 0.1, 0.05])


def never_better(torch_or_keras):
    """Outputs that a rate cannot change: validation loss stays, since all is one constant."""
    zeros = np.zeros((64, 4), "float32")
    model = torch_model() if torch_or_keras == "torch" else keras_model()
    labels = np.array([0, 1] * 32)
    return {"model": model, "train": (zeros, labels), "val": (zeros, labels), "shuffle": False, "batch_size": 32}


def test_a_plateau_is_the_same_in_both_with_patience_counted_alike():
    """Keras's patience is PyTorch's plus one, and its threshold is absolute; the loss hardly moves here."""
    arguments = {"factor": 0.5, "patience": 1, "threshold": 10.0, "threshold_mode": "abs"}
    torch_rates = in_torch(
        **never_better("torch"), schedule=lambda o: schedulers.ReduceLROnPlateau(o, **arguments), epochs=7
    )
    callback = keras.callbacks.ReduceLROnPlateau(factor=0.5, patience=2, min_delta=10.0)
    keras_rates = in_keras(**never_better("keras"), lr=0.1, schedule=callback, schedule_unit="epoch", epochs=7)
    np.testing.assert_allclose(torch_rates.lr, keras_rates.lr, rtol=1e-6)
    np.testing.assert_allclose(torch_rates.lr, [0.1, 0.1, 0.1, 0.05, 0.05, 0.025, 0.025])


def test_keras_schedules_inside_a_model_that_was_trained_before_begin_again():
    from course_lib.keras import fit

    model = keras_model()
    decay = keras.optimizers.schedules.CosineDecay(0.1, 8)
    first, second = (fit(model, **DATA, optimizer="sgd", schedule=decay, epochs=2).batch_lr for _ in range(2))
    np.testing.assert_array_equal(first, second)
    plain = fit(model, **DATA, optimizer="sgd", lr=0.2, epochs=1)
    assert plain.batch_lr.tolist() == pytest.approx([0.2] * 4)


# ---------------------------------------------------------------------------- going on from a checkpoint


TORCH_SCHEDULES = {
    "cosine": (lambda o: schedulers.CosineAnnealingLR(o, 16), "batch"),
    "cosine by epoch": (lambda o: schedulers.CosineAnnealingLR(o, np.int64(4), eta_min=np.float64(0.01)), "epoch"),
    "warm-up": (warm_torch, "batch"),
    "one cycle": (lambda o: schedulers.OneCycleLR(o, 0.1, total_steps=16), "batch"),
    "restarts": (lambda o: schedulers.CosineAnnealingWarmRestarts(o, 3), "batch"),
    "milestones": (lambda o: schedulers.MultiStepLR(o, [np.int64(1), 3], 0.5), "epoch"),
    "lambda": (lambda o: schedulers.LambdaLR(o, lambda step: 0.9**step), "batch"),
    "cyclic": (lambda o: schedulers.CyclicLR(o, 0.01, 0.1, step_size_up=3), "batch"),
    "plateau": (lambda o: schedulers.ReduceLROnPlateau(o, factor=0.5, patience=0, threshold=0.5), "epoch"),
}


@pytest.mark.parametrize("name", TORCH_SCHEDULES)
def test_a_resumed_run_goes_on_with_the_schedule_in_pytorch(name, tmp_path, recwarn):
    make, unit = TORCH_SCHEDULES[name]

    def train(epochs, **more):
        model = torch_model()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
        return in_torch(
            model=model,
            lr=None,
            optimizer=optimizer,
            schedule=make(optimizer),
            schedule_unit=unit,
            epochs=epochs,
            **more,
        )

    whole = train(4)
    point = Checkpoint(tmp_path)
    if name == "one cycle":  # cannot be asked for fewer epochs than it has, so it is interrupted

        class Stop(Callback):
            def on_epoch_end(self, epoch, logs=None):
                if epoch == 2:
                    self.run.stop()

        train(4, callbacks=[point, Stop()])
    else:
        train(2, callbacks=[point])
    again = train(4, resume=point.last)
    assert again.batch_lr.tolist() == whole.batch_lr.tolist()
    assert again.batch_loss.tolist() == whole.batch_loss.tolist()
    assert len(set(whole.batch_lr.tolist())) > 1
    assert not [w for w in recwarn if "optimizer.step()" in str(w.message) or "other settings" in str(w.message)]


KERAS_SCHEDULES = {
    "inside": lambda: {"schedule": keras.optimizers.schedules.CosineDecay(0.1, 16)},
    "by epoch": lambda: {"schedule": keras.callbacks.LearningRateScheduler(lambda e, lr: lr * 0.5), "lr": 0.1},
    "plateau": lambda: {
        "schedule": keras.callbacks.ReduceLROnPlateau(factor=0.5, patience=2, min_delta=0.5, cooldown=1),
        "lr": 0.1,
    },
}


@pytest.mark.slow
@pytest.mark.parametrize("name", KERAS_SCHEDULES)
def test_a_resumed_run_goes_on_with_the_schedule_in_keras(name, tmp_path):
    whole = in_keras(epochs=6, **KERAS_SCHEDULES[name]())
    point = Checkpoint(tmp_path)
    in_keras(epochs=2, callbacks=[keras.callbacks.Callback(), point], **KERAS_SCHEDULES[name]())
    again = in_keras(epochs=6, callbacks=[keras.callbacks.Callback()], resume=point.last, **KERAS_SCHEDULES[name]())
    assert again.batch_lr.tolist() == whole.batch_lr.tolist()
    assert again.batch_loss.tolist() == whole.batch_loss.tolist()
    assert len(set(whole.batch_lr.tolist())) > 1


CHANGED = [
    ({}, {"schedule": lambda o: schedulers.StepLR(o, 1), "schedule_unit": "epoch"}, "had no schedule.*has a StepLR"),
    ({"schedule": lambda o: schedulers.StepLR(o, 1), "schedule_unit": "epoch"}, {}, "had a StepLR.*this one has none"),
    (
        {"schedule": lambda o: schedulers.StepLR(o, 1), "schedule_unit": "epoch"},
        {"schedule": lambda o: schedulers.ExponentialLR(o, 0.9), "schedule_unit": "epoch"},
        "had a StepLR with schedule_unit='epoch', this one has a ExponentialLR",
    ),
    (
        {"schedule": lambda o: schedulers.CosineAnnealingLR(o, 7), "schedule_unit": "epoch"},
        {"schedule": lambda o: schedulers.CosineAnnealingLR(o, 9), "schedule_unit": "epoch"},
        "had T_max=7, this one has T_max=9",
    ),
    (
        {"schedule": lambda o: schedulers.StepLR(o, 1), "schedule_unit": "epoch"},
        {"schedule": lambda o: schedulers.StepLR(o, 1), "schedule_unit": "epoch", "lr": 0.3},
        r"had base_lrs=\[0.1\], this one has base_lrs=\[0.3\]",
    ),
]


@pytest.mark.parametrize(("first", "second", "words"), CHANGED)
def test_another_schedule_than_the_first_runs_is_refused(first, second, words, tmp_path):
    point = Checkpoint(tmp_path)
    in_torch(epochs=1, callbacks=[point], **first)
    with pytest.raises(ValueError, match=words):
        in_torch(epochs=2, resume=point.last, **second)


@pytest.mark.slow
def test_another_schedule_is_refused_in_keras_too(tmp_path):
    decay = keras.optimizers.schedules.CosineDecay
    point = Checkpoint(tmp_path)
    in_keras(epochs=1, callbacks=[point], schedule=decay(0.1, 12))
    with pytest.raises(ValueError, match="CosineDecay had decay_steps=12, this one has decay_steps=20"):
        in_keras(epochs=2, resume=point.last, schedule=decay(0.1, 20))


def test_a_checkpoint_of_before_there_were_schedules_still_loads(tmp_path):
    import io
    import json

    point = Checkpoint(tmp_path)
    in_torch(epochs=1, callbacks=[point])
    state = torch.load(point.last, weights_only=True)
    del state["schedule"]
    settings = json.loads(state["settings"])
    del settings["schedule"]
    state["settings"] = json.dumps(settings)
    file = io.BytesIO()
    torch.save(state, file)
    point.last.write_bytes(file.getvalue())
    assert in_torch(epochs=2, resume=point.last).epochs == 2


# ---------------------------------------------------------------------------- obeyed, or refused with a sentence


def cosine(calls):
    return lambda optimizer: schedulers.CosineAnnealingLR(optimizer, calls)


REFUSED_TORCH = [
    ({"schedule": cosine(6), "schedule_unit": "batch"}, "T_max=6, the number of epochs.*24 in 6 epochs of 4.*be 24"),
    ({"schedule": cosine(24), "schedule_unit": "epoch"}, "T_max=24, the number of batches.*counts epochs: 6.*be 6"),
    ({"schedule": cosine(18), "schedule_unit": "epoch"}, "T_max=18, the number of batches"),  # 3 whole ones an epoch
    (
        {"schedule": lambda o: schedulers.OneCycleLR(o, 0.1, total_steps=20), "schedule_unit": "batch"},
        "total_steps=20, but it counts batches: 24 in 6 epochs of 4.*cannot go beyond.*be 24",
    ),
    (
        {"schedule": lambda o: schedulers.OneCycleLR(o, 0.1, epochs=6, steps_per_epoch=4), "schedule_unit": "epoch"},
        "total_steps=24, the number of batches",
    ),
    (
        {
            "schedule": lambda o: schedulers.SequentialLR(
                o, [schedulers.LinearLR(o, total_iters=2), schedulers.CosineAnnealingLR(o, 4)], [2]
            ),
            "schedule_unit": "batch",
        },
        r"milestones\[-1\] \+ T_max=6, the number of epochs",
    ),
    (
        {"schedule": lambda o: schedulers.StepLR(o, 1, 0.5), "schedule_unit": "batch"},
        "step_size=1 and it counts batches: 24.*end at 6e-08 of.*be 4, or say schedule_unit='epoch'",
    ),
    (
        {"schedule": lambda o: schedulers.ExponentialLR(o, 0.5), "schedule_unit": "batch"},
        "gamma=0.5.*24 in 6.*6e-08 of what it was; let gamma be 0.840896",
    ),
    (
        {"schedule": lambda o: schedulers.MultiStepLR(o, [3, 5]), "schedule_unit": "batch"},
        r"milestones\[-1\]=5.*24 in.*within the first 5",
    ),
    (
        {"schedule": lambda o: schedulers.MultiStepLR(o, [12, 18]), "schedule_unit": "epoch"},
        "never change the rate, but would if it counted batches",
    ),
    ({"schedule": cosine(10)}, "say schedule_unit='batch' for a step after each batch"),
    ({"schedule": cosine(10), "schedule_unit": "step"}, "schedule_unit is 'step'; expected 'batch' or 'epoch'"),
    ({"schedule_unit": "batch"}, "no effect without a schedule"),
    (
        {"schedule": lambda o: schedulers.ReduceLROnPlateau(o), "schedule_unit": "batch"},
        "validation loss, which there is once an epoch",
    ),
    ({"schedule": lambda o: schedulers.ReduceLROnPlateau(o, mode="max")}, "less is better"),
    ({"schedule": lambda o: schedulers.ReduceLROnPlateau(o), "val": None}, "there is no val"),
]


@pytest.mark.parametrize(("arguments", "words"), REFUSED_TORCH)
def test_what_pytorch_refuses_before_the_first_step(arguments, words):
    model = torch_model()
    before = [p.clone() for p in model.parameters()]
    with pytest.raises(ValueError, match=words):
        in_torch(model=model, epochs=6, **arguments)
    assert all(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))


def test_a_scheduler_of_another_optimizer_is_refused():
    optimizers = [torch.optim.SGD(torch_model().parameters(), lr=0.1) for _ in range(2)]
    model = torch_model()
    mine = torch.optim.SGD(model.parameters(), lr=0.1)
    other = schedulers.CosineAnnealingLR(optimizers[0], 7)
    with pytest.raises(ValueError, match=r"an optimizer of its own, but fit was given another one.*lambda optimizer"):
        in_torch(model=model, lr=None, optimizer=mine, schedule=other, schedule_unit="batch")
    with pytest.raises(ValueError, match="fit makes one from optimizer's name"):
        in_torch(schedule=other, schedule_unit="batch")


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        (schedulers.StepLR, r"the class StepLR; expected a scheduler made with this optimizer"),
        ("cosine", "schedule is a str; expected a scheduler of torch"),
        (lambda optimizer: 0.1, "schedule is a float; expected a scheduler"),
    ],
)
def test_what_is_no_scheduler_is_refused(schedule, words):
    with pytest.raises(TypeError, match=words):
        in_torch(schedule=schedule, schedule_unit="epoch")


def test_a_scheduler_among_the_callbacks_is_told_where_it_goes():
    optimizer = torch.optim.SGD(torch_model().parameters(), lr=0.1)
    with pytest.raises(TypeError, match=r"a StepLR, which is a schedule.*schedule="):
        in_torch(callbacks=[schedulers.StepLR(optimizer, 1)])


def test_a_scheduler_that_has_gone_some_way_may_go_on_but_not_too_far():
    model = torch_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    cycle = schedulers.OneCycleLR(optimizer, 0.1, total_steps=12)
    arguments = {"model": model, "lr": None, "optimizer": optimizer, "schedule": cycle, "schedule_unit": "batch"}
    in_torch(epochs=2, **arguments)
    with pytest.raises(ValueError, match="total_steps=12, 8 of which were taken before, but it counts batches: 8 in 2"):
        in_torch(epochs=2, **arguments)
    assert in_torch(epochs=1, **arguments).batch_lr[-1] == pytest.approx(4e-7, abs=1e-3)


def refused_keras():
    schedules, callbacks = keras.optimizers.schedules, keras.callbacks
    decay = schedules.CosineDecay(0.1, 20)
    in_optimizer = keras.optimizers.SGD(schedules.CosineDecay(0.1, 6))
    return [
        (
            {"schedule": schedules.CosineDecay(0.1, 6)},
            "decay_steps=6, the number of epochs.*24 in 6 epochs of 4.*be 24$",
        ),
        ({"optimizer": in_optimizer}, "decay_steps=6, the number of epochs"),
        (
            {"schedule": schedules.CosineDecay(0.0, 4, warmup_target=0.1, warmup_steps=2)},
            r"warmup_steps \+ decay_steps=6, the number of epochs",
        ),
        ({"schedule": schedules.ExponentialDecay(0.1, 1, 0.5)}, "decay_steps=1 and it counts batches.*6e-08.*be 4$"),
        ({"schedule": schedules.PiecewiseConstantDecay([2, 4], [0.1, 0.01, 0.001])}, "within the first 4"),
        ({"schedule": decay, "schedule_unit": "epoch"}, "counts the optimizer's steps, so batches, whatever is said"),
        ({"schedule": decay, "lr": 0.1}, "lr=0.1 would have no effect beside a CosineDecay"),
        ({"schedule": decay, "optimizer": keras.optimizers.SGD(0.1)}, "not the rate of the SGD that was given"),
        (
            {"schedule": callbacks.ReduceLROnPlateau(), "optimizer": keras.optimizers.SGD(decay)},
            "sets the rate at each epoch, but the optimizer has a CosineDecay",
        ),
        (
            {"callbacks": [callbacks.ReduceLROnPlateau()], "schedule": decay},
            "ReduceLROnPlateau sets the rate at each epoch",
        ),
        (
            {"schedule": callbacks.ReduceLROnPlateau(), "schedule_unit": "batch"},
            "asked? once an epoch|asks once an epoch",
        ),
        ({"schedule": callbacks.ReduceLROnPlateau(), "val": None}, "watches val_loss, which this run does not measure"),
        ({"schedule_unit": "batch"}, "no effect without a schedule"),
    ]


@pytest.mark.parametrize("number", range(13))
def test_what_keras_refuses_before_the_first_step(number):
    arguments, words = refused_keras()[number]
    model = keras_model()
    before = model.get_weights()
    with pytest.raises(ValueError, match=words):
        in_keras(model=model, epochs=6, **arguments)
    assert all((a == b).all() for a, b in zip(before, model.get_weights(), strict=True))
    assert getattr(model, "optimizer", None) is None


def test_what_is_no_schedule_of_keras_is_refused():
    optimizer = torch.optim.SGD(torch_model().parameters(), lr=0.1)
    for wrong, words in (
        (schedulers.StepLR(optimizer, 1), "torch's schedulers go with course_lib.pytorch"),
        (keras.callbacks.EarlyStopping(), "other callbacks go into callbacks"),
        (keras.optimizers.schedules.CosineDecay, "the class CosineDecay"),
        (0.1, "schedule is a float"),
    ):
        with pytest.raises(TypeError, match=words):
            in_keras(schedule=wrong)


def test_a_plateau_in_keras_may_watch_another_column():
    callback = keras.callbacks.ReduceLROnPlateau("loss", factor=0.5, patience=1, min_delta=10.0)
    assert in_keras(schedule=callback, val=None, lr=0.1, epochs=3).lr.tolist() == pytest.approx([0.1, 0.1, 0.05])


# ---------------------------------------------------------------------------- a slider would be overruled


def test_a_live_plot_offers_no_rate_to_set_where_a_schedule_sets_it():
    from course_lib.live import LivePlot

    plot = LivePlot(where="picture")
    seen = []
    look = types.SimpleNamespace(on_epoch_end=lambda epoch, logs: seen.append((plot.lr, plot._set_lr)))

    class Look(Callback):
        on_epoch_end = staticmethod(look.on_epoch_end)

    in_torch(callbacks=[plot, Look()], epochs=1)
    in_torch(callbacks=[plot, Look()], epochs=1, schedule=cosine(9), schedule_unit="batch")
    assert seen[0][0] == 0.1
    assert seen[1] == (None, None)
