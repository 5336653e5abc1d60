import numpy as np

from course_lib.lessons.l04_overfitting.runs import stored_runs

labels = {}
for letter, run in stored_runs().items():
    val, late = run.val_loss, run.val_loss[-20:]
    end, low = val[-5:].mean(), val.min()
    if np.isnan(val).any():
        labels[letter] = "not a number"
    elif run.train_loss[-1] > 5 * run.guessing:
        labels[letter] = "explodes"
    elif run.train_loss.min() > 0.95 * run.guessing:
        labels[letter] = "never learns"
    elif np.abs(np.diff(late)).mean() > 0.15 * late.mean():
        labels[letter] = "oscillates"
    elif end > 1.2 * low:
        drop = run.accuracy_at_best - run.last_accuracy
        labels[letter] = "overfit, accuracy falls" if drop > 0.03 else "overfit, accuracy holds"
    elif end < 0.95 * val[-15:-10].mean():
        labels[letter] = "unfinished"
    else:
        labels[letter] = "underfit" if run.train_loss[-1] > 0.5 * run.guessing else "good"
