// swift-tools-version: 6.2
import PackageDescription

// Arrows point inward. A target lists exactly what it may use, so that a wrong import does not compile:
//
//   enrollment-gateway → {GatewayAPI, CurlTransport, Doctor, Sandbox, SandboxCommand, Telemetry}
//   graph-sandbox → SandboxCommand → {Sandbox, CurlTransport}
//   GatewayAPI → {KeyRing, Ledger, QRCode, Reloading}          {SQLiteLedger, PostgreSQLLedger} → Ledger → Graph
//   KeyRing → Graph → Entra → {Transport, Reloading}     CurlTransport → {Transport, CCurl}
//   Doctor → {Graph, CurlTransport}                 Entra, Graph, Doctor → Explanations
//   {CurlTransport, PostgreSQLLedger} → Threads     {Entra, Graph, Ledger, GatewayAPI} → {Metering, Traces}
//   GatewayAPI → {Console, DocsPages} → Pages → PageTexts     {GatewayAPI, Console} → Activity → {Graph, KeyRing}
//   {GatewayAPI, Telemetry} → LogFacts              GatewayAPI → SocketFilter → CSocketFilter

let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

/// For the targets on a request's way that implement no protocol of the server: what waits inside of one request stays on its
/// executor, without asking for it at each call.
let requestSettings = swiftSettings + [.enableUpcomingFeature("NonisolatedNonsendingByDefault")]

