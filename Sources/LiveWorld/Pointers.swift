import Glibc

/// Lends texts as the kernel takes them: a list that a null pointer ends.
func withPointers<Answer>(
    _ texts: [String], _ use: ([UnsafeMutablePointer<CChar>?]) -> Answer
) -> Answer {
    let pointers = texts.map { strdup($0) }
    defer { for pointer in pointers { free(pointer) } }
    return use(pointers + [nil])
}
