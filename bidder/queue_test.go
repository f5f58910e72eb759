package bidder

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
)

// line is a bidder that does one thing after the other, first come first
// served, by a clock of its own. Requests come evenly.
type line struct {
	queue
	now        time.Time // when it is free
	bid, shed  time.Duration
	next       time.Time // when the next request comes
	made, gone int       // since the last look
	slowest    time.Duration
	places     int // connections: what comes while all wait is not sent
	waiting    []time.Time
}

func newLine() *line {
	return &line{now: epoch.Add(time.Hour), next: epoch.Add(time.Hour), bid: 100 * time.Microsecond, shed: 20 * time.Microsecond, places: 1000}
}

// play lets requests come at a rate for a while, and forgets what was before.
func (l *line) play(perSecond int, d time.Duration) {
	l.made, l.gone, l.slowest = 0, 0, 0
	for end := l.next.Add(d); l.next.Before(end); l.next = l.next.Add(time.Second / time.Duration(perSecond)) {
		l.work(l.next)
		if len(l.waiting) < l.places {
			l.waiting = append(l.waiting, l.next)
		}
	}
}

// work does what can be begun by a time.
func (l *line) work(until time.Time) {
	for len(l.waiting) > 0 && l.now.Before(until) {
		came := l.waiting[0]
		l.waiting = l.waiting[1:]
		if l.now.Before(came) {
			l.now = came
		}
		if !l.admit(l.now, l.now.Sub(came)) {
			l.gone++
			l.now = l.now.Add(l.shed)
			continue
		}
		l.made++
		l.now = l.now.Add(l.bid)
		l.slowest = max(l.slowest, l.now.Sub(came))
	}
}

// It can make 10,000 bids per second, each 100 us, and refuse 50,000.
func TestQueueAtTwiceTheSaturation(t *testing.T) {
	l := newLine()
	l.play(5000, time.Second)
	if l.gone != 0 || l.made < 4999 {
		t.Fatalf("at half: %d made, %d refused", l.made, l.gone)
	}
	l.play(20_000, time.Second)
	if l.slowest > 4*span {
		t.Errorf("before it was clear that the queue stands, a bid took %v", l.slowest)
	}

	l.play(20_000, 5*time.Second)
	if l.slowest > enough+l.bid {
		t.Errorf("at twice, a bid took %v, want at most %v", l.slowest, enough+l.bid)
	}
	// Of a second, b bids and 20,000 - b refusals are what fits.
	if fits := 7500; l.made/5 < fits*95/100 || l.made/5 > fits*105/100 {
		t.Errorf("at twice, %d bids a second; %d fit", l.made/5, fits)
	}
	l.play(40_000, 5*time.Second)
	if fits := 2500; l.slowest > longest+l.bid || l.made/5 < fits*9/10 {
		t.Errorf("at four times, %d bids a second, the slowest after %v", l.made/5, l.slowest)
	}

	// when the load falls
	l.play(5000, 100*time.Millisecond)
	l.play(5000, time.Second)
	if l.gone != 0 || l.slowest > 2*l.bid {
		t.Errorf("after it: %d refused, the slowest bid after %v", l.gone, l.slowest)
	}
}

// At twelve times the saturation, refusing all would take all of the time.
// Some get their bid all the same, and in time, and it recovers.
func TestQueueWhenEvenRefusingIsTooMuch(t *testing.T) {
	l := newLine()
	l.play(120_000, time.Second)
	l.play(120_000, 5*time.Second)
	if l.made/5 < 1000 || l.slowest > longest+l.bid {
		t.Errorf("%d bids a second, the slowest after %v; want 1,000 in at most %v", l.made/5, l.slowest, longest)
	}
	l.play(5000, 200*time.Millisecond)
	l.play(5000, time.Second)
	if l.gone != 0 || l.slowest > 2*l.bid {
		t.Errorf("after it: %d refused, the slowest bid after %v", l.gone, l.slowest)
	}
}

// Where refusing costs half of a bid, and so many connections wait that
// everybody waits longer than any limit, some get a bid all the same.
func TestQueueWhereAllWaitTooLong(t *testing.T) {
	for _, places := range []int{1000, 4096, 10_000} {
		l := newLine()
		l.shed, l.places = l.bid/2, places
		l.play(20_000, 3*time.Second)
		l.play(20_000, 5*time.Second)
		if l.made/5 < 1000 || l.gone == 0 {
			t.Errorf("with %d connections %d bids a second, %d refused", places, l.made/5, l.gone/5)
		}
		l.play(5000, time.Second)
		l.play(5000, time.Second)
		if l.gone != 0 || l.slowest > 2*l.bid {
			t.Errorf("after it: %d refused, the slowest bid after %v", l.gone, l.slowest)
		}
	}
}

