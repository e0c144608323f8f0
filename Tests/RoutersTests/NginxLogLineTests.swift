import PipelineModel
import Testing

@testable import Routers

@Suite struct NginxLogLineTests {
    private static func read(_ text: String) -> NginxLogLine? {
        NginxLogLine(Array(text.utf8)[...])
    }

    @Test func `color, status and time are read`() {
        #expect(
            Self.read(#"{"color":"green","status":"502","time":1.034}"#)
                == NginxLogLine(color: .green, status: 502, milliseconds: 1034))
    }

    @Test func `more fields may follow`() {
        #expect(
            Self.read(#"{"color":"blue","status":"200","time":0.000,"uri":"/\"color\":\"green"}"#)
                == NginxLogLine(color: .blue, status: 200, milliseconds: 0))
    }

    @Test func `a request that reached no colour has none`() {
        #expect(
            Self.read(#"{"color":"","status":"400","time":0.000}"#)
                == NginxLogLine(color: nil, status: 400, milliseconds: 0))
    }

    @Test(arguments: [
        "", "{}", #"127.0.0.1 - - [21/Nov/2026:18:07:47 +0000] "GET / HTTP/1.1" 200 5 "-" "curl""#,
        #"{"status":"200","color":"blue","time":0.001}"#,
        #"{"color":"shop_blue","status":"200","time":0.001}"#,
        #"{"color":"red","status":"200","time":0.001}"#,
        #"{"color":"blue","status":200,"time":0.001}"#,
        #"{"color":"blue","status":"20","time":0.001}"#,
        #"{"color":"blue","status":"200","time":-}"#,
        #"{"color":"blue","status":"200","time":0.1}"#,
        #"{"color":"blue","status":"200","time":0.0011}"#,
        #"{"color":"blue","status":"200","time":9999999999.000}"#,
        #"{"color":"blue","status":"200","time":0.001"#,
        #"{"color":"blue","status":"200","time":0.001,"uri":"/"#,
    ])
    func `anything else is no line of ours`(text: String) {
        #expect(Self.read(text) == nil)
    }
}
