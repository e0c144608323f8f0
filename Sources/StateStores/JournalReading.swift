import Contracts
import PipelineModel

/// What is in one run's file: its sound lines, and why there are no more of them.
struct JournalReading {
    private(set) var lines: [JournalLine] = []
    /// Torn, corrupt or too new.
    private(set) var damage: StoredRecord.Condition?

    /// `name` is for the words about damage.
    init(_ bytes: [UInt8], name: RunName, readings: ReadingMemory? = nil) {
        var rest = bytes[...]
        while !rest.isEmpty, damage == nil {
            let text = rest.prefix { $0 != UInt8(ascii: "\n") }
            let isWhole = text.count < rest.count
            rest = rest.dropFirst(text.count + 1)
            guard isWhole, let line = JournalLine(text, readings) else {
                damage = damaged(isLast: rest.isEmpty, name)
                return
            }
            take(line, name)
        }
    }

    private mutating func take(_ line: JournalLine, _ name: RunName) {
        if let format = line.format, format > JournalLine.format {
            damage = .tooNew("\(name.run) is written in format \(format) by a newer program")
            return
        }
        let isNext = line.number == lines.count + 1
        guard isNext, lines.last.map({ $0.hash == line.previous }) ?? true else {
            damage = .corrupt(
                "entry \(lines.count + 1) of \(name.run) does not follow from the one before it")
            return
        }
        lines.append(line)
    }

    private func damaged(isLast: Bool, _ name: RunName) -> StoredRecord.Condition {
        guard isLast else {
            return .corrupt("entry \(lines.count + 1) of \(name.run) was changed or damaged")
        }
        return .torn("the last line of \(name.run), after entry \(lines.count), is not whole")
    }
}
