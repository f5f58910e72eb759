package openrtb

// source reads the supply chain in Source (section 3.2.2), or, when it is not
// there, the one in source.ext, where OpenRTB 2.5 kept it. The rest is not
// for bidders: the transaction's id would tie a person's requests together.
func (p *parser) source(top bool) {
	var seen uint64
	for more := p.object(); more; more = p.member() {
		switch string(p.key) {
		case "schain":
			if p.first(&seen, 0) {
				sent := p.isObject()
				if sent == absent {
					break
				}
				chain := push(&p.m.chains)
				if chain.Bad = sent == unreadable; sent == read {
					p.supplyChain(chain)
				}
				if top || p.r.SupplyChain == nil {
					p.r.SupplyChain = chain
				}
			}
		case "ext":
			switch {
			case !top:
				p.skip()
			case p.first(&seen, 1) && p.isObject() == read:
				p.source(false)
			}
		default:
			p.skip()
		}
	}
}

// supplyChain reads SupplyChain (section 3.2.25).
func (p *parser) supplyChain(c *SupplyChain) {
	var seen uint64
	for more := p.object(); more; more = p.member() {
		switch string(p.key) {
		case "complete":
			if p.first(&seen, 0) {
				var s sent
				c.Complete, s = p.flag()
				c.Bad = c.Bad || s == unreadable
			}
		case "ver":
			if p.first(&seen, 1) {
				c.Version, _ = p.text()
			}
		case "nodes":
			if p.first(&seen, 2) {
				switch p.isArray() {
				case read:
					p.supplyNodes(c)
				case unreadable:
					c.Bad = true
				}
			}
		default:
			p.skip()
		}
	}
}

func (p *parser) supplyNodes(c *SupplyChain) {
	from := len(p.m.nodes)
	for more := p.array(); more; more = p.element() {
		switch {
		case len(p.m.nodes)-from == MaxSupplyNodes:
			c.TooLong = true
			p.skip()
		case p.isObject() == read:
			n := push(&p.m.nodes)
			n.Payment = -1
			p.supplyNode(n, &c.Bad)
			c.Bad = c.Bad || len(n.ASI) == 0 || len(n.SellerID) == 0
		default:
			c.Bad = true
		}
	}
	c.Nodes = p.m.nodes[from:len(p.m.nodes):len(p.m.nodes)]
}

// supplyNode reads SupplyChainNode (section 3.2.26).
func (p *parser) supplyNode(n *SupplyNode, bad *bool) {
	var seen uint64
	for more := p.object(); more; more = p.member() {
		switch string(p.key) {
		case "asi":
			if p.first(&seen, 0) {
				n.ASI = p.lowerText()
			}
		case "sid":
			if p.first(&seen, 1) {
				n.SellerID, _ = p.text()
			}
		case "rid":
			if p.first(&seen, 2) {
				n.RequestID, _ = p.text()
			}
		case "name":
			if p.first(&seen, 3) {
				n.Name, _ = p.text()
			}
		case "domain":
			if p.first(&seen, 4) {
				n.Domain = p.domain()
			}
		case "hp":
			if p.first(&seen, 5) {
				p.flagInto(&n.Payment, bad)
			}
		default:
			p.skip()
		}
	}
}
