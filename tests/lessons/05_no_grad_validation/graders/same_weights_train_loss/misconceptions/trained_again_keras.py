# track: keras
# diagnosis: trained_again
# seen: the second epoch taken for a second measurement
def same_weights_train_loss(model, x, y, batch_size):
    loss = model.fit(x, y, batch_size=batch_size, epochs=2, verbose=0).history["loss"]
    return loss[0], loss[1]
