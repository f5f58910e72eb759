package vast

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// check says what is wrong with the ad.
func (a *Ad) check() error {
	c := checker{version: a.Version}
	if a.Version.Protocol(false) == 0 {
		return fmt.Errorf("there is no version %d", a.Version)
	}
	c.text("id", a.ID, true)
	c.text("title", a.Title, true)
	c.text("description", a.Description, false)
	c.text("advertiser", a.Advertiser, false)
	if a.TagURL == "" {
		c.inline(a)
	} else {
		c.wrapper(a)
	}
	if a.LandingURL != "" {
		c.url("landing_url", a.LandingURL)
	}
	c.urls("click_tracking", a.ClickTracking)
	c.urls("impressions", a.Impressions)
	if a.Error != "" {
		c.url("error", a.Error)
	}
	for i, t := range a.Tracking {
		c.tracking(fmt.Sprintf("tracking[%d]", i), &t)
	}
	for i, companion := range a.Companions {
		c.companion(fmt.Sprintf("companions[%d]", i), &companion)
	}
	for i, v := range a.Verifications {
		at := fmt.Sprintf("verifications[%d]", i)
		c.since(V41, at)
		c.text(at+".vendor", v.Vendor, true)
		c.url(at+".script_url", v.ScriptURL)
		c.text(at+".parameters", v.Parameters, false)
		if v.NotExecuted != "" {
			c.url(at+".not_executed", v.NotExecuted)
		}
	}
	if u := a.UniversalID; u != (UniversalID{}) {
		c.since(V40, "universal_id")
		c.text("universal_id.registry", u.Registry, true)
		c.text("universal_id.value", u.Value, true)
	}
	return c.err
}

// checker keeps the first thing that is wrong.
type checker struct {
	version Version
	err     error
}

func (c *checker) fail(field, format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf("%s: %s", field, fmt.Sprintf(format, args...))
	}
}

func (c *checker) since(v Version, field string) {
	if c.version < v {
		c.fail(field, "VAST has it from %d.%d", v/10, v%10)
	}
}

func (c *checker) inline(a *Ad) {
	c.time("duration", a.Duration)
	if a.Duration <= 0 {
		c.fail("duration", "must be more than zero")
	}
	if a.Skippable {
		c.since(V30, "skippable")
		c.time("skip_after", a.SkipAfter)
	} else if a.SkipAfter != 0 {
		c.fail("skip_after", "the ad is not skippable")
	}
	if len(a.Media) == 0 {
		c.fail("media", "must not be empty")
	}
	for i, m := range a.Media {
		at := fmt.Sprintf("media[%d]", i)
		c.url(at+".url", m.URL)
		c.mime(at+".mime", m.MIME)
		if m.Width < 0 || m.Height < 0 || !a.Audio && (m.Width == 0 || m.Height == 0) {
			c.fail(at, "must have a size")
		}
		if m.Bitrate < 0 {
			c.fail(at+".bitrate", "must not be negative")
		}
		if m.Codec != "" {
			c.since(V30, at+".codec")
		}
		c.text(at+".codec", m.Codec, false)
		c.text(at+".api", m.API, false)
	}
	for i, m := range a.Interactive {
		at := fmt.Sprintf("interactive[%d]", i)
		c.since(V41, at)
		c.url(at+".url", m.URL)
		c.mime(at+".mime", m.MIME)
		c.text(at+".api", m.API, true)
	}
}

func (c *checker) wrapper(a *Ad) {
	c.url("tag_url", a.TagURL)
	if a.Duration != 0 || a.Skippable || a.SkipAfter != 0 || len(a.Media)+len(a.Interactive) > 0 || a.LandingURL != "" || a.UniversalID != (UniversalID{}) {
		c.fail("tag_url", "duration, skipping, media, landing_url and universal_id are the wrapped ad's")
	}
}

func (c *checker) tracking(at string, t *Tracking) {
	if !slices.Contains(c.version.Events(), t.Event) {
		c.fail(at+".event", "VAST %d.%d has no event %q", c.version/10, c.version%10, t.Event)
	}
	c.time(at+".offset", t.Offset)
	if t.Offset != 0 && t.Event != "progress" {
		c.fail(at+".offset", "is for progress")
	}
	c.url(at+".url", t.URL)
}

// Events returns what a linear can tell of, in a fixed order. The caller must
// not change it.
func (v Version) Events() []string {
	switch {
	case v < V30:
		return events2
	case v < V40:
		return events3
	}
	return events4
}

