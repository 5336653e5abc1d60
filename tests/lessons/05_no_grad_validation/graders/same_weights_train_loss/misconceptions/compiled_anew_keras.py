# track: keras
# diagnosis: compiled_anew
# seen: compile with the default learning rate before fit
import keras


def same_weights_train_loss(model, x, y, batch_size):
    model.compile(optimizer=keras.optimizers.SGD(), loss="mse")
    reported = model.fit(x, y, batch_size=batch_size, verbose=0).history["loss"][0]
    return reported, model.evaluate(x, y, verbose=0)
