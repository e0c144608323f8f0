import Contracts

/// Whether a write to several routers is over before it is confirmed. Pure.
struct WriteRefusal {
    let results: [RouterID: WriteResult]

    /// A newer run that wrote even one of them owns them all; else every router must have refused.
    var failure: Failure? {
        let ordered = results.sorted { $0.key < $1.key }
        for case (let id, .refusedStale(let token)) in ordered {
            return Failure(
                .superseded,
                "\(results.count > 1 ? id.name : "The router") holds the newer token \(token).",
                hint: "Another run moved traffic since: see 'bluegreen status'.")
        }
        var first: Failure?
        for (_, result) in ordered {
            guard case .notApplied(let failure) = result else { return nil }
            first = first ?? failure
        }
        return first
    }

    /// What the routers held against it.
    var tokens: [Token] {
        results.values.compactMap { if case .refusedStale(let token) = $0 { token } else { nil } }
    }
}
