package import Contracts

/// nginx as a proxy that is there already.
extension NginxRouter: ConvertibleRouter {
    package static func conversion(
        of configuration: String, _ wish: ConversionWish
    ) throws(Failure) -> Conversion {
        var conversion = try NginxConversion(configuration, wish)
        return try conversion.result()
    }

    package static func judging(_ path: String) -> [String] { ["nginx", "-t", "-c", path] }

    /// Relative names are looked for beside the main file, whichever file has them; a site's file is
    /// somewhere below it.
    package static func folder(
        ofNamesIn text: String, in folder: String, has: (_ path: String) -> Bool
    ) -> String {
        guard !isWhole(text) else { return folder }
        var candidate = folder[...]
        while !candidate.isEmpty {
            if has("\(candidate)/nginx.conf") { return String(candidate) }
            candidate = candidate.prefix(upTo: candidate.lastIndex(of: "/") ?? candidate.startIndex)
        }
        return folder
    }

    private static func isWhole(_ text: String) -> Bool {
        NginxConfiguration(ConfigurationChange.lines(text))?
            .directives.contains { $0.name == "events" } ?? false
    }

    /// What belongs inside `http` stands alone in a file of a site.
    package static func judged(_ text: String, from folder: String) -> String {
        let lines = ConfigurationChange.lines(text)
        guard let configuration = NginxConfiguration(lines) else { return text }
        var change = ConfigurationChange(of: lines)
        for include in configuration.all where include.name == "include" {
            guard let name = include.words.last, !name.hasPrefix("/") else { continue }
            var line = change.line(include.first)
            for range in line.ranges(of: name).reversed()
            where " \t\"'".contains(line[..<range.lowerBound].last ?? "{")
                && " \t\"';".contains(line[range.upperBound...].first ?? ";")
            {
                line.replaceSubrange(range, with: "\(folder)/\(name)")
            }
            change.replace(include.first, by: line)
        }
        return isWhole(text) ? change.text : "events {}\nhttp {\n\(change.text)}\n"
    }
}
