package supply

import (
	"bytes"
	"cmp"
	"errors"
	"hash/maphash"
	"math"
	"slices"
	"time"
)

// Authorisation is what a publisher's file says of a seller.
type Authorisation uint8

// The authorisations.
const (
	NotKnown     Authorisation = iota // we have no file of the publisher, or the file has no records
	Unauthorised                      // the file names others only
	Reseller                          // the seller may resell
	Direct                            // the account is the publisher's own
)

// String returns the authorisation's name.
func (a Authorisation) String() string {
	return [...]string{"unknown", "unauthorised", "reseller", "direct"}[a]
}

// Snapshot says who may sell whose inventory, by the files of publishers and
// exchanges. It is immutable.
//
// It holds hashes, not texts: 4 bytes per line and 16 per file, and up to a
// quarter more that growing leaves unused. 100,000 publishers with 300 lines
// each are some 125 MB; with only the 20 lines of the exchanges that we trade
// with, 10 MB. A line is 31 bits of a hash whose seed is drawn
// per process: of a thousand lines, a seller who is not among them is taken
// for one with a chance of one in two million, and cannot make up an id that
// is.
type Snapshot struct {
	Made time.Time // when the files were put together

	seed    maphash.Seed
	sites   publishers          // ads.txt by domain
	apps    publishers          // app-ads.txt by domain of the developer
	sellers table               // sellers.json by exchange: seller
	bundles []bundle            // by hash of the bundle
	only    map[string]struct{} // the exchanges whose lines were kept; empty: all
}

// publishers are the files of one kind.
type publishers struct {
	sellers  table // exchange and seller
	partners table // whose file counts too
}

type bundle struct{ name, developer uint64 }

// table is a list of fingerprints per name.
type table struct {
	files []file
	lines []uint32
}

type file struct {
	name     uint64 // its hash
	from, to uint32 // its lines, in order
}

// find returns the lines of a name's file.
func (t *table) find(name uint64) (lines []uint32, ok bool) {
	i, ok := slices.BinarySearchFunc(t.files, name, func(f file, name uint64) int { return cmp.Compare(f.name, name) })
	if !ok {
		return nil, false
	}
	return t.lines[t.files[i].from:t.files[i].to], true
}

// begin starts a name's file; lines follow.
func (t *table) begin(name uint64) {
	n := uint32(len(t.lines))
	t.files = append(t.files, file{name, n, n})
}

func (t *table) add(line uint32) error {
	if len(t.files) == 0 {
		return errors.New("a line belongs to no file")
	}
	if len(t.lines) == math.MaxUint32 {
		return errors.New("there are too many lines")
	}
	t.lines = append(t.lines, line)
	t.files[len(t.files)-1].to++
	return nil
}

// finish puts the files in order. Of two files of one name the first counts.
func (t *table) finish() {
	for _, f := range t.files {
		slices.Sort(t.lines[f.from:f.to])
	}
	slices.SortStableFunc(t.files, func(a, b file) int { return cmp.Compare(a.name, b.name) })
	t.files = slices.CompactFunc(t.files, func(a, b file) bool { return a.name == b.name })
}

// hash hashes two texts and where one ends.
func (s *Snapshot) hash(a, b []byte) uint64 {
	var h maphash.Hash
	h.SetSeed(s.seed)
	h.Write(a)
	h.WriteByte(0)
	h.Write(b)
	return h.Sum64()
}

// line is the fingerprint of an exchange and a seller; its lowest bit, which
// says DIRECT, is free.
func (s *Snapshot) line(exchange, seller []byte) uint32 { return uint32(s.hash(exchange, seller)) &^ 1 }

func (s *Snapshot) name(domain []byte) uint64 { return s.hash(domain, nil) }

// Site says whether a seller of an exchange may sell a site's inventory. All
// domains are in lower case. A subdomain is its root domain's, unless that one
// says that the subdomain has a file of its own. partner is the request's
// inventorypartnerdomain, or empty: its file counts where the site's names it.
func (s *Snapshot) Site(domain, partner, exchange, seller []byte) Authorisation {
	if s == nil {
		return NotKnown
	}
	return s.authorised(&s.sites, domain, partner, exchange, seller)
}

// App is Site for an app, by its bundle, whose developer we know, or else the
// domain that the request says is the developer's.
func (s *Snapshot) App(bundle, domain, partner, exchange, seller []byte) Authorisation {
	if s == nil {
		return NotKnown
	}
	if name, ok := s.developer(bundle); ok {
		lines, ok := s.apps.sellers.find(name)
		if !ok || !s.kept(exchange) {
			return NotKnown
		}
		return s.judge(&s.apps, name, lines, partner, exchange, seller)
	}
	return s.authorised(&s.apps, domain, partner, exchange, seller)
}

func (s *Snapshot) developer(name []byte) (uint64, bool) {
	if len(name) == 0 || len(s.bundles) == 0 {
		return 0, false
	}
	i, ok := slices.BinarySearchFunc(s.bundles, s.name(name), func(b bundle, name uint64) int { return cmp.Compare(b.name, name) })
	if !ok {
		return 0, false
	}
	return s.bundles[i].developer, true
}

func (s *Snapshot) kept(exchange []byte) bool {
	if len(s.only) == 0 {
		return true
	}
	_, ok := s.only[string(exchange)]
	return ok
}

func (s *Snapshot) authorised(p *publishers, domain, partner, exchange, seller []byte) Authorisation {
	if !s.kept(exchange) {
		return NotKnown
	}
	for more := len(domain) > 0; more; _, domain, more = bytes.Cut(domain, dot) {
		name := s.name(domain)
		if lines, ok := p.sellers.find(name); ok {
			return s.judge(p, name, lines, partner, exchange, seller)
		}
	}
	return NotKnown
}

var dot = []byte(".")

// judge looks for a seller in a publisher's lines, and in its partner's.
func (s *Snapshot) judge(p *publishers, name uint64, lines []uint32, partner, exchange, seller []byte) Authorisation {
	want := s.line(exchange, seller)
	if a := among(lines, want); a != Unauthorised || len(partner) == 0 {
		return a
	}
	if named, _ := p.partners.find(name); among(named, s.line(partner, nil)) == Unauthorised {
		return Unauthorised
	}
	lines, ok := p.sellers.find(s.name(partner))
	if !ok {
		return NotKnown
	}
	return among(lines, want)
}

// among returns what sorted lines say of one.
func among(lines []uint32, want uint32) Authorisation {
	i, ok := slices.BinarySearch(lines, want)
	for ; i < len(lines) && lines[i] == want; i++ {
	}
	switch {
	case i < len(lines) && lines[i] == want|1: // what is both is direct
		return Direct
	case ok:
		return Reseller
	}
	return Unauthorised
}

// Listed says whether an exchange's sellers.json lists a seller; known is
// false when we do not have it.
func (s *Snapshot) Listed(exchange, seller []byte) (listed, known bool) {
	if s == nil {
		return false, false
	}
	lines, known := s.sellers.find(s.name(exchange))
	return known && among(lines, s.line(nil, seller)) != Unauthorised, known
}

// Counts is how much a snapshot holds.
type Counts struct{ Sites, Apps, Bundles, Exchanges, Lines int }

// Count counts.
func (s *Snapshot) Count() Counts {
	return Counts{
		Sites: len(s.sites.sellers.files), Apps: len(s.apps.sellers.files), Bundles: len(s.bundles), Exchanges: len(s.sellers.files),
		Lines: len(s.sites.sellers.lines) + len(s.apps.sellers.lines) + len(s.sellers.lines),
	}
}
