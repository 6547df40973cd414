import HTTPTypes

/// Why a platform gives no token to the machine.
struct ManagedIdentityRefusal: Error, Equatable {
    var status: HTTPResponse.Status = .badRequest
    /// What IMDS calls it; App Service has no such names.
    var error = "invalid_request"
    var message: String
}
