/// Lays one file, or one stage, over another.
///
/// Mappings are merged key by key, everything else is replaced, lists included. Where only one of
/// several keys can stand (an adapter, a place of identity), a key on top replaces its siblings
/// below: `router: {nginx: ...}` over `router: {haproxy: ...}` leaves nginx alone.
struct Overlay {
    private let vocabulary: Vocabulary

    init(vocabulary: Vocabulary) {
        self.vocabulary = vocabulary.withPlanned
    }

    /// Every value keeps the position, and so the file, it came from.
    func merged(_ base: Node, under top: Node, shape: Shape?) -> Node {
        guard case .mapping(let below) = base.content, case .mapping(let above) = top.content
        else { return top }
        let displaced = displaced(from: below, by: above, shape: shape)
        var entries = below.filter { !displaced.contains($0.key) }
        var places: [String: Int] = [:]
        for (place, entry) in entries.enumerated() { places[entry.key] = place }
        for entry in above {
            guard let place = places[entry.key] else {
                entries.append(entry)
                continue
            }
            let value = merged(
                entries[place].value, under: entry.value,
                shape: inner(entry.key, of: shape, among: above))
            entries[place] = Node.Entry(
                key: entry.key, keyPosition: entry.keyPosition, value: value)
        }
        return Node(.mapping(entries), at: base.position)
    }

    private func displaced(
        from below: [Node.Entry], by above: [Node.Entry], shape: Shape?
    ) -> Set<String> {
        switch shape?.mapping {
        case .section(let settings)?:
            let rivals = Set(settings.exactlyOneOf)
            let chosen = rivals.intersection(above.map(\.key))
            return chosen.isEmpty ? [] : rivals.subtracting(chosen)
        case .adapter(let family, let beside)?:
            guard let kind = above.map(\.key).first(where: { adapter(family, $0) != nil })
            else { return [] }
            let kept = vocabulary.settings(of: family, kinds: [kind], beside: beside).settings
            let old = below.compactMap { adapter(family, $0.key) }.filter { $0.kind != kind }
            let companions = old.flatMap(\.companions.settings).map(\.name)
            return Set(old.map(\.kind)).union(Set(companions).subtracting(kept.map(\.name)))
        case .named?, nil:
            return []
        }
    }

    private func inner(_ key: String, of shape: Shape?, among entries: [Node.Entry]) -> Shape? {
        switch shape?.mapping {
        case .named(let value)?: value
        case .section(let settings)?: settings[key]?.shape
        case .adapter(let family, let beside)?:
            vocabulary.settings(of: family, kinds: entries.map(\.key), beside: beside)[key]?.shape
        case nil: nil
        }
    }

    private func adapter(_ family: AdapterFamily, _ key: String) -> AdapterDescription? {
        vocabulary.adapter(family, key)
    }
}
