# track: keras
# diagnosis: other_batches
# seen: the default of 32
def same_weights_train_loss(model, x, y, batch_size):
    reported = model.fit(x, y, epochs=1, verbose=0).history["loss"][0]
    return reported, model.evaluate(x, y, verbose=0)
