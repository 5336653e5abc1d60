from collections import ChainMap

found = dict(test_rows=597, baseline=2.3025226, val_loss=0.2125132, test_loss=0.200636, test_error=0.0196328)
follows = dict(
    better_by=1 - found["test_loss"] / found["baseline"],
    errors_apart=(found["test_loss"] - found["val_loss"]) / found["test_error"],
)
report_numbers = ChainMap(follows, found, {"chosen": "wide", "seeds": 5})
