# track: keras
# diagnosis: history_list
# seen: the History object returned
def same_weights_train_loss(model, x, y, batch_size):
    history = model.fit(x, y, batch_size=batch_size, epochs=1, verbose=0)
    return history, model.evaluate(x, y, verbose=0)
