package openrtb

// banner reads the imp's Banner (section 3.2.6).
func (p *parser) banner(imp *Imp) {
	b := push(&p.m.banner)
	if p.bannerInto(b) {
		imp.BlocksBad = true
	}
	imp.Banner = b
}

// bannerInto reads Banner and returns whether a list of blocks in it cannot
// be read.
func (p *parser) bannerInto(b *Banner) (blocksBad bool) {
	b.VCM = -1
	var seen uint64
	var own Size
	// The first size is w x h, which may come after format: leave it room.
	from, ratios := len(p.m.sizes), len(p.m.ratios)
	p.m.sizes = append(p.m.sizes, Size{})
	for more := p.object(); more; more = p.member() {
		switch string(p.key) {
		case "w":
			if p.first(&seen, 0) {
				own.W, _ = p.integer()
			}
		case "h":
			if p.first(&seen, 1) {
				own.H, _ = p.integer()
			}
		case "format":
			if p.first(&seen, 2) && p.isArray() == read {
				for more := p.array(); more; more = p.element() {
					if p.isObject() == read {
						p.format()
					}
				}
			}
		case "battr":
			if p.first(&seen, 3) {
				p.integersInto(&b.BlockedAttributes, &blocksBad)
			}
		case "btype":
			if p.first(&seen, 4) {
				p.integersInto(&b.BlockedTypes, &blocksBad)
			}
		case "pos":
			if p.first(&seen, 5) {
				b.Position, _ = p.integer()
			}
		case "mimes":
			if p.first(&seen, 6) {
				p.mimes(&b.Mimes, &b.MimesBad)
			}
		case "api":
			if p.first(&seen, 7) {
				p.integersInto(&b.APIs, &b.MimesBad)
			}
		case "expdir":
			if p.first(&seen, 8) {
				b.ExpandDirections, _ = p.integers(&p.m.ints)
			}
		case "vcm":
			if p.first(&seen, 10) {
				if n, s := p.integer(); s == read {
					b.VCM = n
				}
			}
		case "id":
			if p.first(&seen, 11) {
				b.ID, _ = p.text()
			}
		case "wmin":
			if p.first(&seen, 12) {
				b.MinSize.W, _ = p.integer()
			}
		case "hmin":
			if p.first(&seen, 13) {
				b.MinSize.H, _ = p.integer()
			}
		case "wmax":
			if p.first(&seen, 14) {
				b.MaxSize.W, _ = p.integer()
			}
		case "hmax":
			if p.first(&seen, 15) {
				b.MaxSize.H, _ = p.integer()
			}
		default:
			p.skip()
		}
	}
	b.Sizes = p.m.sizes[from+1 : len(p.m.sizes) : len(p.m.sizes)]
	if own.W > 0 && own.H > 0 {
		p.m.sizes[from] = own
		b.Sizes = without(p.m.sizes[from:len(p.m.sizes):len(p.m.sizes)], own)
	}
	b.Ratios = p.m.ratios[ratios:len(p.m.ratios):len(p.m.ratios)]
	return blocksBad
}

// without removes every s but the first, which it is, in place.
func without(sizes []Size, s Size) []Size {
	to := 1
	for _, other := range sizes[1:] {
		if other != s {
			sizes[to] = other
			to++
		}
	}
	return sizes[:to]
}

// format reads Format (section 3.2.10): a size, or a ratio.
func (p *parser) format() {
	var seen uint64
	var size Size
	var ratio Ratio
	for more := p.object(); more; more = p.member() {
		switch string(p.key) {
		case "w":
			if p.first(&seen, 0) {
				size.W, _ = p.integer()
			}
		case "h":
			if p.first(&seen, 1) {
				size.H, _ = p.integer()
			}
		case "wratio":
			if p.first(&seen, 2) {
				ratio.W, _ = p.integer()
			}
		case "hratio":
			if p.first(&seen, 3) {
				ratio.H, _ = p.integer()
			}
		case "wmin":
			if p.first(&seen, 4) {
				ratio.MinWidth, _ = p.integer()
			}
		default:
			p.skip()
		}
	}
	switch {
	case size.W > 0 && size.H > 0:
		p.m.sizes = append(p.m.sizes, size)
	case ratio.W > 0 && ratio.H > 0:
		p.m.ratios = append(p.m.ratios, ratio)
	}
}
