# track: keras
import keras


def train_with_early_stopping(model, train_epoch, evaluate, val, test, patience, max_epochs):
    stopper = keras.callbacks.EarlyStopping("val_loss", patience=patience, mode="min", restore_best_weights=True)
    stopper.set_model(model)
    model.stop_training = False
    stopper.on_train_begin()
    losses = []
    for epoch in range(max_epochs):
        train_epoch(model)
        losses.append(float(evaluate(model, val)))
        stopper.on_epoch_end(epoch, {"val_loss": losses[-1]})
        if model.stop_training:
            break
    stopper.on_train_end()
    return {"val_loss": losses, "best_epoch": stopper.best_epoch + 1, "test_loss": evaluate(model, test)}
