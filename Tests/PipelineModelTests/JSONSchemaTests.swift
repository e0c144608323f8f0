import PipelineModel
import Testing

struct JSONSchemaTests {
    /// The schema read again: JSON is YAML.
    private func schema() throws -> Node {
        let report = Report()
        let text = JSONSchema.document(Sample.vocabulary).replacing("    ", with: "  ")
        return try #require(
            YAMLReader.read(Array(text.utf8), file: "schema.json", report: report),
            "\(report.diagnostics)")
    }

    @Test func `it is the same each time`() {
        let first = JSONSchema.document(Sample.vocabulary)
        #expect(first == JSONSchema.document(Sample.vocabulary))
        #expect(
            first.hasPrefix("{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\""))
        #expect(first.hasSuffix("}\n"))
    }

    @Test func `what is required and what is closed shows`() throws {
        let schema = try schema()
        #expect(schema["additionalProperties"]?.text == "false")
        guard case .list(let required)? = schema["required"]?.content else {
            Issue.record("the root requires something")
            return
        }
        #expect(required.map(\.text) == ["apiVersion", "service", "colors"])
        #expect(schema["properties"]?["bake"]?["properties"]?["interval"]?["default"]?.text == "1s")
    }

    @Test func `what is not built yet is not offered`() throws {
        let schema = try schema()
        #expect(schema["properties"]?["gate"] == nil)
        let router = try #require(schema["$defs"]?["router"]?["properties"])
        #expect(router["nginx"] == nil)
        #expect(router["haproxy"] != nil)
        #expect(schema["properties"]?["router"]?["$ref"]?.text == "#/$defs/router")
    }

    @Test func `a stage requires nothing`() throws {
        let stage = try #require(try schema()["properties"]?["stages"]?["additionalProperties"])
        #expect(stage["required"] == nil)
        #expect(stage["properties"]?["router"]?["properties"]?["haproxy"]?["required"] == nil)
    }

    @Test func `steps refer to their family`() throws {
        let schema = try schema()
        #expect(schema["properties"]?["deploy"]?["items"]?["$ref"]?.text == "#/$defs/deployer")
        #expect(schema["$defs"]?["check"]?["properties"]?["expect"] != nil)
        #expect(schema["$defs"]?["metric"]?["required"]?.position != nil)
    }

    @Test func `the reference shows every key with its default`() {
        let text = Reference.pipeline(Sample.vocabulary)
        #expect(
            text.contains("| `service` | a name of letters, digits, '.', '_' and '-' | required |"))
        #expect(text.contains("| `gate` | anything | not built yet |"))
        #expect(text.contains("## `switch.prove`"))
        #expect(text.contains("### `haproxy`"))
        #expect(text.contains("`nginx`"))
        #expect(text == Reference.pipeline(Sample.vocabulary))
    }
}
