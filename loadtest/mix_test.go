package loadtest

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/prebid/openrtb/v20/openrtb2"
)

func TestMixIsAsAsked(t *testing.T) {
	m := Mix{Banner: 50, Video: 25, Native: 15, Audio: 10, Zipf: 1, Consent: .6, Deals: .3, NoBid: .2}
	cfg, err := ExchangeConfig{Target: "http://127.0.0.1:1", Seed: 1, Users: 5000, Mix: &m}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	w, err := newRequestWriter(&cfg)
	if err != nil {
		t.Fatal(err)
	}
	count, imps, banners := map[string]float64{}, 0., 0.
	const n = 4000
	for seq := uint64(1); seq <= n; seq++ {
		var r bidRequest
		w.write(&r, seq, noon)
		var req openrtb2.BidRequest
		if err := json.Unmarshal(r.body, &req); err != nil {
			t.Fatalf("%v\n%s", err, r.body)
		}
		if first := req.Imp[0].Banner; first != nil && first.W != nil && *first.W == 7 {
			count["nobody"]++
			continue
		}
		for _, m := range req.Imp {
			imps++
			switch {
			case m.Video != nil:
				count["video"]++
			case m.Native != nil:
				count["native"]++
			case m.Audio != nil:
				count["audio"]++
			case m.Banner != nil:
				banners++
			}
			if m.PMP != nil {
				count["deal"]++
			}
		}
	}
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"banner", banners / imps, .5}, {"video", count["video"] / imps, .25}, {"native", count["native"] / imps, .15},
		{"audio", count["audio"] / imps, .1}, {"deal", count["deal"] / imps, .3}, {"nobody", count["nobody"] / n, .2},
	} {
		if math.Abs(c.got-c.want) > .03 {
			t.Errorf("%s: share %.3f, want %.2f", c.name, c.got, c.want)
		}
	}
}

func TestZipfOfAMix(t *testing.T) {
	for _, exponent := range []float64{0, .5, 1, 1.5} {
		p, rng := newPopulation(1, 1000, exponent), draws(1, 1, forRequest)
		var first, all float64
		for range 50_000 {
			n := p.pick(rng.Float64())
			if n < 0 || n > 999 {
				t.Fatalf("user %d of 1000", n)
			}
			if n < 100 {
				first++
			}
			all++
		}
		// The continuous form: integral to 101 over that to 1001.
		part := func(to float64) float64 {
			if exponent == 1 {
				return math.Log(to)
			}
			return (math.Pow(to, 1-exponent) - 1) / (1 - exponent)
		}
		if want := part(101) / part(1001); math.Abs(first/all-want) > .01 {
			t.Errorf("exponent %v: the first tenth comes %.3f of the time, want %.3f", exponent, first/all, want)
		}
	}
}

func TestStagesSayTheRate(t *testing.T) {
	plan := []Stage{{100, 100, time.Second}, {100, 300, 2 * time.Second}}
	for at, want := range map[time.Duration]float64{0: 100, 999 * time.Millisecond: 100, time.Second: 100, 2 * time.Second: 200, 9 * time.Second: 300} {
		if got := RateAt(plan, at); got != want {
			t.Errorf("after %v: %v, want %v", at, got, want)
		}
	}
	// Whatever the hour, and as many as the area below it.
	s, n := newSchedule(&ExchangeConfig{Clock: nil, Stages: plan, Even: true}), 0
	for s.next() < 3*time.Second {
		n++
	}
	if n < 480 || n > 505 {
		t.Errorf("%d requests in 3 s, want 500", n)
	}
}

