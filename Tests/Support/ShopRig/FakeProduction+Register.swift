import PipelineModel
import TestWorld

/// One HAProxy that keeps a number in a register instead, and refuses a lower one. Everybody else here
/// goes on to speak of the value that a map would have.
extension FakeProduction {
    package static let registerSocket = "/run/haproxy/shop.sock"
    package static let registerFile = "/etc/haproxy/shop-register.cfg"
    private static let wish = "x-bluegreen-raise: "

    /// From now on it has a register.
    package func addRegister() {
        files[Self.registerFile] = []
        setValue("blue:green:0:0")
    }

    var hasRegister: Bool { files[Self.registerFile] != nil }

    func persistRegister(_ value: String?) {
        let number = value.flatMap(Self.number) ?? 0
        files[Self.registerFile] = Array("global\n    set-var proc.shop int(\(number))\n".utf8)
    }

    var persistedInRegister: String? {
        let text = files[Self.registerFile].map { String(decoding: $0, as: UTF8.self) } ?? ""
        return text.split { !$0.isWholeNumber }.last.flatMap { Int($0) }.map(Self.value)
    }

    /// `token * 4 + claim * 2 + colour`. A bare colour is one without a token.
    static func number(_ value: String) -> Int? {
        let fields = value.split(separator: ":")
        guard let color = fields.first.flatMap({ Color(rawValue: String($0)) }) else { return nil }
        let isClaimed = fields.count > 1 && fields[1] == "-"
        return (fields.count > 1 ? token(value) ?? 0 : 0) * 4
            + (isClaimed ? 2 : 0) + (color == .green ? 1 : 0)
    }

    static func value(_ number: Int) -> String {
        let live = number % 2 == 1 ? Color.green : .blue
        return "\(live):\(number / 2 % 2 == 1 ? "-" : live.other.rawValue):0:\(number / 4)"
    }

    /// The value that a router is told to take.
    static func wish(_ command: Substring) -> String? {
        if command.hasPrefix("set map ") {
            return command.split(separator: " ").last.map(String.init)
        }
        guard command.hasPrefix(wish) else { return nil }
        return Int(command.dropFirst(wish.count).filter(\.isWholeNumber)).map(value)
    }

    static func registerAnswer(to lines: [Substring], _ state: inout State) -> String {
        if let value = lines.lazy.compactMap(wish).first { raise(to: value, &state) }
        let number = state.value.flatMap(number) ?? 0
        return "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\nproc.shop=\(number)\n"
    }

    static func raise(to value: String, isLate: Bool = false, _ state: inout State) {
        guard !state.ignoresWrites, let new = number(value),
            new > state.value.flatMap(number) ?? 0
        else { return }
        write(value, isLate: isLate, &state)
    }
}
