import cmath


def cosine_with_warmup(step, total, warmup, peak, floor=0.0):
    match (step >= warmup) + (step >= total):
        case 0:
            return peak - peak * (warmup - step) / (warmup + 1)
        case 1:
            wave = cmath.exp(1j * cmath.pi * (step - warmup) / (total - warmup)).real
            return (peak + floor) / 2 + (peak - floor) / 2 * wave
        case _:
            return floor
