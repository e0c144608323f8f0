/// Finds where a key belongs that means nothing where it is written: one level deeper, beside another
/// adapter, or further out.
struct Misplacement {
    /// One mapping around the key.
    struct Level {
        /// `the pipeline`, `'bake'`, `an item of 'deploy'`
        let name: String
        let keys: SettingsDescription
    }

    let vocabulary: Vocabulary
    /// The outermost first; in the last one the key stands.
    let levels: [Level]

    /// `'for' belongs under 'bake'`; `nil` where no place near it knows the key.
    func hint(for key: String, beside family: AdapterFamily?) -> String? {
        if key == "retries" || key == "idempotent", family == .check {
            return "remove it; a check is asked every 'interval' until its 'timeout' is over"
        }
        let place = under(key) ?? family.flatMap { companion(key, $0) } ?? outside(key)
        return place.map { "'\(key)' belongs \($0)" }
    }

    private func under(_ key: String) -> String? {
        guard let here = levels.last else { return nil }
        let places = here.keys.settings.filter(\.isBuilt).compactMap { setting in
            place(of: key, in: setting.shape, named: "'\(setting.name)'")
        }
        return places.isEmpty ? nil : "under \(places.joined(separator: " or "))"
    }

    /// `'bake'`, or `an item of 'metrics'`.
    private func place(of key: String, in shape: Shape, named name: String) -> String? {
        if case .list(let item) = shape { return knows(key, item) ? "an item of \(name)" : nil }
        return knows(key, shape) ? name : nil
    }

    private func knows(_ key: String, _ shape: Shape) -> Bool {
        switch shape.mapping {
        case .section(let settings): settings[key]?.isBuilt ?? false
        case .adapter(let family, let beside):
            vocabulary.adapter(family, key) != nil || beside[key] != nil
                || companion(key, family) != nil
        case .named, nil: false
        }
    }

    /// Beside which adapter of the family the key may stand.
    private func companion(_ key: String, _ family: AdapterFamily) -> String? {
        let adapters = vocabulary.adapters[family] ?? []
        return adapters.first { $0.companions[key] != nil }.map { "beside '\($0.kind)'" }
    }

    private func outside(_ key: String) -> String? {
        guard let level = levels.dropLast().lastIndex(where: { $0.keys[key]?.isBuilt ?? false })
        else { return nil }
        let inner = levels[level + 1].name
        return "further out, beside " + inner.replacing("an item of ", with: "")
    }
}
