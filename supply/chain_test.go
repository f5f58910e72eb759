package supply

import (
	"testing"

	"github.com/tangent-dsp/tangent/openrtb"
)

func node(asi, sid string) openrtb.SupplyNode {
	return openrtb.SupplyNode{ASI: []byte(asi), SellerID: []byte(sid), Payment: 1}
}

func chain(nodes ...openrtb.SupplyNode) *openrtb.SupplyChain {
	return &openrtb.SupplyChain{Complete: true, Version: []byte("1.0"), Nodes: nodes}
}

func TestCheckChain(t *testing.T) {
	good := chain(node("reseller.example", "1"), node("exchange.example", "2"))
	change := func(f func(*openrtb.SupplyChain)) *openrtb.SupplyChain {
		c := chain(node("reseller.example", "1"), node("exchange.example", "2"))
		f(c)
		return c
	}
	strict := ChainRules{Require: true}
	for _, c := range []struct {
		name     string
		chain    *openrtb.SupplyChain
		exchange string
		rules    ChainRules
		want     openrtb.Reason
	}{
		{"none", nil, "", ChainRules{}, openrtb.None},
		{"none where one is required", nil, "", strict, openrtb.ChainIncomplete},
		{"whole", good, "exchange.example", strict, openrtb.None},
		{"of an exchange that is not known", good, "", strict, openrtb.None},
		{"ends at a subdomain of the exchange", chain(node("eu.exchange.example", "2")), "exchange.example", strict, openrtb.None},
		{"ends elsewhere", good, "other.example", ChainRules{}, openrtb.ChainBlocked},
		{"ends at a name that only looks alike", chain(node("myexchange.example", "2")), "exchange.example", ChainRules{}, openrtb.ChainBlocked},
		{"not complete", change(func(c *openrtb.SupplyChain) { c.Complete = false }), "", ChainRules{}, openrtb.None},
		{"not complete where that is required", change(func(c *openrtb.SupplyChain) { c.Complete = false }), "", strict, openrtb.ChainIncomplete},
		{"unreadable", change(func(c *openrtb.SupplyChain) { c.Bad = true }), "", ChainRules{}, openrtb.ChainIncomplete},
		{"empty", chain(), "", ChainRules{}, openrtb.ChainIncomplete},
		{"without asi", chain(node("", "1")), "", ChainRules{}, openrtb.ChainIncomplete},
		{"without sid", chain(node("a.example", "")), "", ChainRules{}, openrtb.ChainIncomplete},
		{"without hp", change(func(c *openrtb.SupplyChain) { c.Nodes[0].Payment = -1 }), "", ChainRules{}, openrtb.ChainIncomplete},
		{"as long as allowed", good, "", ChainRules{MaxNodes: 2}, openrtb.None},
		{"too long", good, "", ChainRules{MaxNodes: 1}, openrtb.ChainBlocked},
		{"longer than is kept", change(func(c *openrtb.SupplyChain) { c.TooLong = true }), "", ChainRules{}, openrtb.ChainBlocked},
		{"a loop", chain(node("a.example", "1"), node("b.example", "1"), node("a.example", "1")), "", ChainRules{}, openrtb.ChainBlocked},
		{"one exchange, two accounts", chain(node("a.example", "1"), node("a.example", "2")), "", ChainRules{}, openrtb.None},
	} {
		if got := CheckChain(c.chain, []byte(c.exchange), c.rules); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	if (openrtb.ChainIncomplete.Info().NBR != 16) || openrtb.ChainBlocked.Info().NBR != 17 {
		t.Error("the no-bid reasons are not the list's")
	}
}
