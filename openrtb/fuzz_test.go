package openrtb

import (
	"bytes"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

func FuzzDecode(f *testing.F) {
	for _, body := range corpus(f) {
		f.Add(body)
	}
	for _, c := range badBodies {
		f.Add([]byte(c.body))
	}
	for _, c := range append(lenientCases, formatCases...) {
		f.Add([]byte(c.body))
	}
	d := NewDecoder(Limits{})
	f.Fuzz(func(t *testing.T, body []byte) {
		checkLaws(t, d, body)
	})
}

func FuzzOpen(f *testing.F) {
	k := testKeyring(f, 1)
	token := fullToken()
	f.Add([]byte{})
	f.Add(k.Seal(nil, ForBilling, &token))
	f.Add(k.Seal(nil, ForClick, &Token{}))
	f.Fuzz(func(t *testing.T, text []byte) {
		var opened Token
		if k.Open(ForBilling, text, &opened) != nil {
			return
		}
		// Whoever cannot seal cannot make a text that opens: it must be one of
		// ours, to the letter.
		if again := k.Seal(nil, ForBilling, &opened); !bytes.Equal(again, text) {
			t.Fatalf("%q opened, but its content seals to %q", text, again)
		}
	})
}

// FuzzPayload reads payloads as if they were authentic: an older or newer
// version of ourselves may have sealed anything.
func FuzzPayload(f *testing.F) {
	token := fullToken()
	f.Add(token.appendPayload(nil))
	f.Add((&Token{}).appendPayload(nil))
	f.Fuzz(func(t *testing.T, payload []byte) {
		var read, again Token
		if !read.readPayload(payload) {
			return
		}
		if b := read.appendPayload(nil); len(b) > maxPayload || !again.readPayload(b) {
			t.Fatalf("a payload that reads does not read again: %x", b)
		}
	})
}

func FuzzPriceMacro(f *testing.F) {
	for _, c := range priceCases {
		f.Add([]byte(c.text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		price, state := ParsePriceMacro(text)
		if price != 0 && state != event.PriceOK || price < 0 || price > money.Cap {
			t.Fatalf("%q: %v, %v", text, price, state)
		}
	})
}

func FuzzGunzip(f *testing.F) {
	f.Add([]byte{})
	f.Add(pack(f, []byte(`{"id":"1"}`)))
	f.Add(pack(f, make([]byte, 100_000)))
	d := NewDecoder(Limits{MaxBody: 4096, MaxUnpacked: 16384, MaxGzipRatio: 16})
	f.Fuzz(func(t *testing.T, src []byte) {
		out, err := d.Gunzip([]byte("kept"), src)
		if !bytes.HasPrefix(out, []byte("kept")) {
			t.Fatal("what was there is gone")
		}
		if n := len(out) - 4; n > 16384 || n > 16*len(src) {
			t.Fatalf("%d bytes from %d", n, len(src))
		}
		if err != nil && len(out) != 4 {
			t.Fatal("an error came with output")
		}
	})
}

func pack(t testing.TB, b []byte) []byte {
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}
