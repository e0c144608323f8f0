import Contracts
import Glibc

extension Streams {
    /// Every exchange has a thread of its own: several routers are spoken to at once, and none of them
    /// can hold up a task.
    static func live(_ names: NameBook) -> Streams {
        Streams(exchange: { request throws(StreamFailure) in
            guard !Task.isCancelled else { throw StreamFailure(mayHaveActed: false, "cancelled") }
            guard let bell = Bell() else {
                throw StreamFailure(mayHaveActed: false, phrase(errno))
            }
            let result = await withTaskCancellationHandler {
                await PlainThread.run { SocketExchange(request, bell, names).result() }
            } onCancel: {
                bell.ring()
            }
            return try result.get()
        })
    }
}

/// `connection refused`
func phrase(_ number: Int32) -> String {
    let text = kernelText(number)
    return text.prefix(1).lowercased() + text.dropFirst()
}
