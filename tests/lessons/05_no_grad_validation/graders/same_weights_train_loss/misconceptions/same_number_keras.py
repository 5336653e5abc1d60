# track: keras
# diagnosis: not_remeasured
# seen: the first and the last entry of a history of one epoch
def same_weights_train_loss(model, x, y, batch_size):
    loss = model.fit(x, y, batch_size=batch_size, epochs=1, verbose=0).history["loss"]
    return loss[0], loss[-1]
