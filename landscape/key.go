package landscape

import (
	"math/bits"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// Mechanism is how an auction is priced. The numbers are OpenRTB's auction
// types; an exchange's own are like one of these by its settings.
type Mechanism uint8

// The mechanisms.
const (
	FirstPrice  Mechanism = 1
	SecondPrice Mechanism = 2
	FixedPrice  Mechanism = 3 // of a deal: its floor is the price
)

// Context is what prices depend on. Fields that are not known stay zero.
type Context struct {
	Exchange  event.ExchangeID
	Currency  string // of the auction, three letters
	Mechanism Mechanism
	Deal      uint64 // hash of the deal's id, 0 in the open auction
	Format    uint8
	Floor     money.Nanos // per impression
	W, H      int         // of the creative; 0 where it has no size
	Place     uint64      // hash of site domain or app bundle
	Hour      int         // 0 to 23, UTC
}

// Key is a packed context. A coarser context is the same key with fewer
// fields, see [Key.at]. It travels in the bid's token. 0 is no context: nothing
// is learned of it.
type Key uint64

// The levels of back-off, from all that there is to a single context. Each is
// the parent of the next.
const (
	levelAll    = iota // every market
	levelMarket        // exchange, currency, mechanism, deal or open
	levelKind          // and format, floor
	levelSize          // and size
	levelPlace         // and site or app; under a deal, the deal
	levelHour          // and time of day

	levels
)

// The bits of a key, from the top: level 3, exchange 12, mechanism 2, deal 1,
// currency 5, format 3, floor 5, size 12, place 18, hour 3.
const (
	hourShift  = 0
	placeShift = 3
	sizeShift  = 21
	kindShift  = 33 // format and floor
	marketBits = 41 // exchange, mechanism, deal, currency
	levelShift = 61
)

var levelMasks = [levels]Key{
	levelAll:    0,
	levelMarket: (1<<levelShift - 1) &^ (1<<marketBits - 1),
	levelKind:   (1<<levelShift - 1) &^ (1<<kindShift - 1),
	levelSize:   (1<<levelShift - 1) &^ (1<<sizeShift - 1),
	levelPlace:  (1<<levelShift - 1) &^ (1<<placeShift - 1),
	levelHour:   1<<levelShift - 1,
}

// KeyOf packs a context. Text is hashed: two places may share a key, and then
// share what is learned.
func KeyOf(c Context) Key {
	deal, place := Key(0), c.Place
	if c.Deal != 0 {
		deal, place = 1, c.Deal
	}
	market := Key(c.Exchange)&(1<<12-1)<<8 | Key(c.Mechanism&3)<<6 | deal<<5 | currencyBits(c.Currency)
	kind := Key(c.Format&7)<<5 | floorBits(c.Floor)
	k := market<<marketBits | kind<<kindShift | sizeBits(c.W, c.H)<<sizeShift
	k |= Key(place*0x9e3779b97f4a7c15>>46)<<placeShift | Key(c.Hour/4&7)<<hourShift
	return k | levels<<levelShift
}

// at returns the key of a level. Level and fields together name it, so that no
// coarse context is taken for a fine one that lacks a field.
func (k Key) at(level int) Key { return k&levelMasks[level] | Key(level+1)<<levelShift }

func (k Key) level() int { return int(k>>levelShift) - 1 }

// valid says whether a key is of a context at the finest level, as [KeyOf]
// makes them.
func (k Key) valid() bool { return k>>levelShift == levels }

// Mechanism returns how the context's auctions are priced.
func (k Key) Mechanism() Mechanism { return Mechanism(k >> (marketBits + 6) & 3) }

func currencyBits(c string) (b Key) {
	for i := range len(c) {
		b = b*31 + Key(c[i])
	}
	return b % 31
}

// floorBits is the octave of a floor: 0 for none, else 1 to 31 from a few
// nanos up.
func floorBits(floor money.Nanos) Key {
	if floor <= 0 {
		return 0
	}
	return Key(min(max(bits.Len64(uint64(floor))-6, 1), 31))
}

func sizeBits(w, h int) Key {
	if w <= 0 && h <= 0 {
		return 0
	}
	return Key((uint64(w)<<32|uint64(h))*0x9e3779b97f4a7c15>>52) | 1
}
