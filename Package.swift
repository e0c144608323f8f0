// swift-tools-version: 6.2
import PackageDescription

let house: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .treatAllWarnings(as: .error),
]

func package(_ name: String, _ package: String) -> Target.Dependency {
    .product(name: name, package: package)
}

/// A target of ours and, beside it, the tests of that target; `data` are files that they read, `rigs`
/// are what only they use.
func layer(
    _ name: String, uses: [Target.Dependency] = [], data: [String] = [],
    testedWith rigs: [Target.Dependency] = []
) -> [Target] {
    [
        .target(name: name, dependencies: uses, swiftSettings: house),
        .testTarget(
            name: name + "Tests", dependencies: [.byName(name: name), "TestWorld"] + uses + rigs,
            exclude: data, swiftSettings: house),
    ]
}

let contracts: [Target.Dependency] = ["PipelineModel", "Contracts"]
let adapters: [Target.Dependency] = ["Routers", "Deployers", "Checks", "StateStores"]

// Top to bottom is the direction data flows. A target may use only targets above it.
let product: [[Target]] = [
    layer("PipelineModel", uses: [package("Yams", "Yams")]),
    layer("Contracts", uses: ["PipelineModel"]),
    layer("RunEngine", uses: contracts),
    layer(
        "Routers", uses: contracts,
        testedWith: [
            "EmbeddedProxy", "LiveWorld", "TrafficRig", package("Logging", "swift-log"),
            package("NIOCore", "swift-nio"), package("NIOPosix", "swift-nio"),
        ]),
    layer("Deployers", uses: contracts),
    layer("Checks", uses: contracts),
    layer("StateStores", uses: contracts + [package("Crypto", "swift-crypto")]),
    layer("Console", uses: [package("Rainbow", "Rainbow"), package("TextTable", "TextTable")]),
    layer(
        "Commands",
        uses: contracts + adapters + [
            "RunEngine", "Console", package("ArgumentParser", "swift-argument-parser"),
        ], data: ["Records", "Transcripts"], testedWith: ["ShopRig"]),
    layer(
        "LiveWorld",
        uses: contracts + [
            package("Subprocess", "swift-subprocess"),
            package("AsyncHTTPClient", "async-http-client"),
            package("NIOCore", "swift-nio"), package("NIOHTTP1", "swift-nio"),
            package("NIOSSL", "swift-nio-ssl"), package("NIOPosix", "swift-nio"),
            package("SystemPackage", "swift-system"), package("Logging", "swift-log"),
        ], testedWith: ["TrafficRig", "bluegreen"]),
    layer(
        "EmbeddedProxy",
        uses: contracts + [
            package("Atomics", "swift-atomics"), package("NIOCore", "swift-nio"),
            package("NIOPosix", "swift-nio"), package("NIOHTTP1", "swift-nio"),
            package("Logging", "swift-log"),
        ], testedWith: ["LiveWorld", "ProxyConformance", package("NIOEmbedded", "swift-nio")]),
]

// Everything that is needed only to show that the product works.
let proof: [Target] = [
    .target(
        name: "TestWorld", dependencies: contracts, path: "Tests/TestWorld", swiftSettings: house),
    .target(
        name: "TrafficRig",
        dependencies: [
            package("NIOCore", "swift-nio"), package("NIOPosix", "swift-nio"),
            package("NIOHTTP1", "swift-nio"), package("NIOWebSocket", "swift-nio"),
        ],
        path: "Tests/Support/TrafficRig", swiftSettings: house),
    .target(
        name: "ProxyConformance",
        dependencies: [package("NIOCore", "swift-nio"), package("NIOPosix", "swift-nio")],
        path: "Tests/Support/ProxyConformance", swiftSettings: house),
    .target(
        name: "ShopRig",
        dependencies: contracts + [
            "Commands", "Console", "RunEngine", "StateStores", "TestWorld",
        ],
        path: "Tests/Support/ShopRig", swiftSettings: house),
    .executableTarget(
        name: "histories",
        dependencies: ["ShopRig", package("ArgumentParser", "swift-argument-parser")],
        path: "Tests/Support/histories", swiftSettings: house),
    .executableTarget(
        name: "example-backend",
        dependencies: ["TrafficRig", package("ArgumentParser", "swift-argument-parser")],
        path: "Tests/Support/example-backend", swiftSettings: house),
    .executableTarget(
        name: "load-client",
        dependencies: ["TrafficRig", package("ArgumentParser", "swift-argument-parser")],
        path: "Tests/Support/load-client", swiftSettings: house),
    .target(
        name: "clock-shift", path: "Tests/Support/clock-shift", publicHeadersPath: "."),
    .testTarget(
        name: "EndToEnd",
        dependencies: [
            "ProxyConformance", "TrafficRig", "bluegreen", "example-backend", "load-client",
            package("NIOCore", "swift-nio"), package("NIOPosix", "swift-nio"),
        ],
        path: "Tests/EndToEnd", swiftSettings: house),
]

let package = Package(
    name: "bluegreen",
    products: [
        .executable(name: "bluegreen", targets: ["bluegreen"]),
        .library(name: "clock-shift", type: .dynamic, targets: ["clock-shift"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-atomics", from: "1.3.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/onevcat/Rainbow", from: "4.2.2"),
        .package(url: "https://github.com/ordo-one/TextTable", from: "0.0.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
    ],
    targets: product.flatMap(\.self) + [
        .executableTarget(
            name: "bluegreen",
            dependencies: [
                "Commands", "Console", "Contracts", "EmbeddedProxy", "LiveWorld", "RunEngine",
            ],
            swiftSettings: house)
    ] + proof,
    swiftLanguageModes: [.v6]
)
