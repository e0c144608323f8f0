package import Contracts
package import PipelineModel

/// nginx, switched by renaming a file that it looks for at every request; or, where its configuration
/// cannot look, by a link that it reads at a reload.
package struct NginxRouter: ForwardingRouter {
    package static let kind = "nginx"
    package static let summary = "nginx: one file, renamed, looked for at every request; no reload."
    package static let settings = NginxSettings.description

    let way: any RouterWay
    private let log: NginxAccessLog?
    private let cache: NginxCacheLook?
    private let namesCommand: Bool

    package init?(_ settings: Section, world: World) {
        guard let read = settings.readingAlone({ NginxSettings($0, world: world) }) else {
            return nil
        }
        (way, log) = (read.slot, read.log)
        (cache, namesCommand) = (read.cache, settings.has("command"))
    }

    package func inspect(isBeforeSwitch: Bool) async -> Inspection? {
        guard namesCommand || !isBeforeSwitch else { return nil }
        return await cache?.inspect()
    }
}

extension NginxRouter: MeteredRouter {
    package static let metrics = RouterMetricName.allCases

    package var meter: (any MeteredRouter)? { log == nil ? nil : self }

    package func counters() async throws(Failure) -> [Color: TrafficCounters] {
        try log?.counters() ?? [:]
    }
}
