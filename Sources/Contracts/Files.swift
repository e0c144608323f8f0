/// Files, as the record and the routers need them. Paths are absolute or relative to the working
/// directory; links in the last place are never followed when writing.
package struct Files: Sendable {
    /// The whole file; fails with `.tooLarge` above `limit` bytes.
    package var read: @Sendable (_ path: String, _ limit: Int) throws(FileFailure) -> [UInt8]
    /// The last `limit` bytes of the file, or all of a shorter one.
    package var readEnd: @Sendable (_ path: String, _ limit: Int) throws(FileFailure) -> [UInt8]
    /// Opens a plain file to read what others append to it, whatever name it has by then. It is closed
    /// when nobody holds it any more.
    package var follow: @Sendable (_ path: String) throws(FileFailure) -> FollowedFile
    /// Replaces the file in one step and makes it durable: written aside, flushed, renamed, folder
    /// flushed. An existing file keeps its owner and mode; a new one gets `mode`.
    package var replace:
        @Sendable (_ path: String, _ bytes: [UInt8], _ mode: UInt32) throws(FileFailure) -> Void
    /// Replaces in one step a file that can be made again: nothing is flushed, so that a power cut may
    /// leave the former content, or none.
    package var replaceCache:
        @Sendable (_ path: String, _ bytes: [UInt8], _ mode: UInt32) throws(FileFailure) -> Void
    /// Gives a file another name in its folder, in one step, and flushes the folder. What had that name
    /// is gone. After a failure, only a look tells which name the file has.
    package var rename: @Sendable (_ path: String, _ name: String) throws(FileFailure) -> Void
    /// What a symbolic link says, as it is written there; `nil` where nothing is. Anything but a link
    /// is a failure.
    package var readLink: @Sendable (_ path: String) throws(FileFailure) -> String?
    /// Makes a symbolic link, or lets an existing one say something else, in one step and durably: made
    /// aside, renamed, folder flushed. Anything but a link is never replaced. After a failure, only a
    /// look tells what the link says.
    package var replaceLink:
        @Sendable (_ path: String, _ target: String) throws(FileFailure) -> Void
    /// Opens for appending, creating the file (0600) where `isNew`; then it must not exist yet, and its
    /// folder is flushed, so that the name is as durable as what is appended.
    package var openJournal:
        @Sendable (_ path: String, _ isNew: Bool) throws(FileFailure) -> AppendingFile
    /// Sets so much room on the disk aside under this name, in a file (0600) without content; where that
    /// is so already, nothing is done. Fails where twice as much is not free: what keeps room must not
    /// take the last of it. After a failure the file is gone.
    package var reserve: @Sendable (_ path: String, _ size: Int) throws(FileFailure) -> Void
    /// Creates the folder (0700) and what is missing above it; an existing one must be ours and closed
    /// to writing by others.
    package var createPrivateFolder: @Sendable (_ path: String) throws(FileFailure) -> Void
    /// Names in a folder, unsorted; an absent folder is empty.
    package var list: @Sendable (_ path: String) throws(FileFailure) -> [String]
    /// `nil` where nothing is there. Does not follow a link in the last place.
    package var status: @Sendable (_ path: String) throws(FileFailure) -> FileStatus?
    /// Removing what is absent is no error.
    package var remove: @Sendable (_ path: String) throws(FileFailure) -> Void

    package init(
        read: @escaping @Sendable (String, Int) throws(FileFailure) -> [UInt8],
        readEnd: @escaping @Sendable (String, Int) throws(FileFailure) -> [UInt8],
        follow: @escaping @Sendable (String) throws(FileFailure) -> FollowedFile,
        replace: @escaping @Sendable (String, [UInt8], UInt32) throws(FileFailure) -> Void,
        replaceCache: @escaping @Sendable (String, [UInt8], UInt32) throws(FileFailure) -> Void,
        rename: @escaping @Sendable (String, String) throws(FileFailure) -> Void,
        readLink: @escaping @Sendable (String) throws(FileFailure) -> String?,
        replaceLink: @escaping @Sendable (String, String) throws(FileFailure) -> Void,
        openJournal: @escaping @Sendable (String, Bool) throws(FileFailure) -> AppendingFile,
        reserve: @escaping @Sendable (String, Int) throws(FileFailure) -> Void,
        createPrivateFolder: @escaping @Sendable (String) throws(FileFailure) -> Void,
        list: @escaping @Sendable (String) throws(FileFailure) -> [String],
        status: @escaping @Sendable (String) throws(FileFailure) -> FileStatus?,
        remove: @escaping @Sendable (String) throws(FileFailure) -> Void
    ) {
        self.read = read
        self.readEnd = readEnd
        self.follow = follow
        self.replace = replace
        self.replaceCache = replaceCache
        self.rename = rename
        self.readLink = readLink
        self.replaceLink = replaceLink
        self.openJournal = openJournal
        self.reserve = reserve
        self.createPrivateFolder = createPrivateFolder
        self.list = list
        self.status = status
        self.remove = remove
    }
}

