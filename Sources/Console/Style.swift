import Rainbow

/// What a piece of text means; how that looks is decided here and nowhere else.
package enum Style: Sendable, CaseIterable {
    case live
    case blue
    case green
    case good
    case bad
    case warning
    case dim
    case bold

    // Rainbow's own switches are global and look at stdout only, so we take just its codes.
    private var look: Rainbow.Segment {
        switch self {
        case .live: Rainbow.Segment(text: "", color: .named(.lightCyan), styles: [.bold])
        case .blue: Rainbow.Segment(text: "", color: .named(.lightBlue))
        case .green: Rainbow.Segment(text: "", color: .named(.green))
        case .good: Rainbow.Segment(text: "", color: .named(.lightGreen))
        case .bad: Rainbow.Segment(text: "", color: .named(.lightRed), styles: [.bold])
        case .warning: Rainbow.Segment(text: "", color: .named(.yellow))
        case .dim: Rainbow.Segment(text: "", styles: [.dim])
        case .bold: Rainbow.Segment(text: "", styles: [.bold])
        }
    }

    /// `text` between the codes of this style and a reset.
    func applied(to text: String) -> String {
        guard !text.isEmpty else { return text }
        let codes = (look.color?.value ?? []) + (look.styles ?? []).flatMap(\.value)
        return "\u{1b}[" + codes.map(String.init).joined(separator: ";") + "m\(text)\u{1b}[0m"
    }
}
