import ShopRig
import Testing

@testable import Commands

/// `${name}` in a command that the shell reads.
@Suite struct ScriptNamesTests {
    private static func validate(
        _ script: String, beside more: String = ""
    ) -> Shop.Screen {
        let pipeline = Shop.pipeline.replacing(
            #"    run: ["./start", "${color}", "${version}"]"#,
            with: "    run: |\n      \(script)\n" + more)
        return Shop(pipeline: pipeline).type("validate")
    }

    @Test(arguments: [
        ("./start ${verison}", "\"$BLUEGREEN_VERSION\""),
        ("./start \"${colour}\"", "\"$BLUEGREEN_COLOR\""),
        ("PORT=${PORT} ./start", "\"$BLUEGREEN_PORT\""),
        ("echo it\\'s ${VERSION}", "\"$BLUEGREEN_VERSION\""),
    ])
    func `a mistyped name of ours is a warning, for the shell would put nothing there`(
        script: String, meant: String
    ) {
        let screen = Self.validate(script)
        #expect(screen.status == 0)
        #expect((screen.output + screen.error).contains("did you mean \(meant)?"))
    }

    @Test(arguments: ["./start ${REGISTRY}/shop", "docker run -e REGISTRY=${REGISTRY} shop"])
    func `a variable that the step does not have is a warning`(script: String) {
        let screen = Self.validate(script)
        #expect(screen.status == 0)
        #expect((screen.output + screen.error).contains("this step has no variable 'REGISTRY'"))
    }

    @Test(arguments: [
        ("./start ${HOME}/${BLUEGREEN_RUN}", ""),
        ("./start ${REGISTRY}", "    passEnv: [REGISTRY]\n"),
        ("./start ${REGISTRY}", "    env: {REGISTRY: here}\n"),
        ("REGISTRY=here; ./start ${REGISTRY}", ""),
        ("for host in a b; do ./start ${host}; done", ""),
        ("read -r host && ./start ${host}", ""),
        ("./start ${REGISTRY:-here} ${REGISTRY:?} ${#REGISTRY}", ""),
        ("ssh web 'echo ${verison}'", ""),
        ("./start \\${verison} $${verison}", ""),
        (". ./settings; ./start ${REGISTRY}", ""),
        ("./start ${PWD}", ""),
        ("./start ${1} ${@}", ""),
    ])
    func `what the step has, the shell sets or the shell does not read is left alone`(
        script: String, more: String
    ) {
        let screen = Self.validate(script, beside: more)
        #expect(screen.status == 0)
        #expect(!(screen.output + screen.error).contains("nothing there"), "\(screen.error)")
    }
}
