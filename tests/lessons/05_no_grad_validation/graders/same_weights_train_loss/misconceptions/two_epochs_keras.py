# track: keras
# diagnosis: several_epochs
# seen: epochs=2, then evaluate
def same_weights_train_loss(model, x, y, batch_size):
    reported = model.fit(x, y, batch_size=batch_size, epochs=2, verbose=0).history["loss"][0]
    return reported, model.evaluate(x, y, verbose=0)
