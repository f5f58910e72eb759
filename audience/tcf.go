package audience

import "bytes"

// What is read here of the IAB's "Transparency and Consent String with Global
// Vendor & CMP List Formats", version 2: the consent bits that this package
// needs, in the core segment, and the list of disclosed vendors.

// maxVendorID is the greatest vendor id that a TCF string can hold.
const maxVendorID = 1<<16 - 1

// disclosureSince is when TCF 2.3 came into force, in the string's tenths of
// seconds since 1970: 2026-03-01T00:00:00Z. A string made since then is valid
// only with the list of vendors that were disclosed to the user.
const disclosureSince = 1772323200 * 10

// The purposes that a Permit needs consent for: to store and access what is
// known of the user, to build an advertising profile (segments), and to pick
// advertising by it. Legitimate interest is open for none of them.
const neededPurposes = 1<<23 | 1<<21 | 1<<20 // 1, 3 and 4: purpose 1 is the first of 24 bits

// The segment types that follow the core.
const disclosedVendors = 1

// checkTCF says whether a TCF string gives vendor consent for every needed
// purpose. Anything that cannot be read refuses.
func checkTCF(text []byte, vendor int) refusal {
	if len(text) == 0 {
		return refusedTCFMissing
	}
	for _, c := range text { // also what is skipped below
		if _, ok := sixBits(c); !ok && c != '.' && c != '=' {
			return refusedTCFUnreadable
		}
	}
	core, rest, _ := bytes.Cut(text, []byte{'.'})
	why, made := checkCore(core, vendor)
	if why != permitted {
		return why
	}
	found := false
	for len(rest) > 0 {
		var segment []byte
		segment, rest, _ = bytes.Cut(rest, []byte{'.'})
		b := bits{text: unpad(segment)}
		kind := b.uint(3)
		if b.bad {
			return refusedTCFUnreadable
		}
		if kind != disclosedVendors {
			continue
		}
		found = true
		disclosed := readVendors(&b, vendor)
		if b.bad {
			return refusedTCFUnreadable
		}
		if !disclosed {
			return refusedTCFUndisclosed
		}
	}
	if !found && made >= disclosureSince {
		return refusedTCFUndisclosed
	}
	return permitted
}

// checkCore reads the core segment: all of it, so that one that is cut short
// refuses. made is when it was last updated, in tenths of seconds since 1970.
func checkCore(text []byte, vendor int) (why refusal, made uint64) {
	b := bits{text: unpad(text)}
	if b.uint(6) != 2 { // version
		return refusedTCFUnreadable, 0
	}
	made = max(b.uint(36), b.uint(36)) // created, last updated: equal since 2.2, the later if not
	b.skip(12 + 12 + 6 + 12 + 12)      // CMP id and version, screen, language, vendor list version
	b.skip(6 + 1 + 1 + 12)             // policy version, service specific, non-standard texts, special features
	purposes := b.uint(24)
	b.skip(24 + 1 + 12) // purposes by legitimate interest, purpose one treatment, publisher's country
	consented := readVendors(&b, vendor)
	readVendors(&b, vendor) // by legitimate interest: not a ground for these purposes
	restricted := readRestrictions(&b, vendor)
	switch {
	case b.bad:
		return refusedTCFUnreadable, 0
	case purposes&neededPurposes != neededPurposes:
		return refusedTCFPurpose, made
	case !consented:
		return refusedTCFVendor, made
	case restricted:
		return refusedTCFRestricted, made
	}
	return permitted, made
}

// readVendors reads a vendor section, bit field or ranges, and says whether
// vendor is in it.
func readVendors(b *bits, vendor int) bool {
	last := int(b.uint(16))
	if b.bit() {
		return readRanges(b, vendor)
	}
	start := b.at
	b.skip(last)
	if b.bad || vendor > last {
		return false
	}
	one := bits{text: b.text, at: start + vendor - 1}
	return one.bit()
}

// readRanges reads a list of vendor ids and ranges of them.
func readRanges(b *bits, vendor int) (found bool) {
	for n := b.uint(12); n > 0 && !b.bad; n-- {
		isRange := b.bit()
		first := int(b.uint(16))
		last := first
		if isRange {
			last = int(b.uint(16))
		}
		if first == 0 || last < first {
			b.bad = true
		}
		found = found || first <= vendor && vendor <= last
	}
	return found && !b.bad
}

// readRestrictions reads the publisher's restrictions and says whether one
// takes a needed purpose from vendor: the purpose is not allowed (0), or only
// by legitimate interest (2), which we do not claim. That consent is required
// (1) changes nothing.
func readRestrictions(b *bits, vendor int) (restricted bool) {
	for n := b.uint(12); n > 0 && !b.bad; n-- {
		purpose := b.uint(6)
		kind := b.uint(2)
		if !readRanges(b, vendor) || purpose < 1 || purpose > 24 {
			continue
		}
		if neededPurposes&(1<<(24-purpose)) != 0 && kind != 1 {
			restricted = true
		}
	}
	return restricted
}

// unpad takes the padding off base64 text: it should not be there, but is
// unambiguous.
func unpad(text []byte) []byte { return bytes.TrimRight(text, "=") }
