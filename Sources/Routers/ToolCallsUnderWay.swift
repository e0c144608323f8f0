import Contracts

/// The calls of one tool on this machine that have not ended: of an owner that was killed, most of all.
struct ToolCallsUnderWay {
    let mark: String
    private let processes: Processes
    private let time: Time

    init(mark: String, _ world: World) {
        self.mark = mark
        processes = world.processes
        time = world.time
    }

    /// Waits until there are none; returns those that remain. One whose owner has died is asked to end
    /// and has a second for it, so that it is not waited for much longer.
    func end() async -> [ProcessIdentity] {
        let deadline = time.now() + .milliseconds(1500)
        while true {
            let living = processes.kin(ProcessTrace(supervised: mark))
            guard !living.isEmpty, time.now() < deadline else { return living }
            await time.sleep(.milliseconds(10))
        }
    }
}
