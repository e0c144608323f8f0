import Contracts
import PipelineModel

/// A first section for the router `http`, to be filled with the user's own requests.
struct HTTPSnippet {
    let plan: StartingPlan
    var address: String { "https://lb.example.com/services/\(plan.service)" }

    var pipeline: String {
        """
        router:
          http:
            read:
              url: \(address)
              headers:
                Authorization: Bearer ${env.LB_TOKEN}
              value: $.datum          # where the answer has what 'switch' wrote
            switch:
              method: PUT
              url: \(address)
              headers:
                Authorization: Bearer ${env.LB_TOKEN}
              json:
                datum: ${datum}       # colour, claim and token in one word
            class: S                  # done when it answers; 'doctor --probe' tests it
            timeout: 5s

        """
    }
}

extension HTTPRouter: ConfigurableRouter {
    package static func startingPoint(_ plan: StartingPlan) -> StartingPoint {
        StartingPoint(
            files: [],
            loading: ["fill in the requests of your own API, and export LB_TOKEN"],
            pipeline: HTTPSnippet(plan: plan).pipeline)
    }
}
