package openrtb

import "bytes"

// blocks reads a list that says what may not be bid, or by whom. Such a list
// fails closed: what cannot be read of it could be what blocks us, so the
// imps that it covers are not bid on. Neither are they where several names
// were joined into one, which would name none of them.
func (p *parser) blocks() [][]byte {
	list := p.blockNames()
	for _, name := range list {
		if bytes.IndexByte(name, ',') >= 0 {
			p.bad()
			p.blocksBad = true
		}
	}
	return list
}

// blockNames reads the names in a list, without blanks around them.
func (p *parser) blockNames() [][]byte {
	list, s := p.names(&p.m.texts)
	if s == unreadable {
		p.blocksBad = true
	}
	to := 0
	for _, name := range list {
		if name = trimBlanks(name); len(name) > 0 {
			list[to] = name
			to++
		}
	}
	return list[:to]
}

// allows reads a list that says what alone may be bid, or by whom. One that
// is there and names nothing must not pass for none, which would allow all.
func (p *parser) allows() [][]byte {
	if p.nothing() {
		return nil
	}
	list := p.blocks()
	if len(list) == 0 && !p.blocksBad {
		p.bad()
		p.blocksBad = true
	}
	return list
}

// blockedDomains reads badv. It should hold bare domains; what is plain in
// other spellings of one is taken, and any other text makes the list
// unreadable.
func (p *parser) blockedDomains() [][]byte {
	list := p.blockNames()
	to := 0
	for _, entry := range list {
		lower(entry)
		domain, ok := bareDomain(entry)
		if !ok {
			p.bad()
			p.blocksBad = true
			continue
		}
		list[to] = domain
		to++
	}
	return list[:to]
}

// restrictions reads where OpenRTB 1 had its blocks.
func (p *parser) restrictions() {
	var seen uint64
	for more := p.object(); more; more = p.member() {
		switch string(p.key) {
		case "bcat":
			if p.first(&seen, 0) {
				p.oldBlocks.categories = p.blocks()
			}
		case "badv":
			if p.first(&seen, 1) {
				p.oldBlocks.advertisers = p.blockedDomains()
			}
		default:
			p.skip()
		}
	}
}
