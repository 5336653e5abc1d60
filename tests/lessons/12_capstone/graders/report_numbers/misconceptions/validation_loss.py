# diagnosis: validation_loss_as_test
report_numbers = {
    "test_rows": 597,
    "baseline": 2.30252,
    "val_loss": 0.212513,
    "test_loss": 0.212513,
    "test_error": 0.0196328,
    "better_by": 0.907704,
    "errors_apart": 0,
}
