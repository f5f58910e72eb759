package app_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/money"
)

// The two keys of an account, as Google shows them.
const (
	encryptionKey = "skU7Ax_NL5pPAFyKdkfZjZz2-VhIN8bjj1rVFOaJ_5o="
	integrityKey  = "arO23ykdNqUQ5LEoQ0FVmPkBd7xB5CO89PDZlSjpFxo="
)

// bidCPM is what the line item bids.
const bidCPM = 2 * money.Unit

// encrypt makes what the exchange puts in place of its price macro, by the
// text of "Decrypt price confirmations" and not by our code.
func encrypt(t *testing.T, sent time.Time, micros uint64) string {
	mac := func(key string, text ...byte) []byte {
		k, err := base64.URLEncoding.DecodeString(key)
		if err != nil {
			t.Fatal(err)
		}
		h := hmac.New(sha1.New, k)
		h.Write(text)
		return h.Sum(nil)
	}
	iv := make([]byte, 16)
	binary.BigEndian.PutUint32(iv, uint32(sent.Unix()))
	binary.BigEndian.PutUint32(iv[4:], uint32(sent.Nanosecond()/1000))
	clear := binary.BigEndian.AppendUint64(nil, micros)
	pad, signature := mac(encryptionKey, iv...), mac(integrityKey, append(clear[:8:8], iv...)...)
	out := iv
	for i, b := range clear {
		out = append(out, b^pad[i])
	}
	return base64.RawURLEncoding.EncodeToString(append(out, signature[:4]...))
}

// googleWorld is a world with an exchange that is spoken to as Google is.
func googleWorld(t *testing.T) (*world, *order) {
	w := newWorld(t, nil)
	o := w.setUp(v1.Budget{Lifetime: 100 * money.Unit})
	no := false
	_, err := w.api.Exchanges.Create(t.Context(), v1.ExchangeSpec{Name: "new-google", Preset: "google", Seat: "seat-1", Currency: "USD", RequiresApproval: &no})
	if err != nil {
		t.Fatal(err)
	}
	w.item(o, bidCPM, nil)
	return w, o
}

// TestProtocol11EncryptedPricesAreBooked: points 11 and 12. The notice that
// bills carries Google's encrypted price; each of its bids is booked once, at
// that price, or at its own where the price was forged or is stale.
func TestProtocol11EncryptedPricesAreBooked(t *testing.T) {
	file := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(file, []byte(encryptionKey+"\n"+integrityKey+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TANGENT_EXCHANGE_NEW_GOOGLE_KEYS_FILE", file)
	w, o := googleWorld(t)
	now := time.Now()
	good := encrypt(t, now, 1_500_000) // 1.50 CPM
	want := money.Nanos(0)
	for name, c := range map[string]struct {
		price string
		own   bool // the bid's own price is booked
	}{
		"good":                      {good, false},
		"forged":                    {"A" + good[1:], true},
		"stale":                     {encrypt(t, now.Add(-31*24*time.Hour), 1_500_000), true},
		"from the future":           {encrypt(t, now.Add(time.Hour), 1_500_000), true},
		"in clear":                  {"1.50", true},
		"not filled in":             {"%%WINNING_PRICE%%", true},
		"of another exchange, 1.50": {base64.RawURLEncoding.EncodeToString([]byte("1.50")), true},
	} {
		bid := w.buy("new-google", request(strings.ReplaceAll(name, " ", "-"), ""))
		if bid.NURL != "" || bid.LURL != "" || !strings.HasSuffix(bid.BURL, "?p=%%WINNING_PRICE%%") || !strings.HasSuffix(bid.pixel, "?p=%%WINNING_PRICE%%") {
			t.Fatalf("%s: the bid has notices %q, %q, %q and the pixel %q", name, bid.NURL, bid.LURL, bid.BURL, bid.pixel)
		}
		for range 3 { // senders repeat themselves
			w.tell(strings.ReplaceAll(bid.BURL, "%%WINNING_PRICE%%", c.price), 200)
		}
		w.tell(strings.ReplaceAll(bid.pixel, "%%WINNING_PRICE%%", c.price), 200)
		price := money.Nanos(1_500_000)
		if c.own {
			price = bidCPM / 1000
		}
		want += price
		if got := w.accounts(o.campaign.ID); got.Booked != want {
			t.Errorf("%s: %v booked, want %v", name, got.Booked, want)
		}
	}
	// A test render is never money.
	bid := w.buy("new-google", request("audit", ""))
	w.tell(strings.ReplaceAll(bid.BURL, "%%WINNING_PRICE%%", "AUDIT"), 200)
	if got := w.accounts(o.campaign.ID); got.Booked != want {
		t.Errorf("a test render was booked: %v", got.Booked)
	}
}

func TestPricesWithoutKeysAreBookedAtTheBid(t *testing.T) {
	w, o := googleWorld(t)
	bid := w.buy("new-google", request("ann", ""))
	w.tell(strings.ReplaceAll(bid.BURL, "%%WINNING_PRICE%%", encrypt(t, time.Now(), 1_500_000)), 200)
	if got := w.accounts(o.campaign.ID); got.Booked != bidCPM/1000 {
		t.Errorf("%v booked of a bid at %v CPM", got.Booked, bid.Price)
	}
}
