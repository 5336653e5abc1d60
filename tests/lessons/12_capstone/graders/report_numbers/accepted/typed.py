# It reads as if typed, and it is: to six digits, it cannot be told from computed.
report_numbers = {
    "test_rows": 597,
    "baseline": 2.302523,
    "val_loss": 0.212513,
    "test_loss": 0.200636,
    "test_error": 0.0196328,
    "better_by": 0.912863,
    "errors_apart": -0.604967,
}
