import Foundation
import Glibc
import NIOConcurrencyHelpers

/// A PostgreSQL server of the tests' own: with its data in a folder of its own, on a socket there and on a free port of 127.0.0.1.
///
/// It ends, and its folder goes, when nobody has it any more, and also when the tests die: shells that see to both wait for the
/// end of their pipes from here. Anybody may come in without a password but the role `guarded`, which needs one over TCP.
package final class PostgreSQLServer: Sendable {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    package let folder: String
    package var port: Int { chosenPort.withLockedValue(\.self) }
    /// It stays the same once the server has been up.
    private let chosenPort = NIOLockedValueBox(0)
    private let programs: String
    private let isDurable: Bool
    private let remover: ChildProgram
    private let child = NIOLockedValueBox<ChildProgram?>(nil)

    /// One that the tests of this process share; without `fsync`, so that it is fast.
    package static func shared() async throws -> PostgreSQLServer { try await SharedServer.one.server() }

    /// Starts one.
    ///
    /// - Parameters:
    ///   - isDurable: whether it waits for its disk.
    ///   - parent: where its folder is made; a short path, since that of a socket has to be.
    package init(isDurable: Bool = true, in parent: String = "/tmp") async throws {
        programs = try Self.programs()
        self.isDurable = isDurable
        folder = "\(parent)/pg-\(UUID().uuidString.prefix(8).lowercased())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        // One that is still being filled takes several tries.
        let remove = "read -r end; for try in $(seq 100); do rm -rf \"$1\" && break; sleep 0.2; done 2>/dev/null"
        remover = try ChildProgram("/bin/sh", ["-c", remove, "sh", folder], input: .pipe)
        if geteuid() == 0 { chown(folder, Self.other.user, Self.other.group) }
        let options = ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        let command = Self.asOther(["\(programs)/initdb"] + options)
        guard try await ChildProgram.run(command[0], Array(command.dropFirst())).ending == .exit(0) else {
            throw Failure(description: "initdb failed")
        }
        try Self.admission.write(toFile: "\(data)/pg_hba.conf", atomically: false, encoding: .utf8)
        try await startAnywhere()
    }

    /// Between the choice of a port and its use another program may take it.
    private func startAnywhere() async throws {
        for attempt in 1... {
            let port = try Self.freePort()
            chosenPort.withLockedValue { $0 = port }
            do { return try await start() } catch  where attempt < 5 {
                await stop(immediate: true)
                try? FileManager.default.removeItem(atPath: "\(folder)/log")
            }
        }
    }

    deinit {
        // The shells read the end of their pipes.
        let child = child.withLockedValue(\.self)
        resume()
        try? child?.input?.close()
        child?.wait()
        try? remover.input?.close()
        remover.wait()
    }

    private var data: String { "\(folder)/data" }

    private static let admission = """
        local all all trust
        host all guarded 127.0.0.1/32 scram-sha-256
        host all all 127.0.0.1/32 trust

        """

    /// Over TCP.
    package func url(_ database: String, user: String = "postgres", password: String? = nil) -> String {
        "postgresql://\(user)\(password.map { ":\($0)" } ?? "")@127.0.0.1:\(port)/\(database)"
    }

    /// Over its socket.
    package func socketURL(_ database: String) -> String {
        "postgresql://postgres@/\(database)?host=\(folder)&port=\(port)"
    }

    /// Makes an empty database.
    ///
    /// - Returns: its name.
    package func database() async throws -> String {
        let name = "t" + UUID().uuidString.replacing("-", with: "").lowercased()
        try await run("CREATE DATABASE \(name)", in: "postgres")
        return name
    }

    /// Runs SQL as the superuser.
    ///
    /// - Returns: the rows as lines, the columns between bars.
    @discardableResult
    package func run(_ sql: String, in database: String) async throws -> String {
        let arguments = ["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-c", sql, socketURL(database)]
        let (output, ending) = try await ChildProgram.run("\(programs)/psql", arguments)
        guard ending == .exit(0) else { throw Failure(description: "psql failed: \(sql)") }
        return output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    // MARK: Its life

    /// Starts it again on its data, and returns when it can be used.
    package func start() async throws {
        let options = [
            "-D", data, "-p", "\(port)", "-k", folder, "-c", "listen_addresses=127.0.0.1",
            "-c", "fsync=\(isDurable ? "on" : "off")", "-c", "max_connections=400", "-c", "shared_buffers=64MB",
        ]
        let script = """
            log=$1; shift
            "$@" </dev/null >>"$log" 2>&1 &
            read -r how
            case $how in fast) kill -INT $! ;; *) kill -QUIT $! ;; esac
            kill -CONT $!
            wait $!
            """
        let command = Self.asOther(["\(programs)/postgres"] + options)
        let program = try ChildProgram("/bin/sh", ["-c", script, "sh", "\(folder)/log"] + command, input: .pipe)
        child.withLockedValue { $0 = program }
        let end = ContinuousClock.now + .seconds(60)
        while status != "ready" {
            let log = (try? String(contentsOfFile: "\(folder)/log", encoding: .utf8)) ?? ""
            guard !log.contains(Self.portIsTaken), ContinuousClock.now < end else {
                throw Failure(description: "PostgreSQL did not start: \(log.suffix(500))")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Ends it, and returns when it has ended.
    ///
    /// - Parameter immediate: as a crash would, without writing anything any more.
    package func stop(immediate: Bool = false) async {
        let child = child.withLockedValue(\.self)
        child?.input?.write(Data("\(immediate ? "immediate" : "fast")\n".utf8))
        while child != nil, child?.ended == nil { try? await Task.sleep(for: .milliseconds(5)) }
    }

    package func restart(immediate: Bool = false) async throws {
        await stop(immediate: immediate)
        try await start()
    }

    /// Stops all its processes, as if the network were cut without a word.
    package func freeze() { for process in processes { kill(process, SIGSTOP) } }

    /// Lets them go on.
    package func resume() { for process in processes { kill(process, SIGCONT) } }

    /// That of the server and those that it has started.
    private var processes: [Int32] {
        guard let first = status == nil ? nil : lines.first.flatMap({ Int32($0) }) else { return [] }
        let all = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { Int32($0) }
        return [first]
            + all.filter { process in
                // After the name, which is in parentheses, come the state and the parent.
                let fields = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8))?
                    .split(separator: ")").last?.split(separator: " ")
                return fields.map { $0.count > 1 && Int32($0[1]) == first } ?? false
            }
    }

    private var lines: [Substring] {
        ((try? String(contentsOfFile: "\(data)/postmaster.pid", encoding: .utf8)) ?? "").split(separator: "\n")
    }

    /// What the server says of itself in the file that it removes when it ends.
    private var status: String? {
        guard child.withLockedValue(\.self)?.ended == nil, lines.count >= 8 else { return nil }
        return lines[7].trimmingCharacters(in: .whitespaces)
    }

    // MARK: The system

    /// PostgreSQL does not run as root.
    private static let other: (user: uid_t, group: gid_t) = (65_534, 65_534)

    private static func asOther(_ command: [String]) -> [String] {
        guard geteuid() == 0 else { return command }
        return ["/usr/bin/setpriv", "--reuid=\(other.user)", "--regid=\(other.group)", "--clear-groups"] + command
    }

    /// The folder of its programs: of Debian's newest, or on the path.
    private static func programs() throws -> String {
        let debian = "/usr/lib/postgresql"
        let versions = ((try? FileManager.default.contentsOfDirectory(atPath: debian)) ?? []).compactMap { Int($0) }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let folders = versions.sorted(by: >).map { "\(debian)/\($0)/bin" } + path.split(separator: ":").map(String.init)
        let found = folders.first { folder in
            ["initdb", "postgres", "psql"].allSatisfy { access("\(folder)/\($0)", X_OK) == 0 }
        }
        guard let found else { throw Failure(description: "PostgreSQL is not installed") }
        return found
    }

    /// What the server says of that before it ends.
    private static let portIsTaken = "could not create any TCP/IP sockets"

    /// Below those that the system gives to connections: no client of another test comes to have it.
    private static func freePort() throws -> Int {
        for _ in 0..<100 {
            let port = Int.random(in: 20_000..<32_000)
            if isFree(port) { return port }
        }
        throw Failure(description: "there is no free port")
    }

    private static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        address.sin_port = UInt16(port).bigEndian
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, length) == 0
            }
        }
    }
}

/// Starts the shared server when the first test asks for it.
private actor SharedServer {
    static let one = SharedServer()

    private var task: Task<PostgreSQLServer, any Error>?

    func server() async throws -> PostgreSQLServer {
        let task = task ?? Task { try await PostgreSQLServer(isDurable: false) }
        self.task = task
        do {
            return try await task.value
        } catch {
            // The next test tries again.
            if self.task == task { self.task = nil }
            throw error
        }
    }
}
