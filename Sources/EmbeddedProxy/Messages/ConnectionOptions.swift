/// What the `Connection` fields of one head ask for.
struct ConnectionOptions {
    private(set) var closes = false
    private(set) var keepsAlive = false
    private(set) var upgrades = false
    /// Names of fields that are for this connection only, as ranges of the head.
    private(set) var nominated: [Range<Int>] = []

    mutating func add(_ bytes: Bytes, _ value: Range<Int>) throws(Refusal) {
        var isValid = true
        bytes.forEachElement(value) { element in
            if bytes.spells("close", element) {
                closes = true
            } else if bytes.spells("keep-alive", element) {
                keepsAlive = true
            } else if bytes.spells("upgrade", element) {
                upgrades = true
            } else {
                nominated.append(element)
            }
            isValid = !bytes.contains(where: { !Octet.isToken($0) }, in: element)
            return isValid
        }
        guard isValid else { throw .malformed("A connection option is malformed.") }
    }

    /// Whether the sender named this field in `Connection`.
    @inline(__always)
    func covers(_ field: Field, in bytes: Bytes) -> Bool {
        guard !nominated.isEmpty else { return false }
        return nominated.contains { bytes.matches($0, field.name) }
    }

    /// `minor` is that of the HTTP version.
    func persists(minor: Int) -> Bool {
        minor > 0 ? !closes : keepsAlive && !closes
    }
}
