# track: keras
# diagnosis: other_batches
# seen: everything replaced by model.fit
import numpy as np


def run_epochs(model, train_batches, val_batches, loss_fn, optimizer, epochs):
    model.compile(optimizer=optimizer, loss=loss_fn)
    x = np.concatenate([x for x, _ in train_batches])
    y = np.concatenate([y for _, y in train_batches])
    vx = np.concatenate([x for x, _ in val_batches])
    vy = np.concatenate([y for _, y in val_batches])
    return model.fit(
        x, y, validation_data=(vx, vy), epochs=epochs, batch_size=len(train_batches[0][1]), verbose=0
    ).history