/// For the targets that wrap a C library: every unsafe step has to be spelled `unsafe`.
let unsafeSettings = swiftSettings + [.strictMemorySafety()]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdHTTP2 = Target.Dependency.product(name: "HummingbirdHTTP2", package: "hummingbird")
let hummingbirdTesting = Target.Dependency.product(name: "HummingbirdTesting", package: "hummingbird")
let jwtKit = Target.Dependency.product(name: "JWTKit", package: "jwt-kit")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let inMemoryLogging = Target.Dependency.product(name: "InMemoryLogging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioConcurrencyHelpers = Target.Dependency.product(name: "NIOConcurrencyHelpers", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioFoundationCompat = Target.Dependency.product(name: "NIOFoundationCompat", package: "swift-nio")
let nioHTTP2 = Target.Dependency.product(name: "NIOHTTP2", package: "swift-nio-http2")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioCertificateReloading = Target.Dependency.product(name: "NIOCertificateReloading", package: "swift-nio-extras")
let nioHTTPTypesHTTP1 = Target.Dependency.product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras")
let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let x509 = Target.Dependency.product(name: "X509", package: "swift-certificates")
let tracing = Target.Dependency.product(name: "Tracing", package: "swift-distributed-tracing")
let swiftASN1 = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")

let package = Package(
    name: "enrollment-gateway",
    platforms: [.macOS(.v26)],
    products: [
        .executable(name: "enrollment-gateway", targets: ["enrollment-gateway"]),
        .executable(name: "graph-sandbox", targets: ["graph-sandbox"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: ["CommandLineArguments"]),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.3"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: [
        // C libraries of the system.
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CQREncode", pkgConfig: "libqrencode", providers: [.apt(["libqrencode-dev"])]),
        .systemLibrary(name: "CPostgreSQL", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CSocketFilter"),
        .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),

        // The gateway, innermost first.
        .target(name: "Settings", dependencies: [configuration], swiftSettings: swiftSettings),
        .target(name: "JSONText", swiftSettings: swiftSettings),
        // What each code means and what to do; data alone.
        .target(name: "Explanations", swiftSettings: swiftSettings),
        .target(name: "TerminalText", swiftSettings: swiftSettings),
        .target(name: "Threads", swiftSettings: unsafeSettings),
        .target(name: "SocketFilter", dependencies: ["CSocketFilter", nioCore], swiftSettings: unsafeSettings),
        // Lines of the log of which there are many.
        .target(name: "LogFacts", dependencies: [logging], swiftSettings: swiftSettings),
        .target(name: "Metering", dependencies: [coreMetrics], swiftSettings: swiftSettings),
        .target(name: "Transport", dependencies: ["Settings", httpTypes, nioCore], swiftSettings: requestSettings),
        // What a trace is, and who makes its spans; Telemetry exports them.
        .target(
            name: "Traces",
            dependencies: ["Transport", httpTypes, logging, tracing],
            swiftSettings: requestSettings
        ),
        .target(
            name: "CurlTransport",
            dependencies: [
                "CCurl", "Settings", "Threads", "Transport", httpTypes, logging, nioConcurrencyHelpers, nioCore,
                serviceLifecycle,
            ],
            swiftSettings: requestSettings + [.strictMemorySafety()]
        ),
        .target(
            name: "Reloading",
            dependencies: [nioPosix, serviceLifecycle, unixSignals],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "Entra",
            dependencies: [
                "Explanations", "Metering", "Reloading", "Settings", "Traces", "Transport", coreMetrics, crypto,
                cryptoExtras, httpTypes, logging, nioCore, nioFoundationCompat, nioSSL, serviceLifecycle, swiftASN1,
                x509,
            ],
            swiftSettings: requestSettings
        ),
        .target(
            name: "Graph",
            dependencies: [
                "Entra", "Explanations", "Metering", "Settings", "Traces", "Transport", coreMetrics, httpTypes, logging,
                nioCore,
                nioFoundationCompat,
            ],
            swiftSettings: requestSettings
        ),
        .target(
            name: "KeyRing",
            dependencies: [
                "Graph", "JSONText", "Reloading", "Settings", "Transport", crypto, logging, serviceLifecycle,
            ],
            // A link to the schema at the root, so that the binary can print it.
            resources: [.embedInCode("api-keys.schema.json")],
            swiftSettings: swiftSettings
        ),
        // What was asked and what came of it; the two targets after it keep it.
        .target(
            name: "Ledger",
            dependencies: [
                "Graph", "JSONText", "Metering", "Reloading", "Settings", "TerminalText", "Traces", "Transport",
                coreMetrics, crypto, logging, serviceLifecycle,
            ],
            swiftSettings: requestSettings
        ),
        .target(
            name: "SQLiteLedger",
            dependencies: ["Graph", "Ledger", "Transport", grdb],
            swiftSettings: requestSettings
        ),
        .target(
            name: "PostgreSQLLedger",
            dependencies: ["CPostgreSQL", "Graph", "Ledger", "Settings", "Threads", "Transport"],
            swiftSettings: requestSettings + [.strictMemorySafety()]
        ),
        .target(
            name: "Doctor",
            dependencies: [
                "CurlTransport", "Entra", "Explanations", "Graph", "JSONText", "Settings", "TerminalText",
                "Transport",
                httpTypes, nioCore, nioFoundationCompat,
            ],
            swiftSettings: swiftSettings
        ),
        // Pages for people. What they say, in each language; how they are written; and what they show.
        .target(
            name: "PageTexts",
            dependencies: [yams],
            resources: [.embedInCode("explanations.yaml"), .embedInCode("contract.yaml")],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "Pages",
            dependencies: ["PageTexts", crypto, httpTypes, nioCore],
            resources: [.embedInCode("assets/page.css"), .embedInCode("assets/icon.svg")],
            swiftSettings: swiftSettings
        ),
        // What was asked and answered lately.
        .target(
            name: "Activity",
            dependencies: ["Graph", "KeyRing", "Traces", "Transport"],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "Console",
            dependencies: [
                "Activity", "Entra", "Explanations", "Graph", "KeyRing", "PageTexts", "Pages", "Settings", "Transport",
            ],
            resources: [.embedInCode("assets/console.css"), .embedInCode("assets/console.js")],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "DocsPages",
            dependencies: ["Explanations", "PageTexts", "Pages", yams],
            // The examples are links to those that people copy.
            resources: [
                .embedInCode("assets/docs.css"), .embedInCode("assets/docs.js"), .embedInCode("assets/calls.js"),
                .embedInCode("assets/shown.js"), .embedInCode("assets/problems.js"), .embedInCode("assets/profiles.js"),
                .embedInCode("assets/wishes.js"), .embedInCode("assets/try-it.js"),
                .embedInCode("examples/mint.sh"), .embedInCode("examples/qr-code.sh"), .embedInCode("examples/mint.py"),
                .embedInCode("examples/mint.mjs"), .embedInCode("examples/enrollment.mjs"),
                .embedInCode("examples/index.html"), .embedInCode("examples/Mint.java"),
                .embedInCode("examples/Mint.cs"),
                .embedInCode("examples/Mint.csproj"), .embedInCode("examples/mint.go"),
                .embedInCode("examples/Mint.ps1"),
            ],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "GatewayAPI",
            dependencies: [
                "Activity", "Console", "DocsPages", "PageTexts", "Pages",
                "Entra", "Explanations", "Graph", "JSONText", "KeyRing", "Ledger", "LogFacts", "Metering", "QRCode",
                "Reloading", "Settings", "SocketFilter", "Traces", "Transport",
                coreMetrics, crypto, httpTypes, hummingbird, hummingbirdCore, logging, nioCertificateReloading,
                nioConcurrencyHelpers, nioCore, nioHTTP1, nioHTTP2, nioHTTPTypesHTTP1, nioPosix, nioSSL, nioTLS,
                serviceLifecycle, swiftASN1, tracing, x509,
            ],
            // A link to the contract at the root, so that the binary carries what it serves.
            resources: [.embedInCode("openapi.yaml")],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "Telemetry",
            dependencies: [
                "JSONText", "LogFacts", "Settings", "Threads", "Traces", "Transport", coreMetrics, httpTypes, logging,
                nioCore, serviceLifecycle, tracing,
            ],
            swiftSettings: swiftSettings
        ),

        // The emulator of Entra and Graph.
        .target(name: "QRCode", dependencies: ["CQREncode", "CPNG"], swiftSettings: unsafeSettings),
        .target(
            name: "Sandbox",
            dependencies: [
                "QRCode", "Settings", crypto, cryptoExtras, httpTypes, hummingbirdCore, hummingbirdHTTP2, jwtKit,
                logging, nioCore, nioHTTP1, nioHTTP2, nioPosix, nioSSL, nioTLS, serviceLifecycle, swiftASN1, x509,
            ],
            swiftSettings: swiftSettings
        ),

        // The sandbox's command line, which both executables carry.
        .target(
            name: "SandboxCommand",
            dependencies: [
                "CurlTransport", "Sandbox", "Settings", "Transport",
                argumentParser, httpTypes, logging, serviceLifecycle, unixSignals,
            ],
            swiftSettings: swiftSettings
        ),

        // The two executables.
        .executableTarget(
            name: "enrollment-gateway",
            dependencies: [
                "Activity", "Console", "CurlTransport", "Doctor", "Entra", "Explanations", "GatewayAPI", "Graph",
                "JSONText", "KeyRing",
                "Ledger", "PostgreSQLLedger", "Reloading", "SQLiteLedger", "Sandbox", "SandboxCommand", "Settings",
                "Telemetry", "TerminalText", "Traces", "Transport",
                argumentParser, configuration, coreMetrics, httpTypes, hummingbird, logging, nioCore, serviceLifecycle,
                tracing,
                unixSignals,
            ],
            swiftSettings: swiftSettings
        ),
        .executableTarget(
            name: "graph-sandbox",
            dependencies: ["SandboxCommand", argumentParser],
            swiftSettings: swiftSettings
        ),

        // A measurement, not a product: no part of the service.
        .executableTarget(
            name: "key-ring-bench",
            dependencies: ["Graph", "KeyRing", "Transport"],
            path: "Benchmarks/KeyRing",
            swiftSettings: swiftSettings
        ),

        // Tests.
        .target(
            name: "TestSupport",
            dependencies: [
                "Transport", httpTypes, nioConcurrencyHelpers, nioCore, nioPosix, nioFoundationCompat,
            ],
            path: "Tests/TestSupport",
            swiftSettings: swiftSettings
        ),
        .target(
            name: "TestUpstream",
            dependencies: [nioConcurrencyHelpers, nioCore, nioPosix, nioSSL, nioTLS, swiftASN1, x509, crypto],
            path: "Tests/TestUpstream",
            swiftSettings: swiftSettings
        ),
        .testTarget(name: "DocumentTests", swiftSettings: swiftSettings),
        .testTarget(
            name: "PagesTests",
            dependencies: ["Explanations", "PageTexts", "Pages", yams],
            swiftSettings: swiftSettings
        ),
        .testTarget(name: "JSONTextTests", dependencies: ["JSONText"], swiftSettings: swiftSettings),
        .testTarget(name: "TransportTests", dependencies: ["Transport", httpTypes], swiftSettings: swiftSettings),
        .testTarget(
            name: "ExplanationsTests",
            dependencies: ["Entra", "Explanations", "GatewayAPI", "TerminalText", "Transport", logging],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "DoctorTests",
            dependencies: [
                "CurlTransport", "Doctor", "Entra", "Explanations", "Graph", "JSONText", "Sandbox", "Settings",
                "TerminalText", "TestSupport", "TestUpstream", "Transport",
                httpTypes, logging, nioConcurrencyHelpers, nioCore, serviceLifecycle,
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(name: "SettingsTests", dependencies: ["Settings", configuration], swiftSettings: swiftSettings),
        .testTarget(
            name: "CurlTransportTests",
            dependencies: [
                "CurlTransport", "Transport", "TestSupport", "TestUpstream",
                httpTypes, logging, nioConcurrencyHelpers, nioCore, nioPosix, nioSSL,
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(name: "ReloadingTests", dependencies: ["Reloading"], swiftSettings: swiftSettings),
        .testTarget(
            name: "EntraTests",
            dependencies: [
                "Entra", "Reloading", "Settings", "Transport", "TestSupport",
                crypto, cryptoExtras, httpTypes, inMemoryLogging, jwtKit, logging, nioCore, serviceLifecycle, swiftASN1,
                x509,
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "GraphTests",
            dependencies: [
                "Entra", "Explanations", "Graph", "Settings", "Telemetry", "Traces", "Transport", "TestSupport",
                httpTypes, inMemoryLogging, logging, nioCore,
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "KeyRingTests",
            dependencies: [
                "Graph", "JSONText", "KeyRing", "Reloading", "Settings", "TestSupport", "TestUpstream", "Transport",
                crypto, inMemoryLogging, logging, serviceLifecycle,
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "LedgerTests",
            dependencies: [
                "Entra", "Graph", "JSONText", "Ledger", "PostgreSQLLedger", "SQLiteLedger", "Settings",
                "TerminalText", "TestSupport", "Transport", grdb, inMemoryLogging, logging, serviceLifecycle,
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "ActivityTests",
            dependencies: ["Activity", "Graph", "KeyRing", "TestSupport", "Transport"],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "DocsPagesTests",
            dependencies: ["DocsPages", "Explanations", "PageTexts", "Pages", nioCore],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "ConsoleTests",
            dependencies: [
                "Activity", "Console", "Entra", "Explanations", "GatewayAPI", "Graph", "KeyRing", "PageTexts", "Pages",
                "Settings", "Transport", nioCore,
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "GatewayAPITests",
            dependencies: [
                "Activity", "Console", "CurlTransport", "DocsPages", "Entra", "Explanations", "GatewayAPI", "Graph",
                "JSONText", "KeyRing", "Ledger", "LogFacts", "PageTexts", "Pages", "QRCode", "Reloading",
                "SQLiteLedger", "Sandbox", "Settings", "SocketFilter", "Telemetry",
                "TestSupport", "TestUpstream", "Traces", "Transport",
                coreMetrics, httpTypes, hummingbird, hummingbirdTesting, inMemoryLogging, logging,
                nioConcurrencyHelpers, nioCore, nioEmbedded, nioHTTP1, nioHTTP2, nioPosix, nioSSL, nioTLS,
                serviceLifecycle, tracing,
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "FaultTests",
            dependencies: [
                "CurlTransport", "Entra", "GatewayAPI", "Graph", "KeyRing", "Settings", "TestSupport", "TestUpstream",
                "Transport",
                httpTypes, hummingbirdTesting, logging, nioConcurrencyHelpers, nioCore, nioSSL,
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "QRCodeTests",
            dependencies: ["CPNG", "QRCode", "TestSupport"],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "TracesTests",
            dependencies: ["TestSupport", "Traces", "Transport", httpTypes, tracing],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "TelemetryTests",
            dependencies: [
                "CurlTransport", "LogFacts", "Metering", "Settings", "Telemetry", "TestSupport", "Traces", "Transport",
                coreMetrics, httpTypes, inMemoryLogging, logging, nioConcurrencyHelpers, nioCore, serviceLifecycle,
                tracing,
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "SandboxTests",
            dependencies: [
                "Sandbox", "SandboxCommand", "Settings", "TestSupport",
                argumentParser, crypto, httpTypes, inMemoryLogging, jwtKit, logging, nioCore, nioEmbedded, nioPosix,
                nioTLS,
                serviceLifecycle, swiftASN1, x509,
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "enrollment-gateway", "graph-sandbox", "SQLiteLedger", "TestSupport", "TestUpstream", crypto, grdb,
            ],
            // Compiled by the test that has a gateway load it.
            exclude: ["Ledger/interference.c"],
            swiftSettings: swiftSettings
        ),
    ]
)
