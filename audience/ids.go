package audience

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/openrtb"
)

// MaxIDs is how many of a request's ids are looked up. They share one round
// trip; each costs Redis one MGET.
const MaxIDs = 3

// Source is where in a request an id stood: a metric label.
type Source uint8

// The sources.
const (
	FromBuyerUID Source = iota // our own id, from a match table that the exchange hosts
	FromUser                   // the exchange's id, by our match table
	FromEID
	FromIDFA
	FromGAID
	FromOAID
	FromCAID
	FromIFA // of another type, or of none that is said
	SourceCount
)

var sourceNames = [SourceCount]string{"buyeruid", "user", "eid", "idfa", "gaid", "oaid", "caid", "ifa"}

// String returns the source's name, which does not change.
func (s Source) String() string {
	if s < SourceCount {
		return sourceNames[s]
	}
	return fmt.Sprintf("source %d", uint8(s))
}

// IDs are the keys of a request's usable ids, the best first, no key twice.
type IDs struct {
	n       int
	keys    [MaxIDs]UserKey
	sources [MaxIDs]Source
}

// Keys returns the keys. They are in s.
func (s *IDs) Keys() []UserKey { return s.keys[:s.n] }

// Source says where the key at i comes from.
func (s *IDs) Source(i int) Source { return s.sources[i] }

func (s *IDs) add(key UserKey, from Source) {
	for i := range s.n {
		if s.keys[i] == key {
			return
		}
	}
	s.keys[s.n], s.sources[s.n] = key, from
	s.n++
}

// DefaultIDOrder is the order in which a request's ids are asked for if
// nobody says otherwise. A device's id stands before extended ids, most of
// which one publisher or one page view alone knows; the exchange's own id comes
// last, because what is learned of it serves at that exchange only.
const DefaultIDOrder = "buyeruid,ifa,eids,user"

// idRule takes the ids of one kind out of a request.
type idRule struct {
	kind   string // buyeruid, ifa, user, eids, or "" for one source
	source string
	atypes uint64 // allowed agent types, a bit each; 0: all
}

// parseIDOrder reads words with commas between: buyeruid, ifa, user, eids (of
// every source that is not named), or the source of an extended id. After the
// last two may come the agent types that are taken: example.com/1/3.
func parseIDOrder(text string) (rules []idRule, err error) {
	if text == "" {
		text = DefaultIDOrder
	}
	seen := map[string]bool{}
	for _, word := range strings.Split(text, ",") {
		parts := strings.Split(strings.TrimSpace(word), "/")
		r := idRule{kind: parts[0]}
		switch name := parts[0]; {
		case seen[name]:
			return nil, fmt.Errorf("%q is there twice", name)
		case name == "buyeruid" || name == "ifa" || name == "user":
			if len(parts) > 1 {
				return nil, fmt.Errorf("%q has no agent types", name)
			}
		case name == "eids":
		case strings.Contains(name, "."):
			r.kind, r.source = "", strings.ToLower(name)
		default:
			return nil, fmt.Errorf("%q: want buyeruid, ifa, user, eids, or the source of an extended id, with commas between", name)
		}
		seen[parts[0]] = true
		for _, t := range parts[1:] {
			n, err := strconv.ParseUint(t, 10, 6)
			if err != nil || n == 0 {
				return nil, fmt.Errorf("agent type %q of %s: want 1 to 63", t, parts[0])
			}
			r.atypes |= 1 << n
		}
		rules = append(rules, r)
	}
	return rules, nil
}

// CheckIDOrder says what is wrong with an order of ids; see [KeyerConfig].
func CheckIDOrder(text string) error {
	_, err := parseIDOrder(text)
	return err
}

// Find fills ids with the keys of the request's usable ids, and says whether
// there are any. Without a Permit there are none. Ids that many devices share,
// such as an advertising id of zeros, are not usable. exchange is who sent the
// request: user.id has a meaning only there.
func (k *Keyer) Find(p Permit, r *openrtb.Request, exchange event.ExchangeID, ids *IDs) bool {
	ids.n = 0
	if !p.Granted() || !r.HasUserID() {
		return false
	}
	h := k.hashes.Get().(*keyHash)
	for i := range k.order {
		if ids.n == MaxIDs {
			break
		}
		rule := &k.order[i]
		switch rule.kind {
		case "", "eids":
			r.EachEID(func(e *openrtb.EID) bool {
				if k.takes(rule, e) {
					if key, ok := h.eid(e); ok {
						ids.add(key, FromEID)
					}
				}
				return ids.n < MaxIDs
			})
		default:
			r.EachUserID(func(namespace string, id []byte) bool {
				if namespace != rule.kind {
					return true
				}
				from := FromBuyerUID
				switch namespace {
				case "ifa":
					var ok bool
					if namespace, from, ok = ofDevice(r.Device.IFAType); !ok {
						return false
					}
				case "user":
					from = FromUser
				}
				if key, ok := h.key(namespace, id, exchange); ok {
					ids.add(key, from)
				}
				return false
			})
		}
	}
	k.hashes.Put(h)
	return ids.n > 0
}

// takes says whether a rule is for an extended id.
func (k *Keyer) takes(rule *idRule, e *openrtb.EID) bool {
	if rule.atypes != 0 && (e.AType < 1 || e.AType > 63 || rule.atypes&(1<<e.AType) == 0) {
		return false
	}
	if rule.kind == "" {
		return equalFold(e.Source, rule.source)
	}
	for i := range k.order { // a source that is named has its own place
		if s := k.order[i].source; s != "" && equalFold(e.Source, s) {
			return false
		}
	}
	return true
}

// equalFold compares with a text in lower case.
func equalFold(b []byte, low string) bool {
	if len(b) != len(low) {
		return false
	}
	for i, c := range b {
		if lower(c) != low[i] {
			return false
		}
	}
	return true
}

// ofDevice says what an advertising id of a type is (device.ext.ifa_type, the
// IAB's "Guidelines for Identifier for Advertising on OTT platforms", and what
// exchanges in China add). An id of the exchange's own making is an id of the
// exchange; one that a publisher made or that ends with the session is
// nobody's here.
func ofDevice(kind []byte) (namespace string, from Source, ok bool) {
	var room [12]byte
	low := room[:0]
	for _, c := range kind[:min(len(kind), len(room))] {
		low = append(low, lower(c))
	}
	switch string(low) {
	case "idfa":
		return "ifa", FromIDFA, true
	case "gaid", "aaid":
		return "ifa", FromGAID, true
	case "oaid":
		return "ifa", FromOAID, true
	case "caid":
		return "ifa", FromCAID, true
	case "sspid":
		return "user", FromUser, true
	case "ppid", "sessionid":
		return "", 0, false
	}
	return "ifa", FromIFA, true
}

// reservedSource says whether an extended id claims to be one of the other
// kinds. None has a dot, which every source has.
func reservedSource(source []byte) bool { return !bytes.ContainsRune(source, '.') }
