import Graph
package import Hummingbird
package import KeyRing
import Logging

/// What belongs to a request whose caller is known.
///
/// A route that acts for a caller takes this context, and there is none without a ``Caller``, which nothing but a key ring that was
/// shown a key makes. So a route that forgets to authenticate does not compile, and one whose group does not do it answers no
/// request.
package struct AuthenticatedContext: ChildRequestContext {
    package var coreContext: CoreRequestContextStorage
    package let caller: Caller
    let record: RequestRecord
    let requestID: String

    package init(context: GatewayContext) throws {
        guard let caller = context.caller else {
            context.logger.error("A route without authentication was asked for a caller")
            throw GatewayError(
                .internal,
                "Something went wrong in the gateway. The operator finds it under this request id in the log."
            )
        }
        coreContext = context.coreContext
        self.caller = caller
        record = context.record
        requestID = context.requestID
    }

    /// The proof that the caller may do a thing with a profile.
    ///
    /// - Throws: `permission-denied`, which does not tell whether there is such a profile.
    func permit<Right: RightType>(
        _ right: Right.Type,
        on profile: ProfileReference
    ) throws(GatewayError) -> ProfilePermit<Right> {
        do { return try caller.permit(right, on: profile) } catch { throw GatewayError(error) }
    }

    /// The same with those profiles of a kind that its key is for.
    func permit<Right: RightType>(
        _ right: Right.Type,
        in kind: ProfileKind
    ) throws(GatewayError) -> CollectionPermit<Right> {
        do { return try caller.permit(right, in: kind) } catch { throw GatewayError(error) }
    }
}

extension GatewayError {
    fileprivate init(_ denial: KeyGrant.Denial) {
        switch denial {
        case .right(let right):
            self.init(
                .permissionDenied,
                "Your API key does not have the right \(right.rawValue). Ask the operator of this gateway for a key that has it."
            )
        case .kind(let kind):
            self.init(
                .permissionDenied,
                "Your API key is not for profiles of the kind \(kind.rawValue). Ask the operator of this gateway for one that is.",
                member: "kind"
            )
        case .profile:
            self.init(
                .permissionDenied,
                "Your API key is not for this profile. Ask the operator of this gateway for a key that is, or correct the id.",
                member: "profileId"
            )
        }
    }
}
