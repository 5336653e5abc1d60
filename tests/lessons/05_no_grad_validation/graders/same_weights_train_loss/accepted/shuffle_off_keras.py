# track: keras
def same_weights_train_loss(model, x, y, batch_size):
    reported = model.fit(x, y, batch_size, 1, verbose=0, shuffle=False).history["loss"]
    measured = model.evaluate(x, y, batch_size, verbose=0)
    return [reported[0], measured]
