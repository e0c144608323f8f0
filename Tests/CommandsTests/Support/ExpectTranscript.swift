import Foundation
import ShopRig
import Testing

extension Shop {
    /// What was typed and shown so far is exactly `Transcripts/<name>.txt`; with UPDATE_TRANSCRIPTS=1
    /// the file is written instead. Of long screens only the first lines are kept where that is asked.
    func expectTranscript(
        _ name: String, keepingLinesOfEach limit: Int? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Transcripts/\(name).txt")
        let all = self.transcript
        let transcript = limit.map { Self.shortened(all, to: $0) } ?? all
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

    private static func shortened(_ transcript: String, to limit: Int) -> String {
        var kept: [Substring] = []
        var count = 0
        for line in transcript.split(separator: "\n", omittingEmptySubsequences: false) {
            count = line.hasPrefix("$ ") ? 0 : count + 1
            let isStatus = line.wholeMatch(of: /\[-?\d+\]/) != nil
            if count == limit + 1, !isStatus { kept.append("…") }
            if count <= limit || isStatus { kept.append(line) }
        }
        return kept.joined(separator: "\n") + "\n"
    }
}
