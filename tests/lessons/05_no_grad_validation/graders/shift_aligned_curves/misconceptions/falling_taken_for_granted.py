# diagnosis: training_loss_always_falls
# seen: half the distance is always taken off the earlier point
def shift_aligned_curves(train_loss, val_loss):
    n = len(val_loss)
    middle = [train_loss[i] - abs(train_loss[i] - train_loss[i + 1]) / 2 for i in range(n - 1)]
    return {
        "train_at": [i + 0.5 for i in range(n)],
        "val_at": [i + 1.0 for i in range(n)],
        "gap": [val_loss[i] - middle[i] for i in range(n - 1)],
    }
