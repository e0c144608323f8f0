package import Contracts
package import PipelineModel

/// Every way to perform a deploy or retire step.
package enum DeployerCatalog {
    package static let all: [any Deployer.Type] = [
        ProcessDeployer.self,
        RunDeployer.self,
    ]

    package static var descriptions: [AdapterDescription] { all.map { $0.description } }

    /// For what steps left running that the pipeline does not have any more.
    package static func hosts(_ world: World) -> [any Hosting] {
        all.compactMap { ($0 as? any HostingDeployer.Type)?.host(world) }
    }

    /// `nil` where no deployer is called `kind` or the step was reported as wrong.
    package static func make(_ kind: String, _ step: Section, world: World) -> (any Deployer)? {
        all.first { $0.description.kind == kind }?.init(step, world: world)
    }
}
