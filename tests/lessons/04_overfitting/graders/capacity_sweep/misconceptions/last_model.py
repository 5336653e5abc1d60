# diagnosis: test_of_another_model
# seen: the loop's last model measured
def capacity_sweep(train_model, widths, train, val, test):
    t, v = [], []
    for w in widths:
        loss_on = train_model(w, train)
        t.append(loss_on(train))
        v.append(loss_on(val))
    best = min(range(len(v)), key=lambda i: (v[i], widths[i]))
    return {"train_loss": t, "val_loss": v, "best_width": widths[best], "test_loss": loss_on(test)}
