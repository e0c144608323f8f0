package import Contracts
import PipelineModel
import Synchronization

/// How a run performs deploy steps, checks and retire steps.
extension Runner {
    func perform(_ mark: StepMark) async -> RunEvent {
        .stepEnded(mark, await ending(of: mark))
    }

    /// Asks all checks at once. The first that fails ends the others: idle is not going live anyway.
    func check(_ marks: [StepMark]) async -> RunEvent {
        async let baseline: Void = sampleBaseline()
        let event = await lastToPassOrFirstToFail(marks)
        if case .advanced = Turn(event) {
            if memory.withLock(\.isMeasuring) { report(.measuring(plan.from)) }
            await baseline
        }
        return event
    }

    private func lastToPassOrFirstToFail(_ marks: [StepMark]) async -> RunEvent {
        await withTaskGroup(of: RunEvent.self) { group in
            for mark in marks { group.addTask { await self.perform(mark) } }
            defer { group.cancelAll() }
            var left = marks.count
            for await event in group {
                left -= 1
                guard case .advanced = Turn(event), left > 0 else { return event }
                await note(event)
            }
            preconditionFailure("There is at least one check.")
        }
    }

    /// Asks all checks at once outside of a run, with their usual patience, and tells each ending;
    /// `nil` where somebody stopped it, else whether all are good.
    package func askChecks(
        _ ended: @escaping @Sendable (StepMark, StepEnding) -> Void
    ) async -> Bool? {
        await withTaskGroup(of: Bool?.self) { group in
            group.addTask { await self.allPass(ended) }
            group.addTask {
                _ = await self.stop.wait()
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    private func allPass(_ ended: @escaping @Sendable (StepMark, StepEnding) -> Void) async -> Bool
    {
        await withTaskGroup(of: (StepMark, StepEnding).self) { group in
            for (index, item) in equipment.checks.enumerated() {
                let mark = StepMark(.check, index, item.settings.step.name)
                group.addTask { (mark, await self.ending(of: mark)) }
            }
            var isGood = true
            for await (mark, ending) in group where !Task.isCancelled {
                if case .failed = ending { isGood = false }
                ended(mark, ending)
            }
            return isGood
        }
    }

    private func ending(of mark: StepMark) async -> StepEnding {
        await note(.stepBegan(mark))
        let began = world.time.now()
        do throws(Failure) {
            if let reason = skipReason(mark) { return .skipped(reason: reason) }
            let evidence = try await evidence(of: mark)
            return .succeeded(evidence: evidence, elapsed: world.time.now() - began)
        } catch {
            return .failed(error, elapsed: world.time.now() - began)
        }
    }

    private func skipReason(_ mark: StepMark) -> String? {
        mark.phase == .check ? equipment.checks[mark.index].skipReason : nil
    }

    private func evidence(of mark: StepMark) async throws(Failure) -> String {
        switch mark.phase {
        case .deploy:
            return try await deploy(equipment.deploy[mark.index], mark, on: plan.to)
        case .retire:
            return try await deploy(equipment.retire[mark.index], mark, on: plan.to.other)
        case .check: return try await ask(equipment.checks[mark.index], mark)
        }
    }

    /// Writes down what is evidence only; a lost line is no reason to stop.
    private func note(_ event: RunEvent) async {
        do throws(Failure) {
            try await journal.append(event, isDurable: event.isDurable)
            report(.event(event))
        } catch {
            report(.lost(event, error))
        }
    }

    // MARK: - Steps

    private func deploy(
        _ item: RunEquipment.DeployStep, _ mark: StepMark, on color: Color
    ) async throws(Failure) -> String {
        var attempt = 1
        while true {
            do throws(Failure) {
                var context = try context(for: item.step, on: color, mark)
                context.timeout = item.step.timeout
                return try await item.perform(context)
            } catch {
                guard attempt < item.step.retries.attempts, !Task.isCancelled else { throw error }
                attempt += 1
                report(.retrying(mark, error, attempt: attempt))
                await world.time.sleep(item.step.retries.delay)
                guard !Task.isCancelled else { throw error }
            }
        }
    }

    // MARK: - Checks

    private func ask(
        _ item: RunEquipment.CheckedStep, _ mark: StepMark
    ) async throws(Failure) -> String {
        let settings = item.settings
        let deadline = world.time.now() + settings.step.timeout
        var (attempts, inARow) = (0, 0)
        var last = CheckAnswer(isGood: false, evidence: "never asked")
        while world.time.now() < deadline, !Task.isCancelled {
            var context = try context(for: settings.step, on: plan.to, mark)
            context.requestTimeout = settings.requestTimeout
            context.timeout = deadline - world.time.now()
            last = await item.check.ask(context)
            attempts += 1
            inARow = last.isGood ? inARow + 1 : 0
            report(.asked(mark, last, inARow: inARow))
            if inARow >= settings.consecutive { return last.evidence }
            await world.time.sleep(settings.interval)
        }
        throw Failure(
            .checkFailed, "The check '\(mark.name)' did not pass on \(plan.to) in time.",
            evidence: last.evidence.split(whereSeparator: \.isNewline).map(String.init)
                + ["attempts: \(attempts)"],
            hint: "\(plan.to) received no production request; mend it and deploy again.")
    }

    // MARK: - Context

    func context(
        for step: Step, on color: Color, _ mark: StepMark?
    ) throws(Failure) -> StepContext {
        let substitutes = substitutes(for: color)
        var context = StepContext(
            color: color, url: equipment.colors[color] ?? "", substitutes: substitutes,
            environment: try environment(of: step, substitutes))
        context.directory = step.directory ?? equipment.directory
        context.stateFolder = equipment.stateFolder
        if let mark {
            context.line = { [report] line in report(.line(mark, line)) }
            context.spawned = { [weak self] child in await self?.note(.stepSpawned(mark, child)) }
        }
        return context
    }

    private func release(on color: Color) -> Release? {
        color == plan.to
            ? memory.withLock { $0.release } ?? equipment.releases[color]
            : equipment.releases[color]
    }

    private func substitutes(for color: Color) -> Substitutes {
        var releases = equipment.releases
        releases[plan.to] = release(on: plan.to)
        return equipment.substitutes(for: color, plan, releases)
    }

    /// All that a child process gets: the usual few, what the step lets through, what the step says.
    private func environment(
        of step: Step, _ substitutes: Substitutes
    ) throws(Failure) -> [String: String] {
        var environment: [String: String] = [:]
        for name in Host.inheritedNames + step.passEnvironment {
            environment[name] = world.host.environment(name)
        }
        for variable in StepVariable.allCases {
            environment[variable.rawValue] = variable.value(in: journal.beginning)
        }
        for name in TemplateName.fixed {
            environment[TemplateName.environmentVariable(for: name)] = substitutes[name]
        }
        for (name, value) in step.environment {
            do throws(MissingSubstitute) {
                environment[name] = try value.filled(substitutes)
            } catch {
                throw Failure(
                    .substituteMissing, "'${\(error.name)}' has no value in step '\(step.name)'.",
                    evidence: ["\(error.position)"])
            }
        }
        return environment
    }
}
