extension String {
    /// An absolute path without the `.` and `..` that one person writes and another does not. By words
    /// only: `/srv/shop/./blue/` is `/srv/shop/blue`.
    var plainPath: String {
        var parts: [Substring] = []
        for part in split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }
}
