"""Lesson 09, `resume_hunt`: six ways to go on with a run, and whether the rates go on with it.

No list of right letters is kept. Each way was run, which a test repeats, and the rates of its epochs stand beside those
of the run without a break: a way goes wrong if they differ.
"""

from __future__ import annotations

from functools import cache, partial

from course_lib.checks.case import Exercise
from course_lib.checks.letters import Hunt

__all__ = ["TRACES", "UNBROKEN", "WAYS", "goes_wrong", "hunt", "measured", "resume_hunt"]

#: The code of each way, as the lesson shows it. In PyTorch ``model`` and ``optimizer`` (SGD at 0.1) are new, and
#: ``saved`` is what was kept after epoch 5.
WAYS: dict[str, dict[str, str]] = {
    "pytorch": {
        "A": """\
model.load_state_dict(saved["model"])
optimizer.load_state_dict(saved["optimizer"])
scheduler = CosineAnnealingLR(optimizer, T_max=10)
for epoch in range(6, 11):
    train_epoch(model, optimizer)
    scheduler.step()
""",
        "B": """\
scheduler = CosineAnnealingLR(optimizer, T_max=10)
scheduler.load_state_dict(saved["scheduler"])
model.load_state_dict(saved["model"])
optimizer.load_state_dict(saved["optimizer"])
for epoch in range(6, 11):
    train_epoch(model, optimizer)
    scheduler.step()
""",
        "C": """\
model.load_state_dict(saved["model"])
for epoch in range(6, 11):
    for group in optimizer.param_groups:
        group["lr"] = 0.1 * (1 + math.cos(math.pi * (epoch - 1) / 10)) / 2
    train_epoch(model, optimizer)
""",
        "D": """\
scheduler = CosineAnnealingLR(optimizer, T_max=10)
scheduler.load_state_dict(saved["scheduler"])
model.load_state_dict(saved["model"])
for epoch in range(6, 11):
    train_epoch(model, optimizer)
    scheduler.step()
""",
        "E": """\
scheduler = CosineAnnealingLR(optimizer, T_max=10)
for epoch in range(1, 6):
    scheduler.step()
model.load_state_dict(saved["model"])
optimizer.load_state_dict(saved["optimizer"])
for epoch in range(6, 11):
    train_epoch(model, optimizer)
    scheduler.step()
""",
        "F": """\
scheduler = CosineAnnealingLR(optimizer, T_max=10)
model.load_state_dict(saved["model"])
optimizer.load_state_dict(saved["optimizer"])
scheduler.load_state_dict(saved["scheduler"])
for epoch in range(1, 11):
    train_epoch(model, optimizer)
    scheduler.step()
""",
    },
    "keras": {
        "A": """\
np.savez("run.npz", *model.get_weights())

model = make_model()
model.compile(optimizer=SGD(CosineDecay(0.1, decay_steps=200)), loss=loss)
model.set_weights(list(np.load("run.npz").values()))
model.fit(x, y, initial_epoch=5, epochs=10)
""",
        "B": """\
model.save("run.keras")

model = keras.saving.load_model("run.keras")
model.fit(x, y, initial_epoch=5, epochs=10)
""",
        "C": """\
model.save_weights("run.weights.h5")

model = make_model()
model.load_weights("run.weights.h5")
model.compile(optimizer=SGD(0.1), loss=loss)
cosine = LearningRateScheduler(lambda epoch: 0.1 * (1 + math.cos(math.pi * epoch / 10)) / 2)
model.fit(x, y, initial_epoch=5, epochs=10, callbacks=[cosine])
""",
        "D": """\
model.save("run.keras")

model = keras.saving.load_model("run.keras")
model.compile(optimizer=SGD(CosineDecay(0.1, decay_steps=200)), loss=loss)
model.fit(x, y, initial_epoch=5, epochs=10)
""",
        "E": """\
model.save_weights("run.weights.h5")

model = make_model()
model.compile(optimizer=SGD(CosineDecay(0.1, decay_steps=200)), loss=loss)
model.load_weights("run.weights.h5")
model.fit(x, y, initial_epoch=5, epochs=10)
""",
        "F": """\
model.save_weights("run.weights.h5")

model = make_model()
model.load_weights("run.weights.h5")
model.compile(optimizer=SGD(0.1), loss=loss)
cosine = LearningRateScheduler(lambda epoch: 0.1 * (1 + math.cos(math.pi * epoch / 10)) / 2)
model.fit(x, y, epochs=5, callbacks=[cosine])
""",
    },
}

