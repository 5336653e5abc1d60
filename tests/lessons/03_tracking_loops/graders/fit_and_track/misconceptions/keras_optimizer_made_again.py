# track: keras
# diagnosis: compiled_anew
# seen: compile in the loop, with an optimizer of the same settings
def fit_and_track(model, train_data, val_data, epochs, batch_size):
    make, settings = type(model.optimizer).from_config, model.optimizer.get_config()
    tracked = {"loss": [], "val_loss": []}
    for _ in range(epochs):
        model.compile(optimizer=make(settings), loss=model.loss, run_eagerly=True)
        record = model.fit(*train_data, validation_data=val_data, batch_size=batch_size, verbose=0).history
        for name in tracked:
            tracked[name] += record[name]
    return tracked
