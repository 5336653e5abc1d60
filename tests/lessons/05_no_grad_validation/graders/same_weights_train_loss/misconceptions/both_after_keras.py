# track: keras
# diagnosis: loss_remeasured
# seen: the reported loss believed to be that of evaluate
def same_weights_train_loss(model, x, y, batch_size):
    model.fit(x, y, batch_size=batch_size, epochs=1, verbose=0)
    loss = model.evaluate(x, y, verbose=0)
    return loss, loss
