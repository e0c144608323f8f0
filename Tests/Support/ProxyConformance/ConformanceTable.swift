/// All cases; their names are unique within a direction.
package enum ConformanceTable {
    package static let all: [ConformanceCase] =
        RequestLineCases.all + HostCases.all + FieldCases.all + FramingCases.all + ChunkCases.all
        + GatewayCases.all + AnswerCases.all
}
