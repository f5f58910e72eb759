package audience

import (
	"encoding/binary"
	"time"

	"github.com/tangent-dsp/tangent/event"
)

// The value {key}:i says how a key stands to other keys, by its first byte:
//
//	'o'  opted out: nothing else is stored of the key, read or written
//	'a'  an alias: the 17 bytes of the key of our own id that it was matched
//	     with follow
//	'l'  the links of a key of our own id: 29 bytes for each alias follow, its
//	     key, the exchange (8, little-endian) and the expiry (4, little-endian,
//	     seconds since 1970, market time)
//
// An alias is always an exchange's id ('u'), and what it points to our own
// ('b'), so that following one ends after one step. Segments and exposures are
// kept under each of the keys: a bid request, which knows one of them, finds
// all in its one round trip, and writers pay for it.
const (
	identityOptedOut = 'o'
	identityAlias    = 'a'
	identityLinks    = 'l'
	linkSize         = len(UserKey{}) + 8 + 4
)

// MaxLinks is how many exchanges' ids one of our ids can be matched with at a
// time. Beyond it, the match that would end first makes room.
const MaxLinks = 32

// link is an exchange's id that ours was matched with.
type link struct {
	key      UserKey
	exchange event.ExchangeID
	expiry   uint32 // seconds since 1970, market time
}

func isOptedOut(identity string) bool { return identity != "" && identity[0] == identityOptedOut }

// aliasOf returns what an alias points to.
func aliasOf(identity string) (canonical UserKey, ok bool) {
	if len(identity) != 1+len(canonical) || identity[0] != identityAlias || identity[1] != tagBuyerUID {
		return UserKey{}, false
	}
	copy(canonical[:], identity[1:])
	return canonical, true
}

func appendAlias(dst []byte, canonical *UserKey) []byte {
	return append(append(dst, identityAlias), canonical[:]...)
}

// linksOf returns the links in a value that have not expired. What cannot be
// read has none: the next match writes it anew.
func linksOf(identity string, now time.Time) (links []link) {
	if identity == "" || identity[0] != identityLinks || (len(identity)-1)%linkSize != 0 {
		return nil
	}
	sec := unixSeconds(now)
	for e := identity[1:]; e != ""; e = e[linkSize:] {
		var l link
		n := copy(l.key[:], e)
		l.exchange = event.ExchangeID(uint64At(e, n))
		l.expiry = uint32At(e, n+8)
		if l.expiry > sec && l.key[0] == tagUser {
			links = append(links, l)
		}
	}
	return links
}

func appendLinks(dst []byte, links []link) []byte {
	dst = append(dst, identityLinks)
	for i := range links {
		dst = append(dst, links[i].key[:]...)
		dst = binary.LittleEndian.AppendUint64(dst, uint64(links[i].exchange))
		dst = binary.LittleEndian.AppendUint32(dst, links[i].expiry)
	}
	return dst
}

// withLink returns links with one put in, and those that it drove out: another
// id of the same exchange, whose browser is no longer known by it, and the one
// that ends first when there are too many.
func withLink(links []link, l link) (kept, dropped []link) {
	for _, old := range links {
		switch {
		case old.key == l.key:
		case old.exchange == l.exchange:
			dropped = append(dropped, old)
		default:
			kept = append(kept, old)
		}
	}
	if len(kept) >= MaxLinks {
		first := 0
		for i := range kept {
			if kept[i].expiry < kept[first].expiry {
				first = i
			}
		}
		dropped = append(dropped, kept[first])
		kept = append(kept[:first], kept[first+1:]...)
	}
	return append(kept, l), dropped
}
