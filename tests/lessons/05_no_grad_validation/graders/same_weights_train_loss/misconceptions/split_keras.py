# track: keras
# diagnosis: held_out_rows
# seen: validation_split taken for the training rows measured again
def same_weights_train_loss(model, x, y, batch_size):
    record = model.fit(x, y, batch_size=batch_size, epochs=1, validation_split=0.3, verbose=0).history
    return record["loss"][0], record["val_loss"][0]
