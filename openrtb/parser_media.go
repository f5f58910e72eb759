package openrtb

// video reads a Video (section 3.2.7): the imp's, or that of a native asset,
// for which imp is nil.
func (p *parser) video(v *Video, imp *Imp) {
	v.Boxing = true
	m := &v.Media
	m.Skippable = -1
	var seen uint64
	for more := p.object(); more; more = p.member() {
		switch string(p.key) {
		case "w":
			if p.first(&seen, 32) {
				p.naturalInto(&v.W, &m.Bad)
			}
		case "h":
			if p.first(&seen, 33) {
				p.naturalInto(&v.H, &m.Bad)
			}
		case "placement":
			if p.first(&seen, 34) {
				v.Placement, _ = p.integer()
			}
		case "plcmt":
			if p.first(&seen, 35) {
				v.Plcmt, _ = p.integer()
			}
		case "linearity":
			if p.first(&seen, 36) {
				p.naturalInto(&v.Linearity, &m.Bad)
			}
		case "playbackmethod":
			if p.first(&seen, 37) {
				v.PlaybackMethods, _ = p.integers(&p.m.ints)
			}
		case "playbackend":
			if p.first(&seen, 38) {
				v.PlaybackEnd, _ = p.integer()
			}
		case "boxingallowed":
			if p.first(&seen, 39) {
				if set, s := p.flag(); s != absent {
					v.Boxing = set
				}
			}
		case "pos":
			if p.first(&seen, 40) {
				v.Position, _ = p.integer()
			}
		case "ext":
			if imp == nil {
				p.skip()
			} else if p.first(&seen, 41) && p.isObject() == read {
				p.videoExt(imp)
			}
		default:
			p.mediaMember(m, &seen)
		}
	}
}

// videoExt reads what exchanges put into video.ext before the fields for it.
func (p *parser) videoExt(imp *Imp) {
	var seen uint64
	for more := p.object(); more; more = p.member() {
		switch string(p.key) {
		case "rewarded":
			if p.first(&seen, 0) {
				p.rewarded(imp)
			}
		default:
			p.skip()
		}
	}
}

// audio reads Audio (section 3.2.8).
func (p *parser) audio(a *Audio) {
	m := &a.Media
	m.Skippable = -1
	var seen uint64
	for more := p.object(); more; more = p.member() {
		switch string(p.key) {
		case "feed":
			if p.first(&seen, 32) {
				a.Feed, _ = p.integer()
			}
		case "stitched":
			if p.first(&seen, 33) {
				a.Stitched, _ = p.flag()
			}
		case "nvol":
			if p.first(&seen, 34) {
				a.VolumeNormalization, _ = p.integer()
			}
		default:
			p.mediaMember(m, &seen)
		}
	}
}

