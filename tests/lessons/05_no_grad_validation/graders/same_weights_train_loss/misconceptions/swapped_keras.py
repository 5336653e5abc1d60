# track: keras
# diagnosis: pair_swapped
# seen: the order of the two numbers
def same_weights_train_loss(model, x, y, batch_size):
    reported = model.fit(x, y, batch_size=batch_size, epochs=1, verbose=0).history["loss"][0]
    return model.evaluate(x, y, verbose=0), reported
