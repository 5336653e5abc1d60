from struct import Struct


def read_records(content):
    size, fixed = Struct("<I"), Struct("<qf")

    def records(rest):
        while len(rest) >= size.size and len(rest) >= size.size + size.unpack_from(rest)[0]:
            end = size.size + size.unpack_from(rest)[0]
            step, value = fixed.unpack_from(rest, size.size)
            yield bytes(rest[size.size + fixed.size : end]).decode(), step, value
            rest = rest[end:]

    return list(records(memoryview(content)))
