# diagnosis: last_model_for_all
# seen: functions made in a loop that all look up the loop's last model
def capacity_sweep(train_model, widths, train, val, test):
    measures = []
    for w in widths:
        model = train_model(w, train)
        measures.append(lambda rows: model(rows))
    t = [measure(train) for measure in measures]
    v = [measure(val) for measure in measures]
    i = min(range(len(widths)), key=lambda i: (v[i], widths[i]))
    return {"train_loss": t, "val_loss": v, "best_width": widths[i], "test_loss": measures[i](test)}
