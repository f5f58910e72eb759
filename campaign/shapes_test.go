package campaign

import (
	"net/url"
	"strings"
	"testing"
)

// checkShape wants ok to take some texts and to refuse others.
func checkShape(t *testing.T, name string, ok func(string) bool, take, refuse []string) {
	t.Helper()
	for _, s := range take {
		if !ok(s) {
			t.Errorf("%s refuses %q", name, s)
		}
	}
	for _, s := range refuse {
		if ok(s) {
			t.Errorf("%s takes %q", name, s)
		}
	}
}

func TestShapes(t *testing.T) {
	long := strings.Repeat("a", 63)
	checkShape(t, "isDomain", isDomain,
		[]string{"example.com", "a.b.c.example.co.uk", "xn--bcher-kva.example", "3com.example", long + ".example", "_dmarc.example.com"},
		[]string{"", "localhost", "Example.com", "example.com.", ".example.com", "a..b", "-a.example", "a-.example", "127.0.0.1", "[::1]", "example.com:80",
			"user@example.com", "example.com/", "bücher.example", "*.example.com", long + "a.example", strings.Repeat(long+".", 4) + "example", "a b.example", "a\x00.example"})
	checkShape(t, "isLandingURL", isLandingURL,
		[]string{"https://example.com", "http://example.com:8080/a?b=c#d", "https://example.com/%20?q=a+b", "HTTPS://example.com/", "https://[2001:db8::1]/"},
		[]string{"", "/path", "example.com", "//example.com/", "ftp://example.com/", "javascript:alert(1)", "data:text/html,a", "https:example.com", "https://",
			"https:///path", "https://user@example.com/", "https://user:secret@example.com/", "https://example.com/\r\nSet-Cookie: a=b", "https://example.com/a b",
			"https://example.com\\@evil.example/", "https://example.com:0/", "https://example.com:99999/", "https://example.com:/", "https://bücher.example/", "\thttps://example.com",
			"https://example.com/" + strings.Repeat("a", MaxURL), `https://example.com/"><script>`})
	checkShape(t, "isBundle", isBundle, []string{"com.example.App", "123456789", "B00I8LCNOQ"}, []string{"", "a b", "a\n", "ä", strings.Repeat("a", 256)})
	checkShape(t, "isCategory", isCategory, []string{"IAB1", "IAB26", "IAB3-1", "IAB18-12"}, []string{"", "IAB", "IAB0", "IAB27", "iab1", "IAB01", "IAB1-", "IAB1-0", "IAB1-01", "IAB1-1-1", "IAB+1", "IAB1-100"})
	checkShape(t, "isCountry", isCountry, []string{"ABW", "DEU", "XKX", "ZWE"}, []string{"", "DE", "deu", "ZZZ", "BW ", "W A", "ABW ", " AF"})
	checkShape(t, "isExchangeName", isExchangeName, []string{"a", "example-2", "9", long}, []string{"", "-", "a_b", "a.b", "ä", long + "a", "..", "%2e"})
	if isCountry("ABW AFG") {
		t.Error("isCountry takes two countries")
	}
}

// A landing URL goes into a Location header: it must stay one header of one
// absolute URL whatever is sent.
func FuzzLandingURL(f *testing.F) {
	for _, s := range []string{"https://example.com/", "http://a@b/", "https://[::1]:80/", "https://example.com\\@evil.example", "https://example.com/\r\nA: b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !isLandingURL(s) {
			return
		}
		u, err := url.Parse(s)
		if err != nil || u.Host == "" || u.User != nil || u.Scheme != "http" && u.Scheme != "https" {
			t.Fatalf("%q: %v, %v", s, u, err)
		}
		if strings.ContainsAny(s, "\r\n\t \\\x00") || len(s) > MaxURL {
			t.Fatalf("%q breaks a header", s)
		}
	})
}

func FuzzDomain(f *testing.F) {
	for _, s := range []string{"example.com", "a.b", ".", "..", "1.2.3.4", "a:1.b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if isDomain(s) && (strings.ToLower(s) != s || strings.ContainsAny(s, "/:@?#% ") || !isLandingURL("https://"+s+"/")) {
			t.Fatalf("%q is no bare domain", s)
		}
	})
}