/// A file that only grows.
package struct AppendingFile: Sendable {
    /// One `write` of all bytes at the end, and `fdatasync` where `isDurable`; no bytes: only the flush.
    /// After a failure the file is cut back to its former length; a failed flush is never tried again.
    package var append: @Sendable (_ bytes: [UInt8], _ isDurable: Bool) throws(FileFailure) -> Void
    /// Cuts the file to so many bytes: how a torn tail is removed.
    package var truncate: @Sendable (_ length: Int) throws(FileFailure) -> Void
    package var close: @Sendable () -> Void

    package init(
        append: @escaping @Sendable ([UInt8], Bool) throws(FileFailure) -> Void,
        truncate: @escaping @Sendable (Int) throws(FileFailure) -> Void,
        close: @escaping @Sendable () -> Void
    ) {
        self.append = append
        self.truncate = truncate
        self.close = close
    }
}

/// A file that somebody else appends to.
package struct FollowedFile: Sendable {
    /// Smaller than before where somebody has cut it.
    package var length: @Sendable () throws(FileFailure) -> Int
    /// At most `limit` bytes, fewer at its end.
    package var read: @Sendable (_ offset: Int, _ limit: Int) throws(FileFailure) -> [UInt8]
    /// Another file has the name by which it was opened; where none has, it is not replaced yet.
    package var isReplaced: @Sendable () throws(FileFailure) -> Bool

    package init(
        length: @escaping @Sendable () throws(FileFailure) -> Int,
        read: @escaping @Sendable (Int, Int) throws(FileFailure) -> [UInt8],
        isReplaced: @escaping @Sendable () throws(FileFailure) -> Bool
    ) {
        self.length = length
        self.read = read
        self.isReplaced = isReplaced
    }
}

package struct FileStatus: Hashable, Sendable {
    package enum Kind: Sendable {
        case file
        case folder
        case link
        case other
    }

    package var kind: Kind
    package var size: Int
    package var mode: UInt32
    package var userID: UInt32
    package var modified: WallTime

    package init(kind: Kind, size: Int, mode: UInt32, userID: UInt32, modified: WallTime) {
        self.kind = kind
        self.size = size
        self.mode = mode
        self.userID = userID
        self.modified = modified
    }
}

package struct FileFailure: Error, Hashable, Sendable {
    package enum Reason: Sendable {
        case notFound
        case alreadyExists
        case denied
        case noSpace
        case readOnly
        case tooLarge
        /// Not a plain file or folder of ours: a link, a FIFO, another owner, open to everybody.
        case unsafe
        case other
    }

    package var reason: Reason
    /// `cannot write .bluegreen/shop/state.json: No space left on device`
    package var message: String
    /// Of a flush: what was written before it may be lost too, and later flushes do not tell.
    package var isOfFlush: Bool

    package init(_ reason: Reason, _ message: String, isOfFlush: Bool = false) {
        self.reason = reason
        self.message = message
        self.isOfFlush = isOfFlush
    }
}

/// Kernel locks: they die with the process and leave nothing behind.
package struct Locks: Sendable {
    /// Takes the lock at once or not at all; creates the file (0600), never removes it.
    /// `nil` means that another process holds it; every other trouble is a failure.
    package var take: @Sendable (_ path: String) throws(FileFailure) -> HeldLock?
    /// Whether another process holds the lock. An absent file is not held.
    package var isHeld: @Sendable (_ path: String) throws(FileFailure) -> Bool

    package init(
        take: @escaping @Sendable (String) throws(FileFailure) -> HeldLock?,
        isHeld: @escaping @Sendable (String) throws(FileFailure) -> Bool
    ) {
        self.take = take
        self.isHeld = isHeld
    }
}

/// A lock that is held until `release` is called or the process ends.
package struct HeldLock: Sendable {
    package var release: @Sendable () -> Void

    package init(release: @escaping @Sendable () -> Void) {
        self.release = release
    }
}
