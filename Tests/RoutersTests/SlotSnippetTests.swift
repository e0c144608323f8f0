import Testing

@testable import Routers

/// Names and addresses of any kind become ones that the proxies take.
@Suite struct SlotSnippetTests {
    @Test func `a service with any name becomes names that nginx takes`() {
        var plan = StartingPlan.shown
        plan.service = "my-shop.2"
        let text = NginxSnippet(plan: plan).configuration
        #expect(text.contains("set $my_shop_2_live blue;"))
        #expect(text.contains("proxy_pass http://my-shop.2_$my_shop_2_live;"))
        #expect(text.contains("if (-f /var/lib/bluegreen/my-shop.2/green)"))
    }

    @Test(arguments: [
        ("127.0.0.1:8080", "http://:8080 {\n\tbind 127.0.0.1\n"), ("*:80", "http://:80 {\n\t#"),
        ("[::]:80", "http://:80 {\n\tbind [::]\n"),
    ])
    func `Caddy is told where to listen, and takes any host`(listen: String, text: String) {
        var plan = StartingPlan.shown
        plan.listen = listen
        #expect(CaddySnippet(plan: plan).configuration.contains(text))
    }

    @Test func `what listens everywhere is asked on this machine`() {
        var plan = StartingPlan.shown
        plan.listen = "0.0.0.0:80"
        #expect(
            NginxSnippet(plan: plan).pipeline.contains("readBack: http://127.0.0.1:80/.bluegreen"))
    }
}
