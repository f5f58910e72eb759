package openrtb

// eids reads a list of EID (section 3.2.27), one entry for each id.
func (p *parser) eids() []EID {
	if p.isArray() != read {
		return nil
	}
	from := len(p.m.eids)
	for more := p.array(); more; more = p.element() {
		if p.isObject() == read {
			p.eid()
		}
	}
	return p.m.eids[from:len(p.m.eids):len(p.m.eids)]
}

func (p *parser) eid() {
	from := len(p.m.eids)
	var seen uint64
	var e EID
	for more := p.object(); more; more = p.member() {
		switch string(p.key) {
		case "source":
			if p.first(&seen, 0) {
				e.Source, _ = p.text()
			}
		case "uids":
			if p.first(&seen, 1) && p.isArray() == read {
				for more := p.array(); more; more = p.element() {
					if p.isObject() == read {
						p.uid()
					}
				}
			}
		case "inserter":
			if p.first(&seen, 2) {
				e.Inserter, _ = p.text()
			}
		case "matcher":
			if p.first(&seen, 3) {
				e.Matcher, _ = p.text()
			}
		case "mm":
			if p.first(&seen, 4) {
				e.Method, _ = p.integer()
			}
		default:
			p.skip()
		}
	}
	switch string(e.Source) {
	case "", "buyeruid", "ifa", "user":
		// Without a namespace, or with one of ours, an id could pass for
		// another user's.
		p.m.eids = p.m.eids[:from]
		return
	}
	for i := from; i < len(p.m.eids); i++ {
		to := &p.m.eids[i]
		e.ID, e.AType = to.ID, to.AType
		*to = e
	}
}

// uid reads UID (section 3.2.28); what is said of all of the source's ids
// follows when it is known.
func (p *parser) uid() {
	var seen uint64
	var e EID
	for more := p.object(); more; more = p.member() {
		switch string(p.key) {
		case "id":
			if p.first(&seen, 0) {
				e.ID, _ = p.text()
			}
		case "atype":
			if p.first(&seen, 1) {
				e.AType, _ = p.integer()
			}
		default:
			p.skip()
		}
	}
	if len(e.ID) > 0 {
		p.m.eids = append(p.m.eids, e)
	}
}

// maxSegments is how many segments of the user, and of content, are kept.
const maxSegments = 256

// dataSegments reads a list of Data (section 3.2.21), one entry for each
// segment.
func (p *parser) dataSegments() []DataSegment {
	if p.isArray() != read {
		return nil
	}
	from := len(p.m.segments)
	for more := p.array(); more; more = p.element() {
		if p.isObject() == read {
			p.data(from + maxSegments)
		}
	}
	return p.m.segments[from:len(p.m.segments):len(p.m.segments)]
}

// data reads Data, up to most segments.
func (p *parser) data(most int) {
	from := len(p.m.segments)
	var seen uint64
	var id, name []byte
	taxonomy := 0
	for more := p.object(); more; more = p.member() {
		switch string(p.key) {
		case "id":
			if p.first(&seen, 0) {
				id, _ = p.text()
			}
		case "name":
			if p.first(&seen, 1) {
				name, _ = p.text()
			}
		case "segment":
			if p.first(&seen, 2) && p.isArray() == read {
				for more := p.array(); more; more = p.element() {
					if p.isObject() == read {
						p.segment(most)
					}
				}
			}
		case "ext":
			if p.first(&seen, 3) && p.isObject() == read {
				taxonomy = p.segmentTaxonomy()
			}
		default:
			p.skip()
		}
	}
	if len(id) == 0 {
		id = name
	}
	for i := from; i < len(p.m.segments); i++ {
		p.m.segments[i].Provider, p.m.segments[i].Taxonomy = id, taxonomy
	}
}

// segment reads Segment (section 3.2.22).
func (p *parser) segment(most int) {
	var seen uint64
	var id, name, value []byte
	for more := p.object(); more; more = p.member() {
		switch string(p.key) {
		case "id":
			if p.first(&seen, 0) {
				id, _ = p.text()
			}
		case "name":
			if p.first(&seen, 1) {
				name, _ = p.text()
			}
		case "value":
			if p.first(&seen, 2) {
				value, _ = p.text()
			}
		default:
			p.skip()
		}
	}
	if len(id) == 0 {
		id = name
	}
	if len(id) > 0 && len(p.m.segments) < most {
		p.m.segments = append(p.m.segments, DataSegment{ID: id, Value: value})
	}
}

func (p *parser) segmentTaxonomy() (n int) {
	var seen uint64
	for more := p.object(); more; more = p.member() {
		switch string(p.key) {
		case "segtax":
			if p.first(&seen, 0) {
				n, _ = p.integer()
			}
		default:
			p.skip()
		}
	}
	return n
}
