# track: pytorch
# diagnosis: remembers_earlier_call
# seen: a dictionary as a default argument, which the next call finds as the last one left it
import copy


def keep_best_weights(model, train_epoch, evaluate, val, epochs, best={"loss": float("inf")}):
    for epoch in range(1, epochs + 1):
        train_epoch(model)
        loss = evaluate(model, val)
        if loss < best["loss"]:
            best.update(loss=loss, epoch=epoch, weights=copy.deepcopy(model.state_dict()))
    model.load_state_dict(best["weights"])
    return best["epoch"]
