package import PipelineModel

extension JSONPath {
    /// What stands there; `nil` where nothing does.
    package func value(in document: JSON) -> JSON? {
        var current = document
        for step in steps {
            switch (step, current) {
            case (.member(let name), .object(let members)):
                guard let next = members[name] else { return nil }
                current = next
            case (.element(let index), .list(let items)):
                guard index < items.count else { return nil }
                current = items[index]
            case (.member, _), (.element, _):
                return nil
            }
        }
        return current
    }
}
