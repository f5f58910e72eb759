package supply

import (
	"fmt"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tangent-dsp/tangent/geo"
	"github.com/tangent-dsp/tangent/openrtb"
)

// Config is what a checker asks for.
type Config struct {
	Chain      ChainRules
	Authorised bool   // only sellers that are known to be authorised; else all that are not known not to be
	Suspicious Checks // what a request must not fail

	Registerer prometheus.Registerer // nil: no metrics
}

// Checker decides which requests are worth a look. It is safe for concurrent
// use; what it looks things up in may be replaced meanwhile. A nil checker
// refuses nothing.
type Checker struct {
	cfg      Config
	snapshot atomic.Pointer[Snapshot]
	crawlers atomic.Pointer[Agents]
	centres  atomic.Pointer[geo.Ranges]

	suspicious [checkCount]prometheus.Counter
}

// Verdict is what a checker finds.
type Verdict struct {
	Refuse     openrtb.Reason // None: go on
	Authorised Authorisation
}

// New returns a checker without lists.
func New(cfg Config) (*Checker, error) {
	c := &Checker{cfg: cfg}
	vec := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "tangent", Subsystem: "supply", Name: "suspicious_total",
		Help: "Bid requests that contradict themselves, by check; one may fail several."}, []string{"check"})
	for i := range checks {
		c.suspicious[i] = vec.WithLabelValues(checks[i].name)
	}
	if cfg.Registerer != nil {
		if err := cfg.Registerer.Register(vec); err != nil {
			return nil, fmt.Errorf("cannot register the supply metrics: %w", err)
		}
	}
	return c, nil
}

// UseSnapshot, UseCrawlers and UseDataCentres replace a list; nil is none.
func (c *Checker) UseSnapshot(s *Snapshot) { c.snapshot.Store(s) }

// UseCrawlers replaces the list of crawlers.
func (c *Checker) UseCrawlers(a *Agents) { c.crawlers.Store(a) }

// UseDataCentres replaces the list of data centres' addresses.
func (c *Checker) UseDataCentres(r *geo.Ranges) { c.centres.Store(r) }

// Check looks at a request of an exchange, and allocates nothing. domain is
// the exchange's in ads.txt and supply chains, in lower case, empty when it is
// not known; p is where the device is. What costs least comes first, but what
// a request is refused for does not depend on the lists that are loaded.
func (c *Checker) Check(r *openrtb.Request, p *geo.Place, domain []byte) (v Verdict) {
	if c == nil {
		return Verdict{}
	}
	if v.Refuse = CheckChain(r.SupplyChain, domain, c.cfg.Chain); v.Refuse != openrtb.None {
		return v
	}
	if c.crawlers.Load().Match(r.Device.UserAgent) {
		v.Refuse = openrtb.Crawler
		return v
	}
	if centres := c.centres.Load(); centres != nil && r.Device.HasIP {
		for _, a := range r.ClientIPs() {
			if centres.Contains(a) {
				v.Refuse = openrtb.DataCentre
				return v
			}
		}
	}
	if failed := Suspect(r, p, c.cfg.Suspicious); failed != 0 {
		for i := range c.suspicious {
			if failed&(1<<i) != 0 {
				c.suspicious[i].Inc()
			}
		}
		v.Refuse = openrtb.Suspicious
		return v
	}
	v.Authorised, v.Refuse = c.seller(r, domain)
	return v
}

// seller looks up who sells the impression to us.
func (c *Checker) seller(r *openrtb.Request, exchange []byte) (Authorisation, openrtb.Reason) {
	s := c.snapshot.Load()
	if s == nil {
		if c.cfg.Authorised {
			return NotKnown, openrtb.SellerNotKnown
		}
		return NotKnown, openrtb.None
	}
	if chain := r.SupplyChain; chain != nil {
		for i := range chain.Nodes {
			if listed, known := s.Listed(chain.Nodes[i].ASI, chain.Nodes[i].SellerID); known && !listed {
				return NotKnown, openrtb.ChainBlocked
			}
		}
	}
	a := NotKnown
	if system, account, ok := lastSeller(r, exchange); ok {
		switch {
		case r.Site != nil:
			a = s.Site(r.Site.Domain, r.Site.PartnerDomain, system, account)
		case r.App != nil:
			a = s.App(r.App.Bundle, r.App.Domain, r.App.PartnerDomain, system, account)
		}
	}
	switch {
	case a == Unauthorised:
		return a, openrtb.SellerUnauthorised
	case a == NotKnown && c.cfg.Authorised:
		return a, openrtb.SellerNotKnown
	}
	return a, openrtb.None
}

// lastSeller returns the account that sells to us and the exchange that it is
// at: the last of the supply chain, else the publisher's at the exchange.
func lastSeller(r *openrtb.Request, exchange []byte) (system, account []byte, ok bool) {
	if c := r.SupplyChain; c != nil && len(c.Nodes) > 0 {
		last := &c.Nodes[len(c.Nodes)-1]
		return last.ASI, last.SellerID, true
	}
	switch {
	case len(exchange) == 0:
		return nil, nil, false
	case r.Site != nil:
		account = r.Site.PublisherID
	case r.App != nil:
		account = r.App.PublisherID
	}
	return exchange, account, len(account) > 0
}
