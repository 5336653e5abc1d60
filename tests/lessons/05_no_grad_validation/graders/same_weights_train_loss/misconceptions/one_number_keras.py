# track: keras
# diagnosis: one_number
# seen: only evaluate's number returned
def same_weights_train_loss(model, x, y, batch_size):
    model.fit(x, y, batch_size=batch_size, epochs=1, verbose=0)
    return model.evaluate(x, y, verbose=0)