// mediaMember reads one member that video and audio share.
func (p *parser) mediaMember(m *Media, seen *uint64) {
	switch string(p.key) {
	case "mimes":
		if p.first(seen, 0) {
			p.mimes(&m.Mimes, &m.Bad)
		}
	case "minduration":
		if p.first(seen, 1) {
			p.naturalInto(&m.MinDuration, &m.Bad)
		}
	case "maxduration":
		if p.first(seen, 2) {
			p.naturalInto(&m.MaxDuration, &m.Bad)
		}
	case "rqddurs":
		if p.first(seen, 3) {
			p.integersInto(&m.RequiredDurations, &m.Bad)
		}
	case "durfloors":
		if p.first(seen, 4) {
			p.durationFloors(&m.DurationFloors, &m.Bad)
		}
	case "protocols":
		if p.first(seen, 5) {
			p.protocols(m)
		}
	case "protocol": // OpenRTB 2.2's, for one
		if p.first(seen, 6) {
			p.protocols(m)
		}
	case "startdelay":
		if p.first(seen, 7) {
			var s sent
			m.StartDelay, s = p.integer()
			m.HasStartDelay = s == read
		}
	case "skip":
		if p.first(seen, 8) {
			p.flagInto(&m.Skippable, &m.Bad)
		}
	case "skipmin":
		if p.first(seen, 9) {
			p.naturalInto(&m.SkipMin, &m.Bad)
		}
	case "skipafter":
		if p.first(seen, 10) {
			p.naturalInto(&m.SkipAfter, &m.Bad)
		}
	case "minbitrate":
		if p.first(seen, 11) {
			p.naturalInto(&m.MinBitrate, &m.Bad)
		}
	case "maxbitrate":
		if p.first(seen, 12) {
			p.naturalInto(&m.MaxBitrate, &m.Bad)
		}
	case "maxextended":
		if p.first(seen, 13) {
			p.integerInto(&m.MaxExtended, &m.Bad)
		}
	case "delivery":
		if p.first(seen, 14) {
			p.integersInto(&m.Delivery, &m.Bad)
		}
	case "api":
		if p.first(seen, 15) {
			p.integersInto(&m.APIs, &m.Bad)
		}
	case "battr":
		if p.first(seen, 16) {
			p.integersInto(&m.BlockedAttributes, &m.Bad)
		}
	case "companionad":
		if p.first(seen, 17) {
			p.companions(m, true)
		}
	case "companiontype":
		if p.first(seen, 18) {
			m.CompanionTypes, _ = p.integers(&p.m.ints)
		}
	case "podid":
		if p.first(seen, 19) {
			m.PodID, _ = p.text()
		}
	case "poddur":
		if p.first(seen, 20) {
			p.naturalInto(&m.PodDuration, &m.Bad)
		}
	case "podseq":
		if p.first(seen, 21) {
			m.PodSequence, _ = p.integer()
		}
	case "slotinpod":
		if p.first(seen, 22) {
			m.SlotInPod, _ = p.integer()
		}
	case "maxseq":
		if p.first(seen, 23) {
			p.naturalInto(&m.MaxSequence, &m.Bad)
		}
	case "mincpmpersec":
		if p.first(seen, 24) {
			var s sent
			m.MinCPMPerSecond, s = p.price()
			m.Bad = m.Bad || s == unreadable
		}
	default:
		p.skip()
	}
}

// protocols reads protocols, or protocol, behind what the other one held.
func (p *parser) protocols(m *Media) {
	var list []int
	p.integersInto(&list, &m.Bad)
	if len(m.Protocols) == 0 {
		m.Protocols = list
		return
	}
	from := len(p.m.ints)
	p.m.ints = append(append(p.m.ints, m.Protocols...), list...)
	m.Protocols = p.m.ints[from:len(p.m.ints):len(p.m.ints)]
}

// companions reads companionad: a list of banners, or the object around it
// that OpenRTB 2.2 had.
func (p *parser) companions(m *Media, top bool) {
	switch {
	case p.nothing():
	case p.b[p.i] == '[':
		from := len(p.m.banner)
		for more := p.array(); more; more = p.element() {
			if p.isObject() == read {
				// A companion may be left out, so one that blocks something
				// unreadable is.
				if p.bannerInto(push(&p.m.banner)) {
					p.m.banner = p.m.banner[:len(p.m.banner)-1]
				}
			}
		}
		m.CompanionAds = p.m.banner[from:len(p.m.banner):len(p.m.banner)]
	case top && p.b[p.i] == '{':
		var seen uint64
		for more := p.object(); more; more = p.member() {
			if string(p.key) == "banner" {
				if p.first(&seen, 0) {
					p.companions(m, false)
				}
			} else {
				p.skip()
			}
		}
	default:
		p.spoil()
	}
}

// durationFloors reads a list of DurFloors (section 3.2.35).
func (p *parser) durationFloors(to *[]DurationFloor, bad *bool) {
	switch p.isArray() {
	case unreadable:
		*bad = true
		return
	case absent:
		return
	}
	from := len(p.m.floors)
	for more := p.array(); more; more = p.element() {
		switch p.isObject() {
		case unreadable:
			*bad = true
		case read:
			p.durationFloor(push(&p.m.floors), bad)
		}
	}
	*to = p.m.floors[from:len(p.m.floors):len(p.m.floors)]
}

func (p *parser) durationFloor(f *DurationFloor, bad *bool) {
	var seen uint64
	for more := p.object(); more; more = p.member() {
		switch string(p.key) {
		case "mindur":
			if p.first(&seen, 0) {
				p.naturalInto(&f.MinDuration, bad)
			}
		case "maxdur":
			if p.first(&seen, 1) {
				p.naturalInto(&f.MaxDuration, bad)
			}
		case "bidfloor":
			if p.first(&seen, 2) {
				var s sent
				f.Floor, s = p.price()
				*bad = *bad || s == unreadable
			}
		default:
			p.skip()
		}
	}
}
