# track: keras
# seen: a twin model holds the best weights
import keras


def keep_best_weights(model, train_epoch, evaluate, val, epochs):
    twin = keras.models.clone_model(model)
    losses = []
    for _ in range(epochs):
        train_epoch(model)
        losses.append(evaluate(model, val))
        if losses[-1] < min(losses[:-1], default=float("inf")):
            twin.set_weights(model.get_weights())
    model.set_weights(twin.get_weights())
    return losses.index(min(losses)) + 1
