import Logging
import Transport

extension EnrollmentTokens {
    /// More profiles of one kind than this are not listed: a tenant with so many needs another way.
    package static let mostProfiles = 5_000
    /// Graph's pages hold what Graph likes; more of them than this are not followed.
    static let mostPages = 200

    /// One profile.
    ///
    /// - Throws: ``GraphError`` without an outcome.
    package func profile(
        _ profile: ProfileReference
    ) async throws(GraphError) -> (profile: EnrollmentProfile, attempts: [GraphAttempt]) {
        var attempts: [GraphAttempt] = []
        do throws(GraphError) {
            let read = try await reader.read(
                .readProfile(profile, at: configuration.baseURL),
                until: clock.now.advanced(by: configuration.deadline),
                noting: &attempts,
                decode: { EnrollmentProfile(decoding: $0, of: profile) }
            )
            return (read.value, attempts)
        } catch {
            throw error.noting(attempts)
        }
    }

    /// All profiles of a kind, in order of their ids.
    ///
    /// - Throws: ``GraphError`` without an outcome; also where there are more than ``mostProfiles``, since a part would pass for the
    ///   whole.
    package func profiles(
        of kind: ProfileKind
    ) async throws(GraphError) -> (profiles: [EnrollmentProfile], attempts: [GraphAttempt]) {
        var attempts: [GraphAttempt] = []
        do throws(GraphError) {
            let profiles = try await pages(of: kind, noting: &attempts)
            return (profiles, attempts)
        } catch {
            var error = error.noting(attempts)
            // What is not found here is the collection.
            if case .profileNotFound = error.kind { error.kind = .failed }
            throw error
        }
    }

    private func pages(
        of kind: ProfileKind,
        noting attempts: inout [GraphAttempt]
    ) async throws(GraphError) -> [EnrollmentProfile] {
        let end = clock.now.advanced(by: configuration.deadline)
        var request = GraphRequest.listProfiles(of: kind, at: configuration.baseURL)
        // By id, because a profile that is made or deleted while the pages are read may stand on two of them.
        var profiles: [ProfileID: EnrollmentProfile] = [:]
        for _ in 0..<Self.mostPages {
            let page = try await reader.read(
                request,
                until: end,
                noting: &attempts,
                decode: { ProfilePage(decoding: $0, kind: kind) }
            ).value
            for profile in page.profiles { profiles[profile.reference.id] = profile }
            if page.unreadable > 0 {
                Logger.current.warning(
                    "Graph lists what is no profile",
                    metadata: ["graph.entries": "\(page.unreadable)"]
                )
            }
            guard profiles.count <= Self.mostProfiles else { break }
            guard let link = page.nextLink else {
                return profiles.values.sorted { $0.reference.id < $1.reference.id }
            }
            guard let next = GraphRequest.nextPage(link, of: kind, at: configuration.baseURL) else {
                Logger.current.error("Graph names a next page that is not under its own root; it is not followed")
                throw GraphError(.failed, outcome: nil)
            }
            request = next
        }
        Logger.current.error(
            "Graph lists more profiles than the gateway takes",
            metadata: ["graph.profiles": "\(profiles.count)", "limit": "\(Self.mostProfiles)"]
        )
        throw GraphError(.tooManyProfiles, outcome: nil)
    }
}
