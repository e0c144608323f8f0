import Contracts
import PipelineModel

/// A first tool for the router `exec`: HAProxy's runtime API, to be replaced by what people have.
struct ExecSnippet {
    let plan: StartingPlan
    var program: String { "/usr/local/bin/\(plan.service)-traffic" }

    /// Python, so that it needs nothing but itself.
    var script: String {
        """
        #!/usr/bin/env -S python3 -IS
        # Says and changes which colour of \(plan.service) is live. Replace what it talks to by your own.
        #   traffic read            prints the datum, and nothing else
        #   traffic target COLOR    exits with 0 where COLOR can be switched to
        #   traffic switch DATUM    makes it true; repeating is harmless
        # With -IS Python knows no packages that were installed, and starts twice as fast.
        import os
        import socket
        import sys

        SOCKET = os.environ.get("TRAFFIC_SOCKET", "/run/haproxy/admin.sock")
        MAP = os.environ.get("TRAFFIC_MAP", "/etc/haproxy/bluegreen.map")
        KEY = "\(plan.service)"


        def ask(command):
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(5)
                connection.connect(SOCKET)
                connection.sendall(command.encode() + b"\\n")
                answer = b""
                while part := connection.recv(65536):
                    answer += part
                return answer.decode()


        def read():
            answer = ask(f"get map {MAP} {KEY}")
            if ', value="' not in answer:
                sys.exit(f"no value: {answer.strip()}")
            return answer.split(', value="')[1].split('"')[0]


        def target(color):
            if f"{KEY}_{color}" not in ask("show backend").split():
                sys.exit(f"no backend {KEY}_{color}")


        def switch(datum):
            refusal = ask(f"set map {MAP} {KEY} {datum}").strip()
            if refusal:
                sys.exit(refusal)


        match sys.argv[1:]:
            case ["read"]:
                print(read())
            case ["target", color]:
                target(color)
            case ["switch", datum]:
                switch(datum)
            case _:
                sys.exit("usage: traffic read | target COLOR | switch DATUM")

        """
    }

    var pipeline: String {
        """
        router:
          exec:
            read: ["\(program)", "read"]
            target: ["\(program)", "target", "${color}"]
            switch: ["\(program)", "switch", "${datum}"]
            class: S                  # done when 'switch' returns; 'doctor --probe' tests it
            durable: false            # HAProxy forgets it when it is restarted
            timeout: 5s

        """
    }
}

extension ExecRouter: ConfigurableRouter {
    package static func startingPoint(_ plan: StartingPlan) -> StartingPoint {
        let snippet = ExecSnippet(plan: plan)
        return StartingPoint(
            files: [.init(path: snippet.program, text: snippet.script)],
            loading: [
                "let it talk to what you have: editor \(snippet.program)",
                "chmod 755 \(snippet.program)",
            ],
            pipeline: snippet.pipeline)
    }
}
