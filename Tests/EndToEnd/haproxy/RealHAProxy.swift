import Testing

/// Every test of the built program against a real HAProxy; one after the other, as they measure.
@Suite(.serialized, .needsHAProxy)
enum RealHAProxy {}
