package campaign

import (
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

func (c check) zone(field, name string) {
	_, err := location(name)
	c.want(err == nil, field, "must be an IANA time zone such as Europe/Berlin or UTC")
}

// currency checks the shape alone: which codes are in use changes.
func (c check) currency(field, code string) {
	c.want(len(code) == 3 && all(code, isUpper), field, "must be an ISO 4217 code in upper case such as EUR")
}

// text checks a text that people read: from least to most characters, and
// none of them invisible, so that two names that look alike are alike.
func (c check) text(field, s string, least, most int) {
	ok := len(s) <= most*utf8.UTFMax && utf8.ValidString(s)
	if ok {
		n := utf8.RuneCountInString(s)
		ok = n >= least && n <= most && s == strings.TrimSpace(s) && strings.IndexFunc(s, invisible) < 0
	}
	c.want(ok, field, "must be %d to %d printable characters in UTF-8, without spaces around them", least, most)
}

func invisible(r rune) bool { return r != ' ' && !unicode.IsGraphic(r) || r == utf8.RuneError }

// count checks how many elements a list has. Only if it is right are they
// looked at.
func (c check) count(field string, n, least, most int) bool {
	return c.want(n >= least && n <= most, field, "must have %d to %d elements", least, most)
}

// duration checks limits, both allowed, and that d is of whole units.
func (c check) duration(field string, d, unit, least, most time.Duration) bool {
	return c.want(d >= least && d <= most && d%unit == 0, field, "must be a whole number, %d to %d", least/unit, most/unit)
}

// isDomain says whether s is a bare host name as DNS has it, in lower case,
// with a dot in it, and no IP address.
func isDomain(s string) bool {
	if len(s) > 253 {
		return false
	}
	labels, last := 0, ""
	for label := range strings.SplitSeq(s, ".") {
		if len(label) == 0 || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		if !all(label, func(c byte) bool { return isLower(c) || isDigit(c) || c == '-' || c == '_' }) {
			return false
		}
		labels, last = labels+1, label
	}
	return labels >= 2 && !all(last, isDigit)
}

func isBundle(s string) bool {
	return s != "" && len(s) <= 255 && all(s, isVisible)
}

// isLandingURL says whether s may stand in a Location header for anybody's
// browser: what is read differently by browsers and by net/url is refused.
func isLandingURL(s string) bool {
	if len(s) > MaxURL || !all(s, isVisible) || strings.ContainsAny(s, "\\\"<>`") {
		return false
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.Opaque != "" {
		return false
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return false
		}
	}
	return u.Hostname() != "" && !strings.HasSuffix(u.Host, ":")
}

// isCategory knows tiers 1 (IAB1 to IAB26) and 2 (IAB1-1).
func isCategory(s string) bool {
	rest, ok := strings.CutPrefix(s, "IAB")
	if !ok {
		return false
	}
	tier1, tier2, split := strings.Cut(rest, "-")
	return isNumber(tier1, 26) && (!split || isNumber(tier2, 99))
}

// isNumber says whether s is 1 to most in its only spelling.
func isNumber(s string, most int) bool {
	n, err := strconv.Atoi(s)
	return err == nil && n >= 1 && n <= most && strconv.Itoa(n) == s
}

func isAttribute(n int) bool { return n >= 1 && n <= 999 }

func isExchangeName(s string) bool {
	return s != "" && len(s) <= 63 && s[0] != '-' && s[len(s)-1] != '-' &&
		all(s, func(c byte) bool { return isLower(c) || isDigit(c) || c == '-' })
}

func all(s string, ok func(byte) bool) bool {
	for i := range len(s) {
		if !ok(s[i]) {
			return false
		}
	}
	return true
}

func isUpper(c byte) bool   { return c >= 'A' && c <= 'Z' }
func isLower(c byte) bool   { return c >= 'a' && c <= 'z' }
func isDigit(c byte) bool   { return c >= '0' && c <= '9' }
func isVisible(c byte) bool { return c > ' ' && c < 0x7f }
