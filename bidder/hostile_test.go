package bidder

import (
	"bytes"
	"compress/gzip"
	"runtime"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/valyala/fasthttp"

	"github.com/tangent-dsp/tangent/money"
)

func packed(body string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write([]byte(body))
	z.Close()
	return b.String()
}

func zipped(r *fasthttp.Request) { r.Header.Set("Content-Encoding", "gzip") }

// panics returns how many requests met a bug.
func (w *world) panics() float64 {
	var m dto.Metric
	if err := w.bidder.metrics.panics.Write(&m); err != nil {
		w.t.Fatal(err)
	}
	return m.GetCounter().GetValue()
}

// Check 15: requests that are packed bombs, huge, nested, repeated or unknown
// are refused or bid on, at a bounded cost in memory, and harm no other.
func TestToyCheck15HostileRequestsCostLittle(t *testing.T) {
	w := newWorld(t)
	w.item("2", nil)
	w.open(money.Unit)
	instead := func(of, by string) string { return strings.Replace(plain, of, by, 1) }
	many := func(one string, n int) string { return strings.TrimSuffix(strings.Repeat(one+",", n), ",") }
	const mb = 1 << 20
	for name, c := range map[string]struct {
		body   string
		status int
		change func(*fasthttp.Request)
	}{
		"packed":             {packed(plain), 200, zipped},
		"a bomb":             {packed(strings.Repeat(" ", 10*mb)), 413, zipped},
		"a bomb in a bomb":   {packed(packed(strings.Repeat(" ", 10*mb))), 413, zipped},
		"said to be packed":  {"not gzip", 400, zipped},
		"cut short":          {packed(plain)[:60], 400, zipped},
		"packed, not said":   {packed(plain), 400, nil},
		"a megabyte":         {instead(`"at":1`, `"ext":"`+strings.Repeat("x", mb)+`"`), 413, nil},
		"empty":              {"", 400, nil},
		"a repeated key":     {instead(`"at":1`, `"at":1,"at":2`), 400, nil},
		"one deep inside":    {instead(`"w":300`, `"w":300,"w":301`), 400, nil},
		"one, escaped":       {instead(`"at":1`, `"at":1,"\u0061t":2`), 400, nil},
		"unknown keys":       {instead(`"at":1`, `"no":{"such":["thing",null,1e99]},"at":1`), 200, nil},
		"nested":             {instead(`"at":1`, `"ext":`+strings.Repeat("[", 50_000)+strings.Repeat("]", 50_000)), 400, nil},
		"nested objects":     {instead(`"at":1`, `"ext":`+strings.Repeat(`{"a":`, 20_000)+"1"+strings.Repeat("}", 20_000)), 400, nil},
		"many imps":          {instead(`"imp":[`, `"imp":[`+many(`{"id":"i","banner":{}}`, 5000)+`,`), 200, nil},
		"many deals":         {instead(`"bidfloor":0.1`, `"pmp":{"deals":[`+many(`{"id":"d"}`, 20_000)+`]}`), 200, nil},
		"many blocks":        {instead(`"at":1`, `"badv":[`+many(`"x.example"`, 20_000)+`]`), 200, nil},
		"a number too large": {instead(`"bidfloor":0.1`, `"bidfloor":`+strings.Repeat("9", 10_000)), 200, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for range 20 {
				r := w.postTo("alpha", c.body, c.change)
				if r.StatusCode() != c.status || c.status != 200 && len(r.Body()) > 0 {
					t.Fatalf("status %d, want %d; %d bytes of body", r.StatusCode(), c.status, len(r.Body()))
				}
			}
			runtime.ReadMemStats(&after)
			// The test server's copy of the body is the first few times its length.
			if each, most := (after.TotalAlloc-before.TotalAlloc)/20, uint64(64<<10+16*len(c.body)); each > most && !raceEnabled {
				t.Errorf("%d bytes of memory for one of %d; want at most %d", each, len(c.body), most)
			}
			if n := w.panics(); n != 0 {
				t.Errorf("%v panics", n)
			}
			if n := len(w.bids(w.post(plain))); n != 1 {
				t.Errorf("%d bids on the next request, want 1", n)
			}
		})
	}
	if n := w.bidder.inFlight.Load(); n != 0 {
		t.Errorf("%d requests are still under way", n)
	}
}

func FuzzHandle(f *testing.F) {
	f.Add([]byte(plain), false)
	f.Add([]byte(`{"id":"1","imp":[{"id":"1","banner":{"format":[{"w":300,"h":250}]}}]}`), false)
	f.Add([]byte("\x1f\x8b"), true)
	w := newWorld(f)
	w.item("2", nil)
	w.open(money.Cap)
	f.Fuzz(func(t *testing.T, body []byte, zipped bool) {
		resp := w.postTo("alpha", string(body), func(r *fasthttp.Request) {
			if zipped {
				r.Header.Set("Content-Encoding", "gzip")
			}
		})
		switch resp.StatusCode() {
		case 200, 204, 400, 413:
		default:
			t.Fatalf("status %d", resp.StatusCode())
		}
		if w.panics() != 0 {
			t.Fatal("a panic")
		}
	})
}
