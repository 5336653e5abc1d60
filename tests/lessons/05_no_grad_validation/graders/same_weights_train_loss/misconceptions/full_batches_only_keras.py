# track: keras
# diagnosis: rows_left_out
# seen: the second pass stops at the last full batch
def same_weights_train_loss(model, x, y, batch_size):
    n = len(x) // batch_size * batch_size
    history = model.fit(x, y, batch_size=batch_size, verbose=0)
    return history.history["loss"][0], model.evaluate(x[:n], y[:n], verbose=0)