// What a linear can tell of in the versions that we write. Names that came or
// went between 4.0 and 4.3 are not among them.
var (
	events2 = []string{"creativeView", "start", "firstQuartile", "midpoint", "thirdQuartile", "complete", "mute", "unmute", "pause", "rewind", "resume", "fullscreen", "expand", "collapse", "acceptInvitation", "close"}
	events3 = []string{"creativeView", "start", "firstQuartile", "midpoint", "thirdQuartile", "complete", "mute", "unmute", "pause", "rewind", "resume", "fullscreen", "exitFullscreen", "expand", "collapse", "acceptInvitation", "close", "skip", "progress"}
	events4 = []string{"creativeView", "start", "firstQuartile", "midpoint", "thirdQuartile", "complete", "mute", "unmute", "pause", "rewind", "resume", "playerExpand", "playerCollapse", "skip", "progress"}
)

func (c *checker) companion(at string, p *Companion) {
	if p.Width <= 0 || p.Height <= 0 {
		c.fail(at, "must have a size")
	}
	resources := 0
	if p.StaticURL != "" {
		resources++
		c.url(at+".static_url", p.StaticURL)
		c.mime(at+".static_type", p.StaticType)
	}
	if p.IFrameURL != "" {
		resources++
		c.url(at+".iframe_url", p.IFrameURL)
	}
	if p.HTML != "" {
		resources++
		c.characters(at+".html", p.HTML)
		if strings.Count(emptied.ReplaceAllString(p.HTML, ""), "]]>") != strings.Count(p.HTML, "]]>") {
			c.fail(at+".html", "would end its CDATA section when a macro is empty")
		}
	}
	if resources != 1 {
		c.fail(at, "must have one resource")
	}
	if p.LandingURL != "" {
		c.url(at+".landing_url", p.LandingURL)
	}
	c.text(at+".alt_text", p.AltText, false)
	c.urls(at+".view_tracking", p.ViewTracking)
}

// emptied is every macro that may stand for nothing.
var emptied = regexp.MustCompile(`\$\{[A-Z0-9_]+\}`)

var unmacro = strings.NewReplacer(ClickURL, "", PixelURL, "", CacheBuster, "")

func (c *checker) time(field string, d time.Duration) {
	if d < 0 || d >= 24*time.Hour || d%time.Millisecond != 0 {
		c.fail(field, "must be whole milliseconds and less than a day")
	}
}

func (c *checker) mime(field, s string) {
	c.text(field, s, true)
	if kind, sub, ok := strings.Cut(s, "/"); !ok || kind == "" || sub == "" {
		c.fail(field, "%q is no MIME type", s)
	}
}

// text checks what is escaped, where a URL in place of a macro would break
// the document.
func (c *checker) text(field, s string, required bool) {
	if required && strings.TrimSpace(s) == "" {
		c.fail(field, "must not be empty")
	}
	c.characters(field, s)
	if unmacro.Replace(s) != s {
		c.fail(field, "macros are for URLs")
	}
}

// characters checks that XML 1.0 can hold s (section 2.2).
func (c *checker) characters(field, s string) {
	if !utf8.ValidString(s) {
		c.fail(field, "is not UTF-8")
	}
	for _, r := range s {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xfffe || r == 0xffff {
			c.fail(field, "has a character that XML cannot hold")
		}
	}
}

func (c *checker) urls(field string, all []string) {
	for i, u := range all {
		c.url(fmt.Sprintf("%s[%d]", field, i), u)
	}
}

func (c *checker) url(field, s string) {
	if err := CheckURL(s); err != nil {
		c.fail(field, "%v", err)
	}
}

// CheckURL says why a URL cannot stand in markup: it must be one of our macros
// that stand for a URL, or absolute http or https, in the characters that a
// CDATA section and a JSON string hold as they are. Macros of others, such as
// [ERRORCODE] or {gdpr}, may be in it.
func CheckURL(s string) error {
	if s == ClickURL || s == PixelURL {
		return nil
	}
	for _, r := range s {
		if r <= ' ' || r == '<' || r == '>' || r >= 0x7f {
			return errors.New("has a character that must be percent-encoded")
		}
	}
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok || !strings.EqualFold(scheme, "http") && !strings.EqualFold(scheme, "https") {
		return errors.New("must be absolute http or https")
	}
	// The host alone: net/url refuses a % that a macro of others has after it.
	host, _, _ := strings.Cut(rest, "/")
	host, _, _ = strings.Cut(host, "?")
	if u, err := url.Parse("http://" + host); err != nil || u.Hostname() == "" {
		return errors.New("must have a host")
	}
	return nil
}
