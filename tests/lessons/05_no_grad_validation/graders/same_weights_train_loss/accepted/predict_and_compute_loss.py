# track: keras
import tensorflow as tf


def same_weights_train_loss(model, x, y, batch_size):
    (reported,) = model.fit(x, y, batch_size=batch_size, epochs=1, verbose=0).history["loss"]
    p = model.predict(x, batch_size=batch_size, verbose=0)
    again = model.compute_loss(y=tf.convert_to_tensor(y), y_pred=tf.convert_to_tensor(p))
    return reported, again
