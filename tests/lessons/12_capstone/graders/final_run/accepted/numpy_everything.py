import numpy as np


def standard_error(x):
    x = np.asarray(x, float)
    return np.sqrt(np.sum((x - x.mean()) ** 2) / (x.size - 1) / x.size)


def final_run(lab):
    grid = {(c, s): lab.fit(c, s) for c in lab.configs for s in lab.seeds}
    val = {key: lab.val_loss(model) for key, model in grid.items()}
    mean = {c: np.mean([val[c, s] for s in lab.seeds]) for c in lab.configs}
    chosen = min(mean, key=mean.__getitem__)
    labels, counts = np.unique(lab.train_y, return_counts=True)
    p = dict(zip(labels.tolist(), (counts / counts.sum()).tolist()))
    test = lab.test_losses(grid[chosen, lab.seeds[0]])
    result = {"chosen": chosen, "baseline": np.mean([-np.log(p[y]) for y in lab.val_y.tolist()])}
    result.update(val_loss=mean[chosen], val_error=standard_error([val[chosen, s] for s in lab.seeds]))
    result.update(test_loss=np.mean(test), test_error=standard_error(test))
    return result
