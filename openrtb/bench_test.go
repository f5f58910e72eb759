package openrtb

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/prebid/openrtb/v20/openrtb2"
)

// BenchmarkDecode compares the decoder with encoding/json into the complete
// types, on the same bodies.
func BenchmarkDecode(b *testing.B) {
	for _, name := range []string{"web_1500", "web_3000", "web_4000"} {
		body, err := os.ReadFile("testdata/requests/" + name + ".json")
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name+"/tangent", func(b *testing.B) {
			d := NewDecoder(Limits{})
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				r, err := d.Decode(body)
				if err != nil {
					b.Fatal(err)
				}
				r.Release()
			}
		})
		b.Run(name+"/encoding-json", func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				var r openrtb2.BidRequest
				if err := json.Unmarshal(body, &r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAppendResponse(b *testing.B) {
	r := testResponse(b)
	dst := AppendResponse(nil, r)
	b.ReportAllocs()
	b.SetBytes(int64(len(dst)))
	for b.Loop() {
		dst = AppendResponse(dst[:0], r)
	}
}

func BenchmarkSeal(b *testing.B) {
	k, token := testKeyring(b, 1), fullToken()
	var dst []byte
	b.ReportAllocs()
	for b.Loop() {
		dst = k.Seal(dst[:0], ForBilling, &token)
	}
}

func BenchmarkOpen(b *testing.B) {
	k, token := testKeyring(b, 1), fullToken()
	text := k.Seal(nil, ForBilling, &token)
	b.ReportAllocs()
	for b.Loop() {
		if err := k.Open(ForBilling, text, &token); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGunzip(b *testing.B) {
	body, err := os.ReadFile("testdata/requests/web_3000.json")
	if err != nil {
		b.Fatal(err)
	}
	d, src := NewDecoder(Limits{}), pack(b, body)
	var dst []byte
	b.ReportAllocs()
	for b.Loop() {
		if dst, err = d.Gunzip(dst[:0], src); err != nil {
			b.Fatal(err)
		}
	}
}
