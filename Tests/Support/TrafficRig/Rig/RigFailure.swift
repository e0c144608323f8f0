/// Something the rig needs did not work; says what, with the evidence.
package struct RigFailure: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
