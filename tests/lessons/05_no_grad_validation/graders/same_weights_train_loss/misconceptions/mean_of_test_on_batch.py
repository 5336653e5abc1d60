# track: keras
# diagnosis: mean_of_means
# seen: test_on_batch in a loop, np.mean at the end
import numpy as np


def same_weights_train_loss(model, x, y, batch_size):
    h = model.fit(x, y, batch_size=batch_size, epochs=1, verbose=0)
    ls = [
        float(model.test_on_batch(x[i : i + batch_size], y[i : i + batch_size])) for i in range(0, len(x), batch_size)
    ]
    return h.history["loss"][0], np.mean(ls)
