package usersync

import (
	"crypto/rand"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/tangent-dsp/tangent/audience"
)

// cookieName is the cookie's. Its value is our id, a dot and the day on which
// the id was drawn, in days since 1970; or optedOut.
const (
	cookieName = "tuid"
	optedOut   = "optout"
	idLength   = 22 // 128 bits in unpadded base64url
)

// MaxCookieLife is how old an id may become, however often its cookie is
// renewed: thirteen months, what European authorities take as the limit.
const MaxCookieLife = 395 * 24 * time.Hour

// visitor is the browser as its cookie shows it.
type visitor struct {
	id       string // "" when it has none that counts
	day      int64  // on which the id was drawn
	optedOut bool
}

// readCookie takes a cookie's value apart. The id is not signed: a signature
// would not keep anybody from sending another's, and one that is made up
// matches nobody.
func readCookie(value string, now time.Time) (v visitor) {
	if value == optedOut {
		return visitor{optedOut: true}
	}
	id, day, ok := strings.Cut(value, ".")
	n, err := strconv.ParseInt(day, 10, 32)
	today := dayOf(now)
	if !ok || err != nil || !validID(id) || n > today || n < dayOf(now.Add(-MaxCookieLife)) {
		return visitor{}
	}
	return visitor{id: id, day: n}
}

// validID says whether a text has the form of our ids.
func validID(id string) bool {
	if len(id) != idLength {
		return false
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(id)
	return err == nil && len(b) == 16
}

func newVisitor(now time.Time) visitor {
	var b [16]byte
	rand.Read(b[:])
	return visitor{id: base64.RawURLEncoding.EncodeToString(b[:]), day: dayOf(now)}
}

func dayOf(t time.Time) int64 { return t.Unix() / (24 * 3600) }

// setCookie sets or renews the visitor's cookie. It is sent across sites, which
// takes SameSite=None and Secure; no script can read it.
func (s *Syncer) setCookie(ctx *fasthttp.RequestCtx, v visitor, now time.Time) {
	value, life := v.id+"."+strconv.FormatInt(v.day, 10), s.CookieLife
	if v.optedOut {
		value, life = optedOut, audience.OptOutLife
	} else {
		end := time.Unix((v.day+1)*24*3600, 0).Add(MaxCookieLife)
		life = min(life, end.Sub(now))
	}
	var c fasthttp.Cookie
	c.SetKey(cookieName)
	c.SetValue(value)
	c.SetPath("/")
	c.SetMaxAge(int(life / time.Second))
	c.SetSecure(true)
	c.SetHTTPOnly(true)
	c.SetSameSite(fasthttp.CookieSameSiteNoneMode)
	c.SetPartitioned(s.Partitioned)
	if s.CookieDomain != "" {
		c.SetDomain(s.CookieDomain)
	}
	ctx.Response.Header.SetCookie(&c)
}
