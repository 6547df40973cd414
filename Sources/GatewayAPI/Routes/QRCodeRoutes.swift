import Graph
import HTTPTypes
import Hummingbird
import KeyRing
import NIOCore
import QRCode
import Settings

/// `/profiles/{profileId}/token/qr-code`: what a device scans, as a picture.
struct QRCodeRoutes: Sendable {
    /// What it can be had as; the first one where the caller does not mind.
    enum Form: String, CaseIterable {
        case svg = "image/svg+xml"
        case png = "image/png"
    }

    /// How long to wait, in seconds, for a token that was made and is not shown yet.
    static let notYetRetryAfter = 5

    let operations: PermittedOperations
    let rules: TokenRules

    func read(_ request: Request, _ context: AuthenticatedContext) async throws -> Response {
        let profile = try context.profile(of: request, default: rules.defaultKind)
        let permit = try context.permit(ReadToken.self, on: profile)
        let type = try MediaNegotiation.choose(among: Form.allCases.map(\.rawValue), request.headers)
        let form = Form(rawValue: type) ?? .svg
        let token = try await operations.token(permit, form == .png ? .withPicture : .withQRCode, context.record)
        try requireUse(token)
        return Response(
            status: .ok,
            headers: fields(form),
            body: .init(byteBuffer: ByteBuffer(bytes: try picture(of: token, form)))
        )
    }

    private func requireUse(_ token: ShownToken) throws(GatewayError) {
        switch TokenStatus(of: token, rules) {
        case .active, .expiring: return
        case .expired:
            throw GatewayError(
                .tokenNotFound,
                "The profile's enrollment token has ended, and a device cannot be enrolled with it. Create a new one."
            )
        case .none:
            throw GatewayError(.tokenNotFound, "The profile has no enrollment token. Create one.")
        }
    }

    /// Graph's own picture is preferred where there is one: it is what Intune's admin center shows.
    private func picture(of token: ShownToken, _ form: Form) throws(GatewayError) -> [UInt8] {
        guard token.value != nil else {
            throw GatewayError(
                .tokenNotFound,
                "The profile has a new enrollment token and does not show it yet. Ask again; do not create another one.",
                retryAfter: Self.notYetRetryAfter
            )
        }
        if form == .png, let image = token.qrCodeImage { return image.png }
        guard let content = token.qrCodeContent else {
            throw GatewayError(
                .tokenNotFound,
                "Graph shows no QR code for the profile's enrollment token. Use the token's value instead."
            )
        }
        do {
            let symbol = try content.reveal { (text) throws(QRCodeError) in try QRSymbol(text) }
            switch form {
            case .svg: return Array(symbol.svg().utf8)
            case .png: return try symbol.png()
            }
        } catch {
            throw GatewayError(
                .graphFailed,
                "Of the text that Graph has for the profile's QR code none can be drawn. Use the token's value instead."
            )
        }
    }

    private func fields(_ form: Form) -> HTTPFields {
        var fields: HTTPFields = [
            .contentType: form.rawValue, .vary: "Accept", .xContentTypeOptions: "nosniff",
        ]
        // Opened alone, an SVG is a document that may hold scripts. This one holds none, and none would run.
        if form == .svg { fields[.contentSecurityPolicy] = "default-src 'none'; sandbox" }
        return fields
    }
}
