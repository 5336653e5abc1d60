# track: keras
import tensorflow as tf


def three_way_split(n_rows, val_rows, test_rows, seed):
    ds = tf.data.Dataset.range(n_rows).shuffle(n_rows, seed=seed, reshuffle_each_iteration=False)
    rows = ds.batch(n_rows).get_single_element().numpy().tolist()
    return rows[val_rows + test_rows :], rows[:val_rows], rows[val_rows : val_rows + test_rows]
