package usersync

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/tangent-dsp/tangent/audience"
)

// Given a browser with a profile under our cookie, when exchanges send it to
// us with their ids, then the profile is found under those.
func TestExchangeSendsItsID(t *testing.T) {
	w := newWorld(t)
	r := w.get("/sync/alpha?uid=walker-1")
	if r.StatusCode() != 200 || string(r.Header.ContentType()) != "image/gif" || w.cookie == "" {
		t.Fatalf("status %d, cookie %v", r.StatusCode(), w.cookie != "")
	}
	cookie := w.cookie
	w.segment(w.id())
	if in, err := w.in(w.theirs("walker-1", 1)); !in || err != nil {
		t.Errorf("alpha's id: %v, %v", in, err)
	}
	// beta gets it back with our id.
	r = w.get("/sync/beta?uid=walker-2")
	id, _, _ := strings.Cut(cookie, ".")
	if r.StatusCode() != 302 || string(r.Header.Peek("Location")) != "https://beta.example/sync?u="+id {
		t.Errorf("status %d to another place than wanted", r.StatusCode())
	}
	if in, err := w.in(w.theirs("walker-2", 2)); !in || err != nil {
		t.Errorf("beta's id: %v, %v", in, err)
	}
	if in, _ := w.in(w.theirs("walker-1", 2)); in || w.cookie != cookie {
		t.Error("an id is another exchange's too, or the cookie is another")
	}
	w.stored("walker", id)
	if w.count("alpha", "in", "new") != 1 || w.count("beta", "in", "new") != 1 {
		t.Error("outcomes are not counted")
	}
}

// Our page sends a browser to the exchange with our id and what it said.
func TestWeSendOurs(t *testing.T) {
	w := newWorld(t)
	r := w.get("/sync/alpha/start?gdpr=0&us_privacy=1YNN&param=" + "a%26b%0d%0aX-Evil:1")
	id, _, _ := strings.Cut(w.cookie, ".")
	want := "https://match.alpha.example/dsp?id=" + id + "&p=a%26b%0D%0AX-Evil%3A1&gdpr=0&c=&us=1YNN"
	if got := string(r.Header.Peek("Location")); r.StatusCode() != 302 || got != want {
		t.Errorf("status %d to %s, want %s", r.StatusCode(), got, want)
	}
	if len(r.Header.Peek("X-Evil")) > 0 {
		t.Error("a request added a header")
	}
	if w.stored() != 0 {
		t.Error("something was stored of a browser nobody knows")
	}
}

// Without the gate's leave there is no cookie, no match and no redirect.
func TestNoCookieWithoutPermit(t *testing.T) {
	w := newWorld(t)
	for _, uri := range []string{
		"/sync/alpha?uid=walker-1&gdpr=1", "/sync/alpha?uid=walker-1&us_privacy=1YYN", "/sync/alpha?uid=walker-1&gdpr=2",
		"/sync/alpha?uid=walker-1&gpp=DBABMA~x&gpp_sid=7", "/sync/alpha?uid=walker-1&gpp_sid=x", "/sync/alpha?uid=walker-1&gdpr=${GDPR}",
		"/sync/beta?uid=walker-1&gdpr=1&gdpr_consent=nonsense", "/sync/beta/start?gdpr=1",
	} {
		r := w.get(uri)
		if r.StatusCode() != 200 || w.cookie != "" || len(r.Header.Peek("Location")) > 0 {
			t.Errorf("%s: status %d, cookie %v", uri, r.StatusCode(), w.cookie != "")
		}
	}
	w.get("/sync/alpha?uid=walker-1", func(r *fasthttp.Request) { r.Header.Set("Sec-GPC", "1") })
	w.country = [3]byte{'D', 'E', 'U'}
	w.get("/sync/alpha?uid=walker-1")
	if n := w.stored("walker"); n != 0 || w.cookie != "" {
		t.Errorf("%d values are stored, cookie %v", n, w.cookie != "")
	}
}

