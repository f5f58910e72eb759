package openrtb

// maxAssets is how many assets a native request may list: several times what
// any layout has. Matching a creative to the request costs by it.
const maxAssets = 64

// native reads the imp's Native (section 3.2.9). Its request is a JSON text in
// a string, or, where exchanges spare themselves that, an object; some put
// the request's members right into the imp's object.
func (p *parser) native(n *Native) {
	n.PlacementCount = 1
	var seen, inner uint64
	var ver []byte
	found := false
	for more := p.object(); more; more = p.member() {
		switch string(p.key) {
		case "request":
			if p.first(&seen, 0) {
				found = p.nativeRequest(n) || found
			}
		case "request_native":
			if p.first(&seen, 1) {
				if found {
					p.skip()
				} else {
					found = p.nativeRequest(n)
				}
			}
		case "ver":
			if p.first(&seen, 2) {
				ver, _ = p.text()
			}
		case "api":
			if p.first(&seen, 3) {
				p.integersInto(&n.APIs, &n.Bad)
			}
		case "battr":
			if p.first(&seen, 4) {
				p.integersInto(&n.BlockedAttributes, &n.Bad)
			}
		case "assets":
			switch {
			case found:
				p.skip()
			case p.first(&seen, 5):
				p.assets(n)
			}
		default:
			if found {
				p.skip()
			} else {
				p.nativeMember(n, &inner)
			}
		}
	}
	if len(n.Version) == 0 {
		n.Version = ver
	}
	if len(n.Assets) == 0 {
		n.Bad = true
	}
}

// nativeRequest reads the native request in either form.
func (p *parser) nativeRequest(n *Native) (found bool) {
	switch {
	case p.nothing():
		return false
	case p.b[p.i] == '{':
		p.nativeObject(n, true)
		return true
	case p.b[p.i] != '"':
		p.spoil()
		n.Bad = true
		return true
	}
	text := p.str()
	if p.msg != "" {
		return false
	}
	p.nativeText(n, text, true)
	return true
}

// nativeText reads the text of a native request.
func (p *parser) nativeText(n *Native, text []byte, top bool) {
	// A parser for the text, which needs padding of its own. What is wrong in
	// there is no fault of the request's JSON: it costs the format only.
	from := len(p.m.inner)
	p.m.inner = append(append(p.m.inner, text...), make([]byte, padding)...)
	outer := p.cursor
	p.cursor = cursor{b: p.m.inner[from:], end: len(text), depth: outer.depth, unread: outer.unread}
	p.space()
	var again []byte
	switch {
	case p.b[p.i] == '{':
		p.nativeObject(n, true)
	case p.b[p.i] == '"' && top: // some escape it twice
		again = p.str()
	default:
		p.fail(msgValue)
	}
	if p.space(); p.msg == "" && p.i != p.end {
		p.fail(msgTail)
	}
	bad, unread := p.msg != "", p.unread
	p.cursor = outer
	p.unread = unread
	switch {
	case bad:
		p.bad()
		n.Bad = true
	case again != nil:
		p.nativeText(n, again, false)
	}
}

// nativeObject reads the native request (Dynamic Native Ads, section 4.1), or
// the object around it that 1.0 had.
func (p *parser) nativeObject(n *Native, top bool) {
	var seen, inner uint64
	for more := p.object(); more; more = p.member() {
		switch string(p.key) {
		case "native":
			switch {
			case !top:
				p.skip()
			case p.first(&seen, 0) && p.isObject() == read:
				n.Wrapped = true
				p.nativeObject(n, false)
			}
		case "ver":
			if p.first(&seen, 1) {
				n.Version, _ = p.text()
			}
		case "assets":
			if p.first(&seen, 2) {
				p.assets(n)
			}
		default:
			p.nativeMember(n, &inner)
		}
	}
}

