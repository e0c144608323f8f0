import Contracts

// Reading what a proxy answers, strictly: what is missing or of another kind is `nil`.
extension JSON {
    subscript(key: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members[key]
    }

    var whole: Int? {
        guard case .integer(let value) = self else { return nil }
        return value
    }

    var words: String? {
        guard case .text(let value) = self else { return nil }
        return value
    }

    var items: [JSON]? {
        guard case .list(let items) = self else { return nil }
        return items
    }
}