// handsNothingOn says whether the answer is a pixel and leaves the cookie alone.
func handsNothingOn(r *fasthttp.Response) bool {
	return r.StatusCode() == 200 && len(r.Header.Peek("Location")) == 0 && len(r.Header.PeekCookie(cookieName)) == 0
}

// A browser that has a cookie and then refuses: the cookie is not renewed, and
// its id goes to nobody.
func TestRefusedBrowserIsNobody(t *testing.T) {
	w := newWorld(t)
	w.get("/sync/beta?uid=walker-1")
	for _, uri := range []string{"/sync/beta?uid=walker-1&gdpr=1", "/sync/beta/start?us_privacy=1YYN", "/sync/beta?gpp_sid=x"} {
		if r := w.get(uri); !handsNothingOn(r) {
			t.Errorf("%s: status %d, to %q, cookie %q", uri, r.StatusCode(), r.Header.Peek("Location"), r.Header.PeekCookie(cookieName))
		}
	}
}

// Who opted out elsewhere, under the cookie's id, or whose id was matched with
// one that did, has an id in the cookie still. It is neither handed on nor
// renewed: the cookie becomes the opt-out's.
func TestOptedOutIDsAreNotHandedOn(t *testing.T) {
	for _, uri := range []string{"/sync/beta/start?gdpr=0", "/sync/beta?gdpr=0", "/sync/beta?uid=walker-1", "/sync/beta?uid=$%7BUID%7D"} {
		w := newWorld(t)
		w.get("/sync/beta/start")
		if _, err := w.writer.Erase(t.Context(), true, w.own()); err != nil {
			t.Fatal(err)
		}
		direction := "in"
		if strings.Contains(uri, "start") {
			direction = "out"
		}
		if r := w.get(uri); r.StatusCode() != 200 || len(r.Header.Peek("Location")) > 0 || w.cookie != optedOut || w.count("beta", direction, "opted_out") != 1 {
			t.Errorf("%s: status %d, opted out %v", uri, r.StatusCode(), w.cookie == optedOut)
		}
	}
}

// Behind a proxy the browser is where the last entry of the header says, which
// the proxy wrote: those before it the browser can write itself.
func TestTheProxysEntryTellsTheCountry(t *testing.T) {
	w := newWorld(t)
	w.syncer.AddressHeader = "X-Forwarded-For"
	w.syncer.Country = func(a netip.Addr) [3]byte {
		switch a.String() {
		case "192.0.2.1":
			return [3]byte{'U', 'S', 'A'}
		case "198.51.100.1":
			return [3]byte{'D', 'E', 'U'}
		}
		return [3]byte{}
	}
	for list, permitted := range map[string]bool{
		"192.0.2.1": true, "198.51.100.1, 192.0.2.1": true, "::ffff:192.0.2.1": true,
		"198.51.100.1": false, "192.0.2.1, 198.51.100.1": false, "192.0.2.1,": false, "": false, "192.0.2.1, unknown": false,
	} {
		w.cookie = ""
		w.get("/sync/alpha?uid=walker-1", func(r *fasthttp.Request) { r.Header.Set("X-Forwarded-For", list) })
		if got := w.cookie != ""; got != permitted {
			t.Errorf("%q: permitted %v, want %v", list, got, permitted)
		}
	}
}

// The cookie is renewed by each sync, and its id is not kept beyond thirteen
// months however often.
func TestCookieEnds(t *testing.T) {
	w := newWorld(t)
	w.get("/sync/alpha")
	first := w.cookie
	for range 4 {
		w.clock.Advance(80 * 24 * time.Hour)
		if w.get("/sync/alpha"); w.cookie != first {
			t.Fatal("another id within its life")
		}
	}
	w.clock.Advance(80 * 24 * time.Hour)
	if w.get("/sync/alpha"); w.cookie == first {
		t.Error("an id of 400 days")
	}
	for _, made := range []string{"x", "x.1", strings.Repeat("A", 22) + ".99999999", strings.Repeat("A", 5000), "....", first[:22] + "\r\n.1"} {
		if v := readCookie(made, noon); v.id != "" || v.optedOut {
			t.Errorf("took a cookie of %d characters", len(made))
		}
	}
}

