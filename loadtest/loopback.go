package loadtest

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"
)

// reach is where connections may lead: to loopback, and to the hosts that
// somebody named on purpose, each with its port.
type reach []string

// newReach allows the hosts of targets that are not on loopback, if remote.
func newReach(targets []string, remote bool) (r reach) {
	for _, t := range targets {
		if u, err := url.Parse(t); remote && err == nil {
			r = append(r, withPort(u.Host))
		}
	}
	return r
}

// withPort adds the port of plain HTTP to a host that has none.
func withPort(host string) string {
	if _, _, err := net.SplitHostPort(host); err != nil {
		return host + ":80"
	}
	return host
}

// checkTarget says whether a base URL is one that we may send to.
func checkTarget(base string, remote bool) error {
	u, err := url.Parse(base)
	switch {
	case err != nil || u.Scheme != "http" || u.Host == "":
		return fmt.Errorf("target %q: want a base URL such as http://127.0.0.1:8080", base)
	case !remote && !loopbackHost(u.Host):
		return fmt.Errorf("target %q is not on loopback: the simulated exchange never sends elsewhere", base)
	case u.RawQuery != "" || u.Fragment != "" || u.User != nil:
		return fmt.Errorf("target %q: want scheme, host, port and at most a path", base)
	}
	return nil
}

// url says whether a URL is absolute, plain HTTP and within reach. It is
// asked for every URL of every bid, so it looks instead of parsing; the dialler
// checks again.
func (r reach) url(absolute string) bool {
	rest, ok := strings.CutPrefix(absolute, "http://")
	if !ok {
		return false
	}
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		rest = rest[:end]
	}
	return loopbackHost(rest) || len(r) > 0 && slices.Contains(r, withPort(rest))
}

// loopbackHost says whether host or host:port is this machine's loopback:
// 127.0.0.0/8, [::1] or localhost. A user part is not accepted.
func loopbackHost(hostport string) bool {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return ip != nil && ip.IsLoopback()
}

// dial connects to an address within a time, 0 for no limit, and makes sure of
// where it led.
func (r reach) dial(addr string, timeout time.Duration) (net.Conn, error) {
	if slices.Contains(r, addr) {
		return net.DialTimeout("tcp", addr, timeout)
	}
	if !loopbackHost(addr) {
		return nil, fmt.Errorf("cannot connect to %s: not on loopback", addr)
	}
	conn, err := net.DialTimeout("tcp", addr, timeout)
	if err != nil {
		return nil, err
	}
	if a, ok := conn.RemoteAddr().(*net.TCPAddr); !ok || !a.IP.IsLoopback() {
		conn.Close()
		return nil, fmt.Errorf("cannot connect to %s: it does not lead to loopback", addr)
	}
	return conn, nil
}

// absolute says whether a redirect's target is a full web address.
func absolute(location []byte) bool {
	u, err := url.Parse(string(location))
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != ""
}
