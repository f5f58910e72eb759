package pricecipher

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
)

// Cipher reads an exchange's prices. It is safe for concurrent use.
type Cipher interface {
	// Decode returns the price per impression, which is 0 unless the state is
	// PriceOK. It tells apart what was not filled in, what marks a test, and
	// what cannot be read or verified.
	Decode(text []byte) (money.Nanos, event.PriceState)
}

// Kind names a cipher in an exchange's settings.
type Kind string

// The ciphers.
const (
	Plain  Kind = "plain"
	Base64 Kind = "base64"
	Google Kind = "google"
)

// Kinds returns the names of all ciphers.
func Kinds() []Kind { return []Kind{Plain, Base64, Google} }

// Config says how an exchange sends prices.
type Config struct {
	Kind Kind // empty is Plain

	// For Google: the two keys of the account, 32 bytes each; see ParseKey.
	EncryptionKey, IntegrityKey []byte
	// MaxAge is how old an encrypted price may be, 0 for 30 days, which is as
	// long as a notice books.
	MaxAge time.Duration
	// Clock tells the market's time; needed for Google.
	Clock clock.Clock
}

// String leaves the keys out.
func (c Config) String() string { return "price cipher " + string(c.Kind) }

// GoString is String, for %#v.
func (c Config) GoString() string { return c.String() }

// LogValue is String for log handlers that would take a config apart.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// New returns the cipher that c describes.
func New(c Config) (Cipher, error) {
	switch c.Kind {
	case "", Plain:
		return plain{}, nil
	case Base64:
		return base64Price{}, nil
	case Google:
		return newGoogle(c)
	}
	return nil, fmt.Errorf("cannot read prices: there is no cipher %q", c.Kind)
}

// ParseKey reads a key as Google shows it: base64 of 32 bytes, web-safe or
// not. The error does not quote it.
func ParseKey(text string) ([]byte, error) {
	key, ok := decode64([]byte(text))
	if !ok || len(key) != keySize {
		return nil, errors.New("cannot read the key: it is not base64 of 32 bytes")
	}
	return key, nil
}

// Unreadable is the cipher of an exchange whose keys are not known: it takes
// nothing for a price.
type Unreadable struct{}

// Decode tells apart what is no price in any encoding.
func (Unreadable) Decode(text []byte) (money.Nanos, event.PriceState) {
	if state, blank := unfilled(text); blank {
		return 0, state
	}
	return 0, event.PriceInvalid
}

type plain struct{}

func (plain) Decode(text []byte) (money.Nanos, event.PriceState) {
	if state, blank := unfilled(text); blank {
		return 0, state
	}
	return openrtb.ParsePriceMacro(text)
}

type base64Price struct{}

func (base64Price) Decode(text []byte) (money.Nanos, event.PriceState) {
	if state, blank := unfilled(text); blank {
		return 0, state
	}
	price, ok := decode64(bytes.TrimSpace(text))
	if !ok {
		return 0, event.PriceInvalid
	}
	n, state := openrtb.ParsePriceMacro(price)
	if state == event.PriceMissing || state == event.PriceUnexpanded {
		return 0, event.PriceInvalid // something was encoded that is no price
	}
	return n, state
}

// unfilled says whether a text is no price in any encoding, and what it is.
func unfilled(text []byte) (event.PriceState, bool) {
	text = bytes.TrimSpace(text)
	switch {
	case len(text) == 0:
		return event.PriceMissing, true
	case bytes.EqualFold(text, []byte("AUDIT")):
		return event.PriceAudit, true
	case bytes.Contains(text, []byte("AUCTION_")), bytes.Contains(text, []byte("WINNING_PRICE")):
		return event.PriceUnexpanded, true
	}
	return 0, false
}

// maxText is the longest text that can be a price: senders are unknown.
const maxText = 256

// decode64 reads base64, web-safe or not, padded or not.
func decode64(text []byte) ([]byte, bool) {
	if len(text) > maxText {
		return nil, false
	}
	text = bytes.TrimRight(text, "=")
	safe := make([]byte, len(text))
	for i, c := range text {
		switch c {
		case '+':
			c = '-'
		case '/':
			c = '_'
		}
		safe[i] = c
	}
	out := make([]byte, base64.RawURLEncoding.DecodedLen(len(safe)))
	n, err := base64.RawURLEncoding.Strict().Decode(out, safe)
	return out[:n], err == nil
}
