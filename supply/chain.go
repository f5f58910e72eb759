package supply

import (
	"bytes"

	"github.com/tangent-dsp/tangent/openrtb"
)

// ChainRules say which supply chains are good enough.
type ChainRules struct {
	Require  bool // refuse requests without a chain, and chains that do not begin at the publisher
	MaxNodes int  // at most so many sellers; 0: as many as the decoder keeps
}

// CheckChain looks at a request's supply chain (IAB SupplyChain object 1.0).
// exchange is the domain of the exchange that asks, or empty where it is not
// known.
func CheckChain(c *openrtb.SupplyChain, exchange []byte, rules ChainRules) openrtb.Reason {
	if c == nil {
		if rules.Require {
			return openrtb.ChainIncomplete
		}
		return openrtb.None
	}
	if c.TooLong || rules.MaxNodes > 0 && len(c.Nodes) > rules.MaxNodes {
		return openrtb.ChainBlocked
	}
	if c.Bad || len(c.Nodes) == 0 || rules.Require && !c.Complete {
		return openrtb.ChainIncomplete
	}
	for i := range c.Nodes {
		n := &c.Nodes[i]
		if len(n.ASI) == 0 || len(n.SellerID) == 0 || n.Payment < 0 {
			return openrtb.ChainIncomplete
		}
		for j := range i { // a seller twice is a loop: somebody sells on what he bought from himself
			if m := &c.Nodes[j]; bytes.Equal(m.ASI, n.ASI) && bytes.Equal(m.SellerID, n.SellerID) {
				return openrtb.ChainBlocked
			}
		}
	}
	// Who sends the request is its last seller.
	if last := c.Nodes[len(c.Nodes)-1].ASI; len(exchange) > 0 && !isOrBelow(last, exchange) {
		return openrtb.ChainBlocked
	}
	return openrtb.None
}

// isOrBelow says whether a domain is another or a subdomain of it.
func isOrBelow(domain []byte, of []byte) bool {
	cut := len(domain) - len(of)
	return cut == 0 && bytes.Equal(domain, of) || cut > 0 && domain[cut-1] == '.' && bytes.Equal(domain[cut:], of)
}
