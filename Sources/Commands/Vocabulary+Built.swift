import Checks
import Deployers
import PipelineModel
import Routers

extension Vocabulary {
    /// Every adapter of the catalogues.
    static let built = Vocabulary([
        .router: RouterCatalog.descriptions,
        .deployer: DeployerCatalog.descriptions,
        .check: CheckCatalog.descriptions,
        .metric: MetricCatalog.descriptions,
    ])
}