// What comes at once, or waits while the machine pauses, is worked off.
func TestQueueTakesBursts(t *testing.T) {
	for _, pause := range []time.Duration{12 * time.Millisecond, 40 * time.Millisecond, 80 * time.Millisecond} {
		l := newLine()
		l.play(2000, time.Second)
		for range 5 {
			l.now = l.now.Add(pause)
			l.play(2000, time.Second)
			if l.gone != 0 || l.slowest < pause*9/10 {
				t.Errorf("after a pause of %v: %d refused, the slowest bid after %v", pause, l.gone, l.slowest)
			}
		}
	}
}

// A bidder that is nearly full works off short pauses, too. After longer ones,
// which it could work off only slowly, it refuses what came meanwhile at most,
// and a quarter of a second later no bid is slower than before.
func TestQueueTakesBurstsWhenNearlyFull(t *testing.T) {
	for _, rate := range []int{5000, 7000, 9000} {
		for _, pause := range []time.Duration{5 * time.Millisecond, 12 * time.Millisecond, 25 * time.Millisecond, 40 * time.Millisecond, 80 * time.Millisecond} {
			l := newLine()
			l.play(rate, time.Second)
			for range 5 {
				l.now = l.now.Add(pause)
				l.play(rate, 250*time.Millisecond)
				came := int(pause+span) * rate / int(time.Second)
				if l.gone > came || pause <= 12*time.Millisecond && l.gone > 0 {
					t.Errorf("%d a second, after a pause of %v: %d refused of %d that came in it", rate, pause, l.gone, came)
				}
				if l.slowest > pause+2*l.bid {
					t.Errorf("%d a second, after a pause of %v the slowest bid took %v", rate, pause, l.slowest)
				}
				l.play(rate, 250*time.Millisecond)
				if l.gone > 0 || l.slowest > 2*l.bid {
					t.Errorf("%d a second, long after a pause of %v: %d refused, the slowest bid after %v", rate, pause, l.gone, l.slowest)
				}
			}
		}
	}
}

// A few requests that each waited are no queue that stands.
func TestQueueOfFew(t *testing.T) {
	l := newLine()
	for range 1000 {
		l.next, l.now = l.next.Add(10*time.Millisecond), l.next.Add(60*time.Millisecond)
		if !l.admit(l.now, 50*time.Millisecond) {
			t.Fatal("one of 100 a second is refused")
		}
	}
}

// came is a connection that says when its request came.
type came struct {
	net.Conn
	at time.Time
}

func (c came) Arrived() time.Time { return c.at }

// waiting posts a request that came some time ago.
func (w *world) waiting(body string, waited time.Duration) *fasthttp.Response {
	var ctx fasthttp.RequestCtx
	near, far := net.Pipe()
	defer near.Close()
	defer far.Close()
	ctx.Init2(came{near, time.Now().Add(-waited)}, nil, false)
	ctx.Request.Header.SetMethod("POST")
	ctx.Request.SetRequestURI(Path + "alpha")
	ctx.Request.SetBodyString(body)
	w.bidder.Handle(&ctx)
	return &ctx.Response
}

// While the queue stands, a request that waited is refused before it is read;
// one that did not is answered.
func TestOverloadIsRefusedUnread(t *testing.T) {
	w := newWorld(t)
	w.item("2", nil)
	w.open(money.Unit)
	w.bidder.queue.limit.Store(int64(enough))
	w.bidder.queue.until.Store(int64(time.Since(epoch) + time.Hour)) // the span that is decided on
	if r := w.waiting("{", time.Minute); r.StatusCode() != fasthttp.StatusNoContent || len(r.Body()) != 0 {
		t.Errorf("status %d, body %q; want 204", r.StatusCode(), r.Body())
	}
	if n := w.noBids("alpha", openrtb.Overload); n != 1 || w.people.reads != 0 {
		t.Errorf("%v refused, %d users read; want 1 and none", n, w.people.reads)
	}
	if n := len(w.bids(w.post(plain))); n != 1 {
		t.Errorf("%d bids; want 1", n)
	}
}

// tmax begins when the request came, and not when somebody read it: what
// waited too long gets no bid though no queue stands.
func TestTMaxCountsTheWait(t *testing.T) {
	w := newWorld(t)
	w.item("2", nil)
	w.open(money.Unit)
	body := strings.Replace(plain, `"at":1`, `"tmax":10000`, 1) // of which the network has 20

	start := time.Now()
	if n := len(w.bids(w.waiting(body, 4*time.Second))); n != 1 {
		t.Fatalf("%d bids; want 1", n)
	}
	end := time.Now()
	least, most := start.Add(5980*time.Millisecond*7/8), end.Add(5980*time.Millisecond*7/8)
	if got := w.people.deadline; got.Before(least) || got.After(most) {
		t.Errorf("the audience had until %v from now, want 7/8 of 5.98 s", got.Sub(end))
	}
	if n := len(w.bids(w.waiting(body, 10*time.Second))); n != 0 || w.noBids("alpha", openrtb.NoTime) != 1 {
		t.Errorf("%d bids on a request whose time was over when it was read", n)
	}
}
