/// Replaces secrets by `***`, however they are written: as they are, in base64, percent-encoded
/// or as JSON escapes them. What `…` has left of one, before it or after it, is hidden too: whoever
/// cuts a text that is masked later marks the cut so.
package struct Masker: Sendable {
    package static let none = Masker(secrets: [])
    /// Shorter values are not hidden: they would hide half of every line and give themselves away.
    package static let shortestSecret = 6
    /// Fewer bytes of a secret beside a cut tell nothing.
    private static let shortestPart = 4
    private static let cut = Array("…".utf8)

    /// The patterns that begin with each byte, longest first.
    fileprivate let patterns: [UInt8: [[UInt8]]]
    /// Where the ends of secrets begin that a cut may have left, by the first bytes of each.
    private let ends: [UInt32: [ArraySlice<UInt8>]]

    /// The lines of a secret with several lines are secrets too, because tools print them singly.
    package init(secrets: some Sequence<String>) {
        var forms: Set<[UInt8]> = []
        for secret in secrets {
            let lines = secret.split(whereSeparator: \.isNewline).map(String.init)
            for value in [secret] + lines where value.count >= Self.shortestSecret {
                forms.formUnion(SecretForms(of: value).all)
            }
        }
        patterns = Dictionary(grouping: forms.filter { !$0.isEmpty }, by: { $0[0] })
            .mapValues { $0.sorted { $0.count > $1.count } }
        var ends: [UInt32: [ArraySlice<UInt8>]] = [:]
        for secret in forms {
            for start in secret.indices.dropFirst().dropLast(Self.shortestPart - 1) {
                ends[Self.number(of: secret[start...]), default: []].append(secret[start...])
            }
        }
        self.ends = ends
    }

    package func masked(_ text: String) -> String {
        guard !patterns.isEmpty else { return text }
        return String(decoding: masked(Array(text.utf8)), as: UTF8.self)
    }

    package func masked(_ bytes: [UInt8]) -> [UInt8] {
        var stream = stream()
        return stream.mask(bytes) + stream.finish()
    }

    /// For text that arrives in pieces; the pieces may end anywhere, also inside a secret.
    package func stream() -> Stream {
        Stream(masker: self)
    }

    package struct Stream: Sendable {
        private let masker: Masker
        private var pending: [UInt8] = []
        /// How many of the pending bytes belong to a secret whose `***` is already written.
        private var covered = 0

        fileprivate init(masker: Masker) {
            self.masker = masker
        }

        /// What of `chunk` and of everything held back before can be shown now. An ending that
        /// may be the beginning of a secret is held back.
        package mutating func mask(_ chunk: [UInt8]) -> [UInt8] {
            guard !masker.patterns.isEmpty else { return chunk }
            pending += chunk
            return drain(untilTheEnd: false)
        }

        /// What was held back. To be called once, when nothing more comes.
        package mutating func finish() -> [UInt8] {
            drain(untilTheEnd: true)
        }

        private mutating func drain(untilTheEnd isLast: Bool) -> [UInt8] {
            var shown: [UInt8] = []
            var position = 0
            while position < pending.count {
                let match = masker.match(in: pending, at: position)
                guard isLast || !match.mayGrow else { break }
                if match.length > covered {
                    if covered == 0 { shown += "***".utf8 }
                    covered = match.length
                }
                if covered > 0 {
                    covered -= 1
                } else {
                    shown.append(pending[position])
                }
                position += 1
            }
            pending.removeFirst(position)
            return shown
        }
    }

    /// How long a secret at some place is, and whether more bytes could make it longer.
    private struct Match {
        var length = 0
        var mayGrow = false

        mutating func take(_ length: Int) { self.length = max(self.length, length) }
    }

    /// The longest secret, or part of one beside a cut, that begins at `position`.
    private func match(in bytes: [UInt8], at position: Int) -> Match {
        let rest = bytes[position...]
        var match = Match()
        for secret in patterns[bytes[position]] ?? [] {
            let shared = Self.shared(rest, secret[...])
            let next = rest.dropFirst(shared)
            if shared == secret.count {
                match.take(shared)
            } else if shared >= Self.shortestPart, next.starts(with: Self.cut) {
                match.take(shared)
            } else if Self.cut.starts(with: next) {
                match.mayGrow = true
            }
        }
        if rest.starts(with: Self.cut) {
            lookBehindCut(in: rest, &match)
        } else if Self.cut.starts(with: rest) {
            match.mayGrow = true
        }
        return match
    }

    /// The end of a secret whose beginning was cut off, or its middle between two cuts.
    private func lookBehindCut(in rest: ArraySlice<UInt8>, _ match: inout Match) {
        let next = rest.dropFirst(Self.cut.count)
        guard next.count >= Self.shortestPart else {
            match.mayGrow = true
            return
        }
        for end in ends[Self.number(of: next)] ?? [] {
            let shared = Self.shared(next, end)
            let after = next.dropFirst(shared)
            if shared == end.count || after.starts(with: Self.cut) {
                match.take(Self.cut.count + shared)
            } else if Self.cut.starts(with: after) {
                match.mayGrow = true
            }
        }
    }

    private static func number(of bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.prefix(shortestPart).reduce(0) { $0 << 8 | UInt32($1) }
    }

    private static func shared(_ one: ArraySlice<UInt8>, _ other: ArraySlice<UInt8>) -> Int {
        zip(one, other).prefix { $0 == $1 }.count
    }
}
