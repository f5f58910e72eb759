package loadtest

import (
	"errors"
	"net/url"
	"strings"
	"sync/atomic"
	"syscall"
)

// balance spreads requests over bidders as a balancer in front of them does:
// in turn, and passing over those that nobody listens at.
type balance struct {
	urls  []string // without a slash at the end
	hosts []string
	next  atomic.Uint64
}

func newBalance(targets []string) *balance {
	b := &balance{}
	for _, t := range targets {
		t = strings.TrimSuffix(t, "/")
		u, _ := url.Parse(t) // checked with the configuration
		b.urls, b.hosts = append(b.urls, t), append(b.hosts, u.Host)
	}
	return b
}

// each calls send for the next bidder in turn. If the connection is refused,
// nothing was said yet, and the one after it is tried.
func (b *balance) each(send func(i int, host string) error) (err error) {
	first := b.next.Add(1)
	for n := range uint64(len(b.urls)) {
		i := int((first + n) % uint64(len(b.urls)))
		if err = send(i, b.hosts[i]); !errors.Is(err, syscall.ECONNREFUSED) {
			break
		}
	}
	return err
}
