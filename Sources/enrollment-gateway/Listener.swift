import Foundation
import NIOCore
import ServiceLifecycle

/// A port cannot be opened; in one sentence.
struct ListenError: Error, CustomStringConvertible {
    var address: Listener.Address
    var code: CInt

    var description: String {
        let place = "\(address.host):\(address.port)"
        switch code {
        case EADDRINUSE:
            return
                "\(place) is in use by another program. Set \(address.setting) to a free port, or end the other program."
        case EACCES:
            return "\(place) may not be opened by this user. Set \(address.setting) to a port above 1023."
        case EADDRNOTAVAIL:
            return "This machine has no address \(address.host). Correct the host that goes with \(address.setting)."
        default:
            return "\(place) cannot be opened: \(String(cString: strerror(code)))."
        }
    }
}

/// A server, whose failure to open its port is told in words that name the setting.
struct Listener: Service {
    struct Address: Sendable {
        var host: String
        var port: Int
        var setting: String

        init(_ host: String, _ port: Int, _ setting: String) {
            self.host = host
            self.port = port
            self.setting = setting
        }
    }

    let service: any Service
    let address: Address

    func run() async throws {
        do {
            try await service.run()
        } catch let error as IOError {
            throw ListenError(address: address, code: error.errnoCode)
        }
    }
}
