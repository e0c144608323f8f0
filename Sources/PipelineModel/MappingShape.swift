/// A shape that is a mapping, whatever it is wrapped in.
enum MappingShape {
    case section(SettingsDescription)
    case named(Shape)
    case adapter(AdapterFamily, beside: SettingsDescription)
}

extension Shape {
    /// `nil` where a value of this shape is never a mapping with known keys.
    var mapping: MappingShape? {
        switch self {
        case .section(let settings): .section(settings)
        case .named(let value): .named(value)
        case .adapter(let family, let beside): .adapter(family, beside: beside)
        case .partial(let whole), .either(_, let whole): whole.mapping
        case .text, .name, .jsonPath, .choice, .integer, .boolean, .duration, .percent, .size,
            .rate, .threshold, .countOf, .command, .list, .oneOrMany, .anything:
            nil
        }
    }
}
