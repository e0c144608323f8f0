import Contracts
import PipelineModel

/// The text inside a slot file: `live:idle:percent:token`, one line for each name the file may have.
///
/// The name of the file decides about traffic, and the line that begins with that name says the rest.
/// The other line waits for the rename that makes it true: so colour, claim and token change in one
/// step, and a process that dies before that step has changed nothing.
enum SlotText {
    /// What a file of this name and text keeps.
    ///
    /// No text at all is a colour without token. So is a text with the line of the other name only, as
    /// a person leaves it who renames by hand; its token still keeps stale writers out.
    static func kept(_ text: String, under name: Color) -> KeptDatum {
        kept(text, of: .color(name), named: name.rawValue, mayShare: false)
    }

    /// What a text keeps whose place is called `name` and says `sighting`: a colour or a share.
    static func kept(
        _ text: String, of sighting: Observation.Sighting, named name: String, mayShare: Bool
    ) -> KeptDatum {
        let lines = text.split(separator: "\n")
            .map { KeptDatum(written: String($0), mayShare: mayShare) }
        let percents = lines.map(\.sighting.greenPercent)
        guard !percents.contains(nil), Set(percents).count == lines.count else {
            return KeptDatum(.foreign("\(name) holding '\(Evidence.line(text))'"))
        }
        return lines.first { $0.sighting.greenPercent == sighting.greenPercent }
            ?? KeptDatum(sighting, token: lines.first?.token)
    }

    static func text(_ data: Datum...) -> String {
        data.map { $0.written + "\n" }.joined()
    }
}