#: The rates with which the epochs 6 to 10 begin where nothing interrupts the run.
UNBROKEN = (0.05, 0.03455, 0.02061, 0.00955, 0.00245)
_FROM_THE_START = (0.1, 0.09755, 0.09045, 0.07939, 0.06545)
#: The same for each way.
TRACES: dict[str, dict[str, tuple[float, ...]]] = {
    "pytorch": {
        "A": (0.05, 0.04878, 0.04523, 0.03969, 0.03273),
        "B": UNBROKEN,
        "C": UNBROKEN,
        "D": (0.1, 0.0691, 0.04122, 0.0191, 0.00489),
        "E": UNBROKEN,
        "F": (*UNBROKEN, 0.0, 0.00245, 0.00955, 0.02061, 0.03455),
    },
    "keras": {
        "A": _FROM_THE_START,
        "B": UNBROKEN,
        "C": UNBROKEN,
        "D": _FROM_THE_START,
        "E": UNBROKEN,
        "F": _FROM_THE_START,
    },
}
#: Where to look in each way: its own question, the same whether it goes wrong or not.
LOOKS: dict[str, dict[str, str]] = {
    "pytorch": {
        "A": "how far along its cosine the new scheduler is when the loop begins",
        "B": "which of the three states come back",
        "C": "what the rate of an epoch is computed from",
        "D": "which rate the new optimizer begins with",
        "E": "which epochs the first loop stands for, and what happens to the rate after it",
        "F": "how many epochs the loop trains, and which",
    },
    "keras": {
        "A": "what the file holds, and where a schedule object keeps its place",
        "B": "what the file holds, and where a schedule object keeps its place",
        "C": "which number the callback computes the rate from, and which number `fit` tells it",
        "D": "what becomes of the loaded optimizer before `fit`",
        "E": "what the file holds, and whether the model was compiled when it was loaded",
        "F": "which number the callback computes the rate from, and which number `fit` tells it",
    },
}


def goes_wrong(track: str, letter: str) -> bool:
    """Tell whether a way's epochs begin with other rates than those of the run without a break.

    Examples
    --------
    >>> goes_wrong("pytorch", "A"), goes_wrong("pytorch", "B")
    (True, False)
    """
    return TRACES[track][letter] != UNBROKEN


def measured(track: str, letter: str) -> str:
    """Say with which rates a way's epochs began, and with which they should."""
    trace = TRACES[track][letter]
    begins = f"We ran {letter}: after the break its epochs begin with the rates {', '.join(f'{r:g}' for r in trace)}"
    if trace == UNBROKEN:
        return f"{begins}, as they would without the break"
    return f"{begins}; without the break they are {', '.join(f'{r:g}' for r in UNBROKEN)}, and the run ends"


@cache
def hunt(track: str) -> Hunt:
    """Return the hunt of one track."""
    return Hunt("resume_hunt", "astray", "ways", "go wrong", partial(goes_wrong, track), partial(measured, track))


def resume_hunt(track: str) -> Exercise:
    """Return the bug hunt of one track."""
    mistakes = [
        ("resume_thought_harmless" if goes_wrong(track, letter) else "resume_accused", letter, LOOKS[track][letter])
        for letter in WAYS[track]
    ]
    return hunt(track).exercise(2, mistakes)
