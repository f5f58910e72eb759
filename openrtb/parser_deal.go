package openrtb

// maxDeals bounds the deals of a request that are kept. A body within limits
// may name twenty thousand, which take fifty times its memory.
const maxDeals = 1024

// pmp reads Pmp (section 3.2.11).
func (p *parser) pmp(imp *Imp) {
	var seen uint64
	for more := p.object(); more; more = p.member() {
		switch string(p.key) {
		case "private_auction":
			if p.first(&seen, 0) {
				private, s := p.flag()
				imp.PrivateAuction = private || s == unreadable
			}
		case "deals":
			if p.first(&seen, 1) && p.isArray() == read {
				from := len(p.m.deals)
				for more := p.array(); more; more = p.element() {
					if p.isObject() == read {
						p.deal()
					}
				}
				imp.Deals = p.m.deals[from:len(p.m.deals):len(p.m.deals)]
			}
		default:
			p.skip()
		}
	}
}

// deal reads Deal (section 3.2.12) onto the slab, if it can be bid for.
func (p *parser) deal() {
	var seen uint64
	var d Deal
	var bad bool
	for more := p.object(); more; more = p.member() {
		var s sent
		switch string(p.key) {
		case "id":
			if p.first(&seen, 0) {
				d.ID, s = p.text()
			}
		case "bidfloor":
			if p.first(&seen, 1) {
				d.Floor, s = p.price()
			}
		case "bidfloorcur":
			if p.first(&seen, 2) {
				d.FloorCurrency, s = p.text()
				upper(d.FloorCurrency)
			}
		case "at":
			if p.first(&seen, 3) {
				d.AuctionType, s = p.integer()
			}
		case "wseat":
			if p.first(&seen, 4) {
				d.AllowedSeats = p.dealAllows(&bad)
			}
		case "wadomain":
			if p.first(&seen, 5) {
				d.AllowedDomains = p.dealAllows(&bad)
				for i, entry := range d.AllowedDomains {
					lower(entry)
					domain, ok := bareDomain(entry)
					if !ok {
						s = p.bad()
					}
					d.AllowedDomains[i] = domain
				}
			}
		case "guar":
			if p.first(&seen, 6) {
				d.Guaranteed, _ = p.flag()
			}
		case "mincpmpersec":
			if p.first(&seen, 7) {
				d.MinCPMPerSecond, s = p.price()
			}
		case "durfloors":
			if p.first(&seen, 8) {
				p.durationFloors(&d.DurationFloors, &bad)
			}
		default:
			p.skip()
		}
		bad = bad || s == unreadable
	}
	if !bad && len(d.ID) > 0 && len(p.m.deals) < maxDeals {
		p.m.deals = append(p.m.deals, d)
	}
}

// dealAllows reads a list that says who alone may bid for a deal. One that is
// there and names nobody must not pass for none, which would allow all.
func (p *parser) dealAllows(bad *bool) [][]byte {
	if p.nothing() {
		return nil
	}
	list, s := p.names(&p.m.texts)
	if s != unreadable && len(list) == 0 {
		s = p.bad()
	}
	*bad = *bad || s == unreadable
	return list
}
