from course_lib.lessons.l04_overfitting.runs import eight_runs

labels = {}
for letter, run in eight_runs().items():
    end, low = run.val_loss[-5:].mean(), run.val_loss.min()
    if end > 1.2 * low:
        drop = run.accuracy_at_best - run.last_accuracy
        labels[letter] = "overfit, accuracy falls" if drop > 0.03 else "overfit, accuracy holds"
    elif end < 0.95 * run.val_loss[-15:-10].mean():
        labels[letter] = "unfinished"
    else:
        labels[letter] = "underfit" if run.train_loss[-1] > 0.5 * run.guessing else "good"
