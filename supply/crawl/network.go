package crawl

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"

	"github.com/tangent-dsp/tangent/geo"
	"github.com/tangent-dsp/tangent/supply"
)

// private are the addresses that a name of the public web does not lead to
// (IANA's special-purpose registries), with the ways in which IPv6 wraps an
// IPv4 address, which may be one of them.
var private = func() *geo.Ranges {
	var list []netip.Prefix
	for _, text := range []string{
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
		"192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
		"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/9", "ff00::/8",
	} {
		list = append(list, netip.MustParsePrefix(text))
	}
	r, err := geo.NewRanges(list)
	if err != nil {
		panic(err) // the list above is wrong
	}
	return r
}()

var errPrivate = errors.New("the name leads to an address that is not public")

// public refuses connections to addresses that are not. It is asked after the
// name was resolved, for each address, so no answer of a name server gets
// around it.
func public(_ context.Context, _, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || at.Addr().Zone() != "" || private.Contains(at.Addr()) {
		return errPrivate
	}
	return nil
}

// maxRedirects within a root domain.
const maxRedirects = 5

// dialPublic is how the crawler connects.
func dialPublic() dialFunc {
	return (&net.Dialer{Timeout: 5 * time.Second, ControlContext: public}).DialContext
}

type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// newClient returns a client that follows redirects as ads.txt 1.1 wants it:
// within the root domain, and once out of it, whence no further one.
func newClient(timeout time.Duration, dial dialFunc) *http.Client {
	return &http.Client{
		Timeout: timeout,
		Transport: &http.Transport{ // without Proxy: what the environment says is for others
			DialContext: dial, TLSHandshakeTimeout: 5 * time.Second, DisableKeepAlives: true,
			MaxResponseHeaderBytes: 64 << 10, ForceAttemptHTTP2: true,
		},
		CheckRedirect: func(next *http.Request, via []*http.Request) error {
			if len(via) > maxRedirects {
				return fmt.Errorf("more than %d redirects", maxRedirects)
			}
			if s := next.URL.Scheme; s != "http" && s != "https" || next.URL.User != nil {
				return errors.New("it redirects to what is no web page")
			}
			if p := next.URL.Port(); p != "" && p != "80" && p != "443" {
				return errors.New("it redirects to another port")
			}
			first, err := supply.RootDomain(via[0].URL.Hostname())
			if err != nil {
				return err
			}
			last, err := supply.RootDomain(via[len(via)-1].URL.Hostname())
			if err != nil {
				return err
			}
			if last != first {
				return errors.New("it redirects on from another domain")
			}
			next.Header.Del("Referer")
			return nil
		},
	}
}
