# track: keras
# diagnosis: history_object
# seen: the History of the lesson handed back
from course_lib.history import History


def fit_and_track(model, train_data, val_data, epochs, batch_size):
    x, y = train_data
    history = History(framework="keras")
    for _ in range(epochs):
        for i in range(0, len(x), batch_size):
            inputs, targets = x[i : i + batch_size], y[i : i + batch_size]
            history.batch(float(model.train_on_batch(inputs, targets)), len(targets))
        history.epoch(val_loss=model.evaluate(*val_data, verbose=0))
    return history
