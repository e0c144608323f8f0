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

    /// What belongs inside `http` stands alone in a file of a site. Judging it makes neither a log nor
    /// the file of a process, which nginx would also do where it only tests.
    package static func judged(_ text: String, from folder: String) -> String {
        var change = ConfigurationChange(of: text)
        guard let configuration = NginxConfiguration(change.original) else { return text }
        var logs: [String] = []
        for directive in configuration.all {
            guard directive.words.count > 1,
                let other = judged(directive.name, directive.words[1], from: folder, &logs)
            else { continue }
            let place = directive.places[1]
            guard place.lowerBound.line == place.upperBound.line else { continue }
            change.replace(place, by: other)
        }
        guard !isWhole(text) else { return change.text }
        // In front of the first line, so that the numbers of the lines stay.
        return
            "pid \(nowhere); error_log stderr; events {} http { access_log off; \(change.text)}\n"
    }

    private static let nowhere = "/dev/null"

    /// What the first word of a directive is changed to, if at all. Every log stays a file of its own:
    /// nginx compares names, and refuses other parameters for the same one.
    private static func judged(
        _ name: String, _ word: String, from folder: String, _ logs: inout [String]
    ) -> String? {
        switch name {
        case "include": return word.hasPrefix("/") ? nil : "\(folder)/\(word)"
        case "pid": return nowhere
        case "access_log", "error_log":
            guard !["off", "stderr"].contains(word), !word.contains(":") else { return nil }
            if !logs.contains(word) { logs.append(word) }
            let steps = String(repeating: "./", count: logs.firstIndex(of: word) ?? 0)
            return nowhere.replacing("/dev/", with: "/dev/\(steps)")
        default: return nil
        }
    }
}
