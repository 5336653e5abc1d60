# diagnosis: gap_too_short
# seen: the loop over the pairs of neighbours begins with the second
def shift_aligned_curves(train_loss, val_loss):
    epochs = len(val_loss)
    gap = []
    for epoch in range(1, epochs - 1):
        gap.append(val_loss[epoch] - (train_loss[epoch] + train_loss[epoch + 1]) / 2)
    return {
        "train_at": [epoch + 0.5 for epoch in range(epochs)],
        "val_at": [epoch + 1 for epoch in range(epochs)],
        "gap": gap,
    }
