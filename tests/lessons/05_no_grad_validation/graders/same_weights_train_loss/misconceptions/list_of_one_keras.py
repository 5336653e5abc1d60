# track: keras
# diagnosis: list_of_one
# seen: the history's list of one epoch returned
def same_weights_train_loss(model, x, y, batch_size):
    reported = model.fit(x, y, batch_size=batch_size, verbose=0).history["loss"]
    return reported, model.evaluate(x, y, verbose=0)
