# diagnosis: test_of_another_model
import numpy as np


def final_run(lab):
    def error(values):
        return np.std(values, ddof=1) / np.sqrt(len(values))

    models = {config: [lab.fit(config, seed) for seed in lab.seeds] for config in lab.configs}
    losses = {config: [lab.val_loss(model) for model in models[config]] for config in lab.configs}
    chosen = min(losses, key=lambda config: np.mean(losses[config]))
    shares = np.bincount(lab.train_y) / len(lab.train_y)
    rows = lab.test_losses(models[chosen][int(np.argmin(losses[chosen]))])
    return {
        "baseline": -np.log(shares[lab.val_y]).mean(),
        "chosen": chosen,
        "val_loss": np.mean(losses[chosen]),
        "val_error": error(losses[chosen]),
        "test_loss": np.mean(rows),
        "test_error": error(rows),
    }