func TestRecordedRequestsGetNewIDs(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("a.json", `{"imp":[{"id":"x","bidfloor":1.5,"banner":{"w":1,"h":1}}],"user":{"id":"u"}, "id" : "old-1" ,"tmax":80}`)
	write("b.jsonl", `{"id":"old-2","imp":[{"id":"y"}]}`+"\nnot JSON\n{\"id\":7,\"imp\":[]}\n")
	write("notes.txt", "nothing")
	recorded, err := ReadRecorded(dir)
	if err != nil {
		t.Fatal(err)
	}
	if recorded.Len() != 2 || recorded.Skipped != 2 {
		t.Fatalf("%d requests, %d skipped", recorded.Len(), recorded.Skipped)
	}
	cfg, err := ExchangeConfig{Target: "http://127.0.0.1:1", Recorded: recorded}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	w, err := newRequestWriter(&cfg)
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for seq := uint64(1); seq <= 40; seq++ {
		var r bidRequest
		w.write(&r, seq, noon)
		var req openrtb2.BidRequest
		if err := json.Unmarshal(r.body, &req); err != nil {
			t.Fatalf("%v\n%s", err, r.body)
		}
		if req.ID != r.id || ids[r.id] || len(req.Imp) != 1 || req.Imp[0].ID != r.imps[0].id {
			t.Fatalf("request %s: %s", r.id, r.body)
		}
		if req.TMax == 80 && (r.tmax != 80*time.Millisecond || r.imps[0].floor != 1_500_000 || req.User.ID != "u") {
			t.Fatalf("tmax %v, floor %v: %s", r.tmax, r.imps[0].floor, r.body)
		}
		ids[r.id] = true
	}
	if _, err := ReadRecorded(t.TempDir()); err == nil {
		t.Error("a folder without requests was taken")
	}

	// A link to the folder is as good; what is no file is not read: it may never end.
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	if again, err := ReadRecorded(link); err != nil || again.Len() != 2 {
		t.Errorf("through a link: %v, %v", again, err)
	}
	if err := os.Symlink("/dev/zero", filepath.Join(dir, "endless.json")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(dir, "a.json"), filepath.Join(dir, "linked.json")); err != nil {
		t.Fatal(err)
	}
	if again, err := ReadRecorded(dir); err != nil || again.Len() != 2 || again.Skipped != 4 {
		t.Errorf("links to a device and a file: %+v, %v", again, err)
	}

	// Nobody waits for years.
	write("b.jsonl", `{"id":"1","imp":[{"id":"y"}],"tmax":9000000000000000000}`)
	if again, err := ReadRecorded(dir); err != nil || again.all[1].tmax != MaxTMax {
		t.Errorf("%v: %+v", err, again)
	}
}

func TestTrackersOfEveryMarkup(t *testing.T) {
	for name, adm := range map[string]string{
		"banner": `<a href="http://127.0.0.1/c"><img src="https://cdn.example.com/x"></a><img src="http://127.0.0.1/p">`,
		"vast":   `<VAST version="4.0"><Ad><InLine><Impression><![CDATA[ http://127.0.0.1/p ]]></Impression><Creatives><Creative><Linear><VideoClicks><ClickThrough><![CDATA[http://127.0.0.1/c]]></ClickThrough></VideoClicks></Linear></Creative></Creatives></InLine></Ad></VAST>`,
		"native": `{"native":{"link":{"url":"http://127.0.0.1/c"},"eventtrackers":[{"event":1,"method":1,"url":"http://127.0.0.1/p"}]}}`,
		"bare":   `{"link":{"url":"http://127.0.0.1/c"},"imptrackers":["http://127.0.0.1/p"]}`,
	} {
		b := &bid{}
		b.AdM = adm
		b.findTrackers(nil)
		if b.pixel != "http://127.0.0.1/p" || b.click != "http://127.0.0.1/c" {
			t.Errorf("%s: pixel %q, click %q", name, b.pixel, b.click)
		}
	}
}

// Another machine is reached only if somebody said so, and then that one only.
func TestReachOfARemoteTarget(t *testing.T) {
	targets := []string{"http://bidder.example.com"}
	if (ExchangeConfig{Targets: targets}).check() == nil {
		t.Error("a target elsewhere was taken")
	}
	if err := (ExchangeConfig{Targets: targets, AllowRemote: true}).check(); err != nil {
		t.Error(err)
	}
	r := newReach(targets, true)
	for url, want := range map[string]bool{
		"http://bidder.example.com/n/win": true, "http://bidder.example.com:80/n": true, "http://127.0.0.1:9/": true,
		"http://bidder.example.com:81/": false, "http://other.example.com/": false, "https://bidder.example.com/": false,
	} {
		if r.url(url) != want {
			t.Errorf("%s: %v", url, !want)
		}
	}
}

func (c ExchangeConfig) check() error { _, err := c.withDefaults(); return err }

// Users who come in turn all come, once each.
func TestUsersInTurn(t *testing.T) {
	m := DefaultMix()
	m.InTurn = true
	cfg, err := (ExchangeConfig{Target: "http://127.0.0.1:1", Mix: &m, Users: 300}).withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	w, err := newRequestWriter(&cfg)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	var r bidRequest
	for seq := range uint64(600) {
		w.write(&r, seq, time.Now())
		var body struct{ User struct{ ID string } }
		if err := json.Unmarshal(r.body, &body); err != nil {
			t.Fatal(err)
		}
		seen[r.exchange.Name+body.User.ID]++
	}
	users := map[int]bool{}
	for seq := range 300 {
		u := w.users.user(seq)
		for i := range w.exchanges {
			if seen[w.exchanges[i].Name+string(u.appendExchangeID(nil, &w.exchanges[i]))] > 0 {
				users[seq] = true
			}
		}
	}
	if len(users) != 300 {
		t.Errorf("%d of 300 users came in 600 requests", len(users))
	}
}
