package loadtest

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prebid/openrtb/v20/openrtb2"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func newWriter(t testing.TB, seed uint64) *requestWriter {
	t.Helper()
	cfg, err := ExchangeConfig{Target: "http://127.0.0.1:1", Seed: seed, Users: 500}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	w, err := newRequestWriter(&cfg)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestRequestsAreOpenRTB(t *testing.T) {
	w := newWriter(t, 1)
	count := map[string]int{}
	const n = 2000
	for seq := uint64(1); seq <= n; seq++ {
		var r bidRequest
		w.write(&r, seq, noon)
		var req openrtb2.BidRequest
		strict := json.NewDecoder(bytes.NewReader(r.body))
		strict.DisallowUnknownFields()
		if err := strict.Decode(&req); err != nil {
			t.Fatalf("%v\n%s", err, r.body)
		}
		if req.ID != r.id || len(req.Imp) != len(r.imps) || req.AT != int64(r.exchange.AuctionType) || req.TMax != r.tmax.Milliseconds() {
			t.Fatalf("the body says other than what is judged by: %s", r.body)
		}
		if (req.Site == nil) == (req.App == nil) || req.Device == nil || req.User == nil || len(req.Device.Geo.Country) != 3 {
			t.Fatalf("incomplete: %s", r.body)
		}
		if !slices.Equal(req.BAdv, r.blocks.advertisers) || !slices.Equal(req.BCat, r.blocks.categories) {
			t.Fatalf("blocks differ: %s", r.body)
		}
		for i, m := range req.Imp {
			floor := r.imps[i].floor.AppendCPM(nil)
			if got, _ := json.Marshal(m.BidFloor); string(got) != string(floor) || m.ID != r.imps[i].id {
				t.Fatalf("imp %d: floor %s, judged by %s", i, got, floor)
			}
		}
		tally := func(name string, is bool) {
			if is {
				count[name]++
			}
		}
		tally("alpha", r.exchange.Name == "alpha")
		tally("app", req.App != nil)
		tally("several imps", len(req.Imp) > 1)
		tally("no floor", req.Imp[0].BidFloor == 0)
		tally("buyeruid", req.User.BuyerUID != "")
		tally("consent", strings.Contains(string(r.body), `"consent":`))
		tally("gdpr", strings.Contains(string(r.body), `"gdpr":1`))
		tally("us privacy", strings.Contains(string(r.body), `"us_privacy"`))
		tally("limited", *req.Device.Lmt == 1 || *req.Device.DNT == 1)
		tally("coppa", req.Regs != nil && req.Regs.COPPA == 1)
		tally("blocks", len(req.BAdv) > 0)
	}
	for name, within := range map[string][2]float64{
		"alpha": {.55, .65}, "app": {.25, .5}, "several imps": {.07, .13}, "no floor": {.2, .32},
		"buyeruid": {.6, .99}, "consent": {.2, .6}, "gdpr": {.25, .65}, "us privacy": {.1, .45},
		"limited": {.005, .2}, "coppa": {.0002, .05}, "blocks": {.2, .4},
	} {
		if got := float64(count[name]) / n; got < within[0] || got > within[1] {
			t.Errorf("%s: a share of %v, want within %v", name, got, within)
		}
	}
}

func TestRequestsDependOnSeedAndNumberOnly(t *testing.T) {
	one, other := newWriter(t, 7), newWriter(t, 7)
	var reused, fresh bidRequest
	other.write(&reused, 99, noon) // whatever came before
	one.write(&fresh, 5, noon)
	other.write(&reused, 5, noon)
	if string(fresh.body) != string(reused.body) {
		t.Errorf("request 5 differs:\n%s\n%s", fresh.body, reused.body)
	}
	newWriter(t, 8).write(&reused, 5, noon)
	if string(fresh.body) == string(reused.body) {
		t.Error("another seed gave the same request")
	}
}

