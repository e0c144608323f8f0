/// Why each failure happens, where production then is, and what to do: `make docs` writes it to
/// `docs/errors.md`.
enum ErrorPage {
    /// What it says of one failure, for a screen; `nil` where there is none of this code.
    static func lines(about code: String) -> [String]? {
        text.split(separator: "\n## ").first { $0.hasPrefix(code + "\n") }?
            .split(separator: "\n").map { line in
                String(line).replacing("- **", with: "").replacing("**", with: "")
                    .replacing(/\[([^\]]+)\]\([^)]+\)/) { String($0.1) }
            }
    }

    static let text = #"""
        # Errors

        Written by `bluegreen explain`; do not edit. `bluegreen explain CODE` shows what is said here of one failure.

        Every failure shows its code. This page says for each code why it happens, where production is, and what to do.

        `bluegreen status` is never wrong as a first step: it changes nothing and waits for nobody.
        "Not touched" means: this command wrote nothing that moves traffic.
        A failure after the first write to the router says itself where production is. Believe that line, not this page.

        ## artifact-unresolved

        - **Why:** what is to be deployed could not be pinned down: a file of `release.config` is missing or cannot be read, or the artifact has no name.
        - **Production:** not touched.
        - **Do:** check the patterns under `release.config`. They are relative to the first pipeline file.

        ## capacity-missing

        - **Why:** fewer servers are up on idle than on live, as the router counts them. The switch would overload what is there.
        - **Production:** not touched.
        - **Do:** bluegreen has waited ten seconds for it. See why the router calls the servers down, or start more. If idle may be smaller, say so: `switch.capacity: {ready: ">= 50% of live"}`.

        ## check-failed

        - **Why:** a check did not pass on idle within its `timeout`; or the bake failed: a metric was out of bounds too often.
        - **Production:** a check: not touched. A bake: the failure says whether traffic went back (exit 11) or stays (exit 22).
        - **Do:** read the evidence: what was asked, the last answer, how often. `bluegreen check` asks again without a run. `bluegreen show` has the whole run.

        ## command-failed

        - **Why:** a command of a step exited with a status other than 0. Or the program of a `process` step ended before it was ready, may not be executed, or the one before it does not end.
        - **Production:** not touched when it was a deploy step or a check. A retire step: traffic stays where it was; the old environment may be half stopped.
        - **Do:** read the last lines it printed. Repair and run the verb again: steps must be harmless to repeat.

        ## command-killed

        - **Why:** a signal ended a command, or it exited with a status above 128, as a shell does then: the machine ran out of memory, or somebody ended it. How far it came is not known.
        - **Production:** as for `command-failed`. A router's tool that was killed may have switched: the router is read until that is known.
        - **Do:** see who ended it (`dmesg`, the log of the service manager), then run the verb again.

        ## command-not-found

        - **Why:** the first word of a command is not a program. Relative names with a slash start at the folder of the pipeline file, others are searched in `PATH`. `deploy` looks before it changes anything (40), also for the programs of metrics, as `switch` does, and `retire` for its own; what an earlier step may make, a path or a program in a `PATH` that the step sets itself, is only told by `plan`, and a line for the shell is not looked into. Then the step fails (10), and idle is no way back any more.
        - **Production:** not touched.
        - **Do:** install the program, or name it by its full path. In a CI job `PATH` is often shorter than yours.

        ## command-timed-out

        - **Why:** a step ran longer than its `timeout` (10 minutes where nothing is said). Its whole process group was ended: first SIGTERM, then SIGKILL. Or the program of a `process` step did not answer well within that time; it was ended too.
        - **Production:** as for `command-failed`.
        - **Do:** find out what it waited for. Raise `timeout` only if the step really needs the time.

        ## drift

        - **Why:** the router does not show what the record says. Somebody switched by hand, the record is an old copy, another machine deploys the same service, or a reload would bring back another colour.
        - **Production:** not touched by this command. The router decides where traffic is; `status` shows it.
        - **Do:** find out who changed it. If what the router shows is right: `bluegreen adopt --reason "..."`. If traffic must go back: `bluegreen rollback --to COLOR`. If a run died while it moved traffic: `bluegreen resume`. One that died before it moved any is not resumed where traffic is elsewhere by now.

        ## http-failed

        - **Why:** a request got no answer: connection refused, name not found, certificate not accepted, or no answer in time.
        - **Production:** not touched when it was a check.
        - **Do:** send the same request by hand from the same machine. For certificates see `public.caFile`; for another address behind the same name see `public.connectTo`.

        ## identity-alike

        - **Why:** the public address cannot tell the colours apart. Both would answer the same, or the public address answers as idle already. A switch could not be proven.
        - **Production:** not touched.
        - **Do:** `public.identity` must be something that your application says about itself, such as a header with its colour. A header that the proxy adds is no proof. Two releases with the same version need `${color}`, not `${version}`.

        ## identity-missing

        - **Why:** what is live answers, but not with what `public.identity` asks for: and its own address, or the other colour too, says that it is not the release alone: the header, the path or the text is mistyped, or `public.url` leads elsewhere. A switch could not be proven. A deploy asks before it does anything.
        - **Production:** not touched.
        - **Do:** compare `public.identity` with the answer: `curl -i` the address under `public.url`. If no release says yet who it is, deploy the first one that does with `switch: {prove: readBack}`, and take that out again.

        ## idle-claimed

        - **Why:** the idle environment is half deployed, retired, or claimed by another run. It must not receive traffic.
        - **Production:** not touched.
        - **Do:** deploy to it: `bluegreen deploy VERSION`. If the claim is of a run that died, `bluegreen resume` first.

        ## interrupted

        - **Why:** the step was stopped: Ctrl-C, SIGTERM, `--timeout`, `abort`, or a newer run.
        - **Production:** the last line says where it is. A switch that had begun was finished or undone first.
        - **Do:** `bluegreen status`, then run the verb again or `bluegreen resume`.

        ## lock-held

        - **Why:** another run of this service is under way, or another process is writing to the record right now. The message says who, where, since when, and how long a bake still lasts.
        - **Production:** not touched.
        - **Do:** wait (`--lock-timeout 10m`), stop it (`bluegreen abort`, before its switch), or bring traffic back: `bluegreen rollback` does not wait for anybody. The lock is the kernel's: it ends with its process. There is never a lock file to delete.

        ## metric-unreadable

        - **Why:** a metric gave no number for so long that the bake could not be judged, or the router does not count what was asked for.
        - **Production:** on the new release, and not rolled back: missing data proves nothing (exit 22).
        - **Do:** look at the service yourself. Then either `bluegreen rollback`, or repair the source and `bluegreen resume` to watch again. A bound with `x baseline` for which nothing was measured before the switch can only be replaced by one without.

        ## not-proven

        - **Why:** the router took the switch, but the public address did not answer as the new colour often enough in a row within `switch.prove.within`. Or `router sync` wrote a router that does not show it.
        - **Production:** the switch was undone and that was proven (exit 11); or not even that could be shown (exit 20).
        - **Do:** exit 11: read the last answer that did not fit; often a cache, a second router, or a wrong address under `public`. Exit 20: [the incident page](guides/incident.md). After `router sync`: `bluegreen status`, then repeat it.

        ## nothing-to-roll-back-to

        - **Why:** there is no environment to go back to, or it is known to be bad: half deployed, retired, claimed by the next deploy, without a server that is up, or not answering. Without a record nobody knows what was live before.
        - **Production:** not touched.
        - **Do:** the message names what stands in the way. If you know better: `bluegreen rollback --to COLOR`, and with `--break-glass --reason "..."` even to an environment that looks bad. Otherwise deploy the old version: `bluegreen deploy OLD`.

        ## pipeline-missing

        - **Why:** there is no `bluegreen.yaml` here, or it cannot be read.
        - **Production:** not touched.
        - **Do:** go to its folder, name it with `-f FILE`, or write one with `bluegreen init`. `rollback` works without it: `--service NAME --to COLOR`, with stages `--stage NAME` too, and `--router-settings` where there is no record either.

        ## port-taken

        - **Why:** a `process` step was to start a program, and somebody else answers on the port of that colour already. Where it can be read, the failure names the program and its pid. bluegreen ends only what it started itself.
        - **Production:** not touched.
        - **Do:** look at that program. Often it is an older copy that was started by hand: end it and deploy again. Else give the colour another port in `colors`.

        ## proxy-not-started

        - **Why:** `bluegreen proxy` could not begin: its port or its admin socket is taken, its folder cannot be used, or the file that says which colour is live is damaged together with its copy.
        - **Production:** not touched. If no other proxy runs, nothing answers at the public address.
        - **Do:** read the evidence, and the log that it names. `bluegreen proxy --stop` ends an older one.

        ## record-corrupt

        - **Why:** the record is damaged in the middle, or a newer version of `bluegreen` wrote it. A line that was cut by a crash at the end is no damage; it is ignored.
        - **Production:** not touched.
        - **Do:** `status` and `rollback` still work: they ask the router. Keep a copy of the folder. Not readable for you: repeat it as the user who owns the record. Damaged: `bluegreen adopt` starts a new record from what the router shows. Too new: use the newer version.

        ## record-stale

        - **Why:** the record ends before what the router has seen. It is an old backup, or another machine went on.
        - **Production:** not touched.
        - **Do:** find the newer record. If it is gone: `bluegreen adopt --reason "..."`.

        ## record-unwritable

        - **Why:** the record cannot be written: full disk, read-only file system, wrong owner.
        - **Production:** a verb that moves things forward stopped before it touched anything. A rollback was done all the same, and says that it was not recorded (exit 74).
        - **Do:** free space or repair the rights, then `bluegreen status`. After an unrecorded rollback: `bluegreen adopt`.

        ## refused

        - **Why:** a rule forbids it, and the message names the rule: a freeze, an argument that would be taken for an option, a step with `idempotent: false` that a dead run had begun, a run that is past its switch, a retirement before `retire.after`, before any run has made a colour live, of the way back from a release that has not passed its bake, or of a release that is ready to switch.
        - **Production:** not touched.
        - **Do:** what the hint says. After a rollback the release that it left is frozen for 24 hours: ship another version, or `bluegreen unfreeze --release VERSION`.

        ## router-garbled

        - **Why:** something answered at the router's address, but not the way the router does.
        - **Production:** not touched if it was the first question. After a write the run reads again, and says what it found.
        - **Do:** is it the right socket? Is another program behind it? `echo "show info" | socat - /run/haproxy/admin.sock` shows what answers. With [`exec`](routers/exec.md) and [`http`](routers/http.md): run `read` by hand; it must say one word, and nothing else.

        ## router-not-durable

        - **Why:** the switch is in effect, but could not be written where it survives a restart, for example into the map file.
        - **Production:** on the new colour, proven. After a reload or restart of the router it would be the old one.
        - **Do:** do not reload the router now. Make the file writable for you (owner, mode, disk), then `bluegreen adopt`, which writes it again. `retire` is refused until then.

        ## router-refused

        - **Why:** the router understood the command and said no, or did not take the value over.
        - **Production:** not touched, or the run says that it was undone.
        - **Do:** read the router's own words in the evidence. HAProxy: the socket needs `level admin`. A [slot file](routers/slot-file.md): the folder must be writable for you, and the proxy's workers must be able to search it. With [a link](routers/symlink.md), the folder that holds it must be writable for you. With [`exec`](routers/exec.md) and [`http`](routers/http.md) the words are those of your own tool or API.

        ## router-target-missing

        - **Why:** the router has no such backend, map or key. A switch to it would have sent traffic nowhere.
        - **Production:** not touched.
        - **Do:** compare `key`, `map` and `backends` in the pipeline with the router's configuration. HAProxy names a map exactly as its configuration does. [HAProxy](routers/haproxy.md) shows both sides. With a [slot file](routers/slot-file.md) the folder is missing: create it, with a first file in it. With [a link](routers/symlink.md) the folder of that colour is missing. With `exec` and `http` your own `target` said no.

        ## router-unreachable

        - **Why:** the router did not answer: wrong path, no right to use the socket, not running, or hung. Or the command or request of `read` failed.
        - **Production:** not touched when it happens first. Later the run says 20: nobody knows, because nobody can ask.
        - **Do:** is the router running? May you open the socket (`ls -l`)? When it is back: `bluegreen status`, then `bluegreen resume`.

        ## substitute-missing

        - **Why:** a name such as `${var.region}` or `${env.TOKEN}` has no value in this command.
        - **Production:** not touched.
        - **Do:** pass `--var region=...`, or set the environment variable.

        ## superseded

        - **Why:** a newer run owns the service. Usually a rollback, which never waits.
        - **Production:** the newer run decides. This one stopped, and wrote nothing after it noticed.
        - **Do:** nothing. `bluegreen history` shows which run took over.

        ## target-down

        - **Why:** the environment that would receive traffic does not answer as itself on its direct address.
        - **Production:** not touched.
        - **Do:** ask the address under `colors` yourself. A wrong identity there means that the wrong thing runs on that colour.

        ## way-back-consumed

        - **Why:** the verb would give up the only way back while a watch was never finished.
        - **Production:** not touched.
        - **Do:** finish the watch with `bluegreen resume`. Or give the way back up on purpose: `--consume-rollback --reason "..."`.
        """#
}
