# track: keras
import copy
import math


def keep_best_weights(model, train_epoch, evaluate, val, epochs):
    best = math.inf
    for e in range(1, epochs + 1):
        train_epoch(model)
        v = evaluate(model, val)
        if v < best:
            best, at = v, e
            tree = model.get_state_tree(value_format="numpy_array")
            tree = copy.deepcopy({k: tree[k] for k in ("trainable_variables", "non_trainable_variables")})
    model.set_state_tree(tree)
    return at
