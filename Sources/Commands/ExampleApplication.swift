import Contracts

/// A program that a newcomer deploys before there is one of their own.
enum ExampleApplication {
    static let name = "app.py"
    static let lack = "install python3: the example application needs it"

    /// Whether this machine has what the program needs.
    static func isRunnable(_ world: World) -> Bool {
        (world.host.environment("PATH") ?? "").split(separator: ":").contains { folder in
            // A folder that cannot be looked into has no program for us.
            (try? world.files.status("\(folder)/python3")) != nil
        }
    }

    static let text = """
        #!/usr/bin/env python3
        \"""An example application: replace it by your own, which has to do only this much.

        It listens on $PORT, answers /healthz with 200 once it can serve, and says in every answer
        which colour it is, so that a switch can be proven from outside.
        \"""
        import json
        import os
        from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

        COLOR = os.environ.get("BLUEGREEN_COLOR", "blue")
        VERSION = os.environ.get("BLUEGREEN_VERSION", "unknown")


        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Head and body together: in two parts, each may wait 40 ms for the other.
            wbufsize = -1

            def do_GET(self):
                body = json.dumps({"color": COLOR, "version": VERSION}).encode() + b"\\n"
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.send_header("X-Color", COLOR)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass


        ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()

        """
}
