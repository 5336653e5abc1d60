# diagnosis: no_shift
# seen: the usual plot
def shift_aligned_curves(train_loss, val_loss):
    ends = [k + 1.0 for k in range(len(val_loss))]
    return {"train_at": ends, "val_at": ends, "gap": [v - t for t, v in zip(train_loss, val_loss)][:-1]}
