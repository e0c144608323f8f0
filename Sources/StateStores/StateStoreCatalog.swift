package import Contracts
import PipelineModel

/// Finds records without a pipeline file.
package enum StateStoreCatalog {
    /// The services and stages that have a record in `root`, sorted by name.
    package static func services(
        in root: String, files: Files
    ) throws(Failure) -> [(service: String, stage: String?)] {
        try reading { () throws(FileFailure) -> [(service: String, stage: String?)] in
            var found: [(service: String, stage: String?)] = []
            for name in try files.list(root).sorted()
            where try files.status("\(root)/\(name)/runs")?.kind == .folder {
                let parts = name.split(
                    separator: "@", maxSplits: 1, omittingEmptySubsequences: false
                ).map(String.init)
                // Somebody else's folder: no service has such a name.
                guard parts.allSatisfy(ScalarCheck.isName) else { continue }
                found.append((parts[0], parts.count > 1 ? parts[1] : nil))
            }
            return found
        }
    }

    /// `shop@production`, or `shop` without stages.
    package static func folderName(_ service: String, _ stage: String?) -> String {
        stage.map { "\(service)@\($0)" } ?? service
    }
}
