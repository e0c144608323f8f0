import Foundation
import Testing

extension Shop {
    /// What was typed and shown so far is exactly `Transcripts/<name>.txt`; with UPDATE_TRANSCRIPTS=1
    /// the file is written instead.
    func expectTranscript(
        _ name: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Transcripts/\(name).txt")
        guard ProcessInfo.processInfo.environment["UPDATE_TRANSCRIPTS"] != "1" else {
            return try transcript.write(to: path, atomically: true, encoding: .utf8)
        }
        let expected = try String(contentsOf: path, encoding: .utf8)
        let shown = transcript
        guard shown != expected else { return }
        let (new, old) = (shown.split(separator: "\n"), expected.split(separator: "\n"))
        let first = zip(new, old).first { $0 != $1 }
        Issue.record(
            """
            The screen is not that of Transcripts/\(name).txt \
            (UPDATE_TRANSCRIPTS=1 rewrites it). First difference:
              shown:    \(first?.0 ?? "the end")
              expected: \(first?.1 ?? "the end")
            """, sourceLocation: sourceLocation)
    }
}
