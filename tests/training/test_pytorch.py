"""The PyTorch trainer: the same numbers as a loop by hand, exact means, modes, loaders, devices."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from course_lib.data import digits, moons, torch_loaders
from course_lib.pytorch import evaluate, fit
from course_lib.training.means import row_order

DATA = digits()


def model(*extra: nn.Module) -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(64, 16), *extra, nn.ReLU(), nn.Linear(16, 10))


def tensors() -> tuple[torch.Tensor, torch.Tensor]:
    return torch.from_numpy(DATA.train.x), torch.from_numpy(DATA.train.y)


def test_fit_gives_the_numbers_of_a_loop_by_hand():
    x, y = tensors()
    ours, theirs = model(), model()
    optimizer, loss, losses = torch.optim.Adam(theirs.parameters()), nn.CrossEntropyLoss(), []
    for epoch in (1, 2, 3):
        rows = torch.from_numpy(row_order(0, epoch, len(y)))
        for some in rows.split(32):
            optimizer.zero_grad()
            batch_loss = loss(theirs(x[some]), y[some])
            batch_loss.backward()
            optimizer.step()
            losses.append(batch_loss.item())
    history = fit(
        ours,
        DATA.train,
        loss=nn.CrossEntropyLoss(),
        optimizer=torch.optim.Adam(ours.parameters()),
        epochs=3,
        metrics=["accuracy"],
    )
    assert history.batch_loss.tolist() == losses
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=0)


def test_a_data_loader_gives_the_numbers_of_the_loop_around_it():
    ours, theirs = model(), model()
    optimizer, loss, losses = torch.optim.SGD(theirs.parameters(), lr=0.1), nn.CrossEntropyLoss(), []
    for x, y in torch_loaders(DATA)["train"]:
        optimizer.zero_grad()
        batch_loss = loss(theirs(x), y)
        batch_loss.backward()
        optimizer.step()
        losses.append(batch_loss.item())
    loaders = torch_loaders(DATA)
    sgd = torch.optim.SGD(ours.parameters(), lr=0.1)
    history = fit(ours, loaders["train"], loaders["val"], loss="cross_entropy", optimizer=sgd, epochs=1)
    assert history.batch_loss.tolist() == losses
    assert history.val_loss[0] == pytest.approx(evaluate(ours, DATA.val, loss="cross_entropy")["loss"], rel=1e-6)


@pytest.mark.parametrize("size", [1, 7, 32, 1436, 5000])
def test_every_batch_size_sees_every_row_once(size):
    seen = []

    def note(output, target):
        seen.append(target.clone())
        return 0.0

    x = torch.arange(1437.0)[:, None]
    history = fit(
        nn.Linear(1, 1), (x, x), loss="mse", optimizer="sgd", lr=0.0, epochs=1, batch_size=size, metrics=[note]
    )
    rows = torch.cat(seen[1:])  # the first call is the trial on two rows
    assert sorted(rows.flatten().tolist()) == list(range(1437))
    assert history.samples[0] == 1437


def test_weighted_cross_entropy_is_exact_over_ragged_batches():
    weights = torch.linspace(0.1, 5.0, 10)
    loss = nn.CrossEntropyLoss(weight=weights, ignore_index=3)
    net = model()
    x, y = tensors()
    whole = loss(net(x), y).item()
    for size in (7, 100, 5000):
        assert evaluate(net, (x, y), loss=loss, batch_size=size)["loss"] == pytest.approx(whole, rel=1e-5)
    history = fit(net, (x, y), loss=loss, optimizer="sgd", lr=0.0, epochs=1, batch_size=100)
    assert history.train_loss[0] == pytest.approx(whole, rel=1e-5)
    counted = weights[y[y != 3]].sum().item()
    assert history.batch_weight.sum() == pytest.approx(counted, rel=1e-5)


def test_a_sum_is_reported_per_sample():
    net = model()
    mean = evaluate(net, DATA.val, loss=nn.CrossEntropyLoss())
    assert evaluate(net, DATA.val, loss=nn.CrossEntropyLoss(reduction="sum")) == pytest.approx(mean, rel=1e-5)
    with pytest.raises(ValueError, match="reduction='none'"):
        evaluate(net, DATA.val, loss=nn.CrossEntropyLoss(reduction="none"))


def modes(net: nn.Module) -> list[bool]:
    return [module.training for module in net.modules()]


@pytest.mark.parametrize("training", [True, False])
def test_modes_are_restored_part_by_part(training):
    net = model(nn.BatchNorm1d(16), nn.Dropout(0.5))
    net.train(training)
    net[1].eval()
    before = modes(net)
    evaluate(net, DATA.val, loss="cross_entropy")
    assert modes(net) == before
    fit(net, DATA.train, DATA.val, loss="cross_entropy", epochs=1)
    assert modes(net) == before
    with pytest.raises(ValueError, match="cannot take"):
        evaluate(net, (DATA.val.x[:, :3], DATA.val.y), loss="cross_entropy")
    assert modes(net) == before

    def fail(output, target):
        raise KeyError("mine")

    with pytest.raises(KeyError):
        fit(net, DATA.train, loss="cross_entropy", epochs=1, metrics=[fail])
    assert modes(net) == before


def test_evaluate_changes_neither_weights_nor_statistics_nor_random_numbers():
    net = model(nn.BatchNorm1d(16), nn.Dropout(0.5))
    before = {name: value.clone() for name, value in net.state_dict().items()}
    random_state = torch.get_rng_state()
    first = evaluate(net, DATA.val, loss="cross_entropy", metrics=["accuracy"])
    assert evaluate(net, DATA.val, loss="cross_entropy", metrics=["accuracy"]) == first
    for name, value in net.state_dict().items():
        torch.testing.assert_close(value, before[name], rtol=0, atol=0)
    assert torch.equal(torch.get_rng_state(), random_state)
    assert all(parameter.grad is None for parameter in net.parameters())


def test_batches_of_64_and_more_are_not_mixed_up():
    """Rows are gathered for 64 batches at a time into memory that is used again."""
    x = np.arange(5000, dtype="float32")[:, None]
    seen = []

    def error(output, target):
        seen.append(target[:, 0].tolist())
        return (output - target).abs().mean()

    net = nn.Linear(1, 1)
    fit(net, (x, x), loss="mse", optimizer="sgd", lr=0.0, epochs=2, batch_size=13, metrics=[error])
    for epoch, start in ((1, 1), (2, 1 + 385)):
        rows = [row for batch in seen[start : start + 385] for row in batch]
        assert rows == row_order(0, epoch, 5000).tolist()


def test_accuracy_of_binary_labels():
    data = moons(flipped=0)
    y = data.train.y[:, None].astype("float32")
    net = nn.Linear(2, 1)
    logits = net(torch.from_numpy(data.train.x)).detach()
    expected = ((logits > 0) == torch.from_numpy(y).bool()).float().mean().item()
    result = evaluate(net, (data.train.x, y), loss="binary_cross_entropy", metrics=["accuracy"])
    assert result["accuracy"] == pytest.approx(expected)
    sure = nn.Sequential(net, nn.Sigmoid())
    result = evaluate(sure, (data.train.x, y), loss=nn.BCELoss(), metrics=["accuracy"])
    assert result["accuracy"] == pytest.approx(expected)


def test_shapes_that_would_broadcast_are_refused():
    x, y = DATA.train.x, DATA.train.x[:, 0]
    with pytest.raises(ValueError, match=r"\(rows, 1\) but train y has \(rows,\).*reshape"):
        fit(nn.Linear(64, 1), (x, y), loss="mse", epochs=1)


def test_loaders_that_yield_nothing_are_named():
    rows = TensorDataset(*tensors())
    with pytest.raises(ValueError, match="drop_last=True drops the only 1437 rows"):
        fit(model(), DataLoader(rows, 2000, drop_last=True), loss="cross_entropy", epochs=1)
    empty = TensorDataset(torch.zeros(0, 64), torch.zeros(0, dtype=torch.long))
    with pytest.raises(ValueError, match=r"val has no rows|val loader yields no batches"):
        fit(model(), rows, DataLoader(empty, 4), loss="cross_entropy", epochs=1)


def test_wrong_batches_of_a_loader_are_found_before_the_first_step():
    x, y = tensors()
    net = model()
    before = [p.clone() for p in net.parameters()]
    for wrong, words in (((x, y + 1), "labels from"), ((x[:, :3], y), "cannot take"), ((x.double(), y), "float64")):
        with pytest.raises((ValueError, TypeError), match=words):
            fit(net, DataLoader(TensorDataset(*wrong), 1437), loss="cross_entropy", epochs=1)
    assert all(torch.equal(a, b) for a, b in zip(before, net.parameters(), strict=True))


def test_an_optimizer_of_another_model_is_refused():
    with pytest.raises(ValueError, match="made for another model"):
        fit(model(), DATA.train, loss="cross_entropy", optimizer=torch.optim.SGD(model().parameters(), lr=1), epochs=1)
    net = model()
    with pytest.raises(ValueError, match="own learning rate"):
        fit(net, DATA.train, loss="cross_entropy", optimizer=torch.optim.Adam(net.parameters()), lr=0.1, epochs=1)


def test_two_runs_give_the_same_numbers():
    runs = []
    for _ in range(2):
        net = model(nn.Dropout(0.3))
        runs.append(fit(net, DATA.train, DATA.val, loss="cross_entropy", epochs=2))
    assert runs[0].batch_loss.tolist() == runs[1].batch_loss.tolist()
    assert runs[0].val_loss.tolist() == runs[1].val_loss.tolist()


GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")


@pytest.mark.gpu
@GPU
def test_on_a_gpu_the_curves_are_those_of_the_cpu_and_the_model_comes_back():
    runs = []
    for device in ("cpu", None):
        net = model()
        optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
        history = fit(
            net,
            DATA.train,
            DATA.val,
            loss="cross_entropy",
            optimizer=optimizer,
            epochs=3,
            metrics=["accuracy"],
            device=device,
        )
        assert next(net.parameters()).device.type == "cpu"
        runs.append(history)
    np.testing.assert_allclose(runs[0].batch_loss, runs[1].batch_loss, rtol=1e-3)
    np.testing.assert_allclose(runs[0].val_loss, runs[1].val_loss, rtol=1e-3)


@pytest.mark.gpu
@GPU
def test_on_a_gpu_no_batch_waits_for_the_device():
    x, y = (t.cuda() for t in tensors())
    net = model().cuda()
    fit(net, (x, y), loss="cross_entropy", epochs=1)  # first-time work may wait
    from torch.utils.data import DataLoader as Loader

    class Strict(Loader):
        """Lets the loop run with waiting forbidden, up to the last batch."""

        def __iter__(self):
            for number in range(40):
                if number == 3:
                    torch.cuda.set_sync_debug_mode("error")
                if number == 39:
                    torch.cuda.set_sync_debug_mode("default")
                yield x[number * 32 : number * 32 + 32], y[number * 32 : number * 32 + 32]

        def __len__(self):
            return 40

    import course_lib.training.torch_run as parts

    seconds, parts.GROUP_SECONDS = parts.GROUP_SECONDS, 1e9
    try:
        history = fit(net, Strict(TensorDataset(x, y)), loss=nn.CrossEntropyLoss(), epochs=1, metrics=["accuracy"])
    finally:
        torch.cuda.set_sync_debug_mode("default")
        parts.GROUP_SECONDS = seconds
    assert history.steps == 40


def test_a_data_loader_over_a_dataset_without_a_length():
    class Rows(torch.utils.data.IterableDataset):
        def __iter__(self):
            return zip(*tensors(), strict=True)

    arguments = {"loss": "cross_entropy", "epochs": 2, "metrics": ["accuracy"]}
    history = fit(model(), DataLoader(Rows(), 100), DataLoader(Rows(), 200), **arguments)
    expected = fit(model(), DATA.train, DATA.train, batch_size=100, shuffle=False, **arguments)
    np.testing.assert_allclose(history.batch_loss, expected.batch_loss, rtol=1e-5)
    np.testing.assert_allclose(history["val_accuracy"], expected["val_accuracy"], rtol=1e-5)


def test_sequences_of_several_lengths_are_weighted_by_their_labels():
    class Tagger(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding, self.linear = nn.Embedding(5, 4), nn.Linear(4, 3)

        def forward(self, x):
            return self.linear(self.embedding(x)).transpose(1, 2)

    class Sentences:
        def __iter__(self):
            return iter(pairs)

    torch.manual_seed(0)
    pairs = [(torch.randint(0, 5, (4, n)), torch.randint(-1, 3, (4, n))) for n in (7, 5, 3)]
    net, loss = Tagger(), nn.CrossEntropyLoss(ignore_index=-1)
    with torch.no_grad():
        outputs = torch.cat([net(x).transpose(1, 2).reshape(-1, 3) for x, _ in pairs])
    labels = torch.cat([y.flatten() for _, y in pairs])
    result = evaluate(net, Sentences(), loss=loss, metrics=["accuracy"])
    assert result["loss"] == pytest.approx(loss(outputs, labels).item(), rel=1e-5)
    right = torch.cat([(net(x).argmax(1) == y).flatten() for x, y in pairs])
    assert result["accuracy"] == pytest.approx(right[labels != -1].float().mean().item(), rel=1e-6)
    history = fit(net, Sentences(), loss=loss, optimizer="sgd", lr=0.0, epochs=1, metrics=["accuracy"])
    assert history.train_loss[0] == pytest.approx(result["loss"], rel=1e-5)
    assert history["train_accuracy"][0] == pytest.approx(result["accuracy"], rel=1e-6)


def test_a_batch_in_which_every_label_is_ignored_counts_nothing():
    x, y = tensors()
    y = y.clone()
    y[:100] = -100
    result = evaluate(model(), DataLoader(TensorDataset(x, y), 100), loss="cross_entropy")
    assert result == pytest.approx(evaluate(model(), (x[100:], y[100:]), loss="cross_entropy"), rel=1e-5)
