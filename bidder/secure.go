package bidder

import (
	"net/netip"
	"net/url"
	"strings"
)

// Secure says whether a page of HTTPS may load our pixel from a public URL:
// over HTTPS, or from the machine itself, which browsers trust as well.
func Secure(publicURL string) bool {
	u, err := url.Parse(publicURL)
	if err != nil {
		return false
	}
	if u.Scheme == "https" || strings.EqualFold(u.Hostname(), "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(u.Hostname())
	return err == nil && (addr.IsLoopback() || addr.IsUnspecified()) // 0.0.0.0 is where nobody else can reach us
}
