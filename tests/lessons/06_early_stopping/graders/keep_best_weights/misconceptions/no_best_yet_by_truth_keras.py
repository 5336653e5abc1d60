# track: keras
# diagnosis: zero_taken_for_none
# seen: `not best` where `best is None` is meant
def keep_best_weights(model, train_epoch, evaluate, val, epochs):
    best, best_epoch, kept = None, 0, None
    for epoch in range(1, epochs + 1):
        train_epoch(model)
        loss = evaluate(model, val)
        if not best or loss < best:
            best, best_epoch, kept = loss, epoch, model.get_weights()
    model.set_weights(kept)
    return best_epoch
