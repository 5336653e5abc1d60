# diagnosis: difference_for_errors
report_numbers = {
    "test_rows": 597,
    "baseline": 2.30252,
    "val_loss": 0.212513,
    "test_loss": 0.200636,
    "test_error": 0.0196328,
    "errors_apart": -0.011877,
    "better_by": 0.912863,
}
