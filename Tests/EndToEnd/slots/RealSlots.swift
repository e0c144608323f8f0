import Testing

/// Every test of the built program against real proxies with a slot file; one after the other, as they
/// measure.
@Suite(.serialized)
enum RealSlots {}
