# track: keras
def fit_and_track(model, train_data, val_data, epochs, batch_size):
    x, y = train_data
    snapshots, loss = [], []
    for _ in range(epochs):
        total = 0.0
        for start in range(0, len(x), batch_size):
            end = min(start + batch_size, len(x))
            total += float(model.train_on_batch(x[start:end], y[start:end])) * (end - start)
        loss.append(total / len(x))
        snapshots.append(model.get_weights())
    val_loss = []
    for weights in snapshots:
        model.set_weights(weights)
        val_loss.append(model.evaluate(*val_data, verbose=0))
    return {"loss": loss, "val_loss": val_loss}
