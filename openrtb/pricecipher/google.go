package pricecipher

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"time"

	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// A price is 28 bytes: initialisation vector, price, signature. The vector
// begins with the time: seconds, then microseconds, four bytes each.
const (
	keySize       = 32
	vectorSize    = 16
	priceSize     = 8
	signatureSize = 4
	googleSize    = vectorSize + priceSize + signatureSize
)

const (
	defaultMaxAge = 30 * 24 * time.Hour
	clockSkew     = 10 * time.Minute // by which the exchange's clock may be ahead
)

// maxMicros is the most that a price may be: a CPM of a million. It is the
// bound of openrtb.ParsePriceMacro.
const maxMicros = 1_000_000_000_000

type google struct {
	encryption, integrity []byte
	maxAge                time.Duration
	clock                 clock.Clock
}

func newGoogle(c Config) (*google, error) {
	switch {
	case len(c.EncryptionKey) != keySize || len(c.IntegrityKey) != keySize:
		return nil, errors.New("cannot read Google's prices: both keys must have 32 bytes")
	case bytes.Equal(c.EncryptionKey, c.IntegrityKey):
		return nil, errors.New("cannot read Google's prices: the two keys are the same")
	case c.Clock == nil:
		return nil, errors.New("cannot read Google's prices: without a clock their age is not known")
	case c.MaxAge < 0:
		return nil, errors.New("cannot read Google's prices: the greatest age is negative")
	}
	if c.MaxAge == 0 {
		c.MaxAge = defaultMaxAge
	}
	return &google{bytes.Clone(c.EncryptionKey), bytes.Clone(c.IntegrityKey), c.MaxAge, c.Clock}, nil
}

// Decode reads web-safe base64. The amount is CPM in micros of the account's
// currency, which is nanos per impression.
func (g *google) Decode(text []byte) (money.Nanos, event.PriceState) {
	if state, blank := unfilled(text); blank {
		return 0, state
	}
	sealed, ok := decode64(bytes.TrimSpace(text))
	if !ok || len(sealed) != googleSize {
		return 0, event.PriceInvalid
	}
	vector, price := sealed[:vectorSize], sealed[vectorSize:vectorSize+priceSize]
	pad := sign(g.encryption, vector)
	for i := range price {
		price[i] ^= pad[i]
	}
	if !hmac.Equal(sign(g.integrity, price, vector)[:signatureSize], sealed[vectorSize+priceSize:]) {
		return 0, event.PriceInvalid
	}
	sent := time.Unix(int64(binary.BigEndian.Uint32(vector)), int64(binary.BigEndian.Uint32(vector[4:])%1e6)*1000)
	age := g.clock.Now().Sub(sent)
	micros := binary.BigEndian.Uint64(price)
	if age > g.maxAge || age < -clockSkew || micros > maxMicros {
		return 0, event.PriceInvalid
	}
	return money.Nanos(micros), event.PriceOK
}

// sign returns the HMAC-SHA1 of the texts joined.
func sign(key []byte, texts ...[]byte) []byte {
	h := hmac.New(sha1.New, key)
	for _, t := range texts {
		h.Write(t)
	}
	return h.Sum(nil)
}
