# track: keras
# seen: a while loop that keeps every copy and chooses afterwards
def keep_best_weights(model, train_epoch, evaluate, val, epochs):
    losses, copies, done = [], [], 0
    while done < epochs:
        train_epoch(model)
        losses.append(evaluate(model, val))
        copies.append(model.get_weights())
        done += 1
    where = losses.index(min(losses))
    best_weights = copies[where]
    model.set_weights(best_weights)
    return where + 1
