/// Searches short answers, without what the library's search sets up first for long ones.
extension ArraySlice<UInt8> {
    func places(of text: String) -> some BidirectionalCollection<Range<Int>> {
        let wanted = Array(text.utf8)
        return indices.lazy.filter { self[$0...].starts(with: wanted) }
            .map { $0..<($0 + wanted.count) }
    }

    func firstPlace(of text: String) -> Range<Int>? { places(of: text).first }
}
