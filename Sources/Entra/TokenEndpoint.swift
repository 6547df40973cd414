import HTTPTypes
import NIOCore
import Traces
package import Transport

/// Entra's v2.0 token endpoint: the client credentials grant (RFC 6749 §4.4) and its answer.
///
/// It keeps no state and repeats nothing, but that a credential of which there are two is shown in both forms before Entra's
/// refusal counts; ``TokenCache`` decides when to ask.
package struct TokenEndpoint: TokenGrantSource {
    /// How long one request may take, all that it shows included, however long its callers would wait.
    package static let defaultTimeLimit: Duration = .seconds(10)
    /// The answer's largest body. A real one has some 2 KiB.
    package static let maximumAnswerBytes = 256 << 10
    /// Two contents of a credential, and a third that its file has got meanwhile.
    static let mostProofs = 3

    private let configuration: EntraConfiguration
    private let transport: any HTTPTransport
    private let clock: any MonotonicClock
    private let timeLimit: Duration

    package init(
        configuration: EntraConfiguration,
        transport: any HTTPTransport,
        clock: any MonotonicClock,
        timeLimit: Duration = TokenEndpoint.defaultTimeLimit
    ) {
        self.configuration = configuration
        self.transport = transport
        self.clock = clock
        self.timeLimit = timeLimit
    }

    package func requestGrant(claims: ClaimsChallenge?) async throws(EntraError) -> TokenGrant {
        let credential = configuration.credential
        let deadline = clock.now.advanced(by: timeLimit)
        var shown = [try await credential.proof()]
        // Of several refusals the one of the newest content is told: that is what stands in the file, and has to be mended.
        var refusal: (generation: Int, error: EntraError)?
        while let proof = shown.last {
            do throws(EntraError) {
                let grant = try await grant(for: proof, claims: claims, deadline: deadline)
                await credential.accepted(proof)
                return grant
            } catch {
                guard error.kind == .refused else {
                    await credential.failed(proof, error)
                    throw error
                }
                if refusal.map({ $0.generation < proof.generation }) ?? true { refusal = (proof.generation, error) }
                guard shown.count < Self.mostProofs,
                    let next = await credential.replacement(for: shown, refused: error)
                else { break }
                shown.append(next)
            }
        }
        throw refusal?.error ?? EntraError(.refused, reason: .credentialInvalid, detail: "there is nothing to show")
    }

    private func grant(
        for proof: CredentialProof,
        claims: ClaimsChallenge?,
        deadline: ContinuousClock.Instant
    ) async throws(EntraError) -> TokenGrant {
        let traced = TracedExchange("Entra token")
        defer { traced.end() }
        let response: UpstreamResponse
        do throws(TransportError) {
            response = try await traced.execute(request(proof, claims: claims, deadline: deadline), with: transport)
                .get()
        } catch {
            throw EntraError(error)
        }
        guard response.status == .ok else { throw EntraError(unsuccessful: response) }
        return try TokenGrant(response.body)
    }

    private func request(
        _ proof: CredentialProof,
        claims: ClaimsChallenge?,
        deadline: ContinuousClock.Instant
    ) -> UpstreamRequest {
        var form = TokenForm()
        form.append("client_id", configuration.client.description)
        form.append("scope", configuration.scope.description)
        form.append("grant_type", "client_credentials")
        if let claims = configuration.claims(answering: claims) { form.append("claims", claims) }
        for field in proof.fields { form.append(field.name, field.value) }
        return UpstreamRequest(
            method: .post,
            url: configuration.tokenURL,
            fields: [
                .contentType: "application/x-www-form-urlencoded",
                .accept: "application/json",
                .clientRequestID: GUID.random().description,
            ],
            body: form.body,
            // A second token does no harm.
            repetition: .harmless,
            deadline: deadline,
            maximumResponseBytes: Self.maximumAnswerBytes
        )
    }
}

extension HTTPField.Name {
    /// Entra answers it as `correlation_id` and keeps it in its sign-in log.
    fileprivate static let clientRequestID = HTTPField.Name("client-request-id")!
}
