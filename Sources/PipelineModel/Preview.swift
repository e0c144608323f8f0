/// Which requests through production's own door reach the idle environment: those of testers.
package struct Preview: Sendable, Hashable {
    package enum Place: String, Sendable, CaseIterable {
        case header
        case cookie
    }

    package var place: Place
    package var name: String
    package var value: String
    /// Where it is written.
    package var position: Position

    package init(_ place: Place, name: String, value: String, at position: Position) {
        self.place = place
        self.name = name
        self.value = value
        self.position = position
    }
}

extension Preview: CustomStringConvertible {
    /// `header X-Canary: 1`
    package var description: String {
        switch place {
        case .header: "header \(name): \(value)"
        case .cookie: "cookie \(name)=\(value)"
        }
    }
}

extension Section {
    /// The mapping `preview` of this section, where it can be used.
    func preview() -> Preview? {
        guard let section = section("preview") else { return nil }
        guard let place = Preview.Place.allCases.first(where: { section.has($0.rawValue) }),
            let name = section.headerName(place.rawValue), let value = section.text("equals")
        else { return nil }
        guard HeaderName.isToken(value) else {
            section.report.error(
                at: section.position(of: "equals"),
                "\(ScalarCheck.quoted(value)) cannot be told apart in every router",
                hint: "only letters, digits and !#$%&'*+-.^_`|~, as in 1")
            return nil
        }
        return Preview(place, name: name, value: value, at: section.position)
    }
}
