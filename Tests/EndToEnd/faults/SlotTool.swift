import Glibc
import TrafficRig

extension ProxyScene {
    /// From now on the pipeline knows only a tool that turns the slot, and that keeps the datum.
    func useTool(_ pipeline: PipelineText) throws {
        try folder.write(Self.tool, to: "turn")
        chmod(folder.file("turn"), 0o755)
        let router = """
              exec:
                read: ["./turn", "\(proxy.slot)"]
                switch: ["./turn", "\(proxy.slot)", "${color}", "${datum}"]
            """
        try folder.write(pipeline.text(for: self, router: router), to: "bluegreen.yaml")
    }

    /// Wherever it is killed, there is one file; its name is the colour.
    private static let tool = """
        #!/bin/sh
        set -e
        cd "$1"
        live=$(ls)
        if [ $# -eq 3 ]; then
            [ "$live" = "$2" ] || mv "$live" "$2"
            echo "$3" > ".$2.new"
            mv ".$2.new" "$2"
            exit
        fi
        case $(cat "$live") in
            "$live":*) cat "$live" ;;
            *) echo "$live" ;;
        esac
        """
}
