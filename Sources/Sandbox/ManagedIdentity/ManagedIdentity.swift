/// An identity that Azure gives to a machine or a workload: it proves nothing, the platform asks for its tokens.
package struct ManagedIdentity: Sendable, Equatable {
    package var clientID: String
    /// Of its service principal.
    package var objectID: String
    /// The resource in Azure that a user-assigned identity is; nil for the one that is the machine's own.
    package var resourceID: String?

    package init(clientID: String, objectID: String, resourceID: String? = nil) {
        self.clientID = clientID
        self.objectID = objectID
        self.resourceID = resourceID
    }

    package static let systemAssigned = ManagedIdentity(
        clientID: "33333333-3333-4333-8333-333333333333",
        objectID: "44444444-4444-4444-8444-444444444444"
    )

    package static let userAssigned = ManagedIdentity(
        clientID: "55555555-5555-4555-8555-555555555555",
        objectID: "66666666-6666-4666-8666-666666666666",
        resourceID: """
            /subscriptions/77777777-7777-4777-8777-777777777777/resourceGroups/sandbox/providers/\
            Microsoft.ManagedIdentity/userAssignedIdentities/gateway
            """
    )
}
