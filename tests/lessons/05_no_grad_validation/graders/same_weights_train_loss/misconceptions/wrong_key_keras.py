# track: keras
# diagnosis: raised_KeyError
# seen: a key that the history does not have
def same_weights_train_loss(model, x, y, batch_size):
    reported = model.fit(x, y, batch_size=batch_size, verbose=0).history["train_loss"][0]
    return reported, model.evaluate(x, y, verbose=0)
