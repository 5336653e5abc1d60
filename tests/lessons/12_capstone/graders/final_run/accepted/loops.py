import math

import numpy as np


def final_run(lab):
    means, all_losses, first = {}, {}, {}
    for config in lab.configs:
        losses = []
        for k, seed in enumerate(lab.seeds):
            model = lab.fit(config, seed)
            if k == 0:
                first[config] = model
            losses.append(lab.val_loss(model))
        means[config] = sum(losses) / len(losses)
        all_losses[config] = losses
    chosen = sorted(means, key=means.get)[0]
    counts = {}
    for label in lab.train_y:
        counts[label] = counts.get(label, 0) + 1
    baseline = 0.0
    for label in lab.val_y:
        baseline -= math.log(counts[label] / len(lab.train_y))
    test = list(lab.test_losses(first[chosen]))
    mean = sum(test) / len(test)
    spread = math.sqrt(sum((loss - mean) ** 2 for loss in test) / (len(test) - 1))
    over = all_losses[chosen]
    return {
        "baseline": baseline / len(lab.val_y),
        "chosen": chosen,
        "val_loss": means[chosen],
        "val_error": math.sqrt(sum((v - means[chosen]) ** 2 for v in over) / (len(over) - 1) / len(over)),
        "test_loss": mean,
        "test_error": spread / math.sqrt(len(test)),
    }
