import Testing

import Contracts

@Suite struct JSONTests {
    @Test(arguments: [
        ("null", JSON.null), (" true\n", .boolean(true)), ("false", .boolean(false)),
        ("8", .integer(8)), ("-3", .integer(-3)), ("1.5", .number(1.5)), ("1e3", .integer(1000)),
        ("9007199254740993", .integer(9_007_199_254_740_993)),
        ("18446744073709551615", .number(18_446_744_073_709_551_616)),
        ("\"a\\u00e9\\n\"", .text("aé\n")), ("[]", .list([])), ("{}", .object([:])),
        ("[1,\"a\",null]", .list([.integer(1), .text("a"), .null])),
        ("{\"a\":{\"b\":[true]}}", .object(["a": .object(["b": .list([.boolean(true)])])])),
    ])
    func `a document is read`(text: String, value: JSON) throws {
        #expect(try JSON(parsing: text.utf8) == value)
    }

    @Test(arguments: [
        "", " ", "nul", "{", "[1", "{a:1}", "'a'", "01", "+1", ".5", "NaN", "Infinity", "1e999",
        "[1] 2", "\"\\ud800\"", "<html>", "\u{0}", "\"a", "[1 2]", "{\"a\" 1}", "\"\\x\"",
    ])
    func `what is no document is malformed`(text: String) {
        #expect(throws: JSON.Unreadable.malformed) { try JSON(parsing: text.utf8) }
    }

    @Test func `bytes that are no text are malformed`() {
        let bytes: [UInt8] = [0x22, 0xFF, 0xFE, 0x22]
        #expect(throws: JSON.Unreadable.malformed) { try JSON(parsing: bytes) }
    }

    @Test func `keys that are the same text do not end the program`() throws {
        let twice = "{\"e\u{301}\":1,\"\u{E9}\":1,\"\u{E9}\":1}"
        #expect(try JSON(parsing: twice.utf8) == .object(["\u{E9}": .integer(1)]))
    }

    @Test func `32 levels are read and 33 are not`() throws {
        let levels = { (count: Int) in
            String(repeating: "[", count: count) + String(repeating: "]", count: count)
        }
        _ = try JSON(parsing: levels(32).utf8)
        #expect(throws: JSON.Unreadable.tooDeep) { try JSON(parsing: levels(33).utf8) }
        #expect(throws: JSON.Unreadable.tooDeep) {
            try JSON(parsing: String(repeating: "{\"a\":", count: 40_000).utf8)
        }
    }

    @Test func `brackets in text are no levels`() throws {
        let brackets = "\"\\\"" + String(repeating: "[", count: 100) + "\""
        #expect(try JSON(parsing: brackets.utf8).text?.count == 101)
    }

    @Test func `more than 256 KiB are not read`() {
        let huge = "\"" + String(repeating: "a", count: 256 << 10) + "\""
        #expect(throws: JSON.Unreadable.tooLarge) { try JSON(parsing: huge.utf8) }
    }

    @Test func `a value is written as compact JSON in a fixed order`() throws {
        let text = "{\"b\":[1,2.5,null,true],\"a\":\"x\\\"\\\\\\n\\r\\t\\u0001é\"}"
        let written = try JSON(parsing: text.utf8).description
        #expect(written == "{\"a\":\"x\\\"\\\\\\n\\r\\t\\u0001é\",\"b\":[1,2.5,null,true]}")
        #expect(try JSON(parsing: written.utf8) == JSON(parsing: text.utf8))
    }
}
