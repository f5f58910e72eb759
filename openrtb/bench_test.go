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
