/// A filled-in argument that no program may be given.
package enum UnusableArgument: Error, Hashable {
    case missing(MissingSubstitute)
    /// It begins with `-` only because of a value: the program would take the value for an option.
    case looksLikeOption(argument: String, position: Position)
    /// It holds a NUL, which would cut it short.
    case holdsNUL(position: Position)
}

extension Template {
    /// The text with every name replaced, as one element of an argument vector.
    ///
    /// - Throws: `UnusableArgument` where a value is missing or would change the meaning of the
    ///   command.
    package func filledArgument(_ substitutes: Substitutes) throws(UnusableArgument) -> String {
        let argument: String
        do throws(MissingSubstitute) {
            argument = try filled(substitutes)
        } catch {
            throw .missing(error)
        }
        guard !argument.utf8.contains(0) else { throw .holdsNUL(position: position) }
        guard argument.hasPrefix("-"), !startsWithDash else { return argument }
        throw .looksLikeOption(argument: argument, position: position)
    }

    private var startsWithDash: Bool {
        guard case .text(let literal)? = parts.first else { return false }
        return literal.hasPrefix("-")
    }
}
