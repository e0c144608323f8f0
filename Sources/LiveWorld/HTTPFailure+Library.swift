import AsyncHTTPClient
import Contracts
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

extension HTTPFailure {
    /// Says in our words what the library says in its own.
    init(_ error: any Error, route: HTTPRoute, request: HTTPRequest) {
        let address = route.address
        switch error {
        case is CancellationError:
            self.init(.cancelled, "cancelled")
        case let error as HTTPClientError where error == .deadlineExceeded:
            self.init(.timedOut, "no answer from \(address) within \(request.timeout.spoken)")
        case is ResponseAccumulator.ResponseTooBigError:
            self.init(
                .tooLarge, "the answer of \(address) is longer than \(request.bodyLimit) bytes")
        case let error as HTTPClientError:
            self.init(client: error, address)
        case let error as IOError:
            self.init(number: error.errnoCode, address)
        case let error as NIOConnectionError:
            self.init(connecting: error, address)
        case HTTPParserError.invalidEOFState:
            self.init(.reset, "\(address) closed the connection in the middle of the answer")
        case is HTTPParserError:
            self.init(.garbled, "\(address) does not speak HTTP")
        case let error as NIOSSLError:
            self.init(security: error, address, caFile: request.caFile)
        case let error as NIOSSLExtraError where error == .failedToValidateHostname:
            self.init(.tls, "the certificate of \(address) is for another name")
        case is NIOSSLExtraError, is BoringSSLError:
            self.init(.tls, "no secure connection to \(address)")
        case ChannelError.connectTimeout:
            self.init(.timedOut, "no connection to \(address)")
        case is ChannelError:
            self.init(.reset, "the connection to \(address) was closed")
        default:
            self.init(.other, "the request to \(address) failed")
        }
    }

    private init(client error: HTTPClientError, _ address: String) {
        switch error {
        case .cancelled:
            self.init(.cancelled, "cancelled")
        case .connectTimeout, .readTimeout, .writeTimeout, .tlsHandshakeTimeout,
            .getConnectionFromPoolTimeout:
            self.init(.timedOut, "no answer from \(address)")
        case .remoteConnectionClosed:
            self.init(.reset, "\(address) closed the connection without an answer")
        case .uncleanShutdown:
            self.init(.reset, "\(address) closed the connection in the middle of the answer")
        case .invalidURL, .emptyHost, .emptyScheme:
            self.init(.badURL, "the URL is not of the form http://host/path")
        default:
            self.init(.other, "\(address): \(error.shortDescription)")
        }
    }

    private init(number: Int32, _ address: String) {
        switch number {
        case ECONNREFUSED: self.init(.refused, "connection refused by \(address)")
        case ECONNRESET, EPIPE: self.init(.reset, "connection reset by \(address)")
        case ETIMEDOUT: self.init(.timedOut, "no connection to \(address)")
        default: self.init(.other, "\(phrase(number)): \(address)")
        }
    }

    private init(connecting error: NIOConnectionError, _ address: String) {
        guard let tried = error.connectionErrors.first else {
            self.init(.unresolved, "cannot resolve \(error.host)")
            return
        }
        guard let refused = tried.error as? IOError else {
            self.init(.timedOut, "no connection to \(address)")
            return
        }
        self.init(number: refused.errnoCode, address)
    }

    private init(security error: NIOSSLError, _ address: String, caFile: String?) {
        switch error {
        case .noSuchFilesystemObject, .failedToLoadCertificate:
            self.init(.tls, "cannot read authorities from \(caFile ?? "the system")")
        case .unableToValidateCertificate, .noCertificateToValidate:
            self.init(.tls, "the certificate of \(address) is for another name")
        case .uncleanShutdown:
            self.init(.reset, "\(address) closed the connection in the middle of the answer")
        case .handshakeFailed(let reason):
            // The library gives the reason as text only.
            let isUntrusted = "\(reason)".contains("CERTIFICATE_VERIFY_FAILED")
            self.init(
                .tls,
                isUntrusted
                    ? "the certificate of \(address) is not trusted"
                    : "no secure connection to \(address)")
        default:
            self.init(.tls, "no secure connection to \(address)")
        }
    }
}
