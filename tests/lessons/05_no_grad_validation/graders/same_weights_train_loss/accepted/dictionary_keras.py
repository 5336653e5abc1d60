# track: keras
def same_weights_train_loss(model, x, y, batch_size):
    history = model.fit(x, y, batch_size=batch_size, verbose=0)
    logs = model.evaluate(x, y, verbose=0, return_dict=True)
    return float(history.history["loss"][-1]), float(logs["loss"])
