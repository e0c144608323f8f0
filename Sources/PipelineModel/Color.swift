/// One of the two full copies of a service.
package enum Color: String, Codable, Sendable, CaseIterable, CodingKeyRepresentable {
    case blue
    case green

    /// The environment that is not this one.
    package var other: Color { self == .blue ? .green : .blue }
}

extension Color: CustomStringConvertible {
    package var description: String { rawValue }
}