// Who opts out is forgotten under all ids, is matched with none again, and the
// exchange's id that turns up later is left alone, too.
func TestOptOut(t *testing.T) {
	w := newWorld(t)
	w.get("/sync/alpha?uid=walker-1")
	id, own := w.id(), w.own()
	w.segment(id)
	if r := w.get("/optout"); r.StatusCode() != 200 || w.cookie != optedOut {
		t.Fatalf("status %d", r.StatusCode())
	}
	w.get("/sync/beta?uid=walker-2")
	if w.cookie != optedOut {
		t.Error("the opt-out cookie is gone")
	}
	for user, key := range map[string]audience.UserKey{id: own, "user/1:walker-1": w.theirs("walker-1", 1), "user/2:walker-2": w.theirs("walker-2", 2)} {
		w.segment(user)
		if _, err := w.in(key); err != audience.ErrOptedOut {
			t.Errorf("%s: %v", user, err)
		}
	}
	if n := w.stored("walker"); n != 3 {
		t.Errorf("%d values are left, want the marks of three ids", n)
	}
	// The exchange tells of it in a browser without cookies.
	w.cookie = ""
	if w.get("/sync/alpha?uid=walker-1"); w.cookie != optedOut {
		t.Error("an exchange's id of somebody who opted out got a cookie")
	}
}

// Hostile requests.
func TestRefuses(t *testing.T) {
	w := newWorld(t)
	for uri, status := range map[string]int{
		"/sync/":                                                404,
		"/sync/nobody?uid=walker-1":                             404,
		"/sync/unset?uid=walker-1":                              404,
		"/sync/gone?uid=walker-1":                               404,
		"/sync/alpha/else?uid=walker-1":                         404,
		"/sync/beta/upload":                                     404,
		"/sync/alpha/upload":                                    405,
		"/sync/alpha?uid=" + strings.Repeat("x", 257):           400,
		"/sync/alpha?uid=a&uid=b":                               400,
		"/sync/alpha?uid=a%0d%0aSet-Cookie:x":                   400,
		"/sync/alpha?uid=a%20b":                                 400,
		"/sync/alpha?param=" + strings.Repeat("x", 513):         400,
		"/sync/alpha?gdpr_consent=" + strings.Repeat("x", 9000): 400,
		"/sync/alpha?uid=$%7BUID%7D":                            200,
		"/sync/alpha?uid=0000":                                  200,
		"/sync/alpha?redirect=https://evil.example":             200,
	} {
		r := w.get(uri)
		if r.StatusCode() != status || len(r.Header.Peek("Location")) > 0 {
			t.Errorf("%.60s: status %d, want %d", uri, r.StatusCode(), status)
		}
	}
	if n := w.stored("walker"); n != 0 {
		t.Errorf("%d values are stored", n)
	}
}

// While Redis is away a browser gets its pixel all the same.
func TestRedisAway(t *testing.T) {
	w := newWorld(t)
	w.get("/sync/beta?uid=walker-1")
	cookie := w.cookie
	w.redis.Kill()
	w.syncer.Timeout = 100 * time.Millisecond
	// It could be that of somebody who opted out.
	for uri, direction := range map[string]string{"/sync/beta?uid=walker-1": "in", "/sync/beta/start": "out"} {
		if r := w.get(uri); !handsNothingOn(r) || w.count("beta", direction, "failed") != 1 {
			t.Errorf("%s: status %d, to %s", uri, r.StatusCode(), r.Header.Peek("Location"))
		}
	}
	w.cookie = ""
	if r := w.get("/sync/alpha?uid=walker-2"); !handsNothingOn(r) || w.count("alpha", "in", "failed") != 1 {
		t.Errorf("status %d", r.StatusCode())
	}
	w.cookie = cookie
	if r := w.get("/optout"); r.StatusCode() != 503 || w.cookie != cookie {
		t.Errorf("an opt-out that nobody kept: status %d", r.StatusCode())
	}
	if strings.Contains(w.log.String(), "walker") {
		t.Error("an id is in the log")
	}
}
