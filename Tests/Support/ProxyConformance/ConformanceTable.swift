/// All cases; their names are unique within a direction.
package enum ConformanceTable {
    package struct Group: Sendable {
        package var title: String
        package var cases: [ConformanceCase]
    }

    package static let groups = [
        Group(title: "The request line", cases: RequestLineCases.all),
        Group(title: "Host", cases: HostCases.all),
        Group(title: "Fields of a request", cases: FieldCases.all),
        Group(title: "The length of a request's body", cases: FramingCases.all),
        Group(title: "Chunks of a request", cases: ChunkCases.all),
        Group(title: "Several requests on one connection", cases: PipeliningCases.all),
        Group(title: "What a gateway takes off and adds", cases: GatewayCases.all),
        Group(title: "Answers", cases: AnswerCases.all),
        Group(title: "Malformed answers", cases: MalformedAnswerCases.all),
    ]

    package static let all = groups.flatMap(\.cases)
}
