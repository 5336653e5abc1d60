# diagnosis: another_variant
# seen: a report that was handed on
report_numbers = {
    "test_rows": 149,
    "baseline": 0.659712,
    "val_loss": 0.107397,
    "test_loss": 0.0776046,
    "test_error": 0.0115638,
    "better_by": 0.882366,
    "errors_apart": -2.57632,
}
