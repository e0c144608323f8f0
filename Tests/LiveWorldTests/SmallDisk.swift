import Glibc

/// Larger writes fail from here on, in this whole process.
func limitFileSize(to bytes: UInt) {
    signal(SIGXFSZ, SIG_IGN)
    var limit = rlimit(rlim_cur: bytes, rlim_max: bytes)
    setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
}

private typealias Mount =
    @convention(c) (
        UnsafePointer<CChar>?, UnsafePointer<CChar>?, UnsafePointer<CChar>?, UInt,
        UnsafePointer<CChar>?
    ) -> Int32

private func call<Function>(_ name: String, as type: Function.Type) -> Function? {
    dlsym(nil, name).map { unsafeBitCast($0, to: Function.self) }
}

/// A disk of 64 KiB that only this thread sees where the kernel allows it; root only.
func mountSmallDisk(at path: String) -> Bool {
    let newNamespace: Int32 = 0x20000
    let unshare = call("unshare", as: (@convention(c) (Int32) -> Int32).self)
    _ = unshare?(newNamespace)
    let mount = call("mount", as: Mount.self)
    let privately: UInt = 1 << 18 | 1 << 14
    _ = mount?(nil, "/", nil, privately, nil)
    return mount?("small", path, "tmpfs", 0, "size=64k") == 0
}

func remountReadOnly(_ path: String) {
    _ = call("mount", as: Mount.self)?(nil, path, nil, 32 | 1, nil)
}

func unmount(_ path: String) {
    _ = call("umount", as: (@convention(c) (UnsafePointer<CChar>?) -> Int32).self)?(path)
}
