package import Entra
package import Logging
import NIOCertificateReloading
import NIOSSL
import Reloading
package import Settings
import Synchronization
package import Transport

/// The certificate that callers are shown now, and what there is to know about its files.
///
/// A handshake gets the one that is in force at its moment; open connections are not touched. Files that cannot be used change
/// nothing: the certificate before them stays in force.
package final class LiveCallerCertificate: Sendable {
    /// Why the files are read.
    package enum Cause: String, Sendable {
        case start, change, signal
        /// The last ones could not be used. A certificate may have become valid, or a file system may have been away.
        case retry
    }

    private struct State: Sendable {
        var inForce: CallerCertificate
        /// What is wrong with the files, as it was told last.
        var fault: String?
    }

    package let files: CallerCertificateFiles
    private let state: Mutex<State>
    private let source: Source
    private let reloader: TimedCertificateReloader
    /// TLS to callers, which shows each of them the certificate in force.
    let context: NIOSSLContext
    private let wallClock: @Sendable () -> Timestamp
    private let logger: Logger

    /// - Parameter first: what the files held when the settings were read.
    /// - Throws: ``SettingsProblem`` for what ``CallerCertificateFiles/read()`` would not have let through.
    package init(
        _ files: CallerCertificateFiles,
        first: CallerCertificate,
        wallClock: @escaping @Sendable () -> Timestamp = { .now },
        logger: Logger
    ) throws(SettingsProblem) {
        self.files = files
        self.wallClock = wallClock
        self.logger = logger
        state = Mutex(State(inForce: first))
        let source = Source(first)
        self.source = source
        do {
            reloader = try .makeReloaderValidatingSources(
                // It does not run by itself, since it would read files on the threads of everybody else.
                refreshInterval: .seconds(86_400),
                certificateSource: .init(location: .memory { source.certificate.chain }, format: .pem),
                privateKeySource: .init(location: .memory { source.certificate.key }, format: .pem)
            )
            context = try NIOSSLContext(configuration: .callers(reloader))
        } catch {
            throw SettingsProblem(
                CallerCertificateFiles.certificateSetting,
                "the certificate in the file that it names cannot be put in force",
                fix: "Make a new one"
            )
        }
    }

    package var facts: CallerCertificate.Facts { state.withLock { $0.inForce.facts } }
    package var expiry: CredentialExpiry { CredentialExpiry(.callerCertificate, endsAt: facts.notAfter) }
    /// Until its end; below zero behind it.
    package var secondsLeft: Double { facts.notAfter.secondsSince1970 - wallClock().secondsSince1970 }

    /// Whether the files are not what is in force.
    var hasFault: Bool { state.withLock { $0.fault != nil } }

    /// Reads the files, and puts what they hold in force where it can be used. Not to be called twice at a time.
    package func reload(_ cause: Cause) async {
        let files = files
        let result = await BlockingWork.run { Result { () throws(SettingsProblem) in try files.read() } }
        switch result {
        case .success(let certificate): take(certificate, cause)
        case .failure(let problem): note("\(problem.name): \(problem.reason)", cause)
        }
    }

    private func take(_ new: CallerCertificate, _ cause: Cause) {
        let (now, before) = (wallClock(), state.withLock { $0 })
        guard new != before.inForce || before.fault != nil || cause == .signal else { return }
        // Better one that callers trust today than one of tomorrow.
        if !new.facts.isValid(at: now), before.inForce.facts.isValid(at: now) {
            return note(
                "the certificate is valid from \(new.facts.notBefore.rfc3339) to \(new.facts.notAfter.rfc3339) only",
                cause
            )
        }
        source.certificate = new
        do {
            try reloader.reload()
        } catch {
            source.certificate = before.inForce
            return note("the certificate cannot be put in force", cause)
        }
        state.withLock { $0 = State(inForce: new) }
        logger.notice("Certificate for callers read", metadata: new.facts.metadata(cause))
    }

    private func note(_ fault: String, _ cause: Cause) {
        let isNews = state.withLock { state in
            defer { state.fault = fault }
            return state.fault != fault
        }
        guard isNews || cause == .signal else { return }
        var metadata = facts.metadata(cause)
        metadata["reason"] = "\(fault)"
        logger.error("The certificate's files cannot be used; the one before them stays in force", metadata: metadata)
    }
}

/// What the reloader reads next.
private final class Source: Sendable {
    private let present: Mutex<CallerCertificate>

    init(_ certificate: CallerCertificate) { present = Mutex(certificate) }

    var certificate: CallerCertificate {
        get { present.withLock { $0 } }
        set { present.withLock { $0 = newValue } }
    }
}

extension CallerCertificate.Facts {
    package func metadata(_ cause: LiveCallerCertificate.Cause) -> Logger.Metadata {
        [
            "certificate.sha256": "\(sha256)", "certificate.names": "\(names.joined(separator: " "))",
            "certificate.ends_at": "\(notAfter.rfc3339)", "cause": "\(cause.rawValue)",
        ]
    }
}
