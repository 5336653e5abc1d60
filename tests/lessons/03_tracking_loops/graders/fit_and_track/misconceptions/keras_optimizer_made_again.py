# track: keras
# diagnosis: compiled_anew
# seen: compile in the loop, with an optimizer of the same settings
def fit_and_track(model, train_data, val_data, epochs, batch_size):
    x, y = train_data
    tracked = {"loss": [], "val_loss": []}
    make, settings = type(model.optimizer).from_config, model.optimizer.get_config()
    for _ in range(epochs):
        model.compile(optimizer=make(settings), loss=model.loss, run_eagerly=True)
        total = 0.0
        for start in range(0, len(x), batch_size):
            inputs, targets = x[start : start + batch_size], y[start : start + batch_size]
            total += float(model.train_on_batch(inputs, targets)) * len(targets)
        tracked["loss"].append(total / len(x))
        tracked["val_loss"].append(model.evaluate(*val_data, verbose=0))
    return tracked
