import Contracts
import PipelineModel

/// The configuration with which nginx serves files through a symbolic link.
struct SymlinkSnippet {
    let plan: StartingPlan
    var folder: String { siteFolder ?? "/var/www/\(plan.service)" }
    /// Somewhere else than usual.
    var siteFolder: String?

    /// For the `http` block.
    var configuration: String {
        """
        # \(plan.service): the files of blue or green behind one address. Include it inside `http`.
        server {
            listen \(plan.listen);

            # The link that decides, followed for every request.
            root \(folder)/current;

            # Without this line a cache set elsewhere would hide the switch.
            open_file_cache off;
        }

        # Each colour by itself, to be asked before a switch.
        server {
            listen \(plan.blue);
            root \(folder)/blue;
            open_file_cache off;
        }

        server {
            listen \(plan.green);
            root \(folder)/green;
            open_file_cache off;
        }

        """
    }

    var pipeline: String {
        """
        router:
          symlink:
            link: \(folder)/current
            readBack: http://\(plan.reachable)/color.txt

        """
    }
}

extension SymlinkRouter: ConfigurableRouter {
    package static func startingPoint(_ plan: StartingPlan) -> StartingPoint {
        let snippet = SymlinkSnippet(plan: plan)
        return StartingPoint(
            files: [.init(path: "/etc/nginx/conf.d/bluegreen.conf", text: snippet.configuration)],
            folders: ["blue", "green"].map { "\(snippet.folder)/\($0)" },
            inclusion: NginxSnippet.inclusion,
            loading: [
                "put a release into \(snippet.folder)/blue",
                "echo blue >\(snippet.folder)/blue/color.txt",
                "ln -s blue \(snippet.folder)/current", NginxSnippet.loading,
            ],
            pipeline: snippet.pipeline, siteFolder: snippet.folder)
    }
}
