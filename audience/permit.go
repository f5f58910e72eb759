package audience

// Permit is the leave to use what can be known of one user, for some [Use]s
// and not for others. Only a [Gate], a [KeptKey] that a Permit made, and
// [AssertConsent] for imported data make one that permits anything; the zero
// Permit permits nothing. It belongs to the request that it was asked for and
// must not outlive it, but as a KeptKey.
type Permit struct{ uses uses }

// AssertConsent returns the Permit for data that an operator imports. Calling
// it asserts, in the name of whoever supplied the data, that every user in it
// may be known to this DSP. A request's own signals still decide whether the
// imported data is ever looked up.
func AssertConsent() Permit { return Permit{ofUser} }

// Allows says whether the Permit is for this use.
func (p Permit) Allows(u Use) bool { return p.uses.has(u) }

// Granted says whether the Permit is for anything that needs to know who the
// user is, which is when a [Keyer] makes a key.
func (p Permit) Granted() bool { return p.uses&ofUser != 0 }

// KeptKey is a user's key and what it may be used for, as tokens and events
// carry it to where the impression, the click or the conversion becomes known:
// the key's 17 bytes, then the uses, a bit each, the first use the lowest.
type KeptKey [len(UserKey{}) + 1]byte

// Keep returns the key of a user for those of the Permit's uses that come
// after the auction: they are what a key is kept for. It returns false when
// there is none, and then nothing is to be kept.
func (p Permit) Keep(key UserKey) (kept KeptKey, ok bool) {
	after := p.uses & (1<<BuildProfile | 1<<CapFrequency | 1<<Measure)
	if after == 0 {
		return KeptKey{}, false
	}
	copy(kept[:], key[:])
	kept[len(key)] = byte(after)
	return kept, true
}

// ParseKeptKey reads what Keep made, from a token or an event, and returns the
// key with the Permit it was kept under. Anything else gives neither.
func ParseKeptKey(b []byte) (key UserKey, p Permit, ok bool) {
	if len(b) != len(KeptKey{}) {
		return UserKey{}, Permit{}, false
	}
	p.uses = uses(b[len(key)])
	if p.uses&^ofUser != 0 || p.uses == 0 || !key.parse(b[:len(key)]) {
		return UserKey{}, Permit{}, false
	}
	return key, p, true
}
