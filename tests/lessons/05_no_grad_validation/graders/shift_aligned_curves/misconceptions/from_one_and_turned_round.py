# diagnosis: counted_from_one
# seen: the axis begins at 1, and the gap is training minus validation
def shift_aligned_curves(train_loss, val_loss):
    epochs = range(1, len(train_loss) + 1)
    at_ends = [(before + after) / 2 for before, after in zip(train_loss, train_loss[1:])]
    return {
        "train_at": [epoch + 0.5 for epoch in epochs],
        "val_at": [epoch + 1.0 for epoch in epochs],
        "gap": [train - val for train, val in zip(at_ends, val_loss)],
    }
