package import Contracts

extension World {
    /// The real world.
    ///
    /// Nothing behind a door is started before its first use: no thread, no event loop, no connection.
    /// Nothing has to be shut down either. HTTP clients live as long as the process, every `send` has
    /// ended when it returns, and so `exit` cuts nothing off but idle connections.
    ///
    /// `supervisor` is the program that answers to `Supervisor.word`; without it a step outlives us.
    package static func live(supervisor: String? = nil) -> World {
        let book = NameBook()
        return World(
            time: .live, files: .live, locks: .live, processes: .live(supervisor: supervisor),
            http: .live(book), streams: .live(book), names: book.names, host: .live())
    }
}
