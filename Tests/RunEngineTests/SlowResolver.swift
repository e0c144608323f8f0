import Contracts
import Synchronization
import TestWorld

/// A resolver that is too slow for a way back: a recorded address stands in, its answer comes later.
final class SlowResolver: Sendable {
    private let time: ManualTime
    private let diary: Diary
    private let answer: (addresses: [String], after: Duration)?
    private let began = Mutex<Duration?>(nil)

    /// Without `answer` it never says anything.
    init(_ time: ManualTime, _ diary: Diary, answer: (addresses: [String], after: Duration)?) {
        self.time = time
        self.diary = diary
        self.answer = answer
    }

    var names: Names {
        Names(
            fallBack: { _ in self.began.withLock { $0 = $0 ?? self.time.now } },
            stoodIn: {
                self.began.withLock { $0 } == nil ? [:] : ["lb.test": ["192.0.2.1"]]
            },
            late: { names, patience in
                self.diary.note("asked late")
                let end = self.time.now + patience
                while !self.isAnswered, self.time.now < end, !Task.isCancelled {
                    await self.time.time.sleep(.milliseconds(10))
                }
                guard self.isAnswered, let answer = self.answer else { return [:] }
                return names.reduce(into: [:]) { $0[$1] = answer.addresses }
            })
    }

    private var isAnswered: Bool {
        guard let answer, let began = began.withLock({ $0 }) else { return false }
        return time.now >= began + answer.after
    }
}
