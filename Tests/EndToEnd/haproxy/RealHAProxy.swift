import Testing
import TrafficRig

/// Every test of the built program against a real HAProxy; one after the other, as they measure.
@Suite(.serialized, .enabled(if: isProgramWanted("haproxy")))
enum RealHAProxy {}
