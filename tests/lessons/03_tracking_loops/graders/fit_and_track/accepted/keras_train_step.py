# track: keras
def fit_and_track(model, train_data, val_data, epochs, batch_size):
    (x, y), (x_val, y_val) = train_data, val_data
    loss, val_loss = [], []
    for _ in range(epochs):
        model.reset_metrics()
        for i in range(0, len(x), batch_size):
            logs = model.train_step((x[i : i + batch_size], y[i : i + batch_size]))
        loss.append(float(logs["loss"]))
        val_loss.append(float(model.loss(y_val, model(x_val, training=False))))
    return {"loss": loss, "val_loss": val_loss}
