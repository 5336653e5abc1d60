"""Data sets and splits: what is fitted on training rows only, what leaks, what a seed fixes."""

from __future__ import annotations

import socket

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib import data as data_sets
from course_lib.data import Scaler, digits, from_csv, grouped_rows, moons, noisy_sine, split_indices, split_report
from course_lib.data.sets import NETWORK_SECONDS

ALL = ["digits", "breast_cancer", "wine", "diabetes", "moons", "noisy_sine", "grouped_rows", "time_ordered_rows"]


@pytest.mark.parametrize("name", ALL)
def test_every_set_is_seeded_and_clean(name):
    load = getattr(data_sets, name)
    one, same, other = load(), load(), load(seed=1)
    for part in ("train", "val"):
        np.testing.assert_array_equal(one.parts[part].x, same.parts[part].x)
        np.testing.assert_array_equal(one.parts[part].y, same.parts[part].y)
        assert one.parts[part].x.dtype == np.float32
        assert one.parts[part].y.dtype == (np.int64 if one.classes else np.float32)
        assert len(one.parts[part].x) == len(one.parts[part].y) > 0
    assert not np.array_equal(one.train.y, other.train.y) or not np.array_equal(one.train.x, other.train.x)
    assert one.report().ok, str(one.report())
    if one.classes:
        assert set(np.unique(one.train.y)) <= set(range(len(one.classes)))
    assert name.split("_")[0] in repr(one)


def test_digits_has_the_sizes_everything_here_is_measured_on():
    data = digits()
    assert data.train.x.shape == (1437, 64)
    assert data.val.x.shape == (360, 64)
    three = digits(test_size=0.2)
    assert [len(rows.y) for rows in three.parts.values()] == [1077, 360, 360]
    unit = digits(scale="unit")
    assert (unit.train.x.min(), unit.train.x.max()) == (0, 1)
    with pytest.raises(ValueError, match="'standard', 'unit' or 'none'"):
        digits(scale="minmax")


def test_standardisation_uses_the_training_rows_only():
    data = digits()
    raw = digits(scale="none")
    varies = raw.train.x.std(axis=0) > 0
    np.testing.assert_allclose(data.train.x.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(data.train.x.std(axis=0)[varies], 1, atol=1e-4)
    assert abs(data.val.x.mean(axis=0)).max() > 0.01
    np.testing.assert_allclose(data.val.x, Scaler(raw.train.x)(raw.val.x), atol=1e-5)
    np.testing.assert_allclose(data.scaler.undo(data.val.x), raw.val.x, atol=1e-3)


@settings(deadline=None, max_examples=60)
@given(
    st.integers(20, 80),
    st.sampled_from(["random", "stratified", "group", "time"]),
    st.sampled_from([0.2, 0.3, 5]),
    st.sampled_from([0, 0.2]),
    st.integers(0, 5),
)
def test_every_row_is_on_exactly_one_side(rows, kind, val_size, test_size, seed):
    y = np.arange(rows) % 2
    groups = np.arange(rows) // 2
    time = np.random.default_rng(seed).permutation(rows)
    parts = split_indices(y, kind=kind, val_size=val_size, test_size=test_size, groups=groups, time=time, seed=seed)
    assert sorted(np.concatenate(list(parts.values()))) == list(range(rows))
    assert list(parts) == ["train", "val", "test"][: len(parts)]
    if kind == "group":
        owners = [set(groups[index]) for index in parts.values()]
        assert not set.intersection(*owners[:2])
    if kind == "time":
        assert time[parts["train"]].max() < time[parts["val"]].min()
    if kind == "stratified":
        assert abs(y[parts["val"]].mean() - 0.5) <= 1 / len(parts["val"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"kind": "sorted"}, "expected 'random'"),
        ({"val_size": 1.0}, "share between 0 and 1"),
        ({"val_size": -1}, "share between 0 and 1"),
        ({"val_size": 0}, "leave some for training"),
        ({"val_size": 9, "test_size": 1}, "leave some for training"),
        ({"kind": "group"}, "needs groups"),
        ({"kind": "group", "groups": [1, 2]}, "2 groups for 10 rows"),
        ({"kind": "group", "groups": [1] * 10}, "1 groups do not give"),
    ],
)
def test_impossible_splits_say_why(arguments, words):
    with pytest.raises(ValueError, match=words):
        split_indices(np.zeros(10), **arguments)


