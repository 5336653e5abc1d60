# track: keras
# diagnosis: val_before_epoch
# seen: evaluate before fit
def same_weights_train_loss(model, x, y, batch_size):
    measured = model.evaluate(x, y, verbose=0)
    reported = model.fit(x, y, batch_size=batch_size, epochs=1, verbose=0).history["loss"][0]
    return reported, measured
