# track: keras
import math


def same_weights_train_loss(model, x, y, batch_size):
    def rows():
        for i in range(0, len(x), batch_size):
            yield x[i : i + batch_size], y[i : i + batch_size]

    steps = math.ceil(len(x) / batch_size)
    reported = model.fit(rows(), steps_per_epoch=steps, epochs=1, verbose=0).history["loss"][-1]
    measured_again = model.evaluate(rows(), steps=steps, verbose=0)
    return reported, measured_again