def test_the_report_finds_overlaps_duplicates_and_group_leaks():
    x = np.arange(20.0).reshape(10, 2)
    x[9] = x[0]
    y = np.arange(10) % 2
    index = {"train": np.arange(6), "val": np.array([5, 6, 7]), "test": np.array([8, 9])}
    parts = {name: (x[rows], y[rows]) for name, rows in index.items()}
    groups = {name: rows // 2 for name, rows in index.items()}
    report = split_report(parts, index=index, groups=groups)
    assert report.overlaps == [("train", "val", 1)]
    assert report.duplicates == [("train", "val", 1), ("train", "test", 1)]
    assert report.group_leaks == [("train", "val", [2])]
    assert not report.ok
    assert report.proportions["train"] == {0: 0.5, 1: 0.5}
    text = str(report)
    for words in ("overlap: 1 row", "duplicates: 1 row", "group leak: 1 groups"):
        assert words in text
    assert "no overlap" in str(split_report({"train": (x[:3], y[:3]), "val": (x[3:6], y[3:6])}))


def test_a_random_split_of_grouped_rows_leaks():
    assert not grouped_rows(kind="random").report().ok
    assert grouped_rows(kind="group").report().ok


def test_moons_have_the_share_of_flipped_labels_that_was_asked_for():
    clean, noisy = moons(flipped=0), moons(flipped=0.1)
    changed = sum((a.y != b.y).sum() for a, b in zip(clean.parts.values(), noisy.parts.values(), strict=True))
    assert changed == 50
    assert len(noisy.train.y) == 100
    with pytest.raises(ValueError, match="share between 0 and 1"):
        moons(flipped=2)


def test_a_sorted_sine_split_by_position_extrapolates():
    data = noisy_sine(kind="time")
    assert data.val.x.min() > data.train.x.max()


def test_csv_files_load(tmp_path):
    path = tmp_path / "mine.csv"
    rows = [f"{i},{i * 0.5},{'yes' if i % 3 else 'no'},{i // 4},2024-01-{i + 1:02d}" for i in range(28)]
    path.write_text("a,b,label,who,day\n" + "\n".join(rows) + "\n")
    data = data_sets.from_csv(path, "label")
    assert data.classes == ("no", "yes")
    assert data.features == ("a", "b", "who")
    grouped = data_sets.from_csv(path, "label", group="who", val_size=2)
    assert grouped.features == ("a", "b")
    assert grouped.report().ok
    timed = data_sets.from_csv(path, "b", time="day")
    assert not timed.classes
    assert timed.index["val"].tolist() == list(range(22, 28))
    with pytest.raises(ValueError, match="no column 'target'; it has: a, b"):
        data_sets.from_csv(path, "target")
    with pytest.raises(FileNotFoundError, match="no file"):
        data_sets.from_csv(tmp_path / "none.csv", "a")
    path.write_text("a,label\n1,0\n,1\n3,0\n")
    with pytest.raises(ValueError, match="column 'a' has 1 empty cells"):
        data_sets.from_csv(path, "label")


def test_mnist_falls_back_on_digits_and_says_so(monkeypatch, tmp_path):
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path))
    for name in ("https_proxy", "HTTPS_PROXY"):  # where nothing answers
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    data = data_sets.mnist()
    assert "MNIST could not be loaded" in data.note
    assert socket.getdefaulttimeout() is None
    assert data.train.x.shape[1] == 64


def test_mnist_is_split_and_scaled(monkeypatch):
    """The download itself is scikit-learn's; here is what it returns, with fewer rows."""
    rng = np.random.default_rng(0)
    labels = np.char.mod("%d", np.arange(250) % 10).astype(object)
    pixels = rng.integers(0, 256, (250, 784))

    def fetched(**how):
        assert how["data_id"] == 554
        assert socket.getdefaulttimeout() == NETWORK_SECONDS
        return pixels, labels

    monkeypatch.setattr("sklearn.datasets.fetch_openml", fetched)
    monkeypatch.setattr("course_lib.data.sets.MNIST_TRAINING_ROWS", 200)
    data = data_sets.mnist(rows=100)
    assert {name: part.x.shape for name, part in data.parts.items()} == {
        "train": (80, 784),
        "val": (20, 784),
        "test": (50, 784),
    }
    assert np.allclose(data.test.x, pixels[200:] / 255)
    assert data.test.y.tolist() == [int(label) for label in labels[200:]]
    assert data.train.x.max() <= 1
    assert data.note == ""
    assert len(data_sets.mnist().train.y) == 160


def test_loaders_hold_the_same_rows():
    pytest.importorskip("torch")
    pytest.importorskip("tensorflow")
    data = digits()
    loaders, datasets = data_sets.torch_loaders(data), data_sets.keras_datasets(data)
    for part in ("train", "val"):
        for batches in (loaders[part], datasets[part]):
            y = np.concatenate([np.asarray(y) for _, y in batches])
            assert sorted(y) == sorted(data.parts[part].y)
    first = [next(iter(data_sets.torch_loaders(data, seed=seed)["train"]))[1].tolist() for seed in (1, 1, 2)]
    assert first[0] == first[1] != first[2]


def test_sizes_may_be_numbers_of_numpy():
    y = np.zeros(100)
    assert len(split_indices(y, val_size=np.int64(20))["val"]) == 20
    assert len(split_indices(y, val_size=np.float32(0.25))["val"]) == 25
    for wrong in (float("nan"), "0.2", None, 1.0, -1):
        with pytest.raises(ValueError, match=r"val_size is .*; expected a share"):
            split_indices(y, val_size=wrong)


def test_times_of_other_rows_are_refused():
    with pytest.raises(ValueError, match="8 times for 10 rows"):
        split_indices(np.zeros(10), kind="time", time=np.arange(8))


def test_a_table_with_true_and_false_and_one_with_holes_in_the_groups(tmp_path):
    path = tmp_path / "table.csv"
    people = [f"{'abcde'[i % 5]}" for i in range(40)]
    path.write_text("x,who,ill\n" + "\n".join(f"{i},{who},{i % 3 == 0}" for i, who in enumerate(people)))
    data = from_csv(path, "ill", group="who")
    assert data.classes == ("False", "True")
    people[7] = ""
    path.write_text("x,who,ill\n" + "\n".join(f"{i},{who},{i % 3 == 0}" for i, who in enumerate(people)))
    with pytest.raises(ValueError, match="column 'who' has 1 empty cells"):
        from_csv(path, "ill", group="who")


def test_the_report_compares_numbers_not_dtypes():
    x, y = np.arange(6.0)[:, None], np.zeros(6)
    report = split_report({"train": (x[:4].astype("float32"), y[:4]), "val": (x[3:], y[3:])})
    assert report.duplicates == [("train", "val", 1)]