func TestAudienceMatchesTheTraffic(t *testing.T) {
	var file bytes.Buffer
	if err := WriteAudience(&file, 1, 500, noon); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&file).ReadAll()
	if err != nil || len(rows) < 500 || strings.Join(rows[0], " ") != "user segment expiry" || rows[1][2] != "2026-03-02T12:00:00Z" {
		t.Fatalf("%d rows, error %v", len(rows), err)
	}
	users, segments := map[string]bool{}, map[string]int{}
	for _, row := range rows[1:] {
		users[row[0]] = true
		segments[row[1]]++
	}
	if len(segments) != Segments || segments["1"] < 4*segments["40"] {
		t.Errorf("segments %v", segments)
	}
	w, known, found := newWriter(t, 1), 0, 0
	for seq := uint64(1); seq <= 1000; seq++ {
		var r bidRequest
		w.write(&r, seq, noon)
		if _, rest, ok := strings.Cut(string(r.body), `"buyeruid":"`); ok {
			id, _, _ := strings.Cut(rest, `"`)
			known++
			if users[id] {
				found++
			}
		}
	}
	if known < 600 || found < known*9/10 { // a few users are in no segment
		t.Errorf("%d of %d known users are in the audience", found, known)
	}
}

func TestUsersComeByZipf(t *testing.T) {
	p := newPopulation(1, 10_000, zipf)
	rng := draws(1, 1, forRequest)
	top := 0
	for range 100_000 {
		if n := p.pick(rng.Float64()); n < 100 {
			top++
		} else if n >= 10_000 {
			t.Fatalf("user %d of 10000", n)
		}
	}
	if top < 15_000 || top > 45_000 {
		t.Errorf("the first hundredth of the users has %d of 100000 requests", top)
	}
	if p.pick(0) != 0 || p.pick(.9999999999) >= 10_000 {
		t.Error("the ends are off")
	}
}

func TestConsentStrings(t *testing.T) {
	core, disclosed, ok := strings.Cut(tcf(10, 1111, true, noon), ".")
	if !ok {
		t.Fatal("no list of disclosed vendors")
	}
	bits := func(text string, at, n int) (v int) {
		raw, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		for i := at; i < at+n; i++ {
			v = v<<1 | int(raw[i/8]>>(7-i%8)&1)
		}
		return v
	}
	for _, tt := range []struct {
		name        string
		text        string
		at, n, want int
	}{
		{"version", core, 0, 6, 2},
		{"created", core, 6, 36, int(noon.Unix()) * 10},
		{"purposes", core, 152, 24, 0b1111111111 << 14},
		{"vendors to", core, 213, 16, 1111},
		{"as ranges", core, 229, 1, 1},
		{"one", core, 230, 12, 1},
		{"that one", core, 243, 16, 1111},
		{"segment", disclosed, 0, 3, 1},
		{"disclosed", disclosed, 33, 16, 1111},
	} {
		if got := bits(tt.text, tt.at, tt.n); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
}

func TestRequestAllocations(t *testing.T) {
	w := newWriter(t, 1)
	var r bidRequest
	seq := uint64(0)
	if got := testing.AllocsPerRun(1000, func() { seq++; w.write(&r, seq, noon) }); got > 5 {
		t.Errorf("%v allocations a request, at most 5 are allowed", got)
	}
}

// Figures of two versions compare if both send the same: a seed's requests
// must not change by the way. Who changes them on purpose changes the sums.
func TestRequestsStayAsTheyAre(t *testing.T) {
	mix := DefaultMix()
	for name, c := range map[string]struct {
		mix  *Mix
		want string
	}{"plain": {nil, "f1d06d67515482f7"}, "mixed": {&mix, "21f8261e98153730"}} {
		cfg, err := ExchangeConfig{Target: "http://127.0.0.1:1", Seed: 1, Start: noon, Mix: c.mix}.withDefaults()
		if err != nil {
			t.Fatal(err)
		}
		w, err := newRequestWriter(&cfg)
		if err != nil {
			t.Fatal(err)
		}
		sum, r := sha256.New(), bidRequest{}
		for seq := uint64(1); seq <= 1000; seq++ {
			w.write(&r, seq, noon)
			fmt.Fprintf(sum, "%s %v %s\n", r.exchange.Name, r.tmax, r.body)
		}
		if got := fmt.Sprintf("%x", sum.Sum(nil)[:8]); got != c.want {
			t.Errorf("%s: the requests have the sum %s, not %s", name, got, c.want)
		}
	}
}
