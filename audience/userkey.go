package audience

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"log/slog"
	"sync"
	"unsafe"

	"golang.org/x/crypto/blake2b"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/openrtb"
)

// UserKey is the only form in which Tangent knows a user: a tag that says
// which kind of id it was made of, then 128 bits of a keyed hash of the
// namespace and the id. Without the key it tells nothing and links to nothing.
// It is personal data all the same: it goes into sealed tokens, events and
// Redis, never into logs, metrics, errors or plain URLs. Printing or logging
// one shows that it is one and nothing else.
type UserKey [1 + 16]byte

// Format is what every verb of package fmt prints.
func (UserKey) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "(user key)") }

// LogValue is what package slog logs, in any format.
func (UserKey) LogValue() slog.Value { return slog.StringValue("(user key)") }

// The tags.
const (
	tagBuyerUID = 'b' // our own id, matched by the exchange
	tagIFA      = 'i' // a device's advertising id
	tagEID      = 'e' // an extended id; its source is the namespace
	tagUser     = 'u' // the exchange's id; the exchange is part of the namespace
)

// keyText is the length of a key's text: 17 bytes in unpadded base64.
const keyText = 23

// parse reads a key's bytes from where one was kept.
func (k *UserKey) parse(b []byte) bool {
	switch b[0] {
	case tagBuyerUID, tagIFA, tagEID, tagUser:
		copy(k[:], b)
		return true
	}
	return false
}

// appendText appends the key's text: letters, digits, - and _, so that no
// brace can end a Redis hash tag early.
func (k *UserKey) appendText(dst []byte) []byte {
	return base64.RawURLEncoding.AppendEncode(dst, k[:])
}

// KeyerConfig configures a [Keyer].
type KeyerConfig struct {
	// Secret keys the hash: 16 to 64 random bytes, the same in every process
	// that shares an audience. Another secret is another audience.
	Secret []byte

	// Order is which ids of a request are asked for, the best first: words with
	// commas between; see [DefaultIDOrder], which an empty Order is. "eids" are
	// those of every source that has no place of its own; example.com/1/3 takes
	// agent types 1 and 3 only.
	Order string
}

// Keyer makes user keys. It is safe for concurrent use.
type Keyer struct {
	order  []idRule
	hashes sync.Pool
}

// NewKeyer returns a keyer.
func NewKeyer(cfg KeyerConfig) (*Keyer, error) {
	if len(cfg.Secret) < 16 || len(cfg.Secret) > blake2b.Size {
		return nil, errors.New("cannot make user keys: the secret must have 16 to 64 bytes")
	}
	order, err := parseIDOrder(cfg.Order)
	if err != nil {
		return nil, fmt.Errorf("cannot make user keys: order of ids: %w", err)
	}
	secret := append([]byte(nil), cfg.Secret...)
	k := &Keyer{order: order}
	k.hashes.New = func() any {
		h, err := blake2b.New(16, secret)
		if err != nil {
			panic(err) // the sizes are checked above
		}
		return &keyHash{Hash: h}
	}
	return k, nil
}

// keyHash is a keyed hash and the buffer of what goes into it.
type keyHash struct {
	hash.Hash
	in, out []byte
}

// KeyOf returns the key of an id that did not come with a request. The
// namespaces are those of [openrtb.Request.EachUserID]; exchange matters to
// "user" only, where it must not be 0; "idfa", "gaid", "aaid", "oaid" and
// "caid" are other names of "ifa".
func (k *Keyer) KeyOf(p Permit, namespace string, id []byte, exchange event.ExchangeID) (key UserKey, ok bool) {
	switch namespace {
	case "idfa", "gaid", "aaid", "oaid", "caid":
		namespace = "ifa"
	}
	if !p.Granted() || namespace == "user" && exchange == 0 {
		return UserKey{}, false
	}
	h := k.hashes.Get().(*keyHash)
	key, ok = h.key(namespace, id, exchange)
	k.hashes.Put(h)
	return key, ok
}

// KeyToForget returns the key of an id whose user wants to be forgotten or left
// alone, which takes no Permit. It is for [Writer.Erase] and [Writer.OptOut].
func (k *Keyer) KeyToForget(namespace string, id []byte, exchange event.ExchangeID) (UserKey, bool) {
	return k.KeyOf(Permit{ofUser}, namespace, id, exchange)
}

// KeyOfText returns the key of an id as import files write it: namespace:id,
// or an id alone for namespace "buyeruid". See [Import].
func (k *Keyer) KeyOfText(p Permit, user string) (key UserKey, ok bool) {
	namespace, id, exchange, why := splitUser([]byte(user))
	if why != "" {
		return UserKey{}, false
	}
	return k.KeyOf(p, namespace, id, exchange)
}

// eid returns the key of an extended id.
func (h *keyHash) eid(e *openrtb.EID) (UserKey, bool) {
	if reservedSource(e.Source) {
		return UserKey{}, false
	}
	return h.key(unsafe.String(&e.Source[0], len(e.Source)), e.ID, 0)
}

func (h *keyHash) key(namespace string, id []byte, exchange event.ExchangeID) (key UserKey, ok bool) {
	if namespace == "" || placeholder(id) {
		return UserKey{}, false
	}
	// The length keeps two pairs from running together into one text.
	h.in = binary.AppendUvarint(h.in[:0], uint64(len(namespace)))
	for i := range len(namespace) { // a source is a domain, in any case
		h.in = append(h.in, lower(namespace[i]))
	}
	tag := byte(tagEID)
	switch namespace {
	case "buyeruid":
		tag = tagBuyerUID
	case "ifa":
		tag = tagIFA
	case "user":
		tag = tagUser
		h.in = binary.BigEndian.AppendUint64(h.in, uint64(exchange))
	}
	if tag == tagIFA { // the same device is sent in upper and lower case
		for _, c := range id {
			h.in = append(h.in, lower(c))
		}
	} else {
		h.in = append(h.in, id...)
	}
	h.Write(h.in)
	h.out = h.Sum(h.out[:0])
	key[0] = tag
	copy(key[1:], h.out)
	// What is pooled must not hold the raw id: neither the text nor the hash's
	// last block, which Reset overwrites with the secret.
	clear(h.in)
	h.Reset()
	return key, true
}

// placeholder says whether an id stands for none: empty, zeros and dashes
// only, or a word that broken pages send.
func placeholder(id []byte) bool {
	zeros := true
	for _, c := range id {
		if c != '0' && c != '-' {
			zeros = false
			break
		}
	}
	if zeros {
		return true
	}
	switch string(id) {
	case "null", "NULL", "undefined", "none", "unknown", "nil", "NaN", "-1", "(null)":
		return true
	}
	return false
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
