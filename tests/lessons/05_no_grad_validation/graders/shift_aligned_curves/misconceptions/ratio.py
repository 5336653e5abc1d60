# diagnosis: gap_relative
# seen: a gap taken for a ratio
def shift_aligned_curves(train_loss, val_loss):
    E = range(len(train_loss))
    return {
        "train_at": [e + 0.5 for e in E],
        "val_at": [e + 1.0 for e in E],
        "gap": [val_loss[i] / ((train_loss[i] + train_loss[i + 1]) / 2) for i in E[:-1]],
    }
