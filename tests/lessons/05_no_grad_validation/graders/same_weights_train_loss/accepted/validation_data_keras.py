# track: keras
def same_weights_train_loss(model, x, y, batch_size):
    record = model.fit(x, y, batch_size=batch_size, epochs=1, validation_data=(x, y), verbose=0).history
    return record["loss"][0], record["val_loss"][0]
