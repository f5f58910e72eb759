package bidder

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/tangent-dsp/tangent/audience"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
)

// noBids returns how many requests of an exchange were refused for a reason.
func (w *world) noBids(exchange string, why openrtb.Reason) float64 {
	w.t.Helper()
	families, err := w.metrics.Gather()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != "tangent_bidder_no_bids_total" {
			continue
		}
		for _, m := range f.GetMetric() {
			labels := map[string]string{}
			for _, l := range m.GetLabel() {
				labels[l.GetName()] = l.GetValue()
			}
			if labels["exchange"] == exchange && labels["reason"] == why.String() {
				return m.GetCounter().GetValue()
			}
		}
	}
	return 0
}

func TestOverloadIsCountedUnderItsExchange(t *testing.T) {
	w := newWorld(t).open(0)
	w.bidder.MaxInFlight = 0
	for range 3 {
		if s := w.postTo("beta", plain, nil).StatusCode(); s != fasthttp.StatusNoContent {
			t.Errorf("status %d; want 204", s)
		}
	}
	if s := w.postTo("nobody", plain, nil).StatusCode(); s != fasthttp.StatusNotFound {
		t.Errorf("status %d; want 404", s)
	}
	if beta, unknown := w.noBids("beta", openrtb.Overload), w.noBids(unknownExchange, openrtb.Overload); beta != 3 || unknown != 0 {
		t.Errorf("%v refused under beta, %v under no exchange; want 3 and 0", beta, unknown)
	}
}

func TestContentEncodings(t *testing.T) {
	w := newWorld(t)
	w.item("2", nil)
	w.open(money.Unit)
	for encoding, want := range map[string]int{
		"": 200, "identity": 200, "Identity": 200,
		"br": 415, "deflate": 415, "zstd": 415, "gzip, gzip": 415, "gzip,br": 415, "*": 415, "GZIP": 400,
	} {
		before := w.noBids("alpha", openrtb.Malformed)
		r := w.postTo("alpha", plain, func(r *fasthttp.Request) { r.Header.Set("Content-Encoding", encoding) })
		if r.StatusCode() != want || want != 200 && len(r.Body()) > 0 {
			t.Errorf("%q: status %d, body %q; want %d", encoding, r.StatusCode(), r.Body(), want)
		}
		if got, refused := w.noBids("alpha", openrtb.Malformed)-before, want != 200; (got == 1) != refused {
			t.Errorf("%q: counted as malformed %v times", encoding, got)
		}
	}
	// The auction's memory, which is used again, forgets it.
	if s := w.post(plain).StatusCode(); s != 200 {
		t.Errorf("status %d after refusals; want 200", s)
	}
}

func TestVersionIsTheRequests(t *testing.T) {
	w := newWorld(t)
	w.item("2", nil)
	w.open(money.Unit)
	for asked, want := range map[string]string{
		"": "2.6", "2.3": "2.3", "2.5": "2.5", "2.6": "2.6", "2.10": "2.10",
		"1.0": "2.6", "3.0": "2.6", "2": "2.6", "2.": "2.6", "2.x": "2.6", "2.6.1": "2.6", "2.123": "2.6", "2.5 2.6": "2.6", "22.5": "2.6",
	} {
		for body, status := range map[string]int{plain: 200, "[]": 400} {
			r := w.postTo("alpha", body, func(r *fasthttp.Request) { r.Header.Set("X-Openrtb-Version", asked) })
			if got := string(r.Header.Peek("X-Openrtb-Version")); got != want || r.StatusCode() != status {
				t.Errorf("asked for %q: status %d, version %q; want %d, %q", asked, r.StatusCode(), got, status, want)
			}
		}
	}
}

// broken is an audience with a bug.
type broken struct{}

func (broken) Read(time.Time, audience.Permit, []audience.UserKey, *audience.Profile) error {
	panic("a bug")
}

func TestAPanicGivesItsPlaceBack(t *testing.T) {
	w := newWorld(t)
	w.item("2", nil)
	w.open(money.Unit)
	w.bidder.MaxInFlight = 1
	good := w.bidder.Audience
	w.bidder.Audience = broken{}
	for range 3 {
		if s := w.post(plain).StatusCode(); s != fasthttp.StatusNoContent {
			t.Errorf("status %d; want 204", s)
		}
	}
	w.bidder.Audience = good
	if n := len(w.bids(w.post(plain))); n != 1 {
		t.Errorf("%d bids after the bugs; want 1", n)
	}
}

func TestResponsesArePackedWhereTheyMay(t *testing.T) {
	w := newWorld(t)
	w.item("2", nil)
	w.open(money.Unit)
	for accept, want := range map[string]string{"": "", "identity": "", "gzip": "gzip", "br, gzip;q=0.5": "gzip", "gzip;q=0": ""} {
		r := w.postTo("alpha", plain, func(r *fasthttp.Request) { r.Header.Set("Accept-Encoding", accept) })
		if got := string(r.Header.Peek("Content-Encoding")); r.StatusCode() != 200 || got != want {
			t.Errorf("accepts %q: status %d, encoding %q; want %q", accept, r.StatusCode(), got, want)
		}
		body := r.Body()
		if want == "gzip" {
			var err error
			if body, err = r.BodyGunzip(); err != nil {
				t.Fatal(err)
			}
		}
		if !json.Valid(body) || len(body) < leastPacked {
			t.Errorf("accepts %q: got %d bytes: %s", accept, len(body), body)
		}
	}
}
