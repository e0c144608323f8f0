/// Everything between the program and the person: the answer, the conversation, the keyboard.
package struct Terminal: Sendable {
    /// stdout: the answer.
    package let output: TerminalStream
    /// stderr: the conversation.
    package let error: TerminalStream
    /// False without a terminal on both sides, with `--no-input` and in CI.
    package let canPrompt: Bool
    /// The next line a person types, without its line break. What was typed before the call is
    /// dropped, so that nobody answers a question that was not yet asked. Nil at the end of the
    /// input and when the task is cancelled.
    let readLine: @Sendable () async -> String?

    /// Waits until everything printed is written, or the task is cancelled. A reader of stderr that has
    /// stopped reading is not waited for.
    package func drain() async {
        await error.drain()
        await output.drain()
    }

    /// The same terminal, on which the secrets of `masker`, and no others, are hidden.
    package func hiding(_ masker: Masker) -> Terminal { hiding { masker } }

    /// The same; `masker` is asked whenever something is printed, for secrets that become known late.
    package func hiding(_ masker: @escaping @Sendable () -> Masker) -> Terminal {
        var (output, error) = (output, error)
        output.currentMasker = masker
        error.currentMasker = masker
        return Terminal(output: output, error: error, canPrompt: canPrompt, readLine: readLine)
    }
}
