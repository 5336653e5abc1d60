# diagnosis: wrong_neighbours
# seen: the mean with the epoch before
def shift_aligned_curves(train_loss, val_loss):
    n = len(val_loss)
    gap = [val_loss[i] - (train_loss[i - 1] + train_loss[i]) / 2 for i in range(1, n)]
    return {"train_at": [k + 0.5 for k in range(n)], "val_at": [k + 1.0 for k in range(n)], "gap": gap}
