import statistics

import numpy as np
from sklearn.dummy import DummyClassifier
from sklearn.metrics import log_loss


def final_run(lab):
    dummy = DummyClassifier(strategy="prior").fit(np.zeros((len(lab.train_y), 1)), lab.train_y)
    guess = dummy.predict_proba(np.zeros((len(lab.val_y), 1)))
    found = {}
    for config in lab.configs:
        models = [lab.fit(config, seed) for seed in lab.seeds]
        found[config] = (models[0], [float(lab.val_loss(m)) for m in models])
    chosen, (model, losses) = min(found.items(), key=lambda item: statistics.fmean(item[1][1]))
    test = [float(loss) for loss in lab.test_losses(model)]
    return {
        "baseline": log_loss(lab.val_y, guess, labels=dummy.classes_),
        "chosen": chosen,
        "val_loss": statistics.fmean(losses),
        "val_error": statistics.stdev(losses) / len(losses) ** 0.5,
        "test_loss": statistics.fmean(test),
        "test_error": statistics.stdev(test) / len(test) ** 0.5,
    }
