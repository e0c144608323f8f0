/// Exactly one host, in a form that has only one reading.
enum HostCases {
    private static func hosts(_ lines: String...) -> String {
        "GET / HTTP/1.1\r\n" + lines.map { $0 + "\r\n" }.joined() + "\r\n"
    }

    static let all: [ConformanceCase] = [
        .passes(
            "Host arrives as it was", "RFC 9110, 7.2", hosts("Host: Shop.Example:8080"),
            has: ["Host: Shop.Example:8080\r\n"]),
        .passes(
            "an IPv4 host", "RFC 9110, 7.2", hosts("Host: 127.0.0.1:80"),
            has: ["Host: 127.0.0.1:80\r\n"]),
        .passes(
            "an IPv6 host", "RFC 9110, 7.2", hosts("Host: [::1]:80"), has: ["Host: [::1]:80\r\n"]),
        .passes(
            "a host with an empty port", "RFC 3986, 3.2.3", hosts("Host: shop:"),
            has: ["Host: shop:\r\n"]),
        .passes(
            "a host in lower-case name", "RFC 9110, 5.1", hosts("host: shop"), has: ["shop\r\n"]),
        .passes(
            "HTTP/1.0 without Host", "RFC 9112, 3.2", "GET / HTTP/1.0\r\n\r\n", has: ["Host: "]),
        .passes(
            "a host with an underscore", "RFC 3986, 3.2.2", hosts("Host: my_shop"),
            has: ["Host: my_shop\r\n"]),
        .passes(
            "a host with a final dot", "RFC 3986, 3.2.2", hosts("Host: shop."),
            has: ["Host: shop.\r\n"]),
        .refused("no Host", "RFC 9112, 3.2", hosts("Accept: */*")),
        .refused("two Hosts", "RFC 9112, 3.2", hosts("Host: shop", "Host: bank")),
        .refused("the same Host twice", "RFC 9112, 3.2", hosts("Host: shop", "Host: shop")),
        .refused(
            "two Hosts in HTTP/1.0", "RFC 9112, 3.2",
            "GET / HTTP/1.0\r\nHost: shop\r\nHost: bank\r\n\r\n"),
        .refused("Hosts in two spellings", "RFC 9112, 3.2", hosts("Host: shop", "HOST: bank")),
        .refused("an empty Host", "RFC 9110, 4.2.1", hosts("Host:")),
        .refused("a list of hosts", "RFC 9112, 3.2", hosts("Host: shop, bank")),
        .refused("a host with a path", "RFC 9110, 7.2", hosts("Host: shop/bank")),
        .refused("a host with a user", "RFC 9110, 7.2", hosts("Host: me@shop")),
        .refused("a host with a space", "RFC 9110, 7.2", hosts("Host: shop bank")),
        .refused("a host with a query", "RFC 9110, 7.2", hosts("Host: shop?bank")),
        .refused("a host with a fragment", "RFC 9110, 7.2", hosts("Host: shop#bank")),
        .refused("a port that is no number", "RFC 3986, 3.2.3", hosts("Host: shop:http")),
        .refused("a port that is too high", "RFC 3986, 3.2.3", hosts("Host: shop:65536")),
        .refused("a negative port", "RFC 3986, 3.2.3", hosts("Host: shop:-1")),
        .refused("a port with a plus", "RFC 3986, 3.2.3", hosts("Host: shop:+80")),
        .refused("a host with a backslash", "RFC 3986, 3.2.2", hosts("Host: shop\\bank")),
        .refused("a host with a tab", "RFC 3986, 3.2.2", hosts("Host: shop\tbank")),
        .refused("two ports", "RFC 3986, 3.2.3", hosts("Host: shop:80:81")),
        .refused("only a port", "RFC 9110, 4.2.1", hosts("Host: :80")),
        .refused("an IPv6 host that is not closed", "RFC 3986, 3.2.2", hosts("Host: [::1")),
        .refused("text after an IPv6 host", "RFC 3986, 3.2.2", hosts("Host: [::1]bank")),
        .refused("a high octet in Host", "RFC 3986, 3.2.2", hosts("Host: sh\u{F6}p")),
    ]
}
