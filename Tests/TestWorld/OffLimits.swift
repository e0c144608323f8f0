package import Contracts

extension World {
    /// Every door locked: a test opens what it needs, and touching anything else fails it.
    package static var offLimits: World {
        World(
            time: Time(
                now: { closed("time.now") }, wall: { closed("time.wall") },
                sleep: { _ in closed("time.sleep") }),
            files: .offLimits,
            locks: Locks(
                take: { _ in closed("locks.take") }, isHeld: { _ in closed("locks.isHeld") }),
            processes: Processes(
                run: { _ in closed("processes.run") }, find: { _ in closed("processes.find") },
                end: { _, _ in closed("processes.end") },
                isAlive: { _ in closed("processes.isAlive") },
                start: { _ in closed("processes.start") },
                facts: { _ in closed("processes.facts") },
                kin: { _ in closed("processes.kin") },
                listener: { _, _ in closed("processes.listener") }),
            http: HTTP(send: { _ in closed("http.send") }),
            streams: Streams(exchange: { _ in closed("streams.exchange") }),
            host: .example)
    }
}

extension Files {
    package static var offLimits: Files {
        Files(
            read: { path, _ in closed("files.read \(path)") },
            readEnd: { path, _ in closed("files.readEnd \(path)") },
            follow: { path in closed("files.follow \(path)") },
            replace: { path, _, _ in closed("files.replace \(path)") },
            replaceCache: { path, _, _ in closed("files.replaceCache \(path)") },
            rename: { path, _ in closed("files.rename \(path)") },
            readLink: { path in closed("files.readLink \(path)") },
            replaceLink: { path, _ in closed("files.replaceLink \(path)") },
            openJournal: { path, _ in closed("files.openJournal \(path)") },
            reserve: { path, _ in closed("files.reserve \(path)") },
            createPrivateFolder: { path in closed("files.createPrivateFolder \(path)") },
            list: { path in closed("files.list \(path)") },
            status: { path in closed("files.status \(path)") },
            remove: { path in closed("files.remove \(path)") })
    }
}

extension Host {
    /// A machine that does not exist, with an empty environment.
    package static var example: Host {
        Host(
            name: "ci-7", user: "ana", bootID: "boot-1",
            process: ProcessIdentity(pid: 4711, startTime: 100, bootID: "boot-1"),
            workingDirectory: "/srv/shop", environment: { _ in nil }, randomBits: { 42 })
    }
}

private func closed(_ door: String) -> Never {
    preconditionFailure("This test did not open world.\(door).")
}
