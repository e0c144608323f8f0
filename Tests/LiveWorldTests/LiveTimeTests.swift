import Contracts
import Testing

@testable import LiveWorld

@Suite struct LiveTimeTests {
    let time = World.live().time

    @Test func `time since boot moves forward`() {
        let earlier = time.now()
        #expect(time.now() > earlier)
    }

    @Test func `a sleep lasts as long as it should`() async {
        let began = time.now()
        await time.sleep(.milliseconds(20))
        #expect(time.now() - began >= .milliseconds(20))
    }

    @Test(.timeLimit(.minutes(5)))
    func `a cancelled sleep ends early and without an error`() async {
        let sleeper = Task { await time.sleep(.seconds(86_400)) }
        sleeper.cancel()
        await sleeper.value
    }

    @Test func `the calendar agrees with the system`() {
        #expect(time.wall() > WallTime(milliseconds: 1_700_000_000_000))
    }

    @Test(arguments: [
        (Duration.milliseconds(500), "500 ms"), (.seconds(30), "30 s"),
        (.milliseconds(1500), "1500 ms"), (.zero, "0 ms"),
    ])
    func `lengths are spoken in the unit that fits`(length: Duration, text: String) {
        #expect(length.spoken == text)
    }

    @Test(arguments: [
        (Duration.zero, Int32(0)), (.milliseconds(-5), 0), (.microseconds(1), 1),
        (.milliseconds(2), 2),
    ])
    func `waiting never ends before its time`(length: Duration, milliseconds: Int32) {
        #expect(length.wholeMilliseconds == milliseconds)
    }
}
