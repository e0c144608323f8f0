import Glibc

/// The standard input of a child: it never says anything, and ends no later than we do.
struct Lifeline {
    /// What the child reads from; whoever starts the child closes it.
    let end: Int32
    private let held: Int32?

    /// `isHeld`: it ends when we do, and not before `cut`. Otherwise it has ended already.
    init(isHeld: Bool) throws(Refusal) {
        guard isHeld else {
            end = try openFile("/dev/null", O_RDONLY)
            held = nil
            return
        }
        var pair: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        try checked { socketpair(AF_UNIX, kind, 0, &pair) }
        (end, held) = (pair[0], pair[1])
    }

    func cut() {
        if let held { close(held) }
    }
}
