import HTTPTypes
import NIOCore

/// Graph's part of the sandbox: both collections of enrollment profiles, and their two actions.
struct SandboxGraph: Sendable {
    /// Profiles in one page of a list, unless `$top` asks for fewer.
    static let pageSize = 100

    let store: SandboxStore
    let issuer: AccessTokenIssuer
    /// Whether reads show each profile as it was before the latest change of its token.
    var isStale = false

    func answer(_ request: SandboxRequest, route: SandboxRoute) async -> SandboxAnswer {
        var answer: SandboxAnswer
        do throws(GraphRefusal) {
            answer = try await carryOut(request, route: route)
        } catch {
            answer = error.answer(to: request)
        }
        answer.fields[.cacheControl] = "no-cache"
        answer.fields[.requestID] = request.id
        answer.fields[.clientRequestID] = request.clientRequestID
        answer.fields[.diagnostic] = """
            {"ServerInfo":{"DataCenter":"Sandbox","Slice":"E","Ring":"0","ScaleUnit":"000","RoleInstance":"SANDBOX0"}}
            """
        return answer
    }

    private func carryOut(_ request: SandboxRequest, route: SandboxRoute) async throws(GraphRefusal) -> SandboxAnswer {
        if case .unknownVersion(let version) = route { throw .badRequest("Invalid version: \(version)") }
        let authorization = try await GraphAuthorization(request, tenant: store.tenant, issuer: issuer)
        let mayRead = [SandboxConfiguration.readRole, SandboxConfiguration.writeRole]
        switch route {
        case .list(let kind):
            let query = try GraphQuery(request.query, kind: kind, isList: true)
            try authorization.require(mayRead)
            return list(request, kind: kind, query: query)
        case .count(let kind):
            try authorization.require(mayRead)
            store.tookEffect(.list)
            return SandboxAnswer(
                status: .ok,
                fields: [.contentType: "text/plain"],
                body: ByteBuffer(string: String(store.profiles(of: kind).count))
            )
        case .get(let kind, let id):
            let query = try GraphQuery(request.query, kind: kind, isList: false)
            try authorization.require(mayRead)
            return try get(request, id: id, kind: kind, query: query)
        case .createToken(let kind, let id):
            try admitWrite()
            let validity = try ActionBody.validity(in: request)
            try authorization.require([SandboxConfiguration.writeRole])
            let profile = try profile(id, kind: kind)
            guard validity >= 1 else { throw .invalidValidity }
            store.createToken(for: profile.profile.id, validity: validity)
            return SandboxAnswer(status: .noContent)
        case .revokeToken(let kind, let id):
            try admitWrite()
            try authorization.require([SandboxConfiguration.writeRole])
            store.revokeToken(of: try profile(id, kind: kind).profile.id)
            return SandboxAnswer(status: .noContent)
        case .unknownSegment(let segment):
            throw .unknownSegment(segment)
        default:
            throw .methodNotAllowed
        }
    }

    private func admitWrite() throws(GraphRefusal) {
        if let wait = store.admitWrite() { throw .throttled(retryAfter: wait) }
    }

    private func profile(_ id: String, kind: SandboxProfile.Kind) throws(GraphRefusal) -> SandboxProfileState {
        guard let state = store.profile(id, kind: kind) else { throw .notFound }
        return state
    }

    /// What a read shows of a profile. What lags behind the latest change at all lags behind it in a stale read, too.
    private func seen(_ state: SandboxProfileState, at now: SandboxInstant) -> SandboxProfileState {
        let seen = state.seen(at: now, lag: store.tenant.readLag)
        return isStale && seen == state ? state.beforeLatestChange : seen
    }

    private func get(
        _ request: SandboxRequest,
        id: String,
        kind: SandboxProfile.Kind,
        query: GraphQuery
    ) throws(GraphRefusal) -> SandboxAnswer {
        let state = seen(try profile(id, kind: kind), at: request.now)
        store.tookEffect(.get)
        let context = context(request, kind: kind, query: query) + "/$entity"
        return odata(
            [.init(name: "@odata.context", value: .string(context))] + members(state, kind, query, inList: false)
        )
    }

    private func list(_ request: SandboxRequest, kind: SandboxProfile.Kind, query: GraphQuery) -> SandboxAnswer {
        let states = store.profiles(of: kind).map { seen($0, at: request.now) }
        store.tookEffect(.list)
        let page = states.dropFirst(query.skip).prefix(min(query.top ?? Self.pageSize, Self.pageSize))
        let context = context(request, kind: kind, query: query)
        var document = [JSONValue.Member(name: "@odata.context", value: .string(context))]
        if query.wantsCount { document.append(.init(name: "@odata.count", value: .integer(Int64(states.count)))) }
        if let link = nextLink(request, query: query, after: query.skip + page.count, of: states.count) {
            document.append(.init(name: "@odata.nextLink", value: .string(link)))
        }
        let values = page.map { JSONValue.object(members($0, kind, query, inList: true)) }
        document.append(.init(name: "value", value: .array(values)))
        return odata(document)
    }

    /// The address of the next page, while there is one: the same request, further on. `$top` is the size of a page here.
    private func nextLink(_ request: SandboxRequest, query: GraphQuery, after position: Int, of total: Int) -> String? {
        guard position < total, position > query.skip else { return nil }
        let path = (request.head.path ?? "").prefix { $0 != "?" }
        let kept = request.head.path?.split(separator: "?", maxSplits: 1).dropFirst().first.map {
            $0.split(separator: "&").filter {
                let name = FormFields.decode($0.prefix { $0 != "=" })
                return name != "$skip" && name != "$skiptoken"
            }
        }
        let options = (kept ?? []) + ["$skiptoken=\(position)"]
        return request.origin + path + "?" + options.joined(separator: "&")
    }

    private func members(
        _ state: SandboxProfileState,
        _ kind: SandboxProfile.Kind,
        _ query: GraphQuery,
        inList: Bool
    ) -> [JSONValue.Member] {
        let tenant = store.tenant
        return ProfileProperty.all(of: kind)
            .filter { query.selected?.contains($0.name) ?? true }
            .map { .init(name: $0.name, value: $0.value(of: state, tenant: tenant, inList: inList)) }
    }

    private func context(_ request: SandboxRequest, kind: SandboxProfile.Kind, query: GraphQuery) -> String {
        let properties = ProfileProperty.all(of: kind).map(\.name)
        let selection = query.selected.map { selected in
            "(" + properties.filter(selected.contains).joined(separator: ",") + ")"
        }
        return "\(request.origin)/beta/$metadata#deviceManagement/\(kind.collection)\(selection ?? "")"
    }

    private func odata(_ members: [JSONValue.Member]) -> SandboxAnswer {
        var answer = SandboxAnswer.json(.object(members))
        answer.fields[.contentType] =
            "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
        answer.fields[.odataVersion] = "4.0"
        return answer
    }
}
