# track: keras
# diagnosis: initial_weights
# seen: a large number in place of infinity


def keep_best_weights(model, train_epoch, evaluate, val, epochs):
    best, best_epoch = 1e6, 1
    kept = model.get_weights()
    for epoch in range(1, epochs + 1):
        train_epoch(model)
        loss = evaluate(model, val)
        if loss < best:
            best, best_epoch, kept = loss, epoch, model.get_weights()
    model.set_weights(kept)
    return best_epoch