// nativeMember reads one member of the native request.
func (p *parser) nativeMember(n *Native, seen *uint64) {
	switch string(p.key) {
	case "context":
		if p.first(seen, 0) {
			n.Context, _ = p.integer()
		}
	case "contextsubtype":
		if p.first(seen, 1) {
			n.ContextSubtype, _ = p.integer()
		}
	case "plcmttype":
		if p.first(seen, 2) {
			n.PlacementType, _ = p.integer()
		}
	case "plcmtcnt":
		if p.first(seen, 3) {
			p.naturalInto(&n.PlacementCount, &n.Bad)
		}
	case "seq":
		if p.first(seen, 4) {
			n.Sequence, _ = p.integer()
		}
	case "layout":
		if p.first(seen, 5) {
			n.Layout, _ = p.integer()
		}
	case "privacy":
		if p.first(seen, 6) {
			n.Privacy, _ = p.flag()
		}
	case "aurlsupport":
		if p.first(seen, 7) {
			n.AssetsURL, _ = p.flag()
		}
	case "durlsupport":
		if p.first(seen, 8) {
			n.DurationURL, _ = p.flag()
		}
	case "eventtrackers":
		if p.first(seen, 9) && p.isArray() == read {
			from := len(p.m.trackers)
			for more := p.array(); more; more = p.element() {
				if p.isObject() == read {
					p.eventTracker()
				}
			}
			n.EventTrackers = p.m.trackers[from:len(p.m.trackers):len(p.m.trackers)]
		}
	default:
		p.skip()
	}
}

// eventTracker reads one of eventtrackers (section 4.7). One that cannot be
// read supports nothing.
func (p *parser) eventTracker() {
	t := push(&p.m.trackers)
	var seen uint64
	for more := p.object(); more; more = p.member() {
		switch string(p.key) {
		case "event":
			if p.first(&seen, 0) {
				t.Event, _ = p.integer()
			}
		case "methods":
			if p.first(&seen, 1) {
				t.Methods, _ = p.integers(&p.m.ints)
			}
		default:
			p.skip()
		}
	}
}

// assets reads the list of assets (section 4.2). One that the bid must have
// and that we do not understand makes the format unusable.
func (p *parser) assets(n *Native) {
	switch p.isArray() {
	case unreadable:
		n.Bad = true
		return
	case absent:
		return
	}
	from := len(p.m.assets)
	for more := p.array(); more; more = p.element() {
		switch p.isObject() {
		case read:
			p.asset(n)
		case unreadable:
			n.Bad = true
		}
		if len(p.m.assets)-from > maxAssets {
			p.m.assets = p.m.assets[:len(p.m.assets)-1]
			n.Bad = true
		}
	}
	n.Assets = p.m.assets[from:len(p.m.assets):len(p.m.assets)]
}

func (p *parser) asset(n *Native) {
	a := push(&p.m.assets)
	var seen uint64
	hasID, bad := false, false
	for more := p.object(); more; more = p.member() {
		switch string(p.key) {
		case "id":
			if p.first(&seen, 0) {
				var s sent
				a.ID, s = p.integer()
				hasID = s == read
			}
		case "required":
			if p.first(&seen, 1) {
				set, s := p.flag()
				a.Required = set || s == unreadable
			}
		case "title":
			if p.first(&seen, 2) && p.isObject() == read {
				p.assetTyped(a, AssetTitle, &bad)
			}
		case "img":
			if p.first(&seen, 3) && p.isObject() == read {
				p.assetTyped(a, AssetImage, &bad)
			}
		case "data":
			if p.first(&seen, 4) && p.isObject() == read {
				p.assetTyped(a, AssetData, &bad)
			}
		case "video":
			if p.first(&seen, 5) && p.isObject() == read {
				a.Kind = AssetVideo
				p.video(&a.Video, nil)
				bad = bad || a.Video.Bad
			}
		default:
			p.skip()
		}
	}
	if !hasID || bad || a.Kind == 0 {
		n.Bad = n.Bad || a.Required
		p.m.assets = p.m.assets[:len(p.m.assets)-1]
	}
}

// assetTyped reads the object of a title, an image or data (sections 4.3, 4.4
// and 4.6).
func (p *parser) assetTyped(a *Asset, kind AssetKind, bad *bool) {
	a.Kind = kind
	var seen uint64
	for more := p.object(); more; more = p.member() {
		switch string(p.key) {
		case "type":
			if p.first(&seen, 0) {
				p.naturalInto(&a.Type, bad)
			}
		case "len":
			if p.first(&seen, 1) {
				p.naturalInto(&a.Length, bad)
			}
		case "w":
			if p.first(&seen, 2) {
				p.naturalInto(&a.Size.W, bad)
			}
		case "h":
			if p.first(&seen, 3) {
				p.naturalInto(&a.Size.H, bad)
			}
		case "wmin":
			if p.first(&seen, 4) {
				p.naturalInto(&a.MinSize.W, bad)
			}
		case "hmin":
			if p.first(&seen, 5) {
				p.naturalInto(&a.MinSize.H, bad)
			}
		case "mimes":
			if p.first(&seen, 6) {
				p.mimes(&a.Mimes, bad)
			}
		default:
			p.skip()
		}
	}
}
