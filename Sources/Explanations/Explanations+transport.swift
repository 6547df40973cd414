extension Explanations {
    /// Every kind of failure of the transport; a test compares them with the enum that is logged.
    static let transport: [Explanation] = [
        .init(
            .transport,
            "name-not-resolved",
            "The host's name has no address here, or the resolver does not answer.",
            .network,
            "Try `getent hosts NAME` on the same machine, in the same container. Correct the resolver, the name, or UPSTREAM_PROXY."
        ),
        .init(
            .transport,
            "connect-failed",
            "The address does not take the connection, or the proxy does not make it.",
            .network,
            "Open the firewall for port 443 to Entra and Graph, or set UPSTREAM_PROXY to the proxy that leads there."
        ),
        .init(
            .transport,
            "tls-failed",
            "TLS did not come about, or the server's certificate is not one to trust.",
            .network,
            "Run `enrollment-gateway doctor`: it shows the certificates. Behind a proxy that looks into TLS, put its authority's certificate into a PEM file and name it in UPSTREAM_CA_PATH."
        ),
        .init(
            .transport,
            "refused",
            "The server refused the request unread; it may be sent again.",
            .nobody,
            "Wait: the gateway sends it again by itself."
        ),
        .init(
            .transport,
            "timed-out",
            "The time for the request was over before the answer came.",
            .network,
            "See whether Microsoft's service health names an outage. GRAPH_DEADLINE is the gateway's own limit."
        ),
        .init(
            .transport,
            "connection-lost",
            "The connection ended before the answer was complete.",
            .network,
            "Once in a while it is normal. If it is frequent, look at what stands between: proxy, firewall, load balancer."
        ),
        .init(
            .transport,
            "response-too-large",
            "The answer was larger than any that is expected.",
            .network,
            "See whether something answers in Microsoft's place, such as a portal's page."
        ),
        .init(
            .transport,
            "malformed-response",
            "What came back is not HTTP, or contradicts itself.",
            .network,
            "See whether something answers in Microsoft's place, and whether the URL has the right port."
        ),
        .init(
            .transport,
            "cancelled",
            "Whoever waited for the answer went away before the request was sent.",
            .nobody,
            "Nothing is to be done."
        ),
        .init(
            .transport,
            "overloaded",
            "Too many requests to Microsoft are under way; this one was not begun.",
            .nobody,
            "Wait: it passes with the load. If it lasts, Microsoft answers slowly, or more gateways are needed."
        ),
        .init(
            .transport,
            "unavailable",
            "The gateway is stopping; the request was not begun.",
            .nobody,
            "Nothing is to be done."
        ),
        .init(
            .transport,
            "internal",
            "A defect of the gateway, or a libcurl that refuses what it should take.",
            .operator,
            "Report the detail beside it, with the version of libcurl."
        ),
    ]
}
