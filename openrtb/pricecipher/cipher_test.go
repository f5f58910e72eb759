package pricecipher

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"pgregory.net/rapid"
)

// The keys and prices of Google's documentation.
const (
	googleEncryption = "skU7Ax_NL5pPAFyKdkfZjZz2-VhIN8bjj1rVFOaJ_5o="
	googleIntegrity  = "arO23ykdNqUQ5LEoQ0FVmPkBd7xB5CO89PDZlSjpFxo="
)

// googleSent is the time in those prices' vectors, which spell a text.
var googleSent = time.Unix(int64(binary.BigEndian.Uint32([]byte("abc1"))), 0)

func key(t testing.TB, text string) []byte {
	k, err := ParseKey(text)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func testGoogle(t testing.TB, now time.Time) Cipher {
	c, err := New(Config{Kind: Google, EncryptionKey: key(t, googleEncryption), IntegrityKey: key(t, googleIntegrity), MaxAge: time.Hour, Clock: clock.NewManual(now)})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestGoogleReadsThePublishedPrices(t *testing.T) {
	c := testGoogle(t, googleSent.Add(time.Minute))
	for text, want := range map[string]money.Nanos{
		"YWJjMTIzZGVmNDU2Z2hpN7fhCuPemCce_6msaw": 100,
		"YWJjMTIzZGVmNDU2Z2hpN7fhCuPemCAWJRxOgA": 1900,
		"YWJjMTIzZGVmNDU2Z2hpN7fhCuPemC32prpWWw": 2700,
	} {
		if got, state := c.Decode([]byte(text)); got != want || state != event.PriceOK {
			t.Errorf("%s: got %d, %v, want %d", text, got, state, want)
		}
	}
}

// hmacSHA1 is RFC 2104 by the letter, so that the test does not share a
// mistake with the code.
func hmacSHA1(key, text []byte) []byte {
	var inner, outer [64]byte
	for i := range inner {
		var k byte
		if i < len(key) {
			k = key[i]
		}
		inner[i], outer[i] = k^0x36, k^0x5c
	}
	first := sha1.Sum(append(inner[:], text...))
	second := sha1.Sum(append(outer[:], first[:]...))
	return second[:]
}

// seal makes a price as the exchange does.
func seal(encryption, integrity []byte, sent time.Time, micros uint64) string {
	vector := make([]byte, 16)
	binary.BigEndian.PutUint32(vector, uint32(sent.Unix()))
	copy(vector[8:], "server-1")
	price := binary.BigEndian.AppendUint64(nil, micros)
	signature := hmacSHA1(integrity, append(append([]byte{}, price...), vector...))[:4]
	for i, p := range hmacSHA1(encryption, vector)[:8] {
		price[i] ^= p
	}
	return base64.RawURLEncoding.EncodeToString(append(append(vector, price...), signature...))
}

func TestGoogleReadsWhatTheExchangeSeals(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	c := testGoogle(t, now)
	e, i := key(t, googleEncryption), key(t, googleIntegrity)
	rapid.Check(t, func(t *rapid.T) {
		micros := rapid.Uint64Range(0, 2*maxMicros).Draw(t, "micros")
		age := time.Duration(rapid.Int64Range(-1200, 7200).Draw(t, "age")) * time.Second
		text := seal(e, i, now.Add(-age), micros)
		want, state := money.Nanos(micros), event.PriceOK
		if micros > maxMicros || age > time.Hour || age < -clockSkew {
			want, state = 0, event.PriceInvalid
		}
		if got, s := c.Decode([]byte(text)); got != want || s != state {
			t.Fatalf("%d micros, %v old: got %d, %v", micros, age, got, s)
		}
		// Whatever bit is turned, it is no price any more.
		sealed, _ := base64.RawURLEncoding.DecodeString(text)
		bit := rapid.IntRange(0, len(sealed)*8-1).Draw(t, "bit")
		sealed[bit/8] ^= 1 << (bit % 8)
		if got, s := c.Decode([]byte(base64.RawURLEncoding.EncodeToString(sealed))); s == event.PriceOK {
			t.Fatalf("with bit %d turned: %d", bit, got)
		}
	})
	if _, s := c.Decode([]byte(seal(i, e, now, 5))); s != event.PriceInvalid {
		t.Error("a price under other keys was taken")
	}
}

func TestDecode(t *testing.T) {
	b64 := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	for _, c := range []struct {
		kind  Kind
		text  string
		want  money.Nanos
		state event.PriceState
	}{
		{Plain, "1.25", 1_250_000, event.PriceOK},
		{"", "1.25", 1_250_000, event.PriceOK},
		{Plain, b64("1.25"), 0, event.PriceInvalid},
		{Base64, b64("1.25"), 1_250_000, event.PriceOK},
		{Base64, strings.TrimRight(b64("1.2"), "="), 1_200_000, event.PriceOK},
		{Base64, b64("-1"), 0, event.PriceInvalid},
		{Base64, b64("${AUCTION_PRICE}"), 0, event.PriceInvalid},
		{Base64, b64("AUDIT"), 0, event.PriceAudit},
		{Base64, "1.25", 0, event.PriceInvalid},
		{Base64, "=", 0, event.PriceInvalid},
		{Google, "1.25", 0, event.PriceInvalid},
		{Google, "%%WINNING_PRICE%%", 0, event.PriceUnexpanded},
		{Google, strings.Repeat("A", 38), 0, event.PriceInvalid},
		{Google, strings.Repeat("A", 5000), 0, event.PriceInvalid},
	} {
		var cipher Cipher = testGoogle(t, googleSent)
		if c.kind != Google {
			var err error
			if cipher, err = New(Config{Kind: c.kind}); err != nil {
				t.Fatal(err)
			}
		}
		if got, state := cipher.Decode([]byte(c.text)); got != c.want || state != c.state {
			t.Errorf("%s %q: got %d, %v, want %d, %v", c.kind, c.text, got, state, c.want, c.state)
		}
		for text, want := range map[string]event.PriceState{"": event.PriceMissing, " ": event.PriceMissing, "AUDIT": event.PriceAudit,
			"${AUCTION_PRICE}": event.PriceUnexpanded, "${AUCTION_PRICE:B64}": event.PriceUnexpanded} {
			if got, state := cipher.Decode([]byte(text)); got != 0 || state != want {
				t.Errorf("%s %q: got %d, %v, want %v", c.kind, text, got, state, want)
			}
		}
	}
}

func TestUnreadableTakesNothingForAPrice(t *testing.T) {
	for text, want := range map[string]event.PriceState{"1.25": event.PriceInvalid, "": event.PriceMissing, "AUDIT": event.PriceAudit, "%%WINNING_PRICE%%": event.PriceUnexpanded} {
		if got, state := (Unreadable{}).Decode([]byte(text)); got != 0 || state != want {
			t.Errorf("%q: got %d, %v, want %v", text, got, state, want)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	e, i, now := key(t, googleEncryption), key(t, googleIntegrity), clock.NewManual(googleSent)
	for name, c := range map[string]Config{
		"a cipher that is not":   {Kind: "rot13"},
		"no keys":                {Kind: Google, Clock: now},
		"a short key":            {Kind: Google, EncryptionKey: e[1:], IntegrityKey: i, Clock: now},
		"one key for both":       {Kind: Google, EncryptionKey: e, IntegrityKey: e, Clock: now},
		"no clock":               {Kind: Google, EncryptionKey: e, IntegrityKey: i},
		"a greatest age below 0": {Kind: Google, EncryptionKey: e, IntegrityKey: i, Clock: now, MaxAge: -1},
	} {
		if _, err := New(c); err == nil || strings.Contains(err.Error(), string(e)) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := ParseKey("secret!"); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v", err)
	}
}

func TestConfigsPrintWithoutKeys(t *testing.T) {
	c := Config{Kind: Google, EncryptionKey: []byte("secret"), IntegrityKey: []byte("secret")}
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		for _, v := range []any{c, &c} {
			if text := fmt.Sprintf(format, v); strings.Contains(text, "secret") || strings.Contains(text, fmt.Sprint([]byte("secret"))) || strings.Contains(text, "0x73") {
				t.Errorf("%s prints %s", format, text)
			}
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("YWJjMTIzZGVmNDU2Z2hpN7fhCuPemCce_6msaw"))
	f.Add([]byte("MS4yNQ=="))
	f.Add([]byte("1.25"))
	f.Add([]byte("${AUCTION_PRICE}"))
	b64, _ := New(Config{Kind: Base64})
	ciphers := []Cipher{plain{}, b64, testGoogle(f, googleSent)}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, c := range ciphers {
			if price, state := c.Decode(text); price < 0 || price > maxMicros || price != 0 && state != event.PriceOK {
				t.Fatalf("%q: %d, %v", text, price, state)
			}
		}
	})
}
