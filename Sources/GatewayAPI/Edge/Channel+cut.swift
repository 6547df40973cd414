import NIOCore
import NIOSSL

extension Channel {
    /// Closes the connection without a last word: behind bytes that its caller does not take, TLS would wait for one in vain.
    ///
    /// On its event loop.
    func cut() {
        if let tls = try? pipeline.syncOperations.context(handlerType: NIOSSLServerHandler.self) {
            // What a handler closes is closed below it.
            tls.close(promise: nil)
        } else {
            close(promise: nil)
        }
    }
}
