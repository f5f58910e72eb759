package loadtest

import (
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"
)

// checkTarget says whether a base URL is one that we may send to.
func checkTarget(base string) error {
	u, err := url.Parse(base)
	switch {
	case err != nil || u.Scheme != "http" || u.Host == "":
		return fmt.Errorf("target %q: want a base URL such as http://127.0.0.1:8080", base)
	case !loopbackHost(u.Host):
		return fmt.Errorf("target %q is not on loopback: the simulated exchange never sends elsewhere", base)
	case u.RawQuery != "" || u.Fragment != "" || u.User != nil:
		return fmt.Errorf("target %q: want scheme, host, port and at most a path", base)
	}
	return nil
}

// onLoopback says whether a URL is absolute, plain HTTP and on loopback. It is
// asked for every URL of every bid, so it looks instead of parsing; the dialler
// checks again.
func onLoopback(absolute string) bool {
	rest, ok := strings.CutPrefix(absolute, "http://")
	if !ok {
		return false
	}
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		rest = rest[:end]
	}
	return loopbackHost(rest)
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

// dialLoopback connects to an address within a time, 0 for no limit, and makes
// sure of where it led.
func dialLoopback(addr string, timeout time.Duration) (net.Conn, error) {
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
